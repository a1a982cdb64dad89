"""Tasks: a request that was taken, and its result until it is delivered. What came and what goes is sealed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.biometrics.tables import Base
from shared.db.database import UtcDateTime


class TaskState(StrEnum):
    """How far a task has come; the standard's own words."""

    PENDING = "PENDING"
    RESPONSE_SCHEDULED = "RESPONSE_SCHEDULED"
    RESPONSE_RETRY = "RESPONSE_RETRY"
    RESPONSE_ERROR = "RESPONSE_ERROR"
    COMPLETED = "COMPLETED"


class TaskRow(Base):
    """One task. `effect` is written in the transaction of the change that the task makes, so that a task that is
    taken up again after a crash does not make it twice.
    """

    __tablename__ = "biometrics_tasks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(220))
    state: Mapped[str] = mapped_column(String(20))
    subject_key: Mapped[bytes] = mapped_column(LargeBinary)
    address: Mapped[bytes] = mapped_column(LargeBinary)  # sealed: where the result goes
    request: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed; gone once done
    effect: Mapped[str | None] = mapped_column(String(200))  # ids only
    result: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed
    attempts: Mapped[int] = mapped_column(default=0)
    deliveries: Mapped[int] = mapped_column(default=0)
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
