"""What is erased when its time is over, what stays, and what nobody touches: through the gateway's door."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import structlog
from hypothesis import given
from hypothesis import strategies as st

from services.cli.connection import Api, Identity, RefusedError
from services.cli.preparation import prepare
from services.gateway.audit import erasures
from services.gateway.audit.erasures import log_erasures
from services.gateway.audit.verification import verify_log
from services.gateway.tables import AuditRow
from services.registry.clocks import Clock, Term, term
from services.registry.keeping import LONGEST_HOLD, HoldRefusedError, check_hold
from services.registry.redress.claim_rows import note
from services.registry.redress.fund_tables import FundPaymentRow
from services.registry.redress.offices import RedressOffice
from services.registry.redress.reporting import donor_report
from services.registry.redress.tables import ClaimEventRow, ClaimRow
from services.registry.redress.verification import verify_ledger
from services.registry.retention.sweeping import Retention
from services.registry.retention.tables import ErasureRow
from services.registry.schema import metadata
from services.registry.support.tables import SupportCaseRow, SupportEventRow, SupportServiceRow
from services.standalone import create_app
from shared.contracts.caller import Purpose
from shared.contracts.redress import ClaimMove
from shared.crypto.keyfiles import load_trusted
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.rewrapping import rewrap_all
from shared.http.client import ServiceUnavailableError
from shared.settings import Settings

pytestmark = pytest.mark.anyio

ANA, BEA = (Identity(name, Purpose.VICTIM_SUPPORT) for name in ("victim-support", "victim-support-2"))
CHILD = Identity("child-protection", Purpose.CHILD_PROTECTION)
TODAY = now().date()
LONG_AGO = now() - timedelta(days=4000)
FIVE_YEARS, TEN_YEARS = timedelta(days=1829), timedelta(days=3700)
OFFICER = {"ground": "officer", "found_on": str(TODAY), "reason": "She asked for help.", "language": "id"}
WAGES = {"wage": 100_000, "period": "month", "hours_a_day": 8, "days_a_week": 6}
MONTHS = {"months": [{"month": "2026-01", "worked": 1}]}
CASES, CLAIMS, PAYMENTS = "/v1/support-cases", "/v1/claims", "/v1/fund/payments"


class Shelter:
    """Two people of one office, and the databases behind them."""

    def __init__(self, api: Api, settings: Settings, app: Any) -> None:
        self.api, self.settings, self.app = api, settings, app
        self.database = Database(settings.database_url("registry"))
        self.keys = KeyRing.load(settings.key_folder / "registry-sealing.json")

    async def post(self, path: str, who: Identity = ANA, key: str = "", **body: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return (await self.api.ask(who, "POST", path, json=body, headers=headers)).json()

    async def get(self, path: str, who: Identity = ANA) -> Any:
        return (await self.api.ask(who, "GET", path)).json()

    async def refused(self, method: str, path: str, who: Identity = ANA, **body: Any) -> tuple[int, str, str]:
        with pytest.raises(RefusedError) as error:
            await self.api.ask(who, method, path, json=body or None)
        problem = error.value.problem
        return error.value.status, str(problem["type"]).rpartition(":")[2], str(problem.get("detail"))

    async def closed_case(self) -> str:
        """A case with something in it of the person."""
        path = f"{CASES}/{(await self.post(CASES, **OFFICER, child='no', called='Melati'))['id']}"
        planned = await self.post(f"{path}/services", service="medical")
        service = f"{path}/services/{planned['content']['services'][0]['id']}"
        await self.post(f"{service}/moves", move="drop", outcome="not_needed")
        return await self.close(path)

    async def childs_case(self) -> str:
        """A case of which only the conversation that it came of says that it is a child's."""
        begun = await self.post("/v1/assessments", language="id", child="unknown")
        ticks = [{"code": "FL07", "answer": "yes", "confidence": "high"}]
        await self.post(f"/v1/assessments/{begun['id']}/answers", ticks=ticks)
        lead = {"ground": "lead", "assessment": begun["id"], "found_on": str(TODAY), "language": "id"}
        path = f"{CASES}/{(await self.post(CASES, **lead))['id']}"
        told = {"child": "yes", "recruited_or_moved": "unknown"}
        await self.api.ask(ANA, "POST", f"/v1/assessments/{begun['id']}/person", json=told)
        return path

    async def close(self, path: str, who: Identity = ANA) -> str:
        closed = await self.post(f"{path}/close", who, reason="She is well.")
        assert closed["content"]["keeping"]["until"] == str(term("IDN", Clock.SUPPORT_CLOSED).last_day(TODAY))
        return path

    async def claim(self, *moves: str, forum: str = "labour", about: str | None = None) -> str:
        """A claim, granted and then moved."""
        body = {"forum": forum, "currency": "IDR", "wages": WAGES | MONTHS, "note": "Her diary.", "about": about}
        path = f"{CLAIMS}/{(await self.post(CLAIMS, **body))['id']}"
        told = {"day": str(TODAY), "authority": "Labour court of Batam", "reference": "7/2026"}
        for move in ("file", "hear"):
            await self.post(f"{path}/moves", move=move, **told)
        await self.post(f"{path}/decisions", outcome="granted", **told)
        for move in moves:
            await self.post(f"{path}/moves", move=move, **told)
        return path

    async def paid(self, key: str, **body: Any) -> str:
        """A payment of the fund that two people made."""
        told = {"currency": "IDR", "amount": 100_000, "payee": "Account 77-1", "note": "By hand."} | body
        path = f"{PAYMENTS}/{(await self.post(PAYMENTS, ANA, key, **told))['id']}"
        await self.post(f"{path}/release", BEA)
        return path

    async def erase(self, later: timedelta = timedelta()) -> Mapping[str, int]:
        erased = await Retention(self.database, self.keys, lambda: now() + later).erase_due()
        return {kind.value: number for kind, number in erased.items()}

    async def age(self, claim: str) -> None:
        """What was done with a claim was done long ago; holds are of today."""
        seq = (await self.row(ClaimRow, claim)).seq
        done = sa.func.coalesce(ClaimEventRow.move, "") != "hold"
        await self.set(sa.update(ClaimEventRow).where(ClaimEventRow.claim_seq == seq, done).values(at=LONG_AGO))

    async def erase_waits(self) -> None:
        """Somebody waits for a lock (PostgreSQL); on SQLite nobody sees anything before the lock is there."""
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        async with asyncio.timeout(20), self.database.read() as session:
            while self.database.engine.name == "postgresql" and not await session.scalar(waiting):
                pass

    async def set(self, statement: Any) -> None:
        async with self.database.write() as session:
            await session.execute(statement)

    async def row(self, table: Any, path: str) -> Any:
        async with self.database.read() as session:
            return (await session.scalars(sa.select(table).where(table.id == path.rpartition("/")[2]))).one()

    async def count(self, table: Any, *conditions: Any) -> int:
        async with self.database.read() as session:
            return await session.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0


