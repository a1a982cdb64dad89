"""What the gateway remembers: its clients, the assertions they have used, and who looked at whom."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db.database import UtcDateTime, new_metadata


class Base(DeclarativeBase):
    """The gateway's tables."""

    metadata = new_metadata()


class ClientRow(Base):
    """A client system or desk, and the public key it proves itself with. No secret of it is kept here.

    `bound`: it gets tokens only that are bound to a key or a certificate.
    """

    __tablename__ = "gateway_clients"

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(3))
    role: Mapped[str] = mapped_column(String(40))
    jwk: Mapped[dict[str, str]] = mapped_column(JSON)
    bound: Mapped[bool]
    active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UsedAssertionRow(Base):
    """A client assertion that was used once and never again (RFC 7523, section 3, `jti`)."""

    __tablename__ = "gateway_used_assertions"

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    jti: Mapped[str] = mapped_column(String(128), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AuditRow(Base):
    """One request for a person's or party's data. Digests only: no name, no document number, no content."""

    __tablename__ = "gateway_audit_entries"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    client_id: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[str | None] = mapped_column(String(64))
    organisation: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(3))
    role: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(40))
    case_reference: Mapped[str | None] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20))
    subject_digest: Mapped[str] = mapped_column(String(64), index=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditNodeRow(Base):
    """A complete subtree of the log above its leaves (RFC 9162, section 2.1): made once, never changed."""

    __tablename__ = "gateway_audit_nodes"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHeadRow(Base):
    """A signed head: the gateway's word for what the log was at a size."""

    __tablename__ = "gateway_audit_heads"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    key_id: Mapped[str] = mapped_column(String(100))
    signature: Mapped[bytes] = mapped_column(LargeBinary(100))


class AuditSubjectRow(Base):
    """What makes the digests of one subject: without this row, nobody can tell any more whom entries are about."""

    __tablename__ = "gateway_audit_subjects"

    tag: Mapped[str] = mapped_column(String(64), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))


class FederationDocumentRow(Base):
    """The root and the directory that are believed, as they were received: a restart must not forget a version."""

    __tablename__ = "gateway_federation_documents"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FederationNonceRow(Base):
    """A nonce that a member has used: a message that comes again is refused."""

    __tablename__ = "gateway_federation_nonces"

    member: Mapped[str] = mapped_column(String(3), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ReceiptRow(Base):
    """Evidence that a question was asked and answered: both signatures and what they are over, without content."""

    __tablename__ = "gateway_federation_receipts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    direction: Mapped[str] = mapped_column(String(10))
    member: Mapped[str] = mapped_column(String(3))
    method: Mapped[str] = mapped_column(String(10))
    url: Mapped[str] = mapped_column(Text)
    status: Mapped[int]
    question: Mapped[dict[str, str]] = mapped_column(JSON)
    reply: Mapped[dict[str, str]] = mapped_column(JSON)


class WitnessedHeadRow(Base):
    """A head of another member's log, kept as it was signed: two that do not fit prove a fork to anybody."""

    __tablename__ = "gateway_witnessed_heads"

    member: Mapped[str] = mapped_column(String(3), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    log_key: Mapped[dict[str, str]] = mapped_column(JSON)
    signature: Mapped[bytes] = mapped_column(LargeBinary(100))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    forked: Mapped[bool]


class FederationAlertRow(Base):
    """That something in the federation needs a human: a forked log, a correction that nobody acknowledges."""

    __tablename__ = "gateway_federation_alerts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(30))
    member: Mapped[str] = mapped_column(String(3))
    detail: Mapped[dict[str, str]] = mapped_column(JSON)
