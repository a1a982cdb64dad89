"""What the register holds, counted. Nothing here is rounded yet: what leaves the room is."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.registry.cases.rules import is_proven, legal_status
from services.registry.cases.tables import CaseRow
from services.registry.indicators.tables import AssessmentRow
from services.registry.listings.views import list_public
from services.registry.pages import Page
from services.registry.public.tables import ComplaintRow
from services.registry.referrals.tables import ReferralRow
from services.registry.statistics.licences import count_public_licences
from services.registry.workers.tables import RegistrationRow
from shared.contracts.cases import Appeal, Proceeding, Stage
from shared.contracts.statistics import Table

Record = TypeVar("Record")
Counts = Mapping[Table, Mapping[str, int]]
"""By table, by value."""

_PAGE: Final = 200
_ROWS: Final = 5_000


@dataclass(frozen=True)
class Span:
    """Whole months of one year.

    Attributes:
        since, until: the first day, and the first that is not counted any more (UTC).
    """

    since: date
    until: date

    def months(self) -> Iterator["Span"]:
        """Each of them."""
        first = self.since
        while first < self.until:
            after = (first + timedelta(days=31)).replace(day=1)
            yield Span(first, after)
            first = after

    def holds(self, at: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
        """Whether a moment lies within."""
        first, last = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (self.since, self.until))
        return (at >= first) & (at < last)


async def count_public(session: AsyncSession, member: str, on: date) -> Counts:
    """What everybody may read record by record on a day: its numbers tell nothing more."""
    licences = await count_public_licences(session, member, on)
    listings: Counter[str] = Counter()
    async for listing in _every(lambda after: list_public(session, member, on, after, _PAGE)):
        listings.update(set(listing.grounds))
    return {Table.LICENCES: licences, Table.LISTINGS: listings}


async def count_cases(session: AsyncSession, member: str, on: date) -> Counts:
    """Cases as they stand on a day. Exact: only for rounding."""
    return {Table.CASES: await _statuses(session, member, on)}


async def count_sealed(session: AsyncSession, member: str, span: Span) -> Counts:
    """What came in that nobody may read record by record. Exact: only for rounding."""
    complaint = (ComplaintRow.member == member, ComplaintRow.same_as.is_(None))
    worker = RegistrationRow.member == member
    complained, registered = span.holds(ComplaintRow.received_at), span.holds(RegistrationRow.created_at)
    lead = (AssessmentRow.member == member, span.holds(AssessmentRow.opened_at))
    referral = (
        ReferralRow.member == member, ReferralRow.sender_member == member, span.holds(ReferralRow.sent_at),
    )  # fmt: skip
    return {
        Table.DECISIONS: await _decisions(session, member, span),
        Table.COMPLAINTS: await _months(session, ComplaintRow.received_at, span, *complaint),
        Table.COMPLAINT_OFFENCES: await _offences(session, complained, *complaint),
        Table.REGISTRATIONS: await _months(session, RegistrationRow.created_at, span, worker),
        Table.REGISTRATION_STATES: await _values(session, RegistrationRow.state, registered, worker),
        Table.LEADS: await _values(session, AssessmentRow.strength, *lead),
        Table.REFERRALS: await _values(session, ReferralRow.receiver, *referral),
        Table.REFERRAL_STATES: await _values(session, ReferralRow.state, *referral),
    }


async def _every(read: Callable[[str | None], Awaitable[Page[Record]]]) -> AsyncIterator[Record]:
    after: str | None = None
    while True:
        page = await read(after)
        for record in page.results:
            yield record
        if page.next is None:
            return
        after = page.next


async def _values(
    session: AsyncSession, value: InstrumentedAttribute[str], *where: ColumnElement[bool]
) -> dict[str, int]:
    rows = await session.execute(select(value, func.count()).where(*where).group_by(value))
    return {str(name): count for name, count in rows}


async def _months(
    session: AsyncSession, at: InstrumentedAttribute[datetime], span: Span, *where: ColumnElement[bool]
) -> dict[str, int]:
    found = {}
    for month in span.months():
        query = select(func.count()).where(month.holds(at), *where)
        found[f"{month.since:%Y-%m}"] = (await session.execute(query)).scalar_one()
    return found


async def _offences(session: AsyncSession, *where: ColumnElement[bool]) -> Counter[str]:
    found: Counter[str] = Counter()
    rows = await session.stream_scalars(select(ComplaintRow.offences).where(*where).execution_options(yield_per=_ROWS))
    async for offences in rows:
        found.update(set(offences))
    return found


@dataclass(frozen=True)
class _Facts:
    """What decides what may be said of many cases at once."""

    proceeding: Proceeding
    stage: Stage
    appeal: Appeal
    final_on: date | None
    opened_on: date
    stage_on: date | None = None
    appeal_on: date | None = None
    stay: bool = False


async def _statuses(session: AsyncSession, member: str, on: date) -> Counter[str]:
    final = (CaseRow.final_on <= on).label("final")
    cases = select(CaseRow.proceeding, CaseRow.stage, CaseRow.appeal, final).where(CaseRow.member == member).subquery()
    found: Counter[str] = Counter()
    alike = (cases.c.proceeding, cases.c.stage, cases.c.appeal, cases.c.final)
    for proceeding, stage, appeal, is_final, count in await session.execute(
        select(*alike, func.count()).group_by(*alike)
    ):
        facts = _Facts(Proceeding(proceeding), Stage(stage), Appeal(appeal), on if is_final else None, on)
        found[legal_status(facts, on)] += count
    return found


async def _decisions(session: AsyncSession, member: str, span: Span) -> Counter[str]:
    columns = (CaseRow.proceeding, CaseRow.appeal)
    within = (CaseRow.final_on >= span.since, CaseRow.final_on < span.until)
    query = select(*columns, func.count()).where(
        CaseRow.member == member, CaseRow.stage == Stage.CONVICTED.value, *within
    )
    found: Counter[str] = Counter()
    for proceeding, appeal, count in await session.execute(query.group_by(*columns)):
        facts = _Facts(Proceeding(proceeding), Stage.CONVICTED, Appeal(appeal), span.since, span.since)
        if is_proven(legal_status(facts, span.since)):
            found[proceeding] += count
    return found