@pytest.fixture(scope="module")
async def shelter(deployment: Settings) -> AsyncIterator[Shelter]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(erasures, "CHECK_S", 3600.0)  # the test says when
        await prepare(deployment)
        app = create_app(deployment)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(base_url=deployment.public_url, transport=transport) as http,
        ):
            opened = Shelter(Api(http, deployment), deployment, app)
            yield opened
            await opened.database.close()


async def test_a_closed_case_is_erased_and_what_still_goes_on_is_not(shelter: Shelter) -> None:
    over, held, appealed, promised, opened = [await shelter.closed_case() for _ in range(4)] + [
        f"{CASES}/{(await shelter.post(CASES, **OFFICER, child='no'))['id']}"
    ]
    child = await shelter.childs_case()
    await shelter.post(f"{child}/manager", CHILD, person="child-protection", reason="I take it.")
    await shelter.close(child, CHILD)

    too_long = {"until": str(TODAY + LONGEST_HOLD + timedelta(days=1)), "reason": "A court asks."}
    assert (await shelter.refused("POST", f"{held}/hold", **too_long))[:2] == (422, "hold-refused")
    until = str(TODAY + LONGEST_HOLD)
    assert (await shelter.refused("POST", f"{held}/hold", BEA, until=until, reason="Mine."))[:2] == (
        403,
        "not-case-manager",
    )
    kept = await shelter.post(f"{held}/hold", until=until, reason="A court asks.")
    assert (kept["content"]["keeping"]["held_until"], kept["content"]["keeping"]["confirmed"]) == (until, False)
    assert kept["content"]["events"][-1]["kind"] == "hold"
    await shelter.claim("appeal", about=appealed.rpartition("/")[2])
    await shelter.post("/v1/fund/contributions", ANA, "gift", currency="IDR", amount=1_000_000, donor="donor-1")
    about = promised.rpartition("/")[2]
    body = {"currency": "IDR", "amount": 1, "kind": "travel", "about": about, "payee": "Account 77-2"}
    await shelter.post(PAYMENTS, ANA, "promise", **body)

    undated = sa.update(SupportCaseRow).where(SupportCaseRow.id == over.rpartition("/")[2]).values(closed_at=None)
    await shelter.set(undated)  # as the former version closes it

    assert await shelter.erase() == {}, "today nothing is due"
    assert (await shelter.get(over))["content"]["keeping"]["until"] == str(
        term("IDN", Clock.SUPPORT_CLOSED).last_day(TODAY)
    )
    assert await shelter.erase(FIVE_YEARS) == {"support_closed": 2}
    assert await shelter.erase(FIVE_YEARS) == {}
    status, problem, detail = await shelter.refused("GET", over)
    assert (status, problem) == (410, "erased")
    assert f"erased on {(now() + FIVE_YEARS).date()}" in detail
    for who, path in ((BEA, f"{over}/manager"), (ANA, f"{over}/hold")):
        step = {"person": "x", "reason": "Why not?"} if path.endswith("manager") else {"until": None, "reason": "Why?"}
        assert (await shelter.refused("POST", path, who, **step))[0] == 410
    listed = {each["id"]: each["erased_on"] for each in (await shelter.get(f"{CASES}?limit=200"))["items"]}
    assert {f"{CASES}/{each}" for each, day in listed.items() if day} == {over}
    for path in (held, appealed, promised, opened):
        assert (await shelter.get(path))["content"]["events"]

    row = await shelter.row(SupportCaseRow, over)
    assert (row.content, row.registration, row.assessment, row.referral) == (b"", None, None, None)
    for table in (SupportServiceRow, SupportEventRow):
        assert await shelter.count(table, table.case_seq == row.seq) == 0
    left = await shelter.row(SupportCaseRow, child)
    assert (left.assessment, left.child) == (None, "yes")
    assert (await shelter.refused("GET", child))[0] == 404, "still child protection's"
    assert (await shelter.refused("GET", child, CHILD))[0] == 410


