"""Visits and what was done with them. Address and notes are sealed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class VisitRow(Base):
    """A visit. `factors`: why it stood where it stood in the order, as on the day on which it was planned."""

    __tablename__ = "registry_visits"
    __table_args__ = (Index("ix_registry_visits_member", "member", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(20))
    informal: Mapped[bool]
    area: Mapped[str] = mapped_column(String(12))
    party: Mapped[str | None] = mapped_column(String(64))
    joint: Mapped[bool]
    chosen: Mapped[str] = mapped_column(String(10))
    factors: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    planned_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))
    carried_out_on: Mapped[date | None]
    access: Mapped[str | None] = mapped_column(String(16))
    findings: Mapped[list[str]] = mapped_column(JSON)
    remedies: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    next_due_on: Mapped[date | None]
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    address: Mapped[bytes | None] = mapped_column(LargeBinary)


class VisitEventRow(Base):
    """Something done with a visit, by labour inspection or by police (`office`)."""

    __tablename__ = "registry_visit_events"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    visit_seq: Mapped[int] = mapped_column(ForeignKey("registry_visits.seq"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    office: Mapped[str] = mapped_column(String(8))
    by: Mapped[str] = mapped_column(String(64))
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
