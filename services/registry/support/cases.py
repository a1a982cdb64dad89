"""Support cases in the database: opened with a presumption, read by one person, handed over, closed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.victims import Victims
from services.registry.keeping import check_hold
from services.registry.support.casefile import CaseFile, CaseFiles
from services.registry.support.grounds import lead_of, require_new
from services.registry.support.offices import Supporter
from services.registry.support.records import CaseRecord
from services.registry.support.rules import OPEN_RETURNS, OPEN_SERVICES, check_stand_in, reflection_end
from services.registry.support.tables import SupportCaseRow, SupportServiceRow
from services.registry.support.views import item
from shared.contracts.adjudication import VictimStatus
from shared.contracts.assessments import LeadStrength
from shared.contracts.retention import HoldBody
from shared.contracts.support import (
    ManagerBody,
    Presumption,
    StandInBody,
    SupportCase,
    SupportCaseBody,
    SupportCasePage,
    SupportCaseState,
    SupportChildBody,
    SupportEventKind,
)
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.newest import newest_rows

_REASON: Final = "Presumed by those who support them."


class SelfTransferError(Exception):
    """Nobody takes a case that they do not read to themselves."""


class StillRunningError(Exception):
    """A service, a return or a follow-up is open."""


@dataclass(frozen=True)
class CaseFilter:
    """Which cases are listed."""

    state: SupportCaseState | None = None
    mine: bool = False
    overdue: bool = False


class SupportCases:
    """Opens, reads, hands over and closes cases.

    Args:
        database: the registry's.
        keys: sealing keys per member.
        victims: who is protected as a victim, of those who are registered.
    """

    def __init__(self, database: Database, keys: KeyRing, victims: Victims) -> None:
        self._database = database
        self._keys = keys
        self._files = CaseFiles(database, keys)
        self._victims = victims

    async def open(self, who: Supporter, body: SupportCaseBody) -> SupportCase | None:
        """Presume somebody a victim and support them. A child's is child protection's: None for whoever else began it.

        Raises:
            AssessmentUnknownError, ReferralUnknownError, RegistrationUnknownError: none, or not this office's.
            NoLeadError, SupportCaseKnownError, DayToComeError.
        """
        who.require_past(body.found_on)
        lead = await lead_of(self._database, self._keys, who, body)
        if body.registration is not None:
            await self._victims.status(who.caller, body.registration)
        async with self._database.write() as session:
            await require_new(session, who, body)
            file = self._files.begin(session, who, _row(who, body), _record(who, body, lead))
            file.seal()
            session.add(file.row)
            await session.flush()
            file.note(SupportEventKind.OPENED, code=file.row.manager)
            if body.registration is not None:
                await self._victims.presume_in(session, who.person, body.registration, _REASON)
            return await self._seen(file)

    async def read(self, who: Supporter, case_id: str) -> SupportCase:
        """A case: all of it for who manages it or stands in, that there is one for others of the office.

        Raises:
            SupportCaseUnknownError: none, or not this office's.
        """
        async with self._database.read() as session:
            return await (await self._files.open(session, who, case_id)).view()

    async def newest(self, who: Supporter, wanted: CaseFilter, before: int | None, limit: int) -> SupportCasePage:
        """The office's, newest first."""
        case = SupportCaseRow
        query = select(case).where(who.rows)
        if wanted.state is not None:
            query = query.where(case.state == wanted.state.value)
        if wanted.mine or wanted.overdue:
            query = query.where(who.reading)
        if wanted.overdue:
            query = query.where(_overdue(who))
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, case.seq, before, limit)
            late = await _late(session, who, rows)
        items = [item(who, row, row.seq in late if who.reads(row) else None) for row in rows]
        return SupportCasePage(items=items, next=more)

    async def hand_over(self, who: Supporter, case_id: str, body: ManagerBody) -> SupportCase:
        """Give a case to another manager; anybody of the office may, for the one who had it can be ill.

        Raises:
            SupportCaseUnknownError.
            SelfTransferError: somebody who does not read it would give it to themselves.
        """
        async with self._database.write() as session:
            file = await self._files.open(session, who, case_id, lock=True)
            row, nobodys = file.row, who.manager_of(file.row) is None
            if body.person == who.person and not nobodys and not who.reads(row):
                raise SelfTransferError("somebody else of the office gives it to you")
            row.office, row.organisation = who.office, who.caller.organisation if nobodys else row.organisation
            row.manager, row.stand_in, row.stand_in_until = body.person, None, None
            file.note(SupportEventKind.MANAGER, code=body.person, text=body.reason)
            return await file.view()

    async def stand_in(self, who: Supporter, case_id: str, body: StandInBody) -> SupportCase:
        """Let somebody stand in for a while, or no longer.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError.
            StandInRefusedError: no stand-in for a while.
        """
        async with self._files.write(who, case_id) as file:
            if body.person is not None and body.until is not None:
                check_stand_in(body.person, file.row.manager, body.until, who.today)
            file.row.stand_in, file.row.stand_in_until = body.person, body.until
            file.note(SupportEventKind.STAND_IN, code=body.person, text=body.reason)
            return await file.view()

    async def tell_child(self, who: Supporter, case_id: str, body: SupportChildBody) -> SupportCase | None:
        """Say what became known of the age. Once it is a child's, the case is child protection's: None.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError.
        """
        async with self._files.write(who, case_id) as file:
            file.row.child = body.child.value
            file.note(SupportEventKind.CHILD, code=body.child.value, text=body.reason)
            return await self._seen(file)

    async def close(self, who: Supporter, case_id: str, reason: str) -> SupportCase:
        """Nothing more is done. Presumption and reflection period stay as they are.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError.
            StillRunningError: something is open.
        """
        async with self._files.write(who, case_id) as file:
            going = file.record.repatriation is not None and file.record.repatriation.state in OPEN_RETURNS
            for row in await file.service_rows():
                going |= row.follow_up_on is not None or file.service(row).state in OPEN_SERVICES
            if going:
                raise StillRunningError("end the services, the follow-ups and the return first")
            file.row.state, file.row.closed_at = SupportCaseState.CLOSED.value, now()
            file.note(SupportEventKind.CLOSED, text=reason)
            return await file.view()

    async def hold(self, who: Supporter, case_id: str, body: HoldBody) -> SupportCase:
        """Keep a case, open or closed, until a day, whatever the clock says; or no longer.

        Raises:
            SupportCaseUnknownError, ErasedError, NotCaseManagerError.
            HoldRefusedError: this is no hold for a while.
        """
        check_hold(body.until, who.today)
        async with self._database.write() as session:
            file = await self._files.open(session, who, case_id, lock=True)
            file.require_reader()
            file.row.held_until = body.until
            file.note(SupportEventKind.HOLD, code=str(body.until) if body.until else None, text=body.reason)
            return await file.view()

    async def _seen(self, file: CaseFile) -> SupportCase | None:
        """The case as its office has it now; None: it has it no longer."""
        await file.session.flush()
        query = select(SupportCaseRow.seq).where(SupportCaseRow.seq == file.row.seq, file.who.rows)
        return await file.view() if await file.session.scalar(query) is not None else None


