"""Imports under way, and what each source list says of a party."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime
from shared.db.jobs import JobColumns, job_indexes


class ImportJobRow(JobColumns, Base):
    """Durable work on imports: apart from registrations', so that neither waits for the other."""

    __tablename__ = "registry_import_jobs"
    __table_args__ = job_indexes("registry_import_jobs")


class ImportRow(Base):
    """A list that is sent in parts, and how far it has got."""

    __tablename__ = "registry_imports"
    __table_args__ = (Index("ix_registry_imports_member_source", "member", "source"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    source: Mapped[str] = mapped_column(String(32))
    member: Mapped[str] = mapped_column(String(3))
    caller: Mapped[dict[str, Any]] = mapped_column(JSON)
    order: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    parts: Mapped[int]
    parts_received: Mapped[int] = mapped_column(default=0)
    parts_read: Mapped[int] = mapped_column(default=0)
    lines: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    delisted: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportPartRow(Base):
    """Some lines of a list. The text is dropped when it has been read; what was rejected stays, without content."""

    __tablename__ = "registry_import_parts"

    import_id: Mapped[str] = mapped_column(ForeignKey("registry_imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_line: Mapped[int]
    text: Mapped[str | None] = mapped_column(Text)


class RejectionRow(Base):
    """A line that was not taken."""

    __tablename__ = "registry_import_rejections"

    import_id: Mapped[str] = mapped_column(ForeignKey("registry_imports.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(300))


class EntryRow(Base):
    """What a source list says of a party; `digest` is of the line's content, `last_import` the last that held it."""

    __tablename__ = "registry_list_entries"
    __table_args__ = (
        UniqueConstraint("member", "source", "entry"),
        Index("ix_registry_list_entries_party", "party"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    member: Mapped[str] = mapped_column(String(3))
    source: Mapped[str] = mapped_column(String(32))
    entry: Mapped[str] = mapped_column(String(64))
    party: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    listed_from: Mapped[date | None]
    listed_to: Mapped[date | None]
    grounds: Mapped[str | None] = mapped_column(String(500))
    national_code: Mapped[str | None] = mapped_column(String(500))
    last_import: Mapped[str] = mapped_column(String(32))
    delisted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
