"""Registration through the gateway, with real engines: what a desk, child protection and others are told."""

import base64
import secrets
from typing import Any

import anyio
import pytest
import sqlalchemy as sa

from services.cli.connection import Api, Identity, RefusedError
from services.cli.enrol import encode, register
from services.registry.workers.tables import PacketRow, RegistrationRow
from services.sandbox.faces import CAST
from services.sandbox.region import Impression, Shot
from services.sandbox.studio import Studio
from shared.contracts.caller import Purpose
from shared.db.database import Database
from shared.settings import Settings

pytestmark = pytest.mark.anyio

DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
CHILD = Identity("child-protection", Purpose.CHILD_PROTECTION)
ADJUDICATOR = Identity("adjudicator", Purpose.ADJUDICATION)
LABOUR = Identity("labour", Purpose.LABOUR_INSPECTION)
STUDIO = Studio()
START = {"destination": "SGP", "sector": "domestic", "start": "2027-01-15"}


@pytest.fixture(scope="module")
async def siti(api: Api) -> dict[str, Any]:
    """Enrolled first of all, with a face and a print."""
    return await register(api, DESK, a_worker(0, 1, name="Siti Aminah", born="1996-04-02"), "siti")


def a_worker(person: int, shot: int, **particulars: Any) -> dict[str, Any]:
    fingers = [{"position": "right-index", "image": encode(STUDIO.fingerprint(Impression(100 + person, shot)))}]
    photo = encode(STUDIO.photo(Shot(CAST[person], shot)))
    return {"photo": photo, "fingers": fingers, "nationality": "IDN", "sex": "F"} | particulars


def codes(registration: dict[str, Any]) -> set[str]:
    return {signal["code"] for signal in registration["signals"]}


async def refusal(api: Api, identity: Identity, method: str, path: str, **options: Any) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        await api.ask(identity, method, path, **options)
    return refused.value


async def count(deployment: Settings) -> int:
    database = Database(deployment.database_url("registry"))
    async with database.read() as session:
        number = (await session.execute(sa.select(sa.func.count()).select_from(RegistrationRow))).scalar_one()
    await database.close()
    return number


async def test_a_first_registration_is_silent(siti: dict[str, Any]) -> None:
    assert (siti["state"], siti["progress"]) == ("PROVISIONAL", "CHECKED")
    assert (siti["signals"], siti["candidates"], siti["missing"]) == ([], [], [])


async def test_coming_again_is_linked_and_silent(api: Api, siti: dict[str, Any]) -> None:
    again = await register(api, DESK, a_worker(0, 2, name="SITI AMINAH", born="1996-04-02"), "siti again")
    (candidate,) = again["candidates"]
    assert (candidate["registration"], candidate["relation"]) == (siti["registration"], "RE_REGISTRATION")
    assert again["signals"] == []


async def test_another_name_is_a_signal_with_its_evidence(api: Api, siti: dict[str, Any]) -> None:
    other = await register(api, DESK, a_worker(0, 3, name="Dewi Lestari", born="1994-12-24"), "dewi")
    assert codes(other) == {"SAME_PERSON_OTHER_IDENTITY"}
    evidence = other["signals"][0]["evidence"]
    assert siti["registration"] in evidence["registrations"]
    assert {"name", "birth_date"} <= set(evidence["differences"])
    assert other["state"] == "PROVISIONAL"  # no machine refuses anybody
    assert "scores" not in other["candidates"][0]  # a desk is not told how alike
    judge = Identity("adjudicator", Purpose.ADJUDICATION)
    judged = (await api.ask(judge, "GET", f"/v1/registrations/{other['registration']}")).json()
    modalities = {score["biometricType"] for score in judged["candidates"][0]["scores"]}
    assert modalities == {"FACE", "FINGER"}


async def test_somebody_else_is_silent(api: Api, siti: dict[str, Any]) -> None:
    other = await register(api, DESK, a_worker(1, 1, name="Siti Aminah", born="1996-04-02"), "namesake")
    assert (other["signals"], other["candidates"]) == ([], [])
    assert siti["registration"] != other["registration"]


async def test_one_document_number_on_two_people(api: Api) -> None:
    shown = {"document": {"issuer": "MMR", "number": "MJ000777"}}
    await register(api, DESK, a_worker(2, 1, name="Kyaw Zin", born="1990-01-01") | shown, "first holder")
    second = await register(api, DESK, a_worker(3, 1, name="Htet Naing", born="1991-01-01") | shown, "second holder")
    assert codes(second) == {"DOCUMENT_NUMBER_REUSED"}


