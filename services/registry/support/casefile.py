"""A support case opened: found as its office may find it, unsealed for who reads it, sealed again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.victims import last_status
from services.registry.erased import require_kept
from services.registry.support.offices import Supporter, is_child
from services.registry.support.records import CaseRecord, EventRecord, ServiceRecord
from services.registry.support.tables import SupportCaseRow, SupportEventRow, SupportServiceRow
from services.registry.support.views import Parts, content, event_view, item, service_view
from shared.contracts.adjudication import VictimStatus
from shared.contracts.support import (
    SupportCase,
    SupportCaseState,
    SupportEvent,
    SupportEventKind,
)
from shared.crypto.sealing import KeyRing, SubjectKey
from shared.db.database import Database, now
from shared.standards.indicators.rules import Answer

_OPEN: Final = SupportCaseState.OPEN.value


class SupportCaseUnknownError(Exception):
    """No such case, or not this office's: the two look the same."""


class NotCaseManagerError(Exception):
    """The case is another's of the office."""


class SupportCaseClosedError(Exception):
    """Nothing is done in a closed case."""


@dataclass
class CaseFile:
    """A case in a transaction.

    Attributes:
        session: the transaction's.
        who: for whom it is open.
        row: as it is kept.
        key: its own.
        record: the case's part of what is sealed.
        childs: it is a child's, whoever told so.
    """

    session: AsyncSession
    who: Supporter
    row: SupportCaseRow
    key: SubjectKey
    record: CaseRecord
    childs: bool

    @property
    def child(self) -> Answer:
        """Whether the person is a child, as far as anybody told."""
        return Answer.YES if self.childs else Answer(self.row.child)

    def note(
        self, kind: SupportEventKind, code: str | None = None, text: str | None = None, service: str | None = None
    ) -> None:
        """Write down what was done."""
        told = EventRecord(kind=kind, code=code, text=text, service=service)
        sealed = self.key.seal(told.model_dump_json().encode(), _owner(self.row, "event"))
        self.session.add(SupportEventRow(case_seq=self.row.seq, by=self.who.person, content=sealed, at=now()))

    def seal(self) -> None:
        """Keep the record."""
        self.row.content = self.key.seal(self.record.model_dump_json().encode(), _owner(self.row, "content"))

    def service(self, row: SupportServiceRow) -> ServiceRecord:
        """A service, unsealed."""
        return ServiceRecord.model_validate_json(self.key.open(row.content, _owner(self.row, row.id)))

    def seal_service(self, row: SupportServiceRow, service: ServiceRecord) -> None:
        """Keep a service."""
        row.content = self.key.seal(service.model_dump_json().encode(), _owner(self.row, row.id))

    def require_reader(self) -> None:
        """Whoever changes a case reads it.

        Raises:
            NotCaseManagerError: another's.
        """
        if not self.who.reads(self.row):
            raise NotCaseManagerError("its manager, or who stands in, does this")

    async def service_rows(self) -> list[SupportServiceRow]:
        """The plan, in the order of planning."""
        query = select(SupportServiceRow).where(SupportServiceRow.case_seq == self.row.seq)
        return list((await self.session.scalars(query.order_by(SupportServiceRow.seq))).all())

    async def view(self) -> SupportCase:
        """The case as they see it."""
        await self.session.flush()
        if not self.who.reads(self.row):
            return SupportCase(**item(self.who, self.row, None).model_dump(), content=None)
        services = [service_view(row, self.service(row), self.who.today) for row in await self.service_rows()]
        parts = Parts(self.child, await self._status(), services, await self._events(), self.who.today)
        shown = item(self.who, self.row, any(each.overdue for each in services))
        return SupportCase(**shown.model_dump(), content=content(self.row, self.record, parts))

    async def _status(self) -> VictimStatus:
        """A registered person has one status, whoever sets it."""
        last = await last_status(self.session, self.row.registration) if self.row.registration else None
        return VictimStatus(last.status) if last else self.record.presumption.status

    async def _events(self) -> list[SupportEvent]:
        query = select(SupportEventRow).where(SupportEventRow.case_seq == self.row.seq)
        rows = (await self.session.scalars(query.order_by(SupportEventRow.seq))).all()
        opened = [(row, self.key.open(row.content, _owner(self.row, "event"))) for row in rows]
        return [event_view(row, EventRecord.model_validate_json(told)) for row, told in opened]


class CaseFiles:
    """Opens cases.

    Args:
        database: the registry's.
        keys: sealing keys per member: each case is sealed with a key of its own.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self.database = database
        self._keys = keys

    def begin(self, session: AsyncSession, who: Supporter, row: SupportCaseRow, record: CaseRecord) -> CaseFile:
        """A new case, its key made."""
        row.wrapped_key = self._keys.new_subject_key(row.member)
        return CaseFile(session, who, row, self._keys.subject(row.member, row.wrapped_key), record, childs=False)

    async def open(self, session: AsyncSession, who: Supporter, case_id: str, *, lock: bool = False) -> CaseFile:
        """A case that the office knows of.

        Raises:
            SupportCaseUnknownError: none, or not this office's.
            ErasedError: its time was over.
        """
        query = select(SupportCaseRow, is_child()).where(SupportCaseRow.id == case_id, who.rows)
        query = query.with_for_update(of=SupportCaseRow) if lock else query
        found = (await session.execute(query)).first()
        if found is None:
            raise SupportCaseUnknownError("there is no such support case")
        row, childs = found
        require_kept(row.erased_at)
        key = self._keys.subject(row.member, row.wrapped_key)
        record = CaseRecord.model_validate_json(key.open(row.content, _owner(row, "content")))
        return CaseFile(session, who, row, key, record, bool(childs))

    @asynccontextmanager
    async def write(self, who: Supporter, case_id: str) -> AsyncIterator[CaseFile]:
        """An open case for who manages it or stands in; kept when the block ends well.

        Raises:
            SupportCaseUnknownError, ErasedError, NotCaseManagerError, SupportCaseClosedError.
        """
        async with self.database.write() as session:
            file = await self.open(session, who, case_id, lock=True)
            file.require_reader()
            if file.row.state != _OPEN:
                raise SupportCaseClosedError("the case is closed; open another")
            yield file
            file.seal()


def _owner(row: SupportCaseRow, what: str) -> str:
    return f"support/{row.id}/{what}"
