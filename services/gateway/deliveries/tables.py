"""Who received what was told of which party, what has changed since, and whom it is still to be told."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.tables import Base
from shared.db.database import UtcDateTime


class DeliveryRow(Base):
    """That an office, or another member, was told of a party: when last, and so which versions of its records.

    `office` is empty for another member's gateway. Ids only; the register's history says what was told then.
    """

    __tablename__ = "gateway_deliveries"
    __table_args__ = (Index("ix_gateway_deliveries_party", "source", "party"),)

    member: Mapped[str] = mapped_column(String(3), primary_key=True)
    office: Mapped[str] = mapped_column(String(200), primary_key=True)
    source: Mapped[str] = mapped_column(String(3), primary_key=True)
    party: Mapped[str] = mapped_column(String(64), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class KnownChangeRow(Base):
    """A change of a record of this member or of another; it is known once, however often it is told."""

    __tablename__ = "gateway_known_changes"
    __table_args__ = (Index("ix_gateway_known_changes_party", "source", "party", "received_at"),)

    source: Mapped[str] = mapped_column(String(3), primary_key=True)
    id: Mapped[str] = mapped_column(String(160), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    record: Mapped[str] = mapped_column(String(64))
    party: Mapped[str] = mapped_column(String(64))
    change: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CorrectionRow(Base):
    """A change on its way to one who received the record. `number` grows: a recipient hears in this order."""

    __tablename__ = "gateway_corrections"
    __table_args__ = (
        UniqueConstraint("member", "office", "source", "change_id"),
        Index("ix_gateway_corrections_open", "acknowledged_at", "member", "office", "number"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    member: Mapped[str] = mapped_column(String(3))
    office: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(3))
    change_id: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