async def test_a_portrait_of_somebody_else(api: Api) -> None:
    def shows(person: int) -> dict[str, Any]:
        return {"document": {"portrait": encode(STUDIO.photo(Shot(CAST[person], 0)))}}

    own = await register(api, DESK, a_worker(4, 1, name="Ana Reyes", born="1990-05-05") | shows(4), "own portrait")
    assert own["signals"] == []
    borrowed = await register(api, DESK, a_worker(5, 1, name="Luz Cruz", born="1990-05-06") | shows(6), "borrowed")
    assert codes(borrowed) == {"PORTRAIT_MISMATCH"}


async def test_a_child_is_sealed_from_all_but_child_protection(api: Api) -> None:
    at_sixteen = a_worker(7, 1, name="Thida Win", born="2011-03-03", placement=START)
    first = await register(api, DESK, at_sixteen, "thida at 16")
    older = a_worker(7, 2, name="Thida Win Aung", born="1999-03-03", placement=START)
    second = await register(api, DESK, older, "thida made older")
    clear = await register(api, DESK, a_worker(8, 1, name="Mya Mya", born="1995-03-03", placement=START), "mya")
    for registration in (first, second):
        assert {key: registration[key] for key in ("signals", "candidates", "missing", "state")} == {
            key: clear[key] for key in ("signals", "candidates", "missing", "state")
        }
        path = f"/v1/registrations/{registration['registration']}"
        assert "CHILD_POSSIBLE" in codes((await api.ask(CHILD, "GET", path)).json())
        for identity in (ADJUDICATOR, LABOUR):
            sealed = await refusal(api, identity, "GET", path)
            absent = await refusal(api, identity, "GET", f"/v1/registrations/R{secrets.token_hex(12)}")
            assert (sealed.status, sealed.problem) == (404, absent.problem)
    assert "SAME_PERSON_OTHER_IDENTITY" in codes((await api.ask(CHILD, "GET", path)).json())
    for identity in (DESK, ADJUDICATOR):
        found = (await api.ask(identity, "GET", "/v1/registrations?signal=CHILD_POSSIBLE")).json()
        assert found["items"] == []
    sealed_ids = {item["registration"] for item in await everything(api, CHILD)}
    assert sealed_ids == {first["registration"], second["registration"]}
    assert not sealed_ids & {item["registration"] for item in await everything(api, ADJUDICATOR)}


async def test_an_adult_below_the_sector_minimum_is_for_the_labour_office(api: Api) -> None:
    twenty = await register(api, DESK, a_worker(9, 1, name="Rini", born="2006-10-10", placement=START), "rini")
    assert codes(twenty) == {"BELOW_SECTOR_MINIMUM"}
    assert twenty["registration"] in {item["registration"] for item in await everything(api, LABOUR)}
    await refusal(api, CHILD, "GET", f"/v1/registrations/{twenty['registration']}")


async def everything(api: Api, identity: Identity) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (
            await api.ask(
                identity, "GET", "/v1/registrations", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
            )
        ).json()
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


async def test_pages_hold_everything_once_newest_first(api: Api, siti: dict[str, Any]) -> None:
    items = await everything(api, DESK)
    ids = [item["registration"] for item in items]
    assert len(ids) == len(set(ids))
    assert siti["registration"] == ids[-1]
    assert [item["created_at"] for item in items] == sorted((item["created_at"] for item in items), reverse=True)


async def test_filters(api: Api) -> None:
    body = {"name": "Budi", "born": "1990", "reference": "desk 7 / 12"}
    made = await register(api, DESK, body, "budi")
    found = (await api.ask(DESK, "GET", "/v1/registrations", params={"reference": "desk 7 / 12"})).json()["items"]
    assert [item["registration"] for item in found] == [made["registration"]]
    found = (await api.ask(DESK, "GET", "/v1/registrations", params={"signal": "DOCUMENT_NUMBER_REUSED"})).json()
    assert all("DOCUMENT_NUMBER_REUSED" in codes(item) for item in found["items"])
    assert found["items"]
    assert (await refusal(api, DESK, "GET", "/v1/registrations?signal=WITCHCRAFT")).status == 422
    assert (await refusal(api, DESK, "GET", "/v1/registrations?limit=0")).status == 422
    assert (await refusal(api, DESK, "GET", "/v1/registrations?cursor=x")).status == 422


async def test_without_biometrics_a_worker_is_registered_and_marked(api: Api) -> None:
    body = {"name": "Wayan", "born": "1988-08-08", "fingers": [{"position": "left-thumb", "exception": "AMPUTATED"}]}
    made = await register(api, DESK, body, "wayan")
    assert made["missing"] == ["left-thumb: AMPUTATED", "biometrics: none captured"]


