"""Visits in the database: planned, moved, noted, read."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import DayToComeError, Recorder, recording
from services.registry.inspections.choosing import chance_of, workplaces
from services.registry.inspections.licensing import tell_licensing
from services.registry.inspections.risk import RANDOM_SHARE, Known, factors, plan
from services.registry.inspections.rules import VisitOffice, check_entry, moved, next_due
from services.registry.inspections.tables import VisitEventRow, VisitRow
from services.registry.inspections.views import item, owner, visit
from services.registry.parties.store import require_party
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.inspections import Remedy
from shared.contracts.visits import (
    Visit,
    VisitBody,
    VisitMove,
    VisitPage,
    VisitPlace,
    VisitPlan,
    VisitState,
    VisitStep,
)
from shared.crypto.sealing import KeyRing, SubjectKey
from shared.db.database import Database, now
from shared.db.newest import newest_rows

_DAYS_BEGIN_IN_THE_EAST: Final = timedelta(days=1)
_OFFICES: Final = {
    (Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION): VisitOffice.LABOUR,
    (Role.INVESTIGATOR, Purpose.CRIMINAL_INVESTIGATION): VisitOffice.POLICE,
}


class VisitUnknownError(Exception):
    """No such visit, or not this office's: the two look the same."""


class NoVisitingOfficeError(Exception):
    """This role neither visits nor comes along, or it does not do this."""


@dataclass(frozen=True)
class Visitor:
    """Who visits, or comes along."""

    caller: Caller
    office: VisitOffice

    @property
    def own(self) -> ColumnElement[bool]:
        """Rows that this office sees: labour inspection its member's, police those that they are asked along to."""
        mine = VisitRow.member == self.caller.member
        return mine if self.office is VisitOffice.LABOUR else mine & VisitRow.joint.is_(True)

    def require_labour(self) -> None:
        """Refuse what is labour inspection's alone.

        Raises:
            NoVisitingOfficeError: another office.
        """
        if self.office is not VisitOffice.LABOUR:
            raise NoVisitingOfficeError("labour inspection plans visits and tells their results")


def visitor_of(caller: Caller) -> Visitor:
    """The office that a caller is of.

    Raises:
        NoVisitingOfficeError: another role or purpose.
    """
    office = _OFFICES.get((caller.role, caller.purpose)) if caller.role and caller.purpose else None
    if office is None:
        raise NoVisitingOfficeError("for labour inspection, and for police on joint visits")
    return Visitor(caller, office)


@dataclass(frozen=True)
class VisitFilter:
    """Which visits are listed."""

    state: VisitState | None = None
    party: str | None = None
    overdue: bool = False


