"""Referrals and what was done with them. Content, notes and the reason of an override are sealed.

A referral across member states stands at both, with one id; `member` is whose register this is.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class ReferralRow(Base):
    """A referral. `content` is gone once it ended; `receiver_organisation` is who received it (None: nobody yet).

    `told` and `heard` count what either side has told the other of it; `owed_to` is the member that has yet to take
    what was told last (None: nobody), `tried_at` when it was last sent and `undelivered` why in vain. `reminders`: how
    many of its two notices that it is overdue were made.
    """

    __tablename__ = "registry_referrals"
    __table_args__ = (
        Index("ix_registry_referrals_sender", "member", "sender", "seq"),
        Index("ix_registry_referrals_receiver", "member", "receiver", "seq"),
        Index("ix_registry_referrals_owed", "owed_to", "tried_at"),
        Index("ix_registry_referrals_due", "state", "due_at"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    sender: Mapped[str] = mapped_column(String(20))
    sender_member: Mapped[str] = mapped_column(String(3))
    sender_organisation: Mapped[str] = mapped_column(String(200))
    receiver: Mapped[str] = mapped_column(String(20))
    receiver_member: Mapped[str] = mapped_column(String(3))
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
    case_reference: Mapped[str | None] = mapped_column(String(100))
    told: Mapped[int] = mapped_column(default=0)
    heard: Mapped[int] = mapped_column(default=0)
    owed_to: Mapped[str | None] = mapped_column(String(3))
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undelivered: Mapped[str | None] = mapped_column(String(20))
    reminders: Mapped[int] = mapped_column(default=0)


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


class TakenBackRow(Base):
    """A referral of another member that was taken back before it arrived: should it arrive yet, it is not kept."""

    __tablename__ = "registry_referrals_taken_back"

    member: Mapped[str] = mapped_column(String(3), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ContactRow(Base):
    """Where an office is told that a referral waits."""

    __tablename__ = "registry_referral_contacts"

    member: Mapped[str] = mapped_column(String(3), primary_key=True)
    office: Mapped[str] = mapped_column(String(20), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(200), primary_key=True)
    webhook: Mapped[str] = mapped_column(String(2000))
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReferralNoticeRow(Base):
    """A notice that a referral waits, on its way to one office's contact point."""

    __tablename__ = "registry_referral_notices"
    __table_args__ = (Index("ix_registry_referral_notices_due", "delivery", "next_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    referral_seq: Mapped[int] = mapped_column(ForeignKey("registry_referrals.seq"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    webhook: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivery: Mapped[str] = mapped_column(String(10))
    tries: Mapped[int] = mapped_column(default=0)
