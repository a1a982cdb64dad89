"""From signals to a case: weighed by a job after each check, so that no registration waits for it."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.casefile import SYSTEM, add_event, new_case_id
from services.registry.adjudication.rules import grounds_to_open, harm_of, is_childs, others_of
from services.registry.adjudication.tables import AdjudicationRow, RegistrationLinkRow
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.views import Record
from shared.contracts.adjudication import AdjudicationState, LinkRelation
from shared.contracts.registrations import RegistrationState, Relation, SignalCode
from shared.db.database import Database, now


class Opening:
    """Opens cases for what checks found, and links who came again as themselves. Decides nothing.

    Args:
        database: the registry's.
        store: registrations.
    """

    def __init__(self, database: Database, store: RegistrationStore) -> None:
        self._database = database
        self._store = store

    async def weigh(self, registration_id: str) -> None:
        """Open the case of a registration, or add to it; weighed again, nothing is done twice."""
        async with self._database.write() as session:
            query = select(RegistrationRow).where(RegistrationRow.id == registration_id).with_for_update()
            row = await session.scalar(query)
            if row is None or row.state == RegistrationState.WITHDRAWN:
                return
            record, at = self._store.record_of(row), now()
            await _link_again(session, row, record, at)
            if row.presumed_victim:
                return
            grounds = grounds_to_open((item.signal for item in record.signals), record.candidates)
            grounds -= await _settled(session, row, grounds)
            case = await session.scalar(select(AdjudicationRow).where(AdjudicationRow.registration_seq == row.seq))
            if case is None:
                await self._open(session, row, grounds, at)
            else:
                await self._add(session, row, case, grounds, at)

    async def _open(self, session: AsyncSession, row: RegistrationRow, grounds: frozenset[str], at: datetime) -> None:
        if not grounds:
            return
        case = AdjudicationRow(
            id=new_case_id(),
            registration_seq=row.seq,
            member=row.member,
            audience=_audience(grounds),
            state=AdjudicationState.OPEN.value,
            harm=harm_of(grounds, appealed=False),
            round=1,
            appealed_from=0,
            grounds=sorted(grounds),
            papers=[],
            opened_at=at,
        )
        session.add(case)
        await session.flush()
        await add_event(session, self._store, (case, row), ("OPENED", SYSTEM, at))

    async def _add(
        self, session: AsyncSession, row: RegistrationRow, case: AdjudicationRow, grounds: frozenset[str], at: datetime
    ) -> None:
        new = grounds - set(case.grounds)
        if not new:
            return
        to_children = is_childs(new) and not (case.audience == "child_protection" and row.child_sealed)
        if to_children:
            row.child_sealed, row.seal_ended, case.audience = True, False, "child_protection"
        if to_children or case.state == AdjudicationState.DECIDED:
            next_round(case, at)
        case.grounds = sorted({*case.grounds, *new})
        case.harm = min(case.harm, harm_of(new, appealed=False))
        await add_event(session, self._store, (case, row), ("SIGNALS", SYSTEM, at))


def next_round(case: AdjudicationRow, at: datetime) -> None:
    """Begin a round: nobody has found anything in it yet."""
    case.round += 1
    case.state, case.opened_at = AdjudicationState.OPEN.value, at
    case.finding = case.other = case.decided_at = case.due_at = None


def _audience(grounds: frozenset[str]) -> str:
    return "child_protection" if is_childs(grounds) else "registration"


async def _link_again(session: AsyncSession, row: RegistrationRow, record: Record, at: datetime) -> None:
    """Link who came again as themselves: one person, two visits, nothing to decide."""
    plain = [each for each in record.candidates if each.relation is Relation.RE_REGISTRATION and not each.contradiction]
    ids = [each.registration for each in plain]
    found = (await session.scalars(select(RegistrationRow.seq).where(RegistrationRow.id.in_(ids)))).all()
    linked = select(RegistrationLinkRow.to_seq).where(
        RegistrationLinkRow.from_seq == row.seq,
        RegistrationLinkRow.relation == LinkRelation.RE_REGISTRATION.value,
    )
    known = set((await session.scalars(linked)).all())
    session.add_all(
        RegistrationLinkRow(from_seq=row.seq, to_seq=seq, relation=LinkRelation.RE_REGISTRATION.value, since=at)
        for seq in found
        if seq not in known
    )


async def _settled(session: AsyncSession, row: RegistrationRow, grounds: frozenset[str]) -> frozenset[str]:
    """Grounds about records of which people found, in the case of either, that they are of one person or of two."""
    others = {
        other: seq
        for seq, other in await session.execute(
            select(RegistrationRow.seq, RegistrationRow.id).where(RegistrationRow.id.in_(others_of(grounds)))
        )
    }
    link = RegistrationLinkRow
    relations = [LinkRelation.DIFFERENT_PERSONS.value, LinkRelation.MERGED.value]
    query = select(link.from_seq, link.to_seq).where(
        link.relation.in_(relations), link.undone_at.is_(None), or_(link.from_seq == row.seq, link.to_seq == row.seq)
    )
    paired = {seq for pair in await session.execute(query) for seq in pair}
    done = {other for other, seq in others.items() if seq in paired}
    codes = {SignalCode.SAME_PERSON_OTHER_IDENTITY.value, "MODALITIES_CONTRADICT"}
    return frozenset(
        ground for ground in grounds if ground.partition(":")[2] in done and ground.partition(":")[0] in codes
    )
