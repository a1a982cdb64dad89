"""Flags weighed anew: every night, so that no flag's day tells of the complaint behind it, and by command."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.documents.tables import AgencyCandidateRow
from services.registry.redflags import gathering, registered, reported
from services.registry.redflags.facts import WINDOW, Found, at_least, month
from services.registry.redflags.tables import RedFlagRow
from services.registry.workers.heaping import heaps
from services.registry.workers.placed import count_placed
from services.registry.workers.tables import JobRow
from shared.contracts.cases import Offence
from shared.db.database import Database, now
from shared.db.jobs import Handler, enqueue

WEIGH_FLAGS_JOB: Final = "weigh_red_flags"
_HOUR_UTC: Final = 18
"""Night in the region: 1 to 3 o'clock."""


class Weighing:
    """Weighs the flags of every member.

    Args:
        database: the registry's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def weigh(self, at: datetime) -> int:
        """Apply every rule and keep what holds; what holds no more is gone.

        Returns:
            How many flags stand.
        """
        found = await self.find(at)
        try:
            await self._keep(found, at)
        except IntegrityError:  # somebody else weighed at the same time
            await self._keep(found, at)
        return sum(map(len, found.values()))

    async def find(self, at: datetime) -> Mapping[str, list[Found]]:
        """What holds, by member."""
        since, found = at - WINDOW, {}
        async with self._database.read() as session:
            complained = await gathering.complaints(session, since)
            retained = await gathering.retentions(session, since)
            several = list(reported.several_members([each.report for each in complained]))
            for member in await gathering.members(session):
                own = [each for each in complained if each.report.member == member]
                concerned = {each.report.party for each in own}
                kept = [*retained, *gathering.of(Offence.PASSPORT_RETENTION, own)]
                found[member] = [
                    *await self._registered(session, member, since),
                    *registered.fees(
                        await gathering.tallies(
                            session, member, since, AgencyCandidateRow.agency, AgencyCandidateRow.above_cap
                        ),
                        gathering.of(Offence.EXCESSIVE_FEES, own),
                    ),
                    *reported.retained_passports(each for each in kept if each.member == member),
                    *(each for each in several if each.party in concerned),
                ]
        return found

    async def _registered(self, session: AsyncSession, member: str, since: datetime) -> list[Found]:
        row = AgencyCandidateRow
        phones, accounts, holders = [
            await gathering.shared(session, member, since, digest)
            for digest in (row.phone_digest, row.account_digest, row.holder_digest)
        ]
        changed = [
            await gathering.tallies(session, member, since, party, row.worse_terms)
            for party in (row.agency, row.employer)
        ]
        ages = await gathering.tallies(session, member, _EVER, row.agency, row.at_floor)
        compared = heaps(await count_placed(self._database, member))
        return [
            *(found for some in changed for found in registered.substitution(some)),
            *registered.shared_contact(phones, accounts),
            *registered.one_holder(holders),
            *registered.heaping(compared, {tally.party: tally for tally in ages}),
        ]

    async def _keep(self, found: Mapping[str, Iterable[Found]], at: datetime) -> None:
        async with self._database.write() as session:
            rows = (await session.scalars(select(RedFlagRow).with_for_update())).all()
            standing = {(row.member, row.party, row.rule): row for row in rows}
            for member, some in found.items():
                for each in some:
                    key = (member, each.party, each.rule.value)
                    row = standing.pop(key, None) or RedFlagRow(**_named(key), raised_at=at)
                    _tell(row, each, at)
                    session.add(row)
            for row in standing.values():
                await session.delete(row)


_EVER: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
"""Heaping compares all workers whom an agency ever placed: few are placed in a year."""


def _named(key: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("member", "party", "rule"), key, strict=True))


def _tell(row: RedFlagRow, found: Found, at: datetime) -> None:
    row.strength = found.strength.value
    row.counts = {what: at_least(count) for what, count in found.counts.items()}
    row.first_on, row.last_on, row.weighed_at = month(found.first), month(found.last), at


async def promise_weighing(database: Database) -> None:
    """Enqueue the next night's weighing, unless it is promised already."""
    instant = now()
    promised = (JobRow.kind == WEIGH_FLAGS_JOB) & (JobRow.state == "READY") & (JobRow.due_at > instant)
    async with database.write() as session:
        if await session.scalar(select(JobRow.id).where(promised).limit(1)) is None:
            enqueue(session, JobRow, WEIGH_FLAGS_JOB, "all", next_night(instant))


def next_night(instant: datetime) -> datetime:
    """When flags are weighed next."""
    tonight = datetime.combine(instant.date(), time(_HOUR_UTC), instant.tzinfo)
    return tonight if tonight > instant else tonight + timedelta(days=1)


def red_flag_work(database: Database) -> Mapping[str, Handler]:
    """What this room has promised to do, by kind of job."""

    async def weigh(_subject: str) -> None:
        await Weighing(database).weigh(now())
        await promise_weighing(database)

    return {WEIGH_FLAGS_JOB: weigh}