async def test_claims_and_payments_lose_the_person_and_the_ledger_adds_up(shelter: Shelter) -> None:
    await shelter.post("/v1/fund/contributions", ANA, "gift-2", currency="IDR", amount=1_000_000, donor="donor-1")
    case = await shelter.closed_case()
    about = case.rpartition("/")[2]
    fund = await shelter.claim(forum="fund", about=about)
    award = await shelter.paid("award", kind="award", claim=fund.rpartition("/")[2])
    travel = await shelter.paid("travel", kind="travel", about=about)
    refused = await shelter.claim("appeal")
    held = await shelter.claim("close")
    assert (await shelter.get(held))["keeping"]["until"] == str(term("IDN", Clock.CLAIM_ENDED).last_day(TODAY))
    until = str(TODAY + timedelta(days=30))
    assert (await shelter.post(f"{held}/hold", until=until, reason="A court asks."))["state"] == "closed"
    was = await _report(shelter)

    for path in (fund, held, refused):
        await shelter.age(path)
    await shelter.set(sa.update(SupportCaseRow).where(SupportCaseRow.id == about).values(closed_at=LONG_AGO))
    assert await shelter.erase() == {}, "held, appealed, or paid just now"
    assert (await shelter.post(f"{held}/hold", until=None, reason="It is over."))["keeping"]["held_until"] is None
    assert await shelter.erase() == {"claim_ended": 1}
    await shelter.erase(TEN_YEARS)

    for path in (fund, held):
        assert (await shelter.refused("GET", path))[:2] == (410, "erased")
        assert (await shelter.refused("POST", f"{path}/moves", move="close", day=str(TODAY)))[0] == 410
    assert (await shelter.refused("GET", case))[0] == 410
    assert (await shelter.get(refused))["note"] == "Her diary.", "an appeal is never erased under the person"
    (found,) = [each for each in (await shelter.get(f"{CLAIMS}?limit=200"))["items"] if fund.endswith(each["id"])]
    assert (found["granted"], found["received"], found["state"]) == (100_000, 100_000, "paid")
    assert (found["about"], found["against"]) == (None, None)
    assert found["erased_on"]
    for path in (award, travel):
        payment = await shelter.get(path)
        assert (payment["amount"], payment["state"], len(payment["postings"])) == (100_000, "released", 2)
        assert (payment["payee"], payment["note"], payment["about"]) == (None, None, None)
        assert (await shelter.row(FundPaymentRow, path)).told == b""
    assert (
        await shelter.count(ClaimEventRow, ClaimEventRow.told.is_not(None), _of(await shelter.row(ClaimRow, fund))) == 0
    )
    assert (await verify_ledger(shelter.database)).ok
    assert await _report(shelter) == was, "donors are told what they were told"

    (release,) = [
        each for each in (await shelter.get("/v1/fund/ledger"))["items"]
        if each["kind"] == "release" and each["id"] in (await shelter.get(award))["postings"]
    ]  # fmt: skip
    await shelter.post(f"/v1/fund/postings/{release['id']}/reversal", reason="returned_by_bank")
    assert (await verify_ledger(shelter.database)).ok
    subjects = {(await shelter.row(FundPaymentRow, path)).subject for path in (award, travel)}
    assert len(subjects) == len(subjects - {about}) == 1, "one person still, and nothing leads to the case"
    await rewrap_all(shelter.database, metadata, shelter.keys)


