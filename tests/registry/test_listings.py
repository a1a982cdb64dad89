"""Listings through the door: from the proposal to the open list and off it again, and nothing unproven on it."""

import csv
import io
from datetime import date, timedelta

import pytest

from shared.contracts.caller import Purpose
from tests.registry.door import a_case
from tests.registry.test_parties_facts import read_csv

pytestmark = pytest.mark.anyio

TODAY = date.today()  # noqa: DTZ011  the door's own clock decides what is public
DAY = timedelta(days=1)
BEGIN = TODAY - 100 * DAY


def on(days: int) -> str:
    return (BEGIN + days * DAY).isoformat()


async def propose(door, key: str, status: dict | None = None) -> None:
    await door.party(key, "Company", name=f"Senarai {key}")
    proven = {"stage": "convicted", "final_on": "2023-03-03"} if status is None else status
    await door.tell(f"/v1/cases/{key}", a_case(key, **proven))
    body = {"party": key, "case": key, "grounds": ["forced_labour"], "proposed_on": on(0), "source": "Ministry"}
    body |= {"authority": "Labour ministry", "workplace": "Estate 7", "workers": 12}
    assert (await door.tell(f"/v1/listings/{key}", body))["state"] == "proposed"
    assert (await door.tell(f"/v1/listings/{key}", body))["version"] == 1


async def post(door, path: str, body: dict, member: str = "IDN"):
    return await door.ask("POST", path, purpose=Purpose.REGISTER_MAINTENANCE, member=member, json=body)


async def move(door, key: str, move: str, day: int, **particulars):
    body = {"move": move, "on": on(day), "source": "Gazette"} | particulars
    return await post(door, f"/v1/listings/{key}/moves", body)


