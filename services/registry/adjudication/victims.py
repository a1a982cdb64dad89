"""Who is protected as a victim: presumed without proof, and whatever tells against them is shown to nobody else.

Non-punishment: ASEAN Convention against Trafficking in Persons, Art. 14(7).
"""

from collections.abc import Sequence
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


class OwnPresumptionError(Exception):
    """Whoever presumed somebody a victim does not end it: another person does."""


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
        async with self._database.read() as session:
            last = await last_status(session, record.id)
        if last is None:
            return VictimStatusView(registration=record.id, status=VictimStatus.NONE, since=None)
        return VictimStatusView(registration=record.id, status=VictimStatus(last.status), since=last.since)

    async def tell(self, caller: Caller, registration_id: str, body: VictimStatusBody) -> VictimStatusView:
        """Set the status of a person, in all registrations that are linked as theirs.

        Raises:
            NotAReviewerError, RegistrationUnknownError: not for this caller.
            OwnPresumptionError: they set what they would end.
        """
        record = await self._store.read(registration_id, _scope(caller))
        async with self._database.write() as session:
            return await self.tell_in(session, name_of(caller), record.id, body)

    async def presume_in(self, session: AsyncSession, actor: str, registration_id: str, reason: str) -> None:
        """Presume it within a transaction; somebody who is protected already stays so, and by whom."""
        row = await session.scalar(select(RegistrationRow).where(RegistrationRow.id == registration_id))
        if row is not None and not row.presumed_victim:
            body = VictimStatusBody(status=VictimStatus.PRESUMED, reason=reason)
            await self.tell_in(session, actor, registration_id, body)

    async def tell_in(
        self, session: AsyncSession, actor: str, registration_id: str, body: VictimStatusBody
    ) -> VictimStatusView:
        """The same within a transaction, of a registration that the caller may know (`status`).

        Raises:
            OwnPresumptionError: the actor set what they would end.
        """
        at, rows = now(), await _of_person(session, registration_id)
        if body.status not in _PROTECTED:
            await _require_another(session, rows, actor)
        for row in rows:
            row.presumed_victim = body.status in _PROTECTED
            reason = self._store.key_of(row).seal(body.reason.encode(), f"registration/{row.id}/victim")
            session.add(
                VictimStatusRow(
                    registration_seq=row.seq, status=body.status.value, actor=actor, since=at, reason=reason
                )
            )
            if row.withdrawal_asked is not None and not row.presumed_victim and not row.child_sealed:
                await session.flush()
                await erase(session, self._store, row, row.withdrawal_asked)
        return VictimStatusView(registration=registration_id, status=body.status, since=at)


def require_another(actor: str, other: str) -> None:
    """Two people stand behind a presumption that ends.

    Raises:
        OwnPresumptionError: they are one.
    """
    if actor == other:
        raise OwnPresumptionError("another person ends what you presumed")


async def last_status(session: AsyncSession, registration_id: str) -> VictimStatusRow | None:
    """What was told last of a registered person; None: nothing."""
    query = (
        select(VictimStatusRow)
        .join(RegistrationRow, RegistrationRow.seq == VictimStatusRow.registration_seq)
        .where(RegistrationRow.id == registration_id)
        .order_by(VictimStatusRow.seq.desc())
        .limit(1)
    )
    last: VictimStatusRow | None = await session.scalar(query)
    return last


async def _require_another(session: AsyncSession, rows: Sequence[RegistrationRow], actor: str) -> None:
    for row in rows:
        last = await last_status(session, row.id) if row.presumed_victim else None
        if last is not None:
            require_another(actor, last.actor)


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
