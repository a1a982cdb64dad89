"""Registrations as they are kept: particulars, packet and results sealed; only what a search needs is in the open."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime
from shared.db.jobs import JobColumns, job_indexes


class RegistrationRow(Base):
    """One registration. `person_id` is the opaque id under which the biometric service knows the person.

    `client_id`: whoever entered it (`Caller.person`).
    `seal_ended`: two people of child protection found that it is no child's (any more); `withdrawal_asked`: the worker
    withdrew it; a sealed one is kept for child protection, and looks erased to everybody else.
    """

    __tablename__ = "registry_registrations"
    __table_args__ = (UniqueConstraint("client_id", "idempotency_key"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    person_id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3), index=True)
    client_id: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str] = mapped_column(String(128))
    request_digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    progress: Mapped[str] = mapped_column(String(20))
    child_sealed: Mapped[bool]
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    particulars: Mapped[bytes] = mapped_column(LargeBinary)
    result: Mapped[bytes | None] = mapped_column(LargeBinary)
    document_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    reference_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seal_ended: Mapped[bool] = mapped_column(default=False, server_default=false())
    presumed_victim: Mapped[bool] = mapped_column(default=False, server_default=false())
    withdrawal_asked: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PacketRow(Base):
    """What the desk sent, whole and sealed."""

    __tablename__ = "registry_packets"

    registration_seq: Mapped[int] = mapped_column(
        ForeignKey("registry_registrations.seq", ondelete="CASCADE"), primary_key=True
    )
    packet: Mapped[bytes] = mapped_column(LargeBinary)


class SignalRow(Base):
    """Which signals a registration has, for lists and figures; the evidence lies sealed in the registration."""

    __tablename__ = "registry_signals"
    __table_args__ = (Index("ix_registry_signals_code", "code", "audience"),)

    registration_seq: Mapped[int] = mapped_column(
        ForeignKey("registry_registrations.seq", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    audience: Mapped[str] = mapped_column(String(20))


class InquiryRow(Base):
    """When other members are asked about a registration; what they answered lies sealed in it.

    `due_at`: null when there is nobody left to ask; `until`: set by the first try, after which who is silent is let be.
    """

    __tablename__ = "registry_inquiries"

    registration_seq: Mapped[int] = mapped_column(
        ForeignKey("registry_registrations.seq", ondelete="CASCADE"), primary_key=True
    )
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JobRow(JobColumns, Base):
    """The registry's promised work."""

    __tablename__ = "registry_jobs"
    __table_args__ = job_indexes("registry_jobs")
