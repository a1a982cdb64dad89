"""Cases through the door: corrections with their ground, the past that is no way round an acquittal, who sees what."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from services.registry.cases.store import standing_cases
from services.registry.parties.store import party_seqs
from shared.contracts.caller import Purpose
from shared.db.database import Database
from tests.registry.door import a_case

pytestmark = pytest.mark.anyio

DECIDED = {"court": "High Court", "document_digest": "cd" * 32}
CORRECTION = {"ground": "wrong_step", "source": "Letter of the court"}


async def as_keeper(door, path: str, member: str = "IDN", **params):
    return await door.ask("GET", path, purpose=Purpose.REGISTER_MAINTENANCE, member=member, params=params)


async def correct(door, case: str, body: dict, **changes):
    return await door.ask(
        "POST",
        f"/v1/cases/{case}/corrections",
        purpose=Purpose.REGISTER_MAINTENANCE,
        json=CORRECTION | {"case": body} | changes,
    )


async def test_a_wrongly_entered_conviction_is_put_right_and_its_history_kept(door):
    await door.party("slip", name="Ranto Wibowo")
    charged = a_case("slip", "charged", stage_on="2022-02-02")
    await door.tell("/v1/cases/slip", charged)
    await door.tell("/v1/cases/slip", a_case("slip", "on_trial"))
    convicted = a_case("slip", "convicted", final_on="2023-03-03", court="High Court")
    await door.tell("/v1/cases/slip", convicted)
    refused = await door.put("/v1/cases/slip", a_case("slip", "on_trial"))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lindung:problem:illegal-transition")
    assert "correction" in refused.json()["errors"][0]["detail"]
    answer = await correct(door, "slip", a_case("slip", "on_trial"))
    assert (answer.status_code, answer.json()["status"], answer.json()["version"]) == (200, "CHARGED", 4)
    history = (await as_keeper(door, "/v1/cases/slip/history")).json()["results"]
    assert [version["content"]["stage"] for version in history] == ["charged", "on_trial", "convicted", "on_trial"]
    assert [version["correction"] for version in history] == [None, None, None, "wrong_step"]
    assert history[-1]["content"]["correction_source"] == "Letter of the court"
    assert history[-1]["organisation"] == "Labour office"
    others = (await door.get("/v1/cases/slip/history")).json()["results"]
    assert [version["content"]["stage"] for version in others] == ["charged", "on_trial", "on_trial"]


async def test_a_correction_to_something_graver_names_its_decision(door):
    await door.party("graver", name="Graver Case")
    await door.tell("/v1/cases/graver", a_case("graver", "on_trial"))
    await door.tell("/v1/cases/graver", a_case("graver", "acquitted"))
    convicted = a_case("graver", "convicted", final_on="2023-03-03", court="High Court")
    refused = await correct(door, "graver", convicted)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:lindung:problem:decision-missing")
    assert (await correct(door, "graver", convicted, document_digest="cd" * 32)).json()["proven"] is True


async def test_a_case_against_the_wrong_party_leaves_no_trace_of_them(door):
    await door.party("mistaken", name="Mistaken Identity")
    await door.party("meant", name="Meant Identity")
    await door.tell("/v1/cases/mix", a_case("mistaken", "charged"))
    body = a_case("meant", "charged")
    assert (await door.put("/v1/cases/mix", body)).status_code == 409
    assert (await correct(door, "mix", body, ground="wrong_party")).json()["party"] == "meant"
    assert "mistaken" not in (await door.get("/v1/cases/mix/history")).text
    assert "mistaken" not in (await door.get("/v1/cases", member="IDN")).text
    assert (await door.get("/v1/cases", party="mistaken")).json()["results"] == []
    kept = (await as_keeper(door, "/v1/cases/mix/history")).json()["results"]
    assert [version["content"]["party"] for version in kept] == ["mistaken", "meant"]


@pytest.mark.parametrize("end", ["acquitted", "dismissed", "withdrawn", "overturned"])
async def test_what_fell_away_is_there_for_its_keepers_only(door, end):
    case = f"gone-{end}"
    await door.party(case, name=f"Gone {end}")
    await door.tell(f"/v1/cases/{case}", a_case(case, "on_trial"))
    after = a_case(case, end) if end != "overturned" else a_case(case, "convicted", appeal="overturned")
    if end == "overturned":
        await door.tell(f"/v1/cases/{case}", a_case(case, "convicted", final_on="2022-02-02"))
    await door.tell(f"/v1/cases/{case}", after)
    absent = await door.get("/v1/cases/never-there")
    for days in ({}, {"valid_on": "2022-06-06"}, {"known_on": date.today().isoformat()}):  # noqa: DTZ011
        gone = await door.get(f"/v1/cases/{case}", **days)
        assert (gone.status_code, gone.json()) == (404, absent.json())
    assert (await door.get(f"/v1/cases/{case}/history")).json() == absent.json()
    assert (await as_keeper(door, f"/v1/cases/{case}", member="MYS")).status_code == 404
    assert (await door.get("/v1/cases", party=case)).json()["results"] == []
    stub = (await as_keeper(door, f"/v1/cases/{case}")).json()
    assert (stub["sealed"], stub["proven"]) == (True, False)


async def test_a_case_as_it_was_on_a_day(door):
    await door.party("days", name="Day By Day")
    await door.tell("/v1/cases/days", a_case("days", "charged", stage_on="2021-06-01"))
    await door.tell("/v1/cases/days", a_case("days", "on_trial", stage_on="2022-06-01"))
    convicted = a_case("days", "convicted", stage_on="2023-06-01", final_on="2024-06-01")
    await door.tell("/v1/cases/days", convicted)

    async def status(**days):
        answer = await door.get("/v1/cases/days", **days)
        return answer.json()["status"] if answer.status_code == 200 else answer.status_code

    assert await status() == "CONVICTED_FINAL"
    assert await status(valid_on="2024-05-31") == "CONVICTED_APPEALABLE"
    assert await status(valid_on="2023-05-31") == "CHARGED"
    assert await status(valid_on="2021-05-31") == 404
    assert await status(known_on="2001-01-01") == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opened_on": "2021-05-05"}, "opened_on"),
        ({"stage_on": "2022-01-01"}, "stage_on"),
        ({"final_on": "2024-01-02"}, "final_on"),
    ],
)
async def test_a_day_that_was_told_is_changed_by_a_correction_only(door, change, field):
    await door.party("told-day", name="Told Day")
    body = a_case("told-day", "convicted", stage_on="2023-01-01", final_on="2024-01-01")
    await door.tell(f"/v1/cases/told-{field}", body)
    refused = await door.put(f"/v1/cases/told-{field}", body | change)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, f"/body/{field}")
    assert (await correct(door, f"told-{field}", body | change, ground="wrong_date")).status_code == 200


async def test_no_step_lies_in_the_future(door):
    await door.party("future", name="Future Case")
    refused = await door.put("/v1/cases/future", a_case("future", "charged", stage_on="2999-01-01"))
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:lindung:problem:day-to-come")


async def test_sanctions_of_all_kinds_stand_side_by_side(door):
    await door.party("orders", "Company", name="Orders Sdn Bhd")
    fine = {"kind": "criminal", "measure": "fine", "amount": "1500.50", "currency": "MYR"}
    ban = {"kind": "administrative", "measure": "recruitment_ban", "since": "2024-01-01"}
    pay = {"kind": "civil", "measure": "back_pay", "amount": "20000", "currency": "MYR", "authority": "Labour Court"}
    body = a_case("orders", "convicted", sanctions=[fine, ban, pay], appeal="pending", stay=True)
    told = await door.tell("/v1/cases/orders", body)
    assert [(each["kind"], each["in_force"]) for each in told["sanctions"]] == [
        ("criminal", False),
        ("administrative", False),
        ("civil", False),
    ]
    assert (await door.tell("/v1/cases/orders", body))["version"] == 1
    upheld = await door.tell("/v1/cases/orders", body | {"appeal": "upheld", "stay": False, "final_on": "2024-02-02"})
    assert {each["in_force"] for each in upheld["sanctions"]} == {True}
    for wrong in ({"stage": "charged", "appeal": "none", "stay": False}, {"sanctions": [fine | {"currency": None}]}):
        assert (await door.put("/v1/cases/orders-2", body | wrong)).status_code == 422


async def test_the_clock_takes_what_is_not_proven_out_of_screening(door, deployment):
    await door.party("clock", name="Clock Runs Out")
    await door.tell("/v1/cases/clock", a_case("clock", "charged"))
    await door.tell("/v1/cases/clock-2", a_case("clock", "convicted", final_on="2022-01-01"))
    database = Database(deployment.database_url("registry"))
    async with database.read() as session:
        (seq,) = await party_seqs(session, "clock")
        today = date.today()  # noqa: DTZ011
        now = await standing_cases(session, [seq], today)
        later = await standing_cases(session, [seq], today + timedelta(days=400))
    assert [case.status for case in now[seq]] == ["CHARGED", "CONVICTED_FINAL"]
    assert [case.status for case in later[seq]] == ["CONVICTED_FINAL"]
    old = "UPDATE registry_cases SET as_of = '2020-01-01 00:00:00+00:00' WHERE id = 'clock'"
    async with database.write() as session:
        await session.execute(text(old))
    await database.close()
    assert (await door.get("/v1/cases/clock")).status_code == 404
    assert (await as_keeper(door, "/v1/cases/clock")).json()["sealed"] is True


async def test_the_list_of_cases_is_filtered_and_paged(door):
    await door.party("many", name="Many Cases")
    stages = ["charged", "acquitted", "reported", "charged", "on_trial"]
    for number, stage in enumerate(stages):
        offence = "wage_theft" if number % 2 else "forced_labour"
        await door.tell(f"/v1/cases/many-{number}", a_case("many", stage, offences=[offence]))
    first = (await door.get("/v1/cases", party="many", limit=2)).json()
    assert [case["id"] for case in first["results"]] == ["many-0", "many-2"]
    rest = (await door.get("/v1/cases", party="many", limit=2, cursor=first["next"])).json()
    assert ([case["id"] for case in rest["results"]], rest["next"]) == (["many-3", "many-4"], None)
    for params, ids in (
        ({"stage": "charged"}, ["many-0", "many-3"]),
        ({"status": "ALLEGED"}, ["many-2"]),
        ({"offence": "wage_theft"}, ["many-3"]),
        ({"stage": "acquitted"}, []),
        ({"member": "VNM"}, []),
    ):
        found = (await door.get("/v1/cases", party="many", **params)).json()["results"]
        assert [case["id"] for case in found] == ids
    keepers = (await as_keeper(door, "/v1/cases", party="many", stage="acquitted")).json()["results"]
    assert [(case["id"], case["sealed"]) for case in keepers] == [("many-1", True)]
    assert all("not proven" in case["label"] for case in first["results"])


async def test_a_damaged_case_is_marked(door, deployment):
    await door.party("rust", name="Rust Case")
    for number in range(3):
        await door.tell(f"/v1/cases/rust-{number}", a_case("rust", "charged"))
    database = Database(deployment.database_url("registry"))
    async with database.write() as session:
        await session.execute(text("UPDATE registry_cases SET stage = 'eaten' WHERE id = 'rust-1'"))
    await database.close()
    page = (await door.get("/v1/cases", party="rust")).json()
    assert ([case["id"] for case in page["results"]], page["damaged"]) == (["rust-0", "rust-2"], ["rust-1"])


async def test_offences_come_with_what_national_law_says(door):
    listed = (await door.get("/v1/offences")).json()
    assert "forced_labour" in listed["offences"]
    assert {each["confidence"] for each in listed["provisions"]} == {"unconfirmed"}
    await door.party("law", name="Law Case", member="MYS")
    told = await door.tell("/v1/cases/law", a_case("law", "charged"), member="MYS")
    assert [each["law"] for each in told["provisions"]] == ["Employment Act 1955"]