async def test_what_a_payment_was_about_is_named_until_the_last_is_erased(shelter: Shelter) -> None:
    await shelter.post("/v1/fund/contributions", ANA, "gift-3", currency="IDR", amount=1_000_000, donor="donor-1")
    complaint = "complaint-7"
    told = {"currency": "IDR", "amount": 1, "kind": "travel", "about": complaint, "payee": "Account 77-3"}
    paths = [await shelter.paid("first", **told)]
    paths.append(f"{PAYMENTS}/{(await shelter.post(PAYMENTS, ANA, 'second', **told))['id']}")

    async def subjects() -> list[str]:
        return [(await shelter.row(FundPaymentRow, path)).subject for path in paths]

    await shelter.erase(TEN_YEARS)
    assert (await shelter.get(paths[0]))["erased_on"]
    assert await subjects() == [complaint] * 2, "to donors it is one person"
    await shelter.post(f"{paths[1]}/release", BEA)
    was = await _report(shelter)
    await shelter.erase(TEN_YEARS)
    assert len(set(await subjects()) - {complaint}) == 1
    assert await _report(shelter) == was


async def test_papers_are_something_done_also_while_the_claim_is_about_to_be_erased(shelter: Shelter) -> None:
    claim = await shelter.claim("close")
    await shelter.age(claim)
    async with shelter.database.write() as session:
        row = (await session.scalars(sa.select(ClaimRow).where(_is(claim)).with_for_update())).one()
        note(session, row, ClaimMove.ADD, "victim-support")
        await session.flush()
        erasing = asyncio.create_task(shelter.erase())
        await shelter.erase_waits()
    assert await erasing == {}, "asked again when the lock was there"

    await shelter.age(claim)
    papers = [{"kind": "payslip", "digest": "a" * 64}]
    for _ in range(2):
        kept = await shelter.post(f"{claim}/documents", documents=papers)
    assert [each["move"] for each in kept["events"]].count("add") == 2, "the same again is nothing done"
    assert kept["keeping"]["until"] == str(term("IDN", Clock.CLAIM_ENDED).last_day(TODAY))
    assert await shelter.erase() == {}


