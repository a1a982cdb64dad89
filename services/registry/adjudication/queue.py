"""What waits for a reviewer, and how much there is to do."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.casefile import grounds_left, hidden_from, open_to_adjudicators
from services.registry.adjudication.people import Reviewer
from services.registry.adjudication.rules import SEATS, Seat, codes_of, may_sit
from services.registry.adjudication.tables import AdjudicationRow, SeatRow
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from shared.contracts.adjudication import AdjudicationState, Finding, QueueItem, Workload

_MOST: Final = 200
_RECENT: Final = timedelta(days=30)
_UNDECIDED: Final = (AdjudicationState.OPEN.value, AdjudicationState.DEFERRED.value)


async def waiting_cases(
    session: AsyncSession, store: RegistrationStore, reviewer: Reviewer, at: datetime
) -> list[QueueItem]:
    """Cases that a reviewer may take, most harm first, then oldest; at most 200 are looked at."""
    query = (
        _cases(reviewer)
        .where(AdjudicationRow.state.in_(_UNDECIDED))
        .order_by(AdjudicationRow.harm, AdjudicationRow.opened_at, AdjudicationRow.seq)
        .limit(_MOST)
    )
    found = [(case, registration) for case, registration in await session.execute(query)]
    seats = await _seats(session, [case.seq for case, _ in found])
    hidden = await hidden_from(store, reviewer, [case for case, _ in found])
    items = []
    for case, registration in found:
        places = seats.get(case.seq, [])
        waits = case.state == AdjudicationState.DEFERRED and case.due_at is not None and case.due_at > at
        if waits or not may_sit(reviewer.name, places, case.round, case.appealed_from, at):
            continue
        grounds = grounds_left(reviewer, case, registration, hidden)
        if grounds and registration.client_id != reviewer.name:
            items.append(_item(case, registration, grounds, _has(reviewer, places, case, at)))
    return items


async def workload(session: AsyncSession, store: RegistrationStore, reviewer: Reviewer, at: datetime) -> Workload:
    """How much there is to do for this reviewer's kind, and how it goes."""
    query = _cases(reviewer).where(AdjudicationRow.state.in_(_UNDECIDED) | (AdjudicationRow.decided_at > at - _RECENT))
    found = [(case, registration) for case, registration in await session.execute(query)]
    hidden = await hidden_from(store, reviewer, [case for case, _ in found])
    cases = [case for case, registration in found if grounds_left(reviewer, case, registration, hidden)]
    seats = await _seats(session, [case.seq for case in cases])
    undecided = [case for case in cases if case.state in _UNDECIDED]
    deferred = [case for case in undecided if case.state == AdjudicationState.DEFERRED]
    decided = [case for case in cases if case.decided_at is not None]
    hours = [_hours(case.opened_at, case.decided_at) for case in decided if case.decided_at]
    return Workload(
        waiting=len(undecided) - len(deferred),
        deferred=len(deferred),
        overdue=sum(case.due_at is not None and case.due_at <= at for case in deferred),
        appeals=sum(case.appealed_from > 0 for case in undecided),
        claimed=sum(_active(seat, at) for case in undecided for seat in _now(seats.get(case.seq, []), case)),
        oldest_hours=max((_hours(case.opened_at, at) for case in undecided), default=None),
        decided_30_days=len(decided),
        disagreements_30_days=sum(_found(seats.get(case.seq, []), case) > SEATS for case in decided),
        median_hours_30_days=median(hours) if hours else None,
    )


def _cases(reviewer: Reviewer) -> Select[AdjudicationRow, RegistrationRow]:
    return (
        select(AdjudicationRow, RegistrationRow)
        .join(RegistrationRow, RegistrationRow.seq == AdjudicationRow.registration_seq)
        .where(
            AdjudicationRow.member == reviewer.member,
            AdjudicationRow.audience == reviewer.audience,
            *([] if reviewer.protects_children else open_to_adjudicators()),
        )
    )


async def _seats(session: AsyncSession, cases: Sequence[int]) -> dict[int, list[Seat]]:
    found: dict[int, list[Seat]] = {}
    for row in await session.scalars(select(SeatRow).where(SeatRow.case_seq.in_(cases))):
        finding = Finding(row.finding) if row.finding else None
        seat = Seat(row.round, row.reviewer, row.expires_at, finding, row.other)
        found.setdefault(row.case_seq, []).append(seat)
    return found


def _item(case: AdjudicationRow, registration: RegistrationRow, grounds: Iterable[str], claimed: bool) -> QueueItem:
    return QueueItem(
        case=case.id,
        registration=registration.id,
        state=AdjudicationState(case.state),
        codes=codes_of(grounds),
        appealed=case.appealed_from > 0,
        opened_at=case.opened_at,
        claimed=claimed,
    )


def _now(seats: Iterable[Seat], case: AdjudicationRow) -> list[Seat]:
    return [seat for seat in seats if seat.round == case.round]


def _active(seat: Seat, at: datetime) -> bool:
    return seat.finding is None and seat.expires_at > at


def _has(reviewer: Reviewer, seats: Iterable[Seat], case: AdjudicationRow, at: datetime) -> bool:
    return any(seat.reviewer == reviewer.name and _active(seat, at) for seat in _now(seats, case))


def _found(seats: Iterable[Seat], case: AdjudicationRow) -> int:
    return sum(seat.finding is not None for seat in _now(seats, case))


def _hours(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds() / 3600, 2)
