"""Parties, links and licences through the HTTP door."""

import asyncio

import pytest
from sqlalchemy import select

from services.registry.history import HistoryRow
from shared.contracts.caller import Purpose
from shared.db.database import Database

pytestmark = pytest.mark.anyio

AGENCY = {
    "schema": "Company",
    "properties": {"name": ["PT Sumber Rejeki"], "country": ["ID"], "registrationNumber": ["AHU-0012345"]},
    "source": "Ministry register",
}


async def test_a_party_told_is_a_party_read(door):
    created = await door.put("/v1/parties/told", AGENCY | {"id": "told"})
    assert created.status_code == 201
    read = (await door.get("/v1/parties/told")).json()
    assert read == created.json()
    assert (read["schema"], read["caption"], read["member"]) == ("Company", "PT Sumber Rejeki", "IDN")
    assert (read["source"], read["version"]) == ("Ministry register", 1)


async def test_telling_again_changes_nothing_and_every_version_is_kept(door, deployment):
    await door.tell("/v1/parties/again", AGENCY)
    assert (await door.put("/v1/parties/again", AGENCY)).status_code == 200
    renamed = AGENCY | {"properties": {"name": ["PT Sumber Makmur"]}}
    assert (await door.tell("/v1/parties/again", renamed))["version"] == 2
    database = Database(deployment.database_url("registry"))
    async with database.read() as session:
        query = select(HistoryRow).where(HistoryRow.kind == "party", HistoryRow.record == "again")
        kept = list((await session.execute(query.order_by(HistoryRow.version))).scalars())
    await database.close()
    assert [row.content["properties"]["name"] for row in kept] == [["PT Sumber Rejeki"], ["PT Sumber Makmur"]]
    assert {row.member for row in kept} == {"IDN"}


async def test_a_renamed_party_is_found_by_its_new_name_only(door):
    await door.party("renamed", "Company", name="Gemilang Perkasa Abadi")
    await door.party("renamed", "Company", name="Lestari Nusantara Jaya")
    assert not await door.screen("Company", name="Gemilang Perkasa Abadi")
    assert [hit["id"] for hit in await door.screen("Company", name="Lestari Nusantara Jaya")] == ["renamed"]


async def test_another_member_cannot_change_a_record(door):
    await door.tell("/v1/parties/own", AGENCY)
    answer = await door.put("/v1/parties/own", AGENCY | {"source": "elsewhere"}, member="MYS")
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("not-own-record")
    assert (await door.get("/v1/parties/own")).json()["member"] == "IDN"


