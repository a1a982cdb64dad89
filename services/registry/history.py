"""The register's memory: what was told, by whom and when. Rows are added, never changed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple, TypeVar

from fastapi import Depends, Query, Response
from sqlalchemy import JSON, Select, String, UniqueConstraint, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.bitemporal import told_before
from services.registry.tables import Base
from shared.contracts.caller import Caller
from shared.contracts.provenance import CorrectionGround, HistoryPage, RecordVersion
from shared.db.database import Database, UtcDateTime

Record = TypeVar("Record")


class RecordNotFoundError(Exception):
    """There is no such record."""


class UnknownPartyError(Exception):
    """A record speaks of a party that the register does not hold."""


class NotOwnRecordError(Exception):
    """A record belongs to the member that told it first; another member cannot change it."""


class DayToComeError(Exception):
    """Something is told to have happened on a day that has not come."""


class WrittenMeanwhileError(Exception):
    """Somebody else wrote the same record at the same time; sending it again is safe."""


class RecordKind(StrEnum):
    """What a history row is about."""

    PARTY = "party"
    LINK = "link"
    CASE = "case"
    LICENCE = "licence"
    PARTICULARS = "file"
    LISTING = "listing"
    INSPECTION = "inspect"


@dataclass(frozen=True)
class Told:
    """What a statement is, besides its content.

    Attributes:
        valid_from, valid_to: first and last day that it speaks of; None: open.
        authority, document_digest: who stands behind it, in which document.
        correction: the ground, where it puts right what was told before.
    """

    valid_from: date | None = None
    valid_to: date | None = None
    authority: str | None = None
    document_digest: str | None = None
    correction: CorrectionGround | None = None


_PLAIN: Final = Told()


class HistoryRow(Base):
    """One version of one record, as it was told."""

    __tablename__ = "registry_history"
    __table_args__ = (UniqueConstraint("kind", "record", "version"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(8))
    record: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    authority: Mapped[str | None] = mapped_column(String(500))
    document_digest: Mapped[str | None] = mapped_column(String(64))
    correction: Mapped[str | None] = mapped_column(String(20))


class RecordChangeRow(Base):
    """Something new was told of a record which may have been handed out; gone once whoever tells others took it."""

    __tablename__ = "registry_record_changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(8))
    record: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


FOLLOWED: Final = frozenset({RecordKind.PARTY, RecordKind.CASE, RecordKind.LISTING, RecordKind.LICENCE})
"""Kinds of record whose new versions others hear of, where they take something back (services/registry/corrections)."""


class Recorder:
    """One transaction on the register, with the caller who tells and the instant they tell it."""

    def __init__(self, session: AsyncSession, caller: Caller, instant: datetime) -> None:
        self.session = session
        self.member = caller.member
        self.instant = instant
        self.organisation = caller.organisation[:200]

    def require_past(self, **days: date | None) -> None:
        """Refuse what is told to have happened already on a day that has not come.

        Raises:
            DayToComeError: names the field. Clocks of the region are up to a day ahead of UTC.
        """
        latest = self.instant.date() + timedelta(days=1)
        for name, day in days.items():
            if day is not None and day > latest:
                raise DayToComeError(f"{name}: this day has not come yet")

    def require_own(self, member: str) -> None:
        """Refuse to touch what another member recorded.

        Raises:
            NotOwnRecordError: it did.
        """
        if member != self.member:
            raise NotOwnRecordError("the record belongs to another member; ask them to correct it")

    def keep(self, kind: RecordKind, record: str, version: int, content: dict[str, Any], told: Told = _PLAIN) -> None:
        """Add a version to the history; `content` is JSON."""
        self.session.add(HistoryRow(**self._version(kind, record, version, content, told)))
        if version > 1 and kind in FOLLOWED:
            self.session.add(RecordChangeRow(kind=kind, record=record, version=version, at=self.instant))

    async def keep_first(self, kind: RecordKind, contents: Mapping[str, dict[str, Any]]) -> None:
        """Add the first versions of many new records to the history, by record."""
        rows = [self._version(kind, record, 1, content, _PLAIN) for record, content in contents.items()]
        await self.session.execute(insert(HistoryRow), rows)

    def _version(
        self, kind: RecordKind, record: str, version: int, content: dict[str, Any], told: Told
    ) -> dict[str, Any]:
        return {
            "kind": kind,
            "record": record,
            "version": version,
            "content": content,
            "member": self.member,
            "organisation": self.organisation,
            "told_at": self.instant,
            **vars(told),
        }


@asynccontextmanager
async def recording(database: Database, caller: Caller, instant: datetime) -> AsyncIterator[Recorder]:
    """A transaction that is kept whole or not at all.

    Raises:
        WrittenMeanwhileError: the same record was written at the same time (PostgreSQL only; SQLite queues writers).
    """
    try:
        async with database.write() as session:
            yield Recorder(session, caller, instant)
    except IntegrityError as error:
        raise WrittenMeanwhileError("the record was written at the same time; send it again") from error


KnownOn = Annotated[date | None, Query(description="What the register had been told by this day; default: all.")]


class Days(NamedTuple):
    """The day that is asked about, and the day by which it had been told."""

    valid_on: date | None
    known_on: date | None


async def _days(
    valid_on: Annotated[date | None, Query(description="The day asked about; default: today.")] = None,
    known_on: KnownOn = None,
) -> Days:
    return Days(valid_on, known_on)


class Span(NamedTuple):
    """Which versions of a record are asked for: how many, after which."""

    after: int
    limit: int


async def _span(
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Span:
    return Span(cursor, limit)


DaysDep = Annotated[Days, Depends(_days)]
SpanDep = Annotated[Span, Depends(_span)]


def answer_put(response: Response, put: tuple[Record, bool]) -> Record:
    """What was written, with 201 where it is new."""
    record, new = put
    response.status_code = 201 if new else 200
    return record


async def versions_of(
    session: AsyncSession, kind: RecordKind, record: str, known_on: date | None = None
) -> list[HistoryRow]:
    """The versions of a record that were known on a day, in the order of telling."""
    query = select(HistoryRow).where(HistoryRow.kind == kind, HistoryRow.record == record)
    if known_on is not None:
        query = query.where(HistoryRow.told_at < told_before(known_on))
    return list((await session.execute(query.order_by(HistoryRow.version))).scalars())


async def last_told(
    session: AsyncSession, kind: RecordKind, records: Select[str], known_on: date | None
) -> dict[str, HistoryRow]:
    """What was told last of each of some records by a day; one of which nothing was known is not in it."""
    query = select(HistoryRow).where(HistoryRow.kind == kind, HistoryRow.record.in_(records))
    if known_on is not None:
        query = query.where(HistoryRow.told_at < told_before(known_on))
    rows = (await session.execute(query.order_by(HistoryRow.version))).scalars()
    return {row.record: row for row in rows}


async def last_version(session: AsyncSession, kind: RecordKind, record: str) -> HistoryRow | None:
    """What was told last of a record."""
    query = select(HistoryRow).where(HistoryRow.kind == kind, HistoryRow.record == record)
    return (await session.execute(query.order_by(HistoryRow.version.desc()).limit(1))).scalar_one_or_none()


def history_page(rows: Sequence[HistoryRow], span: Span) -> HistoryPage:
    """Some versions of a record."""
    left = [row for row in rows if row.version > span.after]
    shown = [_as_version(row) for row in left[: span.limit]]
    return HistoryPage(results=shown, next=shown[-1].version if len(left) > span.limit else None)


def _as_version(row: HistoryRow) -> RecordVersion:
    return RecordVersion.model_validate({name: getattr(row, name) for name in RecordVersion.model_fields})
