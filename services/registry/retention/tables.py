"""That something was erased: how many records of which kind, and nothing of any of them."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class ErasureRow(Base):
    """Records erased in one transaction, by the clock that was over; `logged_at`: the log of accesses has it."""

    __tablename__ = "registry_erasures"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    member: Mapped[str] = mapped_column(String(3))
    clock: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    logged_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