def _row(who: Supporter, body: SupportCaseBody) -> SupportCaseRow:
    return SupportCaseRow(
        id=f"S{secrets.token_hex(12)}",
        member=who.caller.member,
        office=who.office,
        organisation=who.caller.organisation,
        manager=body.manager or who.person,
        state=SupportCaseState.OPEN.value,
        child=body.child.value,
        assessment=body.assessment,
        referral=body.referral,
        registration=body.registration,
        opened_at=now(),
    )


def _record(who: Supporter, body: SupportCaseBody, lead: LeadStrength | None) -> CaseRecord:
    presumption = Presumption(
        status=VictimStatus.PRESUMED,
        ground=body.ground,
        found_on=body.found_on,
        reason=body.reason,
        lead=lead,
        since=now(),
        by=who.person,
    )
    return CaseRecord(
        called=body.called,
        language=body.language,
        presumption=presumption,
        begins=who.today,
        ends=reflection_end(who.caller.member, who.today),
    )


def _overdue(who: Supporter) -> ColumnElement[bool]:
    service = SupportServiceRow
    return exists().where(service.case_seq == SupportCaseRow.seq, service.follow_up_on < who.today)


async def _late(session: AsyncSession, who: Supporter, rows: Sequence[SupportCaseRow]) -> set[int]:
    query = select(SupportCaseRow.seq).where(SupportCaseRow.seq.in_([row.seq for row in rows]), _overdue(who))
    return set((await session.scalars(query)).all())
