"""Red flags through the gateway: what raises one, what does not, who sees it, and how it helps an interview."""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import anyio
import pytest
from sqlalchemy import func, select, update

from services.cli.connection import Api, Identity, RefusedError
from services.registry.redflags.weighing import WEIGH_FLAGS_JOB, Weighing, next_night, promise_weighing
from services.registry.workers.tables import JobRow, RegistrationRow
from shared.contracts.caller import Purpose
from shared.db.database import Database, now
from shared.settings import Settings

pytestmark = pytest.mark.anyio

DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
LABOUR = Identity("labour", Purpose.LABOUR_INSPECTION)
REGISTRAR = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
OTHERS = (
    Identity("licensing", Purpose.LICENCE_CHECK),
    Identity("investigator", Purpose.CRIMINAL_INVESTIGATION, "C-1"),
    Identity("victim-support", Purpose.VICTIM_SUPPORT),
    Identity("child-protection", Purpose.CHILD_PROTECTION),
    Identity("member-system", Purpose.EMPLOYER_SCREENING),
    REGISTRAR,
    Identity("auditor", Purpose.AUDIT),
    DESK,
)
TERMS = {"wage": {"amount": 1500, "currency": "MYR"}, "hours_a_week": 48, "rest_days_a_month": 4, "months": 24}


@pytest.fixture
async def database(deployment: Settings) -> AsyncIterator[Database]:
    opened = Database(deployment.database_url("registry"))
    yield opened
    await opened.close()


async def register(api: Api, agency: str, phone: str, born: str = "1990-04-02", **placement: Any) -> str:
    body = {
        "name": f"Worker {secrets.token_hex(3)}",
        "born": born,
        "nationality": "IDN",
        "contact": {"phone": phone},
        "document": {"number": f"X{secrets.randbelow(10**7):07d}", "issuer": "IDN", "holder": f"Agent of {agency}"},
        "placement": {"destination": "MYS", "start": "2026-06-01", "agency": agency, **placement},
        "no_biometrics": "REFUSED",
    }
    headers = {"Idempotency-Key": secrets.token_hex(8), "Prefer": "wait=10"}
    return str((await api.ask(DESK, "POST", "/v1/registrations", json=body, headers=headers)).json()["registration"])


async def weigh(database: Database) -> None:
    with anyio.fail_after(30):
        while await _unchecked(database):  # noqa: ASYNC110  what is awaited is a row in the database
            await anyio.sleep(0.05)
    await Weighing(database).weigh(now())


async def _unchecked(database: Database) -> int:
    async with database.read() as session:
        query = select(func.count()).select_from(RegistrationRow).where(RegistrationRow.progress == "RECEIVED")
        return int((await session.scalars(query)).one())


async def flags(api: Api, party: str) -> dict[str, dict[str, Any]]:
    answer = (await api.ask(LABOUR, "GET", "/v1/red-flags", params={"party": party})).json()
    return {each["rule"]: each for each in answer["items"]}


async def complain(api: Api, party: str, offence: str) -> str:
    body = {"text": f"They did it. {secrets.token_hex(3)}", "offences": [offence]}
    answer = await api._http.post("/v1/public/complaints", json=body)
    assert answer.status_code == 201, answer.text
    newest = (await api.ask(LABOUR, "GET", "/v1/complaints")).json()["items"][0]["id"]
    await api.ask(LABOUR, "POST", f"/v1/complaints/{newest}/state", json={"state": "in_hand", "party": party})
    return str(newest)


