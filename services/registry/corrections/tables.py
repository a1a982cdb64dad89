"""Up to which day it was looked what ran out."""

from datetime import date
from typing import Final

from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base

BY_THE_CLOCK: Final = 0
"""In place of a version: nobody told anything, a term ran out."""


class EndingsDayRow(Base):
    """The last day for which it was looked what ran out; one row."""

    __tablename__ = "registry_endings_day"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]
