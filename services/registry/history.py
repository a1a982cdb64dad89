"""The register's memory: what was told, by whom and when. Rows are added, never changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.contracts.caller import Caller
from shared.db.database import Database, UtcDateTime


class RecordNotFoundError(Exception):
    """There is no such record."""


class UnknownPartyError(Exception):
    """A record speaks of a party that the register does not hold."""


class NotOwnRecordError(Exception):
    """A record belongs to the member that told it first; another member cannot change it."""


class WrittenMeanwhileError(Exception):
    """Somebody else wrote the same record at the same time; sending it again is safe."""


class RecordKind(StrEnum):
    """What a history row is about."""

    PARTY = "party"
    LINK = "link"
    CASE = "case"
    LICENCE = "licence"


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


class Recorder:
    """One transaction on the register, with the caller who tells and the instant they tell it."""

    def __init__(self, session: AsyncSession, caller: Caller, instant: datetime) -> None:
        self.session = session
        self.member = caller.member
        self.instant = instant
        self._organisation = caller.organisation[:200]

    def require_own(self, member: str) -> None:
        """Refuse to touch what another member recorded.

        Raises:
            NotOwnRecordError: it did.
        """
        if member != self.member:
            raise NotOwnRecordError("the record belongs to another member; ask them to correct it")

    def keep(self, kind: RecordKind, record: str, version: int, content: dict[str, Any]) -> None:
        """Add a version to the history; `content` is JSON."""
        self.session.add(
            HistoryRow(
                kind=kind,
                record=record,
                version=version,
                content=content,
                member=self.member,
                organisation=self._organisation,
                told_at=self.instant,
            )
        )


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


def _database(request: Request) -> Database:
    return cast("Database", request.app.state.database)


DatabaseDep = Annotated[Database, Depends(_database)]
