"""Hits, and requests for what is behind them. Of a probe that matched nobody there is nothing here."""

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.tables import Base
from shared.db.database import UtcDateTime


class HitRow(Base):
    """A reference that was given to another member, and whom of this member's it stands for."""

    __tablename__ = "gateway_hits"

    reference: Mapped[str] = mapped_column(String(32), primary_key=True)
    member: Mapped[str] = mapped_column(String(3))
    persons: Mapped[list[str]] = mapped_column(JSON)
    band: Mapped[str | None] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ContentRequestRow(Base):
    """A request for the content behind a reference, and what was decided; one a reference."""

    __tablename__ = "gateway_content_requests"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    user: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(40))
    case_reference: Mapped[str] = mapped_column(String(100))
    legal_basis: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(500))
