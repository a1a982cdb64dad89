"""Complaints. Everything that was said is sealed; whoever complained is known by the digest of a secret alone."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime

_COMPLAINT = "registry_complaints.seq"


class ComplaintRow(Base):
    """A complaint. `office`: labour, or for a child child protection; `same_as`: the first in these words."""

    __tablename__ = "registry_complaints"
    __table_args__ = (Index("ix_registry_complaints_office", "member", "office", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    office: Mapped[str] = mapped_column(String(20))
    reference_digest: Mapped[str] = mapped_column(String(64), unique=True)
    text_digest: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(10))
    offences: Mapped[list[str]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(String(3))
    officer: Mapped[str | None] = mapped_column(String(64))
    party: Mapped[str | None] = mapped_column(String(64), index=True)
    assessment: Mapped[str | None] = mapped_column(String(64))
    again: Mapped[int] = mapped_column(default=0)
    same_as: Mapped[int | None] = mapped_column(ForeignKey(_COMPLAINT))
    files: Mapped[int] = mapped_column(default=0)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    about: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ComplaintMessageRow(Base):
    """Something said about a complaint, by the worker (`by` is null) or an officer."""

    __tablename__ = "registry_complaint_messages"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    complaint_seq: Mapped[int] = mapped_column(ForeignKey(_COMPLAINT), index=True)
    by: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ComplaintFileRow(Base):
    """A photo or a document of the worker's."""

    __tablename__ = "registry_complaint_files"

    complaint_seq: Mapped[int] = mapped_column(ForeignKey(_COMPLAINT), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    media: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = mapped_column(LargeBinary)
