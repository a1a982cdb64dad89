"""The aid fund: postings and their lines, which are added and never changed, and the payments that they belong to."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class FundRow(Base):
    """An office's fund in one currency. Whoever posts locks its row first: that puts all who post in a row."""

    __tablename__ = "registry_funds"
    __table_args__ = (UniqueConstraint("member", "organisation", "currency"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = mapped_column(String(3))


class FundPaymentRow(Base):
    """A payment. `subject` tells one person's payments from another's; `payee` and `note` are sealed.

    Of erased ones `subject` names nothing, once the last about the same was erased.
    """

    __tablename__ = "registry_fund_payments"
    __table_args__ = (
        UniqueConstraint("member", "organisation", "idempotency_key"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state = 'proposed' OR decided_by IS NOT NULL", name="decided"),
        CheckConstraint("state NOT IN ('released', 'reversed') OR decided_by <> proposed_by", name="two_persons"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    fund_seq: Mapped[int] = mapped_column(ForeignKey("registry_funds.seq"), index=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    idempotency_key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(12))
    amount: Mapped[int] = mapped_column(BigInteger)
    claim_seq: Mapped[int | None] = mapped_column(ForeignKey("registry_claims.seq"), index=True)
    about: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(10))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    told: Mapped[bytes] = mapped_column(LargeBinary)
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PostingRow(Base):
    """An entry of a fund's ledger. `number` runs in its fund; what is reversed once cannot be reversed again."""

    __tablename__ = "registry_fund_postings"
    __table_args__ = (UniqueConstraint("fund_seq", "number"), UniqueConstraint("fund_seq", "idempotency_key"))

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    fund_seq: Mapped[int] = mapped_column(ForeignKey("registry_funds.seq"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    payment_seq: Mapped[int | None] = mapped_column(ForeignKey("registry_fund_payments.seq"), index=True)
    reverses: Mapped[int | None] = mapped_column(ForeignKey("registry_fund_postings.seq"), unique=True)
    reason: Mapped[str | None] = mapped_column(String(20))
    idempotency_key: Mapped[str | None] = mapped_column(String(128))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PostingLineRow(Base):
    """What a posting does to one account: `number` runs in the account, `balance` is the account's after it."""

    __tablename__ = "registry_fund_lines"
    __table_args__ = (
        UniqueConstraint("fund_seq", "account", "number"),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("balance >= 0 OR substr(account, 1, 6) = 'donor:'", name="balance"),
        Index("ix_registry_fund_lines_posting", "posting_seq"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    fund_seq: Mapped[int] = mapped_column(ForeignKey("registry_funds.seq"))
    posting_seq: Mapped[int] = mapped_column(ForeignKey("registry_fund_postings.seq"))
    account: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)
