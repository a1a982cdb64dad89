"""What follows when two reviewers found the same; and how it is undone."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.casefile import SYSTEM, CaseFile, add_event
from services.registry.adjudication.opening import next_round
from services.registry.adjudication.rules import Vote, harm_of, link_of, step_of
from services.registry.adjudication.states import Step, take
from services.registry.adjudication.tables import (
    AdjudicationEventRow,
    AdjudicationRow,
    RegistrationLinkRow,
    SeatRow,
    VictimStatusRow,
)
from services.registry.workers.store import ERASE_JOB, RegistrationStore
from services.registry.workers.tables import JobRow, PacketRow, RegistrationRow, SignalRow
from shared.contracts.adjudication import AdjudicationState
from shared.contracts.registrations import RegistrationState, SignalCode
from shared.db.jobs import enqueue


async def conclude(
    session: AsyncSession, store: RegistrationStore, file: CaseFile, vote: Vote, humans: AbstractSet[str], at: datetime
) -> None:
    """Set what two reviewers found alike.

    Raises:
        IllegalStepError: fewer than two people, or the registration cannot go there.
    """
    case, row, step = file.case, file.registration, step_of(vote.finding)
    row.state = take(RegistrationState(row.state), step, humans).value
    case.state, case.decided_at = AdjudicationState.DECIDED.value, at
    case.finding, case.other = vote.finding.value, vote.other
    await _link(session, file, vote, at)
    await add_event(session, store, (case, row), ("DECIDED", SYSTEM, at))
    if step is Step.UNSEAL:
        await _unseal(session, store, case, row, at)


async def undo_links(session: AsyncSession, case: AdjudicationRow, at: datetime) -> None:
    """What a case tied together holds no longer; the link is kept, with the day it ended."""
    made = (RegistrationLinkRow.case_seq == case.seq) & RegistrationLinkRow.undone_at.is_(None)
    await session.execute(update(RegistrationLinkRow).where(made).values(undone_at=at))


async def erase(session: AsyncSession, store: RegistrationStore, row: RegistrationRow, at: datetime) -> None:
    """Destroy the key of a registration with everything under it, and promise the same for its biometrics.

    A stub is left: that there was one, when, and the bare steps of its case.
    """
    row.state = RegistrationState.WITHDRAWN.value
    store.empty(row, at)
    await session.execute(delete(PacketRow).where(PacketRow.registration_seq == row.seq))
    await session.execute(delete(SignalRow).where(SignalRow.registration_seq == row.seq))
    cases = select(AdjudicationRow.seq).where(AdjudicationRow.registration_seq == row.seq)
    closed: dict[str, Any] = {"state": AdjudicationState.CLOSED.value, "grounds": [], "papers": [], "due_at": None}
    await session.execute(update(AdjudicationRow).where(AdjudicationRow.registration_seq == row.seq).values(closed))
    await session.execute(update(SeatRow).where(SeatRow.case_seq.in_(cases)).values(reason=None))
    written = update(AdjudicationEventRow).where(AdjudicationEventRow.case_seq.in_(cases))
    await session.execute(written.values(content=None))
    status = update(VictimStatusRow).where(VictimStatusRow.registration_seq == row.seq)
    await session.execute(status.values(reason=None))
    enqueue(session, JobRow, ERASE_JOB, row.id)


async def _link(session: AsyncSession, file: CaseFile, vote: Vote, at: datetime) -> None:
    relation = link_of(vote.finding)
    if relation is None or vote.other is None:
        return
    other = await session.scalar(select(RegistrationRow.seq).where(RegistrationRow.id == vote.other))
    if other is not None:
        session.add(
            RegistrationLinkRow(
                from_seq=file.registration.seq,
                to_seq=other,
                relation=relation.value,
                case_seq=file.case.seq,
                since=at,
            )
        )


async def _unseal(
    session: AsyncSession, store: RegistrationStore, case: AdjudicationRow, row: RegistrationRow, at: datetime
) -> None:
    """No child's any more: what else there is to decide goes to the adjudicators, from the beginning."""
    row.child_sealed, row.seal_ended = False, True
    if row.withdrawal_asked is not None and not row.presumed_victim:
        await erase(session, store, row, row.withdrawal_asked)
        return
    left = [ground for ground in case.grounds if not ground.startswith(SignalCode.CHILD_POSSIBLE.value)]
    if left:
        case.audience, case.harm = "registration", harm_of(left, appealed=False)
        next_round(case, at)
        await add_event(session, store, (case, row), ("OPENED", SYSTEM, at))
