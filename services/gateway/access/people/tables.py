"""What the gateway remembers of people, of their sessions, and of attempts that failed."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.tables import Base
from shared.db.database import UtcDateTime


class UserRow(Base):
    """A person. One whom an external provider proves has neither password nor code key here.

    `code_key` is the TOTP secret, sealed; `code_step` the last time step whose code was taken; `invitation` the digest
    of the code that lets them set both, once, until `invited_until`.
    """

    __tablename__ = "gateway_users"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(3))
    roles: Mapped[list[str]] = mapped_column(JSON)
    language: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool]
    password: Mapped[str | None] = mapped_column(String(200))
    code_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_step: Mapped[int] = mapped_column(BigInteger, default=0)
    invitation: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SessionRow(Base):
    """A browser that somebody signed in with. `id` is the digest of the cookie's value, which is kept nowhere."""

    __tablename__ = "gateway_sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(64), ForeignKey("gateway_users.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FailureRow(Base):
    """How often signing in failed, for a name, an address, or both together; only a keyed digest says which."""

    __tablename__ = "gateway_sign_in_failures"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
