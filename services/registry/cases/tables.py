"""Cases as they stand; earlier versions lie in the history."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String
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
    appeal: Mapped[str] = mapped_column(String(10))
    opened_on: Mapped[date]
    final_on: Mapped[date | None]
    court: Mapped[str | None] = mapped_column(String(500))
    source: Mapped[str] = mapped_column(String(500))
    member: Mapped[str] = mapped_column(String(3))
    version: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
