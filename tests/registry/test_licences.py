"""Licences through the door: status on the day of the contract, appeals, corrections, files, inspections."""

import csv
import io

import pytest

from shared.contracts.caller import Purpose
from tests.registry.test_parties_facts import read_csv

pytestmark = pytest.mark.anyio


def licence(party: str, status: str, begin: str, end: str | None = None, **more) -> dict:
    return {
        "party": party,
        "number": f"JTK-{party}",
        "authority": "JTKSM",
        "status": status,
        "valid_from": begin,
        "valid_to": end,
    } | more


async def agency(door, key: str) -> None:
    await door.party(key, "Company", name=f"Agensi {key}")


async def status(door, party: str, on: str | None = None, **more) -> list[tuple[str, bool]]:
    params = more | ({"on": on} if on else {})
    answer = (await door.get("/v1/licences", party=party, **params)).json()
    return [(each["status"], each["under_appeal"]) for each in answer["licences"]]


async def correct(door, key: str, **body):
    ground = {"ground": "wrong_step", "source": "Letter"}
    path = f"/v1/licences/{key}/corrections"
    return await door.ask("POST", path, purpose=Purpose.REGISTER_MAINTENANCE, json=ground | body)


async def test_a_whole_life_and_the_day_of_the_contract(door):
    await agency(door, "life")
    life = [
        ("applied", "2020-01-01"),
        ("provisional", "2020-03-01"),
        ("valid", "2020-09-01"),
        ("conditions", "2021-01-01"),
        ("preventive_suspension", "2021-06-01"),
        ("valid", "2021-08-01"),
        ("suspended", "2022-01-01"),
        ("cancelled", "2022-06-01"),
        ("delisted", "2022-07-01"),
        ("banned", "2023-01-01"),
    ]
    for state, begin in life:
        await door.tell("/v1/licences/life", licence("life", state, begin, national_code=state.upper()))
    for state, begin in life:
        assert await status(door, "life", begin) == [(state, False)]
    assert await status(door, "life", "2019-12-31") == []
    refused = await door.put("/v1/licences/life", licence("life", "valid", "2024-01-01"))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lindung:problem:illegal-status")
    again = await door.tell("/v1/licences/life", licence("life", *life[2], national_code="VALID"))
    assert again["version"] == len(life)  # an earlier period told again is no news
    told = (await door.get("/v1/licences/life")).json()
    assert [(each["status"], each["national_code"]) for each in told["periods"]] == [
        (state, state.upper()) for state, _ in life
    ]
    assert len((await door.get("/v1/licences/life/history")).json()["results"]) == len(life)


async def test_an_illegal_change_names_the_legal_ones(door):
    await agency(door, "jump")
    await door.tell("/v1/licences/jump", licence("jump", "applied", "2020-01-01"))
    refused = (await door.put("/v1/licences/jump", licence("jump", "suspended", "2020-02-01"))).json()
    assert refused["errors"] == [
        {
            "pointer": "/body/status",
            "detail": "one of: applied, banned, conditions, provisional, refused, valid",
        }
    ]


async def test_a_licence_under_appeal_continues(door):
    await agency(door, "appeal")
    await door.tell("/v1/licences/appeal", licence("appeal", "valid", "2020-01-01"))
    cancelled = licence("appeal", "cancelled", "2022-01-01")
    await door.tell("/v1/licences/appeal", cancelled)
    assert await status(door, "appeal") == [("cancelled", False)]
    await door.tell("/v1/licences/appeal", cancelled | {"appeal": "pending"})
    assert await status(door, "appeal") == [("valid", True)]
    (shown,) = (await door.screen("Company", name="Agensi appeal"))[0]["licences"]
    assert (shown["status"], shown["under_appeal"]) == ("valid", True)
    await door.tell("/v1/licences/appeal", cancelled | {"appeal": "pending", "effective_despite_appeal": True})
    assert await status(door, "appeal") == [("cancelled", False)]
    await door.tell("/v1/licences/appeal", cancelled | {"appeal": "overturned"})
    assert await status(door, "appeal") == [("valid", False)]
    assert (await door.put("/v1/licences/appeal", cancelled | {"appeal": "pending"})).status_code == 409


async def test_corrections_strike_and_tell_late(door):
    await agency(door, "mend")
    await door.tell("/v1/licences/mend", licence("mend", "valid", "2020-01-01"))
    await door.tell("/v1/licences/mend", licence("mend", "cancelled", "2022-01-01"))
    late = licence("mend", "suspended", "2021-01-01", "2021-03-31")
    refused = await door.put("/v1/licences/mend", late)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/body/valid_from")
    assert (await correct(door, "mend", ground="told_late", instead=late)).status_code == 200
    assert await status(door, "mend", "2021-02-01") == [("suspended", False)]
    assert await status(door, "mend", "2021-04-01") == [("valid", False)]
    assert await status(door, "mend", "2022-01-01") == [("cancelled", False)]
    told = (await correct(door, "mend", strikes=2)).json()
    assert [each["struck"] for each in told["periods"]] == [False, True, False]
    assert await status(door, "mend", "2022-01-01") == [("valid", False)]
    assert (await correct(door, "mend", strikes=2)).status_code == 409
    assert (await correct(door, "mend", strikes=99)).status_code == 409
    assert (await correct(door, "mend")).status_code == 422
    assert (await correct(door, "never", strikes=1)).status_code == 404
    other = licence("mend", "valid", "2020-01-01") | {"number": "X"}
    assert (await correct(door, "mend", instead=other)).status_code == 409
    history = (await door.get("/v1/licences/mend/history")).json()["results"]
    assert [each["correction"] for each in history] == [None, None, "told_late", "wrong_step"]
    assert await status(door, "mend", "2022-01-01", known_on="2001-01-01") == []


