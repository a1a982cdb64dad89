"""Who is protected as a victim: presumed without proof, and whatever tells against them is shown to nobody else.

Non-punishment: ASEAN Convention against Trafficking in Persons, Art. 14(7).
"""

from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.outcome import erase
from services.registry.adjudication.people import NotAReviewerError, name_of
from services.registry.adjudication.tables import RegistrationLinkRow, VictimStatusRow
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.views import Audience, Scope
from shared.contracts.adjudication import LinkRelation, VictimStatus, VictimStatusBody, VictimStatusView
from shared.contracts.caller import Caller, Purpose, Role
from shared.db.database import Database, now

_PROTECTED: Final = frozenset({VictimStatus.PRESUMED, VictimStatus.IDENTIFIED})
_ONE_PERSON: Final = tuple(
    relation.value for relation in (LinkRelation.RE_REGISTRATION, LinkRelation.SAME_PERSON, LinkRelation.MERGED)
)


class Victims:
    """Reads and sets the status. Needs no case, no complaint and no recognition by police.

    Args:
        database: the registry's.
        store: registrations.
    """

    def __init__(self, database: Database, store: RegistrationStore) -> None:
        self._database = database
        self._store = store

    async def status(self, caller: Caller, registration_id: str) -> VictimStatusView:
        """The status of a registered person.

        Raises:
            NotAReviewerError, RegistrationUnknownError: not for this caller.
        """
        record = await self._store.read(registration_id, _scope(caller))
        query = (
            select(VictimStatusRow)
            .join(RegistrationRow, RegistrationRow.seq == VictimStatusRow.registration_seq)
            .where(RegistrationRow.id == record.id)
            .order_by(VictimStatusRow.seq.desc())
            .limit(1)
        )
        async with self._database.read() as session:
            last = await session.scalar(query)
        if last is None:
            return VictimStatusView(registration=record.id, status=VictimStatus.NONE, since=None)
        return VictimStatusView(registration=record.id, status=VictimStatus(last.status), since=last.since)

    async def tell(self, caller: Caller, registration_id: str, body: VictimStatusBody) -> VictimStatusView:
        """Set the status of a person, in all registrations that are linked as theirs.

        Raises:
            NotAReviewerError, RegistrationUnknownError: not for this caller.
        """
        record, at = await self._store.read(registration_id, _scope(caller)), now()
        async with self._database.write() as session:
            for row in await _of_person(session, record.id):
                row.presumed_victim = body.status in _PROTECTED
                reason = self._store.key_of(row).seal(body.reason.encode(), f"registration/{row.id}/victim")
                session.add(
                    VictimStatusRow(
                        registration_seq=row.seq,
                        status=body.status.value,
                        actor=name_of(caller),
                        since=at,
                        reason=reason,
                    )
                )
                if row.withdrawal_asked is not None and not row.presumed_victim and not row.child_sealed:
                    await session.flush()
                    await erase(session, self._store, row, row.withdrawal_asked)
        return VictimStatusView(registration=record.id, status=body.status, since=at)


async def _of_person(session: AsyncSession, registration_id: str) -> list[RegistrationRow]:
    """The registration and those that links in force say are of the same person."""
    first = (await session.scalars(select(RegistrationRow).where(RegistrationRow.id == registration_id))).one()
    known, new = {first.seq}, {first.seq}
    while new:
        link = RegistrationLinkRow
        query = select(link.from_seq, link.to_seq).where(
            link.relation.in_(_ONE_PERSON),
            link.undone_at.is_(None),
            or_(link.from_seq.in_(new), link.to_seq.in_(new)),
        )
        new = {seq for pair in await session.execute(query) for seq in pair} - known
        known |= new
    rows = select(RegistrationRow).where(RegistrationRow.seq.in_(known), RegistrationRow.member == first.member)
    return list((await session.scalars(rows.order_by(RegistrationRow.seq).with_for_update())).all())


def _scope(caller: Caller) -> Scope:
    """Whose status a caller may know: child protection a sealed child's, victim support everybody else's."""
    both: tuple[Audience, ...] = ("registration", "child_protection")
    purposes = {Purpose.VICTIM_SUPPORT, Purpose.CHILD_PROTECTION}
    if caller.role is Role.CHILD_PROTECTION and caller.purpose in purposes:
        return Scope(caller.member, child_sealed=True, audiences=both)
    if caller.role is Role.VICTIM_SUPPORT and caller.purpose is Purpose.VICTIM_SUPPORT:
        return Scope(caller.member, child_sealed=False, audiences=("registration",))
    raise NotAReviewerError("for victim support, and child protection")
