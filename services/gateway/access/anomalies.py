"""The rules over the log at work: entry after entry, day after day, and again from the day's first after a restart."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, timedelta
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.access.alert_tables import AlertRow, InterestRow, PersonDayRow, WatchedDayRow
from services.gateway.access.anomaly_rules import Alarm, Day, Habit, Look, load_numbers
from services.gateway.access.policy import Kind
from services.gateway.tables import AuditRow
from shared.db.database import Database
from shared.http.background import run_alongside

LOOK_EVERY_S: Final = 60.0
_PAGE: Final = 5_000
_HABIT: Final = timedelta(days=28)
_ONE: Final = 1

log = structlog.get_logger(__name__)


class LogWatch:
    """Reads the log and keeps what the rules find.

    Where it is lies in the database: the open day and its first entry. A day's state is made of the day's entries, so
    nothing else needs to be kept, and an alarm that was raised before is not raised again.

    Args:
        database: the gateway's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._day: Day | None = None
        self._next = 1

    async def look(self) -> list[Alarm]:
        """Go on to the end of the log.

        Returns:
            What is new.
        """
        found: list[Alarm] = []
        async with self._database.read() as session:
            near = {(row.who, row.subject_digest): row.told_at for row in await session.scalars(select(InterestRow))}
        while looks := await self._page():
            alarms: list[Alarm] = []
            for look in looks:
                day = await self._day_of(look)
                alarms += day.see(look, near)
            found += await self._keep(alarms)
            self._next = looks[-1].number + 1
        return found

    async def _page(self) -> Sequence[Look]:
        async with self._database.read() as session:
            if self._day is None and (at := await session.get(WatchedDayRow, _ONE)) is not None:
                self._day, self._next = Day(at.day, await _habits(session, at.day)), at.first_entry
            query = (
                select(AuditRow)
                .where(AuditRow.number >= self._next, AuditRow.number < self._next + _PAGE)
                .order_by(AuditRow.number)
            )
            return [_look(row) for row in await session.scalars(query)]

    async def _day_of(self, look: Look) -> Day:
        """The day of an entry; the one before is closed when it is another."""
        today = look.at.astimezone(UTC).date()
        if self._day is None or today > self._day.day:
            async with self._database.write() as session:
                await _close(session, self._day)
                await session.merge(WatchedDayRow(one=_ONE, day=today, first_entry=look.number))
                await session.flush()
                self._day = Day(today, await _habits(session, today))
        return self._day

    async def _keep(self, alarms: Sequence[Alarm]) -> list[Alarm]:
        if not alarms:
            return []
        async with self._database.write() as session:
            known = set(await session.scalars(select(AlertRow.id).where(AlertRow.id.in_([each.id for each in alarms]))))
            new = [alarm for alarm in alarms if alarm.id not in known]
            session.add_all(_row(alarm) for alarm in new)
        return new


async def _close(session: AsyncSession, day: Day | None) -> None:
    if day is not None:
        for person, worked in day.worked().items():
            await session.merge(PersonDayRow(person=person, day=day.day, **vars(worked)))


async def _habits(session: AsyncSession, today: date) -> dict[str, Habit]:
    query = select(PersonDayRow).where(PersonDayRow.day < today, PersonDayRow.day >= today - _HABIT)
    late = load_numbers()["out_of_hours"]["requests"]
    habits: dict[str, Habit] = {}
    for row in await session.scalars(query):
        known = habits.get(row.person, Habit())
        habits[row.person] = Habit(
            (*known.busiest, row.busiest), (*known.repeats, row.repeats), known.late_days + (row.late >= late)
        )
    return habits


def _look(row: AuditRow) -> Look:
    return Look(
        row.number, row.at, row.user_id or row.client_id, row.organisation, row.member, row.role,
        row.action if row.kind in set(Kind) else "", row.outcome, row.subject_digest,
    )  # fmt: skip


def _row(alarm: Alarm) -> AlertRow:
    look = alarm.look
    return AlertRow(
        id=alarm.id,
        at=look.at,
        rule=alarm.rule.value,
        person=look.person,
        organisation=look.organisation,
        member=look.member,
        role=look.role,
        entry=look.number,
        number=alarm.number,
    )


@asynccontextmanager
async def watch_log(database: Database, metrics: CollectorRegistry) -> AsyncIterator[None]:
    """Look at the log while the block runs."""
    raised = Counter("lindung_alerts_total", "Alerts raised by rules over the log", ["rule"], registry=metrics)
    async with run_alongside(_watch(LogWatch(database), raised)):
        yield


async def _watch(watch: LogWatch, raised: Counter) -> None:
    while True:
        try:
            for alarm in await watch.look():
                raised.labels(alarm.rule.value).inc()
                log.warning("alert", rule=alarm.rule.value, entry=alarm.look.number)
        except SQLAlchemyError as error:
            log.error("log_not_watched", error=type(error).__name__)  # the next minute tries again
        await asyncio.sleep(LOOK_EVERY_S)