class Visits:
    """Plans, moves and reads visits.

    Args:
        database: the registry's.
        keys: sealing keys per member: each visit has a key of its own.
        digest_key: makes the random share unforeseeable.
    """

    def __init__(self, database: Database, keys: KeyRing, digest_key: bytes) -> None:
        self._database = database
        self._keys = keys
        self._digest_key = digest_key

    async def next_places(self, who: Visitor, limit: int) -> VisitPlan:
        """Where to go next, with the reasons."""
        who.require_labour()
        at, member = now(), who.caller.member
        known = await workplaces(self._database, member, at)
        chance = chance_of(self._digest_key, member, at.date())
        return VisitPlan(items=plan(known, at.date(), limit, chance), random_share=RANDOM_SHARE)

    async def plan(self, who: Visitor, body: VisitBody) -> Visit:
        """Plan a visit; why it stood where it stood in the order is kept with it.

        Raises:
            UnknownPartyError: neither the register nor the order of places has the party.
        """
        who.require_labour()
        at, caller = now(), who.caller
        known = await workplaces(self._database, caller.member, at)
        row = VisitRow(
            id=f"V{secrets.token_hex(12)}",
            member=caller.member,
            organisation=caller.organisation[:200],
            place=body.place.value,
            informal=body.informal,
            area=body.area,
            party=body.party,
            joint=body.joint,
            chosen=body.chosen.value,
            factors=[each.model_dump(mode="json") for each in factors(_same(known, body), at.date())],
            planned_on=body.planned_on,
            state=VisitState.PLANNED.value,
            findings=[],
            remedies=[],
            wrapped_key=self._keys.new_subject_key(caller.member),
        )
        row.address = self._key(row).seal(body.address.encode(), owner(row, "address")) if body.address else None
        async with self._database.write() as session:
            if body.party not in {each.party for each in known}:  # what the order names can be visited
                await require_party(session, body.party, "party")
            session.add(row)
            await session.flush()
            return await self._noted(session, who, row, None)

    async def read(self, who: Visitor, visit_id: str) -> Visit:
        """One visit, as this office sees it.

        Raises:
            VisitUnknownError: none, or not this office's.
        """
        async with self._database.read() as session:
            return await self._view(session, who, await _find(session, who, visit_id))

    async def newest(self, who: Visitor, wanted: VisitFilter, before: int | None, limit: int) -> VisitPage:
        """This office's, newest first."""
        today = now().date()
        query = select(VisitRow).where(who.own)
        if wanted.state is not None:
            query = query.where(VisitRow.state == wanted.state.value)
        if wanted.party is not None:
            query = query.where(VisitRow.party == wanted.party)
        if wanted.overdue:
            who.require_labour()
            query = query.where(VisitRow.next_due_on < today)
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, VisitRow.seq, before, limit)
        return VisitPage(items=[item(who.office, row, today) for row in rows], next=more)

    async def step(self, who: Visitor, visit_id: str, step: VisitStep) -> Visit:
        """Carry out, follow up, close or call off; of a licensee what was found is told to licensing.

        Raises:
            VisitUnknownError, NoVisitingOfficeError, IllegalVisitMoveError, RemediesOpenError, HouseholdEntryError,
            DayToComeError.
        """
        who.require_labour()
        if step.carried_out_on and step.carried_out_on > now().date() + _DAYS_BEGIN_IN_THE_EAST:
            raise DayToComeError("carried_out_on: this day has not come yet")
        async with recording(self._database, who.caller, now()) as recorder:
            row = await _find(recorder.session, who, visit_id, lock=True)
            return await self._step(recorder, who, row, step)

    async def note(self, who: Visitor, visit_id: str, note: str) -> Visit:
        """Note something for one's own office.

        Raises:
            VisitUnknownError: none, or not this office's.
        """
        async with self._database.write() as session:
            return await self._noted(session, who, await _find(session, who, visit_id, lock=True), note)

    async def _step(self, recorder: Recorder, who: Visitor, row: VisitRow, step: VisitStep) -> Visit:
        remedies = step.remedies or [Remedy.model_validate(each) for each in row.remedies]
        row.state = moved(VisitState(row.state), step.move, remedies).value
        if step.move is VisitMove.CARRY_OUT:
            check_entry(VisitPlace(row.place), step.access)
            row.carried_out_on, row.access = step.carried_out_on, step.access.value if step.access else None
        row.findings = sorted({*row.findings, *(each.value for each in step.findings)})
        row.remedies = [each.model_dump(mode="json") for each in remedies]
        row.next_due_on = next_due(remedies)
        shown = await self._noted(recorder.session, who, row, step.note)
        await tell_licensing(recorder, row)
        return shown

    async def _noted(self, session: AsyncSession, who: Visitor, row: VisitRow, note: str | None) -> Visit:
        event = VisitEventRow(
            visit_seq=row.seq,
            state=row.state,
            office=who.office.value,
            by=who.caller.person,
            note=self._key(row).seal(note.encode(), owner(row, "note")) if note else None,
            at=now(),
        )
        session.add(event)
        await session.flush()
        return await self._view(session, who, row)

    async def _view(self, session: AsyncSession, who: Visitor, row: VisitRow) -> Visit:
        query = select(VisitEventRow).where(VisitEventRow.visit_seq == row.seq).order_by(VisitEventRow.seq)
        events: Sequence[VisitEventRow] = (await session.scalars(query)).all()
        return visit(who.office, row, events, self._key(row), now().date())

    def _key(self, row: VisitRow) -> SubjectKey:
        return self._keys.subject(row.member, row.wrapped_key)


async def _find(session: AsyncSession, who: Visitor, visit_id: str, *, lock: bool = False) -> VisitRow:
    query = select(VisitRow).where(VisitRow.id == visit_id, who.own)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise VisitUnknownError("there is no such visit")
    return row


def _same(known: Sequence[Known], body: VisitBody) -> Known:
    """What is known of the place that a visit is planned to."""
    for each in known:
        if body.party is not None and each.party == body.party:
            return each
        if body.party is each.party is None and (each.place, each.area) == (body.place, body.area):
            return each
    return Known(body.party, body.place, body.area)