async def test_what_registrations_raise_and_a_sealed_child_does_not(api, database):
    given = TERMS | {"wage": {"amount": 1000, "currency": "MYR"}}
    terms = {"promised": TERMS, "terms": given, "paid": {"amount": 3000, "currency": "MYR"}}
    workers = [await register(api, "agency-1", "+62 812 000 111", **terms) for _ in range(9)]
    child = await register(api, "agency-1", "0812 000111", born=f"{now().year - 15}-01-01", **terms)
    for number in range(4):
        await register(api, "agency-2", f"+62 813 000 {number:03d}", promised=TERMS, terms=TERMS)
    async with database.write() as session:  # as if they had come on nine days, not on one
        for number, worker in enumerate(workers):
            day = now() - timedelta(days=number)
            await session.execute(update(RegistrationRow).where(RegistrationRow.id == worker).values(created_at=day))
    await weigh(database)
    found = await flags(api, "agency-1")
    assert set(found) == {"contract_substitution", "one_holder", "fees_above_cap"}, "nine share a telephone: too few"
    assert (await flags(api, "agency-2")) == {}
    substituted = found["contract_substitution"]
    assert (substituted["strength"], substituted["at_least"]) == ("strong", {"compared": 5, "worse": 5})
    assert substituted["last_on"].endswith("-01"), "the month, and no day"
    text = (await api.ask(LABOUR, "GET", "/v1/red-flags")).text
    assert not any(told in text for told in (*workers, child, "Worker", "000111"))
    raised_on, tenth = substituted["raised_on"], await register(api, "agency-1", "0812-000111", **terms)
    await weigh(database)
    again = await flags(api, "agency-1")
    assert again["shared_contact"]["at_least"] == {"workers_with_one_telephone": 10}
    assert again["contract_substitution"]["raised_on"] == raised_on
    await api.ask(DESK, "POST", f"/v1/registrations/{tenth}/withdrawal", json={"reason": "WORKER_ASKED"})
    await weigh(database)
    assert "shared_contact" not in await flags(api, "agency-1"), "who withdrew counts no more"


async def test_what_is_told_twice_raises_a_flag_and_helps_to_ask(api, database):
    party = {"schema": "Company", "source": "Register", "properties": {"name": ["Cahaya"]}}
    await api.ask(REGISTRAR, "PUT", "/v1/parties/employer-1", json=party)
    opened = (await api.ask(LABOUR, "POST", "/v1/assessments", json={"employer": "employer-1", "child": "no"})).json()
    path = f"/v1/assessments/{opened['id']}"
    tick = {"code": "FL07", "answer": "yes", "confidence": "high"}
    await api.ask(LABOUR, "POST", f"{path}/answers", json={"ticks": [tick], "question": "papers_now"})
    complaint = await complain(api, "employer-1", "passport_retention")
    step = {"state": "referred", "assessment": opened["id"]}
    await api.ask(LABOUR, "POST", f"/v1/complaints/{complaint}/state", json=step)
    await weigh(database)
    assert await flags(api, "employer-1") == {}, "a complaint and the conversation that followed are one report"
    await complain(api, "employer-1", "passport_retention")
    await weigh(database)
    assert set(await flags(api, "employer-1")) == {"retained_passports"}
    other = (await api.ask(LABOUR, "POST", "/v1/assessments", json={"employer": "employer-1", "child": "no"})).json()
    told = (await api.ask(LABOUR, "GET", f"/v1/assessments/{other['id']}/red-flags")).json()
    assert [(each["rule"], each["ask"]) for each in told["items"]] == [("retained_passports", ["papers_now"])]
    assert other["lead"]["strength"] == "none"
    left = (await api.ask(LABOUR, "GET", f"{path}/red-flags")).json()["items"]
    assert left[0]["ask"] == [], "what is known is not asked again"
    for index, who in enumerate(OTHERS):
        for each in ("/v1/red-flags", "/v1/red-flag-rules", f"{path}/red-flags"):
            with pytest.raises(RefusedError) as refused:
                await api.ask(who, "GET", each)
            assert refused.value.status == 403, (index, each)


async def test_the_lists_page_and_the_rules_are_told(api, database):
    first = (await api.ask(LABOUR, "GET", "/v1/red-flags", params={"limit": 1})).json()
    second = (await api.ask(LABOUR, "GET", "/v1/red-flags", params={"limit": 200, "before": first["next"]})).json()
    everything = (await api.ask(LABOUR, "GET", "/v1/red-flags")).json()["items"]
    assert first["items"] + second["items"] == everything
    assert second["next"] is None
    one = (await api.ask(LABOUR, "GET", "/v1/red-flags", params={"rule": "one_holder"})).json()["items"]
    assert {each["rule"] for each in one} == {"one_holder"}
    rules = (await api.ask(LABOUR, "GET", "/v1/red-flag-rules")).json()["items"]
    assert len(rules) == 7
    assert all(rule["does_not_prove"] and rule["threshold"] for rule in rules)


async def test_the_next_night_is_promised_once(deployment, database):
    await promise_weighing(database)
    await promise_weighing(database)
    async with database.read() as session:
        due = (await session.scalars(select(JobRow.due_at).where(JobRow.kind == WEIGH_FLAGS_JOB))).all()
    assert len(due) == 1
    assert timedelta(0) < next_night(now()) - now() <= timedelta(days=1)