async def test_what_fails_of_one_member_stops_no_other(shelter: Shelter) -> None:
    await shelter.closed_case()
    other = {"member": "ZZZ", "organisation": "x", "kind": "wages", "forum": "labour", "state": "closed"}
    empty = {"currency": "IDR", "claimed": 1, "received": 0, "wrapped_key": b"", "content": b"", "opened_at": LONG_AGO}
    await shelter.set(sa.insert(ClaimRow).values(id="C-without-key", **other, **empty))
    with structlog.testing.capture_logs() as logged:
        assert (await shelter.erase(FIVE_YEARS))["support_closed"] >= 1
    (failed,) = [each for each in logged if each["event"] == "retention_failed"]
    assert (failed["member"], failed["clock"]) == ("ZZZ", "claim_ended")
    await shelter.set(sa.delete(ClaimRow).where(ClaimRow.id == "C-without-key"))


class Unsettled:
    """The registry, as it tells what was erased and cannot be told that the log has it."""

    def __init__(self, registry: Any) -> None:
        self._registry = registry

    async def request(self, caller: Any, method: str, path: str, **more: Any) -> Any:
        if method == "POST":
            raise ServiceUnavailableError("registry")
        return await self._registry.request(caller, method, path, **more)


async def test_the_log_has_the_counts_once(shelter: Shelter) -> None:
    await shelter.closed_case()
    number = (await shelter.erase(FIVE_YEARS))["support_closed"]
    state = shelter.app.state
    written: set[int] = set()
    for _ in range(2):
        with pytest.raises(ServiceUnavailableError):
            await log_erasures(Unsettled(state.registry), state.audit_log, "IDN", written)  # type: ignore[arg-type]
    assert len(written) == 1, "one is in the log, and the next waits until that is settled"
    assert await log_erasures(state.registry, state.audit_log, "IDN", written) >= 1
    assert await log_erasures(state.registry, state.audit_log, "IDN", written) == 0
    assert written == set()
    gateway = Database(shelter.settings.database_url("gateway"))
    async with gateway.read() as session:
        rows = (
            await session.scalars(sa.select(AuditRow).where(AuditRow.kind == "retention").order_by(AuditRow.number))
        ).all()
    assert len(rows) == await shelter.count(ErasureRow)
    assert (rows[-1].action, rows[-1].case_reference, rows[-1].user_id) == ("erase", f"{number} support_closed", None)
    assert (await verify_log(gateway, load_trusted(shelter.settings.key_folder / "trusted.jwks"))).ok
    await gateway.close()
    labour = Identity("labour", Purpose.LABOUR_INSPECTION)
    assert (await shelter.refused("GET", "/v1/region/erasures", labour))[0] == 404, "no door leads there"


@given(
    amount=st.integers(min_value=0, max_value=200), unit=st.sampled_from(["days", "months"]),
    today=st.dates(date(2000, 1, 1), date(2100, 1, 1)), back=st.integers(min_value=-5, max_value=7000),
)  # fmt: skip
def test_what_began_until_the_last_day_that_is_over_is_over_and_no_more(
    amount: int, unit: str, today: date, back: int
) -> None:
    clock = Term(amount, unit, "ours", "unconfirmed")
    last = clock.last_over(today)
    assert last is not None
    for begin in (today - timedelta(days=back), last, last + timedelta(days=1)):
        assert ((clock.last_day(begin) or today) < today) == (begin <= last)


def test_no_clock_erases_nothing_and_no_hold_is_for_ever() -> None:
    assert Term(None, "months", "none", "unconfirmed").last_over(TODAY) is None
    check_hold(None, TODAY)
    check_hold(TODAY + LONGEST_HOLD, TODAY)
    for day in (TODAY - timedelta(days=1), TODAY + LONGEST_HOLD + timedelta(days=1)):
        with pytest.raises(HoldRefusedError):
            check_hold(day, TODAY)


def _is(path: str) -> Any:
    return ClaimRow.id == path.rpartition("/")[2]


def _of(row: ClaimRow) -> Any:
    return ClaimEventRow.claim_seq == row.seq


async def _report(shelter: Shelter) -> Any:
    office = RedressOffice("victim-support", "IDN", "local victim_support")
    until = datetime(now().year + 1, 1, 1, tzinfo=now().tzinfo)
    return await donor_report(shelter.database, office, now().year, until)
