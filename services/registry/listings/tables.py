"""Listings and their moves; moves are added, never changed: a correction strikes one by adding another."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class ListingRow(Base):
    """A listing. `state` is that after the last move; the clock may have ended it since."""

    __tablename__ = "registry_listings"
    __table_args__ = (Index("ix_registry_listings_state", "state", "id"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    party_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq"), index=True)
    case_seq: Mapped[int] = mapped_column(ForeignKey("registry_cases.seq"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    member: Mapped[str] = mapped_column(String(3))
    version: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)


class ListingMoveRow(Base):
    """A move, or a correction: `strikes` is the number of the move that it takes back, `move` what stands instead."""

    __tablename__ = "registry_listing_moves"

    listing_seq: Mapped[int] = mapped_column(ForeignKey("registry_listings.seq"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[str | None] = mapped_column(String(12))
    on: Mapped[date | None]
    strikes: Mapped[int | None]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    organisation: Mapped[str] = mapped_column(String(200))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
