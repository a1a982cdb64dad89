"""Caps: what is over them is refused with 429, a restart gives nobody a new day, and the operator moves them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from anyio import to_thread
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from services.cli.connection import Api, Identity, connect
from services.cli.program import main
from services.gateway.access.caps import CapExceededError, Caps, set_own_cap
from services.gateway.access.caps_rules import Count, Limit, cap_of, load_caps
from services.gateway.access.policy import Action, Kind
from services.gateway.audit.entries import Outcome
from services.gateway.audit.log import AuditLog
from shared.contracts.caller import Caller, Purpose, Role
from shared.db.database import Database, now
from shared.settings import Settings
from tests.conftest import ROOT

pytestmark = pytest.mark.anyio

LICENSING = Identity("licensing", Purpose.LICENCE_CHECK)
QUERY = {"queries": {"q": {"schema": "Company", "properties": {"name": ["Sinar Teduh"]}}}}


def caller(client: str = "c", user: str | None = None, role: Role = Role.LICENSING_OFFICER) -> Caller:
    return Caller(client_id=client, user=user, organisation="o", member="MYS", role=role)


@asynccontextmanager
async def counting(settings: Settings, factor: float = 1.0) -> AsyncIterator[tuple[Caps, AuditLog]]:
    database = Database(settings.database_url("gateway"))
    caps, log = Caps(database, factor), AuditLog(database, b"k" * 32)
    await caps.load()
    try:
        yield caps, log
    finally:
        await log.close()
        await database.close()


def test_every_action_has_a_cap() -> None:
    assert {cap_of(kind, action).name for kind in Kind for action in Action} <= {cap.name for cap in load_caps()}
    assert cap_of("party", "screen").limit(Role.LICENSING_OFFICER) == Limit(60, 2000)
    assert cap_of("party", "screen").limit(Role.MEMBER_SYSTEM).minute > 60


def test_the_document_has_the_numbers() -> None:
    text = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    rows = {row[0].strip(" `"): row for line in text.splitlines() if len(row := line.strip("| ").split(" | ")) == 5}
    for cap in load_caps():
        assert rows[cap.name][2:4] == [f"{cap.default.minute:,}", f"{cap.default.day:,}"], cap.name


NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@given(
    limit=st.integers(1, 50),
    steps=st.lists(st.floats(0, 90), min_size=1, max_size=200),
)
def test_a_minute_holds_about_its_limit_and_waiting_helps(limit: int, steps: list[float]) -> None:
    """Never more than twice the limit in any 60 s (at a steady rate: the limit), and Retry-After tells the truth."""
    count, at, taken = Count(NOON.date()), NOON, list[datetime]()
    allowed = Limit(limit, 10_000)
    for step in steps:
        at += timedelta(seconds=step)
        count.roll(at)
        wait = count.wait_s(allowed, at)
        if wait:
            later = at + timedelta(seconds=wait)
            count.roll(later)
            assert count.wait_s(allowed, later) == 0
            at = later
        count.add()
        taken.append(at)
        recent = [each for each in taken if each > at - timedelta(seconds=60)]
        assert len(recent) <= 2 * limit


def test_a_day_ends_at_midnight_utc() -> None:
    late = NOON.replace(hour=23, minute=59, second=30)
    count = Count(late.date())
    count.roll(late)
    count.add(5)
    assert count.wait_s(Limit(100, 5), late) == 30
    count.roll(late + timedelta(seconds=30))
    assert count.wait_s(Limit(100, 5), late + timedelta(seconds=30)) == 0


async def test_the_door_refuses_tells_why_and_when_and_writes_it_down(deployment: Settings) -> None:
    settings = deployment.model_copy(update={"cap_factor": 0.05})  # 3 screenings a minute, 100 a day
    async with connect(settings) as api:
        answer = await api.ask(LICENSING, "POST", "/match/default", json=QUERY)
        assert answer.headers["RateLimit-Policy"] == '"screening-minute";q=3;w=60, "screening-day";q=100;w=86400'
        assert answer.headers["RateLimit"].startswith('"screening-minute";r=2;t=60, "screening-day";r=99;t=')
        refused = await _until_refused(api)
        assert refused.headers["content-type"] == "application/problem+json"
        problem = refused.json()
        assert (problem["type"], problem["reason"]) == ("urn:lindung:problem:cap-exceeded", "screening")
        assert 1 <= int(refused.headers["Retry-After"]) <= 120
        assert (await api.ask(LICENSING, "GET", "/v1/parties")).status_code == 200  # another cap
        auditor = Identity("auditor", Purpose.AUDIT)
        entries = (await api.ask(auditor, "GET", "/v1/log/entries?limit=1000")).json()["entries"]
        assert [each["outcome"] for each in entries if each["action"] == "screen"][-1] == Outcome.REFUSED
    async with connect(settings) as api:  # a restart gives no new day
        await api.ask(LICENSING, "GET", "/v1/parties")
        left = (await _until_refused(api, fresh=False)).headers["RateLimit"]
        assert '"screening-day";r=9' in left


async def _until_refused(api: Api, *, fresh: bool = True) -> httpx.Response:
    for _ in range(8 if fresh else 1):
        answer = await api._send(LICENSING, "POST", "/match/default", json=QUERY)
        if answer.status_code == 429 or not fresh:
            return answer
    raise AssertionError("nothing was refused")


async def test_what_the_log_says_is_what_was_counted(deployment: Settings) -> None:
    """Counts of clients, people, members and records shown are the same after a restart."""
    people = [
        caller("desk", "anna"),
        caller("other", "anna"),
        caller("MYS:x", role=Role.PARTNER_MEMBER),
        caller("MYS:y", role=Role.PARTNER_MEMBER),
    ]
    async with counting(deployment) as (caps, log):
        for each in people:
            for number in range(3):
                await caps.take(each, "party", "screen")
                await log.append(each, "party", "screen", f"{number}".encode())
            caps.show(each, 2)
            await log.append(each, "party", "screen", [b"a", b"b"], Outcome.SHOWN)
            await log.append(each, "party", "screen", b"c", Outcome.REFUSED)
        before = {key: (count.used_today, count.used) for key, count in caps._counts.items() if count.used_today}
    assert before["person anna", "screening"][0] == 6
    assert before["member MYS", "screening"][0] == 6
    assert before["client desk", "shown"][0] == 2
    async with counting(deployment) as (caps, _):
        after = {key: count.used_today for key, count in caps._counts.items()}
    assert {key: number for key, number in after.items() if key in before} == {
        key: today for key, (today, _) in before.items()
    }


async def test_a_person_has_one_day_at_every_system(deployment: Settings) -> None:
    async with counting(deployment, 0.001) as (caps, _):  # 1 screening a minute
        await caps.take(caller("here", "budi"), "party", "screen")
        with pytest.raises(CapExceededError, match="a minute"):
            await caps.take(caller("there", "budi"), "party", "screen")


async def test_records_shown_are_capped_too(deployment: Settings) -> None:
    async with counting(deployment) as (caps, _):
        who = caller("lister")
        await caps.take(who, "party", "list")
        caps.show(who, 10_000)
        with pytest.raises(CapExceededError) as refused:
            await caps.take(who, "party", "list")
        assert refused.value.reason == "shown"


async def test_the_operator_raises_and_lowers_a_cap(deployment: Settings) -> None:
    async with counting(deployment) as (caps, _):
        await set_own_cap(caps._database, "known", "screening", Limit(1, 1))
        await caps.take(caller("known"), "party", "screen")
        with pytest.raises(CapExceededError, match="1 a minute"):
            await caps.take(caller("known"), "party", "screen")
        await set_own_cap(caps._database, "known", "screening", None)
        caps._read_at = now() - timedelta(minutes=1)
        await caps.take(caller("known"), "party", "screen")


async def test_the_command(deployment: Settings) -> None:
    environment = {
        "LINDUNG_VAR": str(deployment.var),
        "LINDUNG_GATEWAY_DATABASE_URL": deployment.gateway_database_url,
    }

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, words, env=environment)
        return done.exit_code, done.output

    async with connect(deployment):
        pass
    code, said = await to_thread.run_sync(lambda: run("client", "cap", "licensing", "screening", "--minute", "5"))
    assert (code, "5 a minute, 2000 a day" in said) == (0, True), said
    code, said = await to_thread.run_sync(lambda: run("client", "cap", "licensing", "screening", "--default", "--json"))
    assert (code, '"minute": 60' in said) == (0, True), said
    assert (await to_thread.run_sync(lambda: run("client", "cap", "nobody", "screening", "--minute", "5")))[0] == 1
    assert (await to_thread.run_sync(lambda: run("client", "cap", "licensing", "wishing", "--minute", "5")))[0] == 2
