"""Cases as they stand; earlier versions lie in the history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class CaseRow(Base):
    """A case against a party. `as_of` is when its member last told of a change."""

    __tablename__ = "registry_cases"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    party_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq"), index=True)
    proceeding: Mapped[str] = mapped_column(String(16))
    offences: Mapped[list[str]] = mapped_column(JSON)
    stage: Mapped[str] = mapped_column(String(20))
    stage_on: Mapped[date | None]
    appeal: Mapped[str] = mapped_column(String(10))
    appeal_on: Mapped[date | None]
    stay: Mapped[bool] = mapped_column(server_default=false())
    opened_on: Mapped[date]
    final_on: Mapped[date | None]
    court: Mapped[str | None] = mapped_column(String(500))
    sanctions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    source: Mapped[str] = mapped_column(String(500))
    authority: Mapped[str | None] = mapped_column(String(500))
    document_digest: Mapped[str | None] = mapped_column(String(64))
    member: Mapped[str] = mapped_column(String(3))
    version: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
