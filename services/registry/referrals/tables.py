"""Referrals and what was done with them. Content, notes and the reason of an override are sealed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class ReferralRow(Base):
    """A referral. `content` is gone once it ended; `receiver_organisation` is who received it (None: nobody yet)."""

    __tablename__ = "registry_referrals"
    __table_args__ = (
        Index("ix_registry_referrals_sender", "member", "sender", "seq"),
        Index("ix_registry_referrals_receiver", "member", "receiver", "seq"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    sender: Mapped[str] = mapped_column(String(20))
    sender_organisation: Mapped[str] = mapped_column(String(200))
    receiver: Mapped[str] = mapped_column(String(20))
    receiver_organisation: Mapped[str | None] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(String(8))
    assessment: Mapped[str | None] = mapped_column(String(64))
    party: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(20))
    urgency: Mapped[str] = mapped_column(String(10))
    consent_on: Mapped[date | None]
    consent_language: Mapped[str | None] = mapped_column(String(3))
    law: Mapped[str | None] = mapped_column(String(500))
    decided_by: Mapped[str | None] = mapped_column(String(500))
    why: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReferralEventRow(Base):
    """Something done with a referral, by one of the two offices (`side`)."""

    __tablename__ = "registry_referral_events"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    referral_seq: Mapped[int] = mapped_column(ForeignKey("registry_referrals.seq"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str | None] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(8))
    by: Mapped[str] = mapped_column(String(64))
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
