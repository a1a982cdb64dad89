"""Red flags that stand. A flag that no longer holds is gone."""

from datetime import date, datetime

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class RedFlagRow(Base):
    """A rule that holds of a party, for the labour inspection of one member. `counts` are rounded down already."""

    __tablename__ = "registry_red_flags"
    __table_args__ = (UniqueConstraint("member", "party", "rule"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    member: Mapped[str] = mapped_column(String(3))
    party: Mapped[str] = mapped_column(String(64))
    rule: Mapped[str] = mapped_column(String(40))
    strength: Mapped[str] = mapped_column(String(8))
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    first_on: Mapped[date]
    last_on: Mapped[date]
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    weighed_at: Mapped[datetime] = mapped_column(UtcDateTime)
