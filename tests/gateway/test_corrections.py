"""Whoever received a record hears when it is so no longer: in order, once, however long they were away."""

import datetime as dt
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from services.gateway.corrections.clocks import Clocks, load_clocks
from services.gateway.corrections.recipients import recipients_of
from services.gateway.corrections.routes import open_corrections
from services.gateway.corrections.sender import OVERDUE, CorrectionSender, NotAcknowledgedError
from services.gateway.deliveries.ledger import Ledger, Recipient
from services.gateway.deliveries.tables import CorrectionRow, DeliveryRow, KnownChangeRow
from services.gateway.tables import FederationAlertRow
from shared.contracts.corrections import Change, CorrectedKind, CorrectionMessage, CorrectionReceipt, RecordChange
from shared.db.database import Database
from tests.conftest import Backend, MakeDeployment

pytestmark = pytest.mark.anyio

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DESK = Recipient("THA", "Licensing office")
THAILAND = Recipient("THA", "")


class Clock:
    """An instant that the test moves."""

    def __init__(self) -> None:
        self.instant = NOON

    def __call__(self) -> dt.datetime:
        return self.instant

    def go(self, **time: float) -> dt.datetime:
        self.instant += dt.timedelta(**time)
        return self.instant


@dataclass
class Member:
    """One member's ledger on its own database; `away`: it does not answer; `lost`: its answers do not arrive."""

    code: str
    database: Database
    clock: Clock
    away: bool = False
    lost: bool = False
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.database, self.clock)

    async def hear(self, source: str, message: CorrectionMessage) -> CorrectionReceipt:
        """As its door for other members does it."""
        if self.away:
            raise NotAcknowledgedError
        await self.ledger.spread(source, message.corrections)
        self.heard += [each.id for each in message.corrections]
        if self.lost:
            raise NotAcknowledgedError
        return CorrectionReceipt(acknowledged=[each.id for each in message.corrections])

    async def owed(self) -> list[tuple[str, str]]:
        async with self.database.read() as session:
            rows = (await session.scalars(sa.select(CorrectionRow).order_by(CorrectionRow.number))).all()
        return [(row.office, row.change_id) for row in rows]

    async def count(self, table: type[CorrectionRow | FederationAlertRow | KnownChangeRow | DeliveryRow]) -> int:
        async with self.database.read() as session:
            return (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()


@dataclass
class Pair:
    """Malaysia, whose register it is, and Thailand, who asked."""

    malaysia: Member
    thailand: Member
    clock: Clock

    @property
    def clocks(self) -> Clocks:
        return load_clocks()

    def sender(self) -> CorrectionSender:
        """A new one each time, as after a restart: nothing is kept in memory."""

        async def tell(_member: str, message: CorrectionMessage) -> CorrectionReceipt:
            return await self.thailand.hear("MYS", message)

        return CorrectionSender(self.malaysia.database, tell, self.clocks, self.clock)

    async def told(self, *parties: str) -> None:
        """Thailand's office screens, Malaysia answers."""
        asked_at = self.clock()
        await self.malaysia.ledger.deliver(THAILAND, {"MYS": parties}, asked_at)
        await self.thailand.ledger.deliver(DESK, {"MYS": parties}, asked_at)


@pytest.fixture(scope="module")
async def databases(make_deployment: MakeDeployment, backend: Backend) -> AsyncIterator[list[Database]]:
    opened = [Database(make_deployment(backend).database_url("gateway")) for _ in range(2)]
    yield opened
    for database in opened:
        await database.close()


@pytest.fixture
async def pair(databases: list[Database]) -> Pair:
    clock = Clock()
    for database in databases:
        async with database.write() as session:
            for table in (CorrectionRow, FederationAlertRow, KnownChangeRow, DeliveryRow):
                await session.execute(sa.delete(table))
    malaysia, thailand = (Member(code, each, clock) for code, each in zip(("MYS", "THA"), databases, strict=True))
    return Pair(malaysia, thailand, clock)


def a_change(number: int, party: str = "p1", change: Change = Change.FELL_AWAY, days: float = -30) -> RecordChange:
    return RecordChange(
        id=f"{number}/case/c{number}", kind=CorrectedKind.CASE, record=f"c{number}", party=party, change=change,
        since=NOON + dt.timedelta(days=days), at=NOON,
    )  # fmt: skip


async def test_a_correction_reaches_the_office_that_was_told_through_its_member(pair: Pair) -> None:
    await pair.told("p1", "p2")
    assert await pair.malaysia.ledger.spread("MYS", [a_change(1), a_change(2, "untold")]) == 2
    assert await pair.malaysia.owed() == [("", "1/case/c1")]
    assert await pair.sender().send_due() == 1
    assert await pair.thailand.owed() == [(DESK.office, "1/case/c1")]
    assert (await open_corrections(pair.malaysia.database)).results == []
    assert [each.office for each in (await open_corrections(pair.thailand.database)).results] == [DESK.office]


async def test_who_received_a_party_and_what_they_have_yet_to_acknowledge(pair: Pair) -> None:
    await pair.told("p1", "p2")
    pair.clock.go(hours=1)
    other = Recipient("MYS", "Labour office")
    await pair.malaysia.ledger.deliver(other, {"MYS": ["p1"]}, pair.clock())
    await pair.malaysia.ledger.spread("MYS", [a_change(1), a_change(2, "p2")])
    found = await recipients_of(pair.malaysia.database, "MYS", "p1")
    told = [(each.member, each.office, [owed.record for owed in each.corrections]) for each in found.results]
    assert told == [("MYS", "Labour office", ["c1"]), ("THA", "", ["c1"])]
    assert [each.told_at for each in found.results] == [NOON + dt.timedelta(hours=1), NOON]
    await pair.sender().send_due()
    again = await recipients_of(pair.malaysia.database, "MYS", "p1")
    assert [each.corrections for each in again.results if each.member == "THA"] == [[]]
    assert (await recipients_of(pair.malaysia.database, "THA", "p1")).results == []


async def test_a_member_that_is_down_for_days_hears_everything_in_order(pair: Pair) -> None:
    await pair.told("p1")
    pair.thailand.away = True
    for number in range(1, 121):  # more than two messages
        await pair.malaysia.ledger.spread("MYS", [a_change(number)])
    tries = []
    for _ in range(9 * 24):  # nine days, looked at each hour
        pair.clock.go(hours=1)
        assert await pair.sender().send_due() == 0
        await pair.sender().escalate()
        (first, *_) = (await open_corrections(pair.malaysia.database)).results
        tries.append(first.tries)
    assert tries[0] < tries[-1] <= 9 * 24
    assert pair.thailand.heard == []
    assert await pair.malaysia.count(FederationAlertRow) == 1  # one alert, not one a correction
    assert all(each.overdue for each in (await open_corrections(pair.malaysia.database)).results)
    pair.thailand.away = False
    pair.clock.go(hours=1)
    assert await pair.sender().send_due() == 120
    assert pair.thailand.heard == [f"{number}/case/c{number}" for number in range(1, 121)]
    assert [change for _, change in await pair.thailand.owed()] == pair.thailand.heard
    assert await pair.sender().escalate() == 0


async def test_tries_are_further_and_further_apart(pair: Pair) -> None:
    await pair.told("p1")
    pair.thailand.away = True
    await pair.malaysia.ledger.spread("MYS", [a_change(1)])
    sender, tried = pair.sender(), []
    for second in range(0, 3600, 5):
        await sender.send_due()
        (waiting,) = (await open_corrections(pair.malaysia.database)).results
        tried += [second] if waiting.tries > len(tried) else []
        pair.clock.go(seconds=5)
        if len(tried) == 6:
            break
    gaps = [later - earlier for earlier, later in itertools.pairwise(tried)]
    assert gaps == [5, 10, 20, 40, 80]
    assert pair.clocks.retry(40) == pair.clocks.longest_retry


async def test_a_sender_killed_between_sending_and_noting_sends_again_and_nobody_hears_twice(pair: Pair) -> None:
    await pair.told("p1")
    await pair.malaysia.ledger.spread("MYS", [a_change(1), a_change(2)])
    pair.thailand.lost = True  # it kept them; the answer never came
    assert await pair.sender().send_due() == 0
    pair.thailand.lost = False
    pair.clock.go(minutes=1)
    assert await pair.sender().send_due() == 2
    assert len(pair.thailand.heard) == 4
    assert await pair.thailand.owed() == [(DESK.office, "1/case/c1"), (DESK.office, "2/case/c2")]


async def test_the_same_change_twice_is_one(pair: Pair) -> None:
    await pair.told("p1")
    assert [await pair.malaysia.ledger.spread("MYS", [a_change(1)]) for _ in range(3)] == [1, 0, 0]
    assert await pair.malaysia.owed() == [("", "1/case/c1")]


async def test_what_was_told_after_the_question_was_never_received(pair: Pair) -> None:
    """Who asked before a case was first told hears nothing of its end: they would learn that there was one."""
    await pair.told("p1")
    await pair.malaysia.ledger.spread("MYS", [a_change(1, days=+1), a_change(2)])
    assert await pair.malaysia.owed() == [("", "2/case/c2")]


async def test_a_change_that_overtakes_the_answer_is_owed_too(pair: Pair) -> None:
    asked_at = pair.clock()
    pair.clock.go(seconds=1)
    await pair.malaysia.ledger.spread("MYS", [a_change(1)])  # after the register was read, before it is noted
    pair.clock.go(seconds=1)
    await pair.malaysia.ledger.deliver(THAILAND, {"MYS": ["p1"]}, asked_at)
    assert await pair.malaysia.owed() == [("", "1/case/c1")]
    await pair.malaysia.ledger.deliver(THAILAND, {"MYS": ["p1"]}, pair.clock())  # asked after it: was told right
    assert len(await pair.malaysia.owed()) == 1


async def test_an_office_that_does_not_acknowledge_raises_an_alert(pair: Pair) -> None:
    await pair.told("p1")
    await pair.thailand.ledger.spread("MYS", [a_change(1)])
    sender = CorrectionSender(pair.thailand.database, pair.thailand.hear, pair.clocks, pair.clock)
    pair.clock.go(days=6)
    assert await sender.escalate() == 0
    pair.clock.go(days=2)
    assert [await sender.escalate(), await sender.escalate()] == [1, 0]
    async with pair.thailand.database.read() as session:
        (alert,) = (await session.scalars(sa.select(FederationAlertRow))).all()
    assert (alert.kind, alert.detail) == (OVERDUE, {"office": DESK.office, "corrections": "1"})


async def test_what_is_over_is_forgotten_and_what_is_open_is_not(pair: Pair) -> None:
    await pair.told("p1")
    await pair.malaysia.ledger.spread("MYS", [a_change(1), a_change(2, "nobody")])
    pair.clock.go(days=401)
    await pair.sender().forget()
    assert [await pair.malaysia.count(table) for table in (KnownChangeRow, CorrectionRow)] == [1, 1]
    await pair.sender().send_due()
    pair.clock.go(days=1826)
    await pair.sender().forget()
    counts = [await pair.malaysia.count(table) for table in (KnownChangeRow, CorrectionRow, DeliveryRow)]
    assert counts == [0, 0, 0]