@pytest.mark.parametrize(
    "body",
    [
        AGENCY | {"properties": {"name": ["A"], "shoeSize": ["44"]}},
        AGENCY | {"properties": {"name": ["A"], "topics": ["crime.traffick"]}},
        AGENCY | {"properties": {"name": ["A"], "birthDate": ["1990-01-01"]}},
        AGENCY | {"properties": {"name": ["A"], "country": ["Indonesia"]}},
        AGENCY | {"properties": {"country": ["ID"]}},
        AGENCY | {"properties": {"name": []}},
        AGENCY | {"properties": {"name": ["  "]}},
        AGENCY | {"properties": {"name": ["A\u0000B"]}},
        AGENCY | {"properties": {"name": ["A" * 501]}},
        AGENCY | {"properties": {"name": ["A"] * 51}},
        AGENCY | {"properties": {"name": ["A"] * 50} | {k: ["1"] * 50 for k in ("alias", "phone", "email", "sector")}},
        AGENCY | {"properties": {"name": "A"}},
        AGENCY | {"schema": "Vessel"},
        AGENCY | {"schema": "LegalEntity"},
        AGENCY | {"schema": "Person", "properties": {"name": ["A"], "birthDate": ["1990-02-30"]}},
        AGENCY | {"schema": "Person", "properties": {"name": ["A"], "gender": ["F"]}},
        AGENCY | {"id": "another"},
        AGENCY | {"member": "MYS"},
        {key: AGENCY[key] for key in ("schema", "properties")},
        [],
    ],
)
async def test_what_does_not_fit_is_refused_and_changes_nothing(door, body):
    answer = await door.put("/v1/parties/misfit", body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "44" not in answer.text
    assert (await door.get("/v1/parties/misfit")).status_code == 404


async def test_a_broken_character_is_refused(door):
    raw = b'{"schema": "Company", "source": "x", "properties": {"name": ["\\ud800"]}}'
    answer = await door.ask("PUT", "/v1/parties/broken", purpose=Purpose.REGISTER_MAINTENANCE, content=raw)
    assert answer.status_code == 422


async def test_the_list_is_paged_and_filtered(door):
    for number in range(5):
        country = "MM" if number < 3 else "TH"
        await door.party(f"page-{number}", "Company", name=f"Ăngkor Trading {number}", country=country)
    await door.party("page-person", "Person", name="Ăngkor Sok", nationality="KH")
    seen, cursor = [], None
    while True:
        page = (await door.get("/v1/parties", name="ăNGKOR", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        seen += [party["id"] for party in page["results"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [*(f"page-{number}" for number in range(5)), "page-person"]
    only = (await door.get("/v1/parties", name="angkor", schema="Person")).json()["results"]
    assert only == []  # the mark is part of the name
    in_burma = (await door.get("/v1/parties", country="mm", name="Trading")).json()["results"]
    assert [party["id"] for party in in_burma] == ["page-0", "page-1", "page-2"]
    cambodians = (await door.get("/v1/parties", country="kh", schema="Person")).json()["results"]
    assert [party["id"] for party in cambodians] == ["page-person"]
    assert (await door.get("/v1/parties", name="100%")).json()["results"] == []


async def test_the_same_party_told_twice_at_once_is_one_party(door):
    answers = await asyncio.gather(*(door.put("/v1/parties/at-once", AGENCY) for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert sum(answer.status_code == 201 for answer in answers) == 1
    assert (await door.get("/v1/parties/at-once")).json()["version"] == 1


async def test_a_link_needs_both_its_ends(door):
    await door.party("link-agency", "Company", name="Agensi Seri Utama")
    body = {"from": "link-nobody", "to": "link-agency", "kind": "director"}
    answer = await door.put("/v1/links/half", body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:lindung:problem:unknown-party")
    await door.party("link-nobody", name="Zulkifli Ahmad")
    assert (await door.put("/v1/links/half", body)).status_code == 201
    assert (await door.put("/v1/links/half", body)).status_code == 200
    ended = await door.tell("/v1/links/half", body | {"until": "2020-01-31"})
    assert (ended["version"], ended["from"], ended["until"]) == (2, "link-nobody", "2020-01-31")


@pytest.mark.parametrize("wrong", [{"kind": "cousin"}, {"to": "a"}, {"since": "2024-01-02", "until": "2024-01-01"}])
async def test_a_link_that_cannot_be_is_refused(door, wrong):
    body = {"from": "a", "to": "b", "kind": "owner"} | wrong
    assert (await door.put("/v1/links/wrong", body)).status_code == 422


LICENCE = {"party": "licensee", "number": "SIP3MI-17", "authority": "Ministry of Manpower", "national_code": "AKTIF"}


async def test_the_licence_on_the_day_of_the_contract(door):
    await door.party("licensee", "Company", name="PT Bina Karya")
    valid = LICENCE | {"status": "valid", "valid_from": "2022-01-01", "valid_to": "2024-12-31"}
    suspended = LICENCE | {
        "status": "suspended",
        "national_code": "DIBEKUKAN",
        "valid_from": "2023-03-01",
        "valid_to": "2023-05-31",
    }
    assert (await door.put("/v1/licences/l1", valid)).status_code == 201
    assert (await door.put("/v1/licences/l1", valid)).json()["version"] == 1
    assert (await door.put("/v1/licences/l1", suspended)).json()["version"] == 2

    async def status(on: str) -> list[tuple[str, str]]:
        answer = (await door.get("/v1/licences", party="licensee", on=on)).json()
        return [(licence["status"], licence["national_code"]) for licence in answer["licences"]]

    assert await status("2021-12-31") == []
    assert await status("2023-02-28") == [("valid", "AKTIF")]
    assert await status("2023-03-01") == [("suspended", "DIBEKUKAN")]
    assert await status("2023-05-31") == [("suspended", "DIBEKUKAN")]
    assert await status("2023-06-01") == [("valid", "AKTIF")]
    assert await status("2025-01-01") == [("expired", "AKTIF")]


async def test_a_licence_does_not_change_hands(door):
    await door.party("seller", "Company", name="PT Mandiri Satu")
    await door.party("buyer", "Company", name="PT Mandiri Dua")
    body = LICENCE | {"party": "seller", "status": "valid", "valid_from": "2022-01-01"}
    await door.tell("/v1/licences/sold", body)
    assert (await door.put("/v1/licences/sold", body | {"party": "buyer"})).status_code == 409
    assert (await door.put("/v1/licences/sold", body, member="PHL")).status_code == 403
    backwards = body | {"valid_to": "2021-01-01"}
    assert (await door.put("/v1/licences/sold", backwards)).status_code == 422


async def test_only_maintenance_writes_and_nobody_comes_without_a_purpose(door):
    for purpose in set(Purpose) - {Purpose.REGISTER_MAINTENANCE}:
        for path in ("parties", "links", "cases", "licences"):
            body = {
                "parties": AGENCY,
                "links": {"from": "a", "to": "b", "kind": "owner"},
                "cases": {
                    "party": "a",
                    "offences": ["wage_theft"],
                    "stage": "reported",
                    "opened_on": "2024-01-01",
                    "source": "s",
                },
                "licences": LICENCE | {"status": "valid", "valid_from": "2022-01-01"},
            }[path]
            answer = await door.ask("PUT", f"/v1/{path}/x", purpose=purpose, json=body)
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:lindung:problem:purpose")
    reading = {"licence_check", "employer_screening", "labour_inspection", "criminal_investigation"}
    for purpose in (None, *Purpose):
        answer = await door.ask("GET", "/v1/parties", purpose=purpose)
        assert answer.status_code == (200 if purpose in reading | {"register_maintenance"} else 403)


async def test_nobody_comes_in_without_a_trusted_statement(door):
    assert (await door.client.get("/v1/parties")).status_code == 401
    assert (await door.client.get("/health/ready")).status_code == 200
