"""Cases, who sat on them, every step, links between records, and who is protected as a victim.

Whatever people wrote is sealed with the key of the registration that it is about, and erased with it.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime

_REGISTRATION = "registry_registrations.seq"
_CASE = "registry_adjudications.seq"


class AdjudicationRow(Base):
    """The case of a registration: one, in as many rounds as it takes.

    `audience` says who may know of it; `grounds` are codes with the opaque ids that they are about; `appealed_from` is
    the first round of the worker's appeal, 0 when there was none.
    """

    __tablename__ = "registry_adjudications"
    __table_args__ = (Index("ix_registry_adjudications_queue", "member", "audience", "state", "harm", "opened_at"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    registration_seq: Mapped[int] = mapped_column(ForeignKey(_REGISTRATION), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    audience: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    harm: Mapped[int]
    round: Mapped[int]
    appealed_from: Mapped[int]
    grounds: Mapped[list[str]] = mapped_column(JSON)
    papers: Mapped[list[str]] = mapped_column(JSON)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finding: Mapped[str | None] = mapped_column(String(30))
    other: Mapped[str | None] = mapped_column(String(32))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SeatRow(Base):
    """A reviewer on a case in a round: until when it is in their hands, or what they found."""

    __tablename__ = "registry_adjudication_seats"
    __table_args__ = (UniqueConstraint("case_seq", "round", "reviewer"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_seq: Mapped[int] = mapped_column(ForeignKey(_CASE))
    round: Mapped[int]
    reviewer: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finding: Mapped[str | None] = mapped_column(String(30))
    other: Mapped[str | None] = mapped_column(String(32))
    grounds: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AdjudicationEventRow(Base):
    """A step of a case. Rows are added, never changed; only what people wrote goes when the worker withdraws.

    `audience`: whose the case was then; what child protection did stays theirs when a seal ends.
    """

    __tablename__ = "registry_adjudication_events"
    __table_args__ = (UniqueConstraint("case_seq", "number"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_seq: Mapped[int] = mapped_column(ForeignKey(_CASE))
    number: Mapped[int]
    round: Mapped[int]
    audience: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)


class RegistrationLinkRow(Base):
    """Two records that belong together, or were found not to. `undone_at`: it no longer holds; it is kept."""

    __tablename__ = "registry_registration_links"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    from_seq: Mapped[int] = mapped_column(ForeignKey(_REGISTRATION), index=True)
    to_seq: Mapped[int] = mapped_column(ForeignKey(_REGISTRATION), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    case_seq: Mapped[int | None] = mapped_column(ForeignKey(_CASE), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VictimStatusRow(Base):
    """A change of somebody's status as a victim; the last one holds."""

    __tablename__ = "registry_victim_statuses"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    registration_seq: Mapped[int] = mapped_column(ForeignKey(_REGISTRATION), index=True)
    status: Mapped[str] = mapped_column(String(12))
    actor: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)