async def test_the_file_of_a_licence(door):
    await agency(door, "file")
    await door.tell("/v1/licences/file", licence("file", "valid", "2020-01-01"))
    path = "/v1/licences/file/particulars"
    assert (await door.get(path)).status_code == 404
    body = {
        "source": "Licensing file",
        "requirements": [
            {"requirement": "bond", "met": True, "checked_on": "2020-01-01"},
            {"requirement": "office_inspected", "met": False, "checked_on": "2020-01-01"},
        ],
        "bonds": [{"amount": "100000", "currency": "MYR", "held_by": "Bank", "since": "2020-01-01"}],
        "fees": [{"payer": "worker", "amount": "350.00", "currency": "MYR", "destination": "SGP", "on": "2020-02-02"}],
        "complaints": [{"since": "2020-01-01", "until": "2020-12-31", "received": 5, "upheld": 2, "open": 1}],
    }
    assert (await door.put(path, body)).status_code == 201
    assert (await door.put(path, body)).json()["version"] == 1
    told = (await door.get(path)).json()
    assert "bond" not in told["unmet"]
    assert {"office_inspected", "fee_schedule"} <= set(told["unmet"])
    assert "not a finding" in told["label"]
    assert (await door.put(path, body, member="PHL")).status_code == 403
    wrong = body | {"complaints": [{"since": "2020-01-01", "until": "2020-12-31", "received": 1, "upheld": 2}]}
    assert (await door.put(path, wrong)).status_code == 422


def inspection(party: str, **more) -> dict:
    plain = {
        "party": party,
        "workplace": "domestic",
        "state": "planned",
        "planned_on": "2024-01-01",
        "source": "Plan 3",
    }
    return plain | more


async def test_a_household_is_inspected_and_followed_up(door):
    await door.party("house", name="House Holder")
    await door.tell("/v1/inspections/house-1", inspection("house"))
    seen = inspection("house", state="follow_up", carried_out_on="2024-02-02", access="consent")
    seen |= {
        "indications": ["passport_retention"],
        "remedies": [{"offence": "passport_retention", "due_on": "2024-03-03"}],
    }
    told = await door.tell("/v1/inspections/house-1", seen)
    assert (told["label"], len(told["overdue"])) == ("indications of an inspection; not a finding", 1)
    overdue = (await door.get("/v1/inspections", party="house", overdue=True)).json()["results"]
    assert [each["id"] for each in overdue] == ["house-1"]
    back = await door.put("/v1/inspections/house-1", inspection("house"))
    assert (back.status_code, back.json()["errors"][0]["detail"]) == (409, "one of: closed")
    again = inspection("house", follow_up_of="house-1", state="closed", carried_out_on="2024-04-04", access="warrant")
    assert (await door.tell("/v1/inspections/house-2", again))["follow_up_of"] == "house-1"
    remedied = [{"offence": "passport_retention", "due_on": "2024-03-03", "done_on": "2024-04-04"}]
    await door.tell("/v1/inspections/house-1", seen | {"state": "closed", "remedies": remedied})
    assert (await door.get("/v1/inspections", party="house", overdue=True)).json()["results"] == []
    assert (await door.get("/v1/inspections/house-1")).json()["version"] == 3
    assert "house" not in (await door.get("/v1/public/licences", limit=200)).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "carried_out"},
        {"state": "carried_out", "carried_out_on": "2024-02-02", "access": "power_of_entry"},
        {"indications": ["wage_theft"]},
        {"carried_out_on": "2024-02-02"},
        {"state": "carried_out", "carried_out_on": "2999-02-02", "access": "consent"},
        {
            "state": "closed",
            "carried_out_on": "2024-02-02",
            "access": "consent",
            "remedies": [{"offence": "wage_theft", "due_on": "2024-03-03"}],
        },
        {"notes": "the worker said"},
        {"licence": "foreign"},
        {"follow_up_of": "foreign-1"},
    ],
)
async def test_an_inspection_that_cannot_be_is_refused(door, wrong):
    await door.party("odd", name="Odd Holder")
    await agency(door, "foreign")
    await door.tell("/v1/licences/foreign", licence("foreign", "valid", "2020-01-01"))
    await door.tell("/v1/inspections/foreign-1", inspection("foreign", workplace="formal"))
    assert (await door.put("/v1/inspections/odd", inspection("odd", **wrong))).status_code == 422
    assert (await door.get("/v1/inspections/odd")).status_code == 404


async def test_everybody_may_know_how_a_licence_stands_and_nothing_else(door):
    await agency(door, "open")
    await door.tell("/v1/licences/open", licence("open", "valid", "2020-01-01"))
    await door.tell("/v1/licences/open", licence("open", "suspended", "2022-01-01", appeal="pending"))
    await agency(door, "quiet")
    await door.tell("/v1/licences/quiet", licence("quiet", "applied", "2020-01-01"))
    rows = list(csv.DictReader(io.StringIO(await read_csv(door, "/v1/public/licences", limit=200))))
    row = next(row for row in rows if row["id"] == "open")
    assert (row["status"], row["name"], row["number"]) == ("valid", "Agensi open", "JTK-open")
    assert not any(row["id"] == "quiet" for row in rows)
    assert "appeal" not in row