async def listed(door, key: str) -> dict:
    await propose(door, key)
    assert (await move(door, key, "notify", 1, notice="N-1")).status_code == 200
    assert (await move(door, key, "reply", 5)).status_code == 200
    answer = await move(door, key, "list", 10)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def public(door) -> list[str]:
    found, cursor = [], None
    while True:
        page = (await door.get("/v1/public/listings", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        found += [each["id"] for each in page["results"]]
        cursor = page["next"]
        if cursor is None:
            return found


async def screened(door, key: str) -> dict:
    found = await door.screen("Company", name=f"Senarai {key}")
    return next(hit for hit in found if hit["id"] == key)


async def test_from_the_proposal_to_the_list_and_off_it(door):
    key = "cadastro"
    await propose(door, key)
    early = await move(door, key, "list", 1)
    assert (early.status_code, early.json()["type"]) == (409, "urn:lindung:problem:illegal-move")
    assert early.json()["errors"][0]["detail"] == "one of: drop, notify"
    noted = (await move(door, key, "notify", 1, notice="N-77")).json()
    assert (noted["notice"], noted["reply_by"]) == ("N-77", on(16))
    for day in (2, 16):
        unheard = await move(door, key, "list", day)
        assert (unheard.status_code, unheard.json()["type"]) == (422, "urn:lindung:problem:due-process")
    assert key not in await public(door)
    told = (await move(door, key, "list", 17)).json()
    assert (told["state"], told["public"], told["next_moves"]) == (
        *("listed", True),
        ["agree", "appeal", "remove", "suspend"],
    )
    assert key in await public(door)
    assert (await move(door, key, "list", 17)).json()["version"] == told["version"]  # told again
    hit = await screened(door, key)
    assert [(each["state"], each["public"]) for each in hit["listings"]] == [("listed", True)]
    assert (await move(door, key, "suspend", 20)).json()["label"].endswith("not a finding")
    assert key not in await public(door)
    assert (await move(door, key, "relist", 21)).status_code == 200
    assert (await move(door, key, "agree", 22)).json()["state"] == "agreement"
    assert key in await public(door)
    assert (await move(door, key, "breach", 23)).json()["state"] == "listed"
    assert (await move(door, key, "remove", 24, ground="court")).json()["removal"] == "court"
    assert key not in await public(door)
    assert (await screened(door, key))["listings"] == []
    assert (await door.get(f"/v1/listings/{key}")).status_code == 404
    kept = await door.ask("GET", f"/v1/listings/{key}", purpose=Purpose.REGISTER_MAINTENANCE)
    assert (kept.json()["state"], len(kept.json()["moves"])) == ("removed", 7)


@pytest.mark.parametrize("status", [{"stage": "charged"}, {"stage": "convicted"}, {"stage": "reported"}])
async def test_nobody_is_listed_on_what_is_not_proven(door, status):
    key = f"unproven-{status['stage']}"
    await propose(door, key, status)
    await move(door, key, "notify", 1, notice="N-1")
    await move(door, key, "reply", 2)
    refused = await move(door, key, "list", 30)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:lindung:problem:due-process")
    assert key not in await public(door)
    (pending,) = (await screened(door, key))["listings"]
    assert (pending["public"], "not a finding" in pending["label"]) == (False, True)


async def test_an_overturned_conviction_takes_its_listing_off_at_once(door):
    await listed(door, "overturned")
    assert "overturned" in await public(door)
    appealed = a_case("overturned", "convicted", appeal="pending")
    await door.tell("/v1/cases/overturned", appealed)
    assert "overturned" not in await public(door)
    assert (await screened(door, "overturned"))["listings"][0]["public"] is False
    await door.tell("/v1/cases/overturned", appealed | {"appeal": "overturned"})
    hit = await screened(door, "overturned")
    assert (hit["status"], hit["cases"], hit["listings"]) == ("NONE", [], [])
    assert (await door.get("/v1/listings/overturned")).status_code == 404
    assert (await door.get("/v1/listings/overturned/history")).status_code == 404
    assert (await door.get("/v1/listings", party="overturned")).json()["results"] == []


async def test_a_case_that_turns_out_to_be_another_partys_lists_nobody(door):
    await listed(door, "not-them")
    await door.party("them", "Company", name="Senarai them")
    body = a_case("them", "convicted", final_on="2023-03-03", court="High Court")
    correction = {"ground": "wrong_party", "source": "Letter", "document_digest": "ab" * 32, "case": body}
    assert (await post(door, "/v1/cases/not-them/corrections", correction)).status_code == 200
    assert "not-them" not in await public(door)
    assert (await screened(door, "not-them"))["listings"] == []


async def test_an_appeal_that_is_not_decided_in_time_hides_the_listing(door):
    await listed(door, "late")
    (await move(door, "late", "appeal", 11, review_by=on(40))).json()
    assert "late" not in await public(door)
    assert (await door.get("/v1/listings/late", valid_on=on(40))).json()["public"] is True
    assert (await door.get("/v1/listings/late", valid_on=on(41))).json()["public"] is False
    assert (await move(door, "late", "decide", 90, outcome="upheld")).json()["public"] is True
    assert "late" in await public(door)


async def test_the_time_on_the_list_ends_by_the_clock(door):
    await propose(door, "short")
    await move(door, "short", "notify", 1, notice="N-1")
    await move(door, "short", "reply", 2)
    told = (await move(door, "short", "list", 3, until=on(50))).json()
    assert (told["until"], told["state"], told["public"]) == (on(50), "expired", False)
    assert "short" not in await public(door)
    later = await move(door, "short", "suspend", 51)
    assert (later.status_code, "expired" in later.json()["detail"]) == (409, True)


async def test_a_wrong_move_is_taken_back_with_its_ground(door):
    told = await listed(door, "undone")
    removed = (await move(door, "undone", "remove", 20, ground="error")).json()
    correction = {"ground": "wrong_step", "source": "Note 5"}
    path = "/v1/listings/undone/corrections"
    refused = await post(door, path, correction)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/body/document_digest")
    back = (await post(door, path, correction | {"document_digest": "ab" * 32})).json()
    assert (back["state"], back["version"]) == ("listed", removed["version"] + 1)
    assert [each["struck"] for each in back["moves"]] == [False, False, False, True, False]
    relisted = {"move": "list", "on": on(11), "source": "Gazette 2"}
    again = (await post(door, path, correction | {"ground": "wrong_date", "instead": relisted})).json()
    assert (again["state"], again["listed_from"], again["moves"][2]["struck"]) == ("listed", on(11), True)
    agree = correction | {"instead": {"move": "agree", "on": on(21), "source": "Agreement 9"}}
    assert (await post(door, path, agree)).status_code == 409  # nobody agrees to what was not listed
    history = (await door.ask("GET", "/v1/listings/undone/history", purpose=Purpose.REGISTER_MAINTENANCE)).json()
    assert "wrong_step" in [version["correction"] for version in history["results"]]
    assert told["state"] == "listed"


async def test_a_listing_stays_with_its_member_its_party_and_its_case(door):
    await listed(door, "owned")
    body = {"move": "suspend", "on": on(20), "source": "Gazette"}
    assert (await post(door, "/v1/listings/owned/moves", body, member="MYS")).status_code == 403
    assert (await post(door, "/v1/listings/never/moves", body)).status_code == 404
    other = {"party": "owned", "case": "owned", "grounds": ["wage_theft"], "proposed_on": on(0), "source": "Ministry"}
    assert (await door.put("/v1/listings/owned", other)).status_code == 409
    await door.party("owned-2", "Company", name="Owned 2")
    unknown = await door.put("/v1/listings/owned-2", other | {"party": "owned-2"})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "urn:lindung:problem:unknown-party")


async def test_as_it_was_on_a_day_and_as_was_known_on_another(door):
    await listed(door, "asof")
    assert (await door.get("/v1/listings/asof", valid_on=on(4))).json()["state"] == "notified"
    assert (await door.get("/v1/listings/asof", valid_on=on(9))).json()["state"] == "representations"
    assert (await door.get("/v1/listings/asof", valid_on=on(-1))).status_code == 404
    assert (await door.get("/v1/listings/asof", known_on=on(50))).status_code == 404
    assert (await door.get("/v1/listings/asof", known_on=TODAY.isoformat())).json()["state"] == "listed"


async def test_the_open_list_as_csv(door):
    await listed(door, "table")
    rows = list(csv.DictReader(io.StringIO(await read_csv(door, "/v1/public/listings", limit=200))))
    row = next(row for row in rows if row["id"] == "table")
    assert (row["name"], row["grounds"], row["workers"]) == ("Senarai table", "forced_labour", "12")
    assert (row["case_status"], row["damaged"]) == ("CONVICTED_FINAL", "")
    assert (await door.get("/v1/public/listings", member="VNM")).json()["results"] == []