async def test_the_same_request_again_makes_nothing_twice(api: Api, deployment: Settings) -> None:
    body, headers = {"name": "Agus", "born": "1990-01-01"}, {"Idempotency-Key": "agus-1"}
    answers: list[str] = []

    async def send() -> None:
        answer = await api.ask(DESK, "POST", "/v1/registrations", json=body, headers=headers)
        answers.append(answer.json()["registration"])

    before = await count(deployment)
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(send)
    await send()
    assert len(set(answers)) == 1
    assert await count(deployment) == before + 1
    other = await refusal(api, DESK, "POST", "/v1/registrations", json=body | {"name": "Agung"}, headers=headers)
    assert (other.status, other.problem["type"]) == (422, "urn:lindung:problem:idempotency-conflict")
    without = await refusal(api, DESK, "POST", "/v1/registrations", json=body)
    assert (without.status, without.problem["type"]) == (400, "urn:lindung:problem:idempotency-key")


NOISE = base64.b64encode(secrets.token_bytes(3000)).decode()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"photo": NOISE}, "/body/photo"),
        ({"photo": "not base64!"}, "/body/photo"),
        ({"fingers": [{"position": "right-index", "image": NOISE}]}, "/body/fingers/0"),
        ({"fingers": [{"position": "tail", "image": NOISE}]}, "/body/fingers/0/position"),
        ({"fingers": [{"position": "right-index"}]}, "/body/fingers/0"),
        ({"document": {"portrait": NOISE}}, "/body/document/portrait"),
        ({"born": "1990-02-30"}, "/body/born"),
        ({"born": "2990-02-03"}, "/body/born"),
        ({"birth_record": {"born": "1990-02-30"}}, "/body/birth_record/born"),
        ({"born": "soon"}, "/body/born"),
        ({"name": ""}, "/body/name"),
        ({"name": "x" * 201}, "/body/name"),
        ({"favourite_colour": "green"}, "/body/favourite_colour"),
        ({"placement": {"destination": "Singapore", "start": "2027-01-01"}}, "/body/placement/destination"),
    ],
)
async def test_bad_input_says_what_and_where_and_changes_nothing(
    api: Api, deployment: Settings, change: dict[str, Any], pointer: str
) -> None:
    before = await count(deployment)
    body = {"name": "Rahasia", "born": "1990-01-01"} | change
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    refused = await refusal(api, DESK, "POST", "/v1/registrations", json=body, headers=headers)
    assert refused.status == 422
    assert "Rahasia" not in str(refused.problem)
    assert pointer in {error["pointer"] for error in refused.problem["errors"]}
    assert await count(deployment) == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"name": "\xff"}', b"[" * 50_000])
async def test_what_is_no_json_is_refused(api: Api, body: bytes) -> None:
    headers = {"Idempotency-Key": secrets.token_hex(8), "Content-Type": "application/json"}
    assert (await refusal(api, DESK, "POST", "/v1/registrations", content=body, headers=headers)).status == 422


async def test_a_photo_with_nobody_in_it_is_sent_back_to_the_desk(api: Api) -> None:
    landscape = encode(STUDIO.fingerprint(Impression(1, 0)))
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    body = {"name": "Made", "born": "1990", "photo": landscape}
    refused = await refusal(api, DESK, "POST", "/v1/registrations", json=body, headers=headers)
    assert refused.problem["errors"] == [{"pointer": "/body/photo", "detail": "NO_FACE"}]


async def test_nothing_readable_lies_in_the_database(api: Api, deployment: Settings, siti: dict[str, Any]) -> None:
    database = Database(deployment.database_url("registry"))
    async with database.read() as session:
        rows = (
            await session.execute(
                sa.select(RegistrationRow, PacketRow).where(
                    RegistrationRow.id == siti["registration"], PacketRow.registration_seq == RegistrationRow.seq
                )
            )
        ).one()
    kept = b"".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in vars(row).values()
    )
    assert len(kept) > 10_000
    for secret in (b"Siti", b"Aminah", b"1996-04-02", b'"photo"'):
        assert secret not in kept
    await database.close()


async def test_two_registrations_of_one_person_at_once_do_not_both_miss(api: Api) -> None:
    made: list[dict[str, Any]] = []

    async def enrol(shot: int, name: str) -> None:
        made.append(await register(api, DESK, a_worker(10, shot, name=name, born=f"199{shot}-01-01"), name))

    async with anyio.create_task_group() as group:
        group.start_soon(enrol, 1, "Suda Chai")
        group.start_soon(enrol, 2, "Malee Porn")
    assert any("SAME_PERSON_OTHER_IDENTITY" in codes(registration) for registration in made)
