"""Claims and what was done with them. What they rest on, papers, notes and references are sealed."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class ClaimRow(Base):
    """A claim of one office. Amounts are minor units of its currency; `received` is what reached the claimant.

    Of one that was erased amounts, states and days are left.
    """

    __tablename__ = "registry_claims"
    __table_args__ = (Index("ix_registry_claims_office", "member", "organisation", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    forum: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(16))
    about: Mapped[str | None] = mapped_column(String(64), index=True)
    against: Mapped[str | None] = mapped_column(String(64), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    claimed: Mapped[int] = mapped_column(BigInteger)
    granted: Mapped[int | None] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    held_until: Mapped[date | None]
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClaimEventRow(Base):
    """Something done with a claim; `told` is authority, reference and note, sealed."""

    __tablename__ = "registry_claim_events"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    claim_seq: Mapped[int] = mapped_column(ForeignKey("registry_claims.seq"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    move: Mapped[str | None] = mapped_column(String(16))
    day: Mapped[date | None]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    told: Mapped[bytes | None] = mapped_column(LargeBinary)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
