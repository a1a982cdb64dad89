"""What screening keeps for offices: thresholds, cleared hits, batches, watches and their notices, and promised work."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime
from shared.db.jobs import JobColumns, job_indexes


class ScreeningJobRow(JobColumns, Base):
    """Promised work on batches and webhooks."""

    __tablename__ = "registry_screening_jobs"
    __table_args__ = job_indexes("registry_screening_jobs")


class ThresholdRow(Base):
    """A version of an office's threshold; rows are added, never changed."""

    __tablename__ = "registry_thresholds"
    __table_args__ = (UniqueConstraint("member", "organisation", "version"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    threshold: Mapped[float]
    cutoff: Mapped[float]
    reason: Mapped[str] = mapped_column(String(500))
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClearanceRow(Base):
    """A hit that an office cleared. `query` is a keyed digest: what was asked is not kept."""

    __tablename__ = "registry_clearances"
    __table_args__ = (Index("ix_registry_clearances_office", "member", "organisation", "query", "party_seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    query: Mapped[str] = mapped_column(String(64))
    party_seq: Mapped[int] = mapped_column(ForeignKey("registry_parties.seq"), index=True)
    material: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(500))
    evidence: Mapped[str | None] = mapped_column(String(500))
    document_digest: Mapped[str | None] = mapped_column(String(64))
    cleared_by: Mapped[str] = mapped_column(String(64))
    cleared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BatchRow(Base):
    """A list that is screened. What is asked and found lies sealed in its parts until it is destroyed."""

    __tablename__ = "registry_batches"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    caller: Mapped[dict[str, Any]] = mapped_column(JSON)
    subject_key: Mapped[bytes] = mapped_column(LargeBinary)
    shown: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    rows: Mapped[int]
    parts: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    matches: Mapped[int] = mapped_column(default=0)
    possible: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kept_until: Mapped[datetime] = mapped_column(UtcDateTime)


class BatchPartRow(Base):
    """Some rows of a batch; the result is there when they are screened."""

    __tablename__ = "registry_batch_parts"

    batch_id: Mapped[str] = mapped_column(ForeignKey("registry_batches.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    asked: Mapped[bytes] = mapped_column(LargeBinary)
    found: Mapped[bytes | None] = mapped_column(LargeBinary)


class WatchRow(Base):
    """A watch. `asked` is the sealed query; `known` how everything stood when it was last compared."""

    __tablename__ = "registry_watches"
    __table_args__ = (Index("ix_registry_watches_office", "member", "organisation"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(String(64))
    party_seq: Mapped[int | None] = mapped_column(ForeignKey("registry_parties.seq"), index=True)
    subject_key: Mapped[bytes] = mapped_column(LargeBinary)
    asked: Mapped[bytes | None] = mapped_column(LargeBinary)
    label: Mapped[str | None] = mapped_column(String(500))
    webhook: Mapped[str | None] = mapped_column(String(2000))
    known: Mapped[dict[str, Any]] = mapped_column(JSON)
    round: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticeRow(Base):
    """That something changed for a watch. `number` is what readers go on from: none is given out twice."""

    __tablename__ = "registry_notices"
    __table_args__ = (
        Index("ix_registry_notices_office", "member", "organisation", "number"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    watch_id: Mapped[str] = mapped_column(ForeignKey("registry_watches.id", ondelete="CASCADE"), index=True)
    member: Mapped[str] = mapped_column(String(3))
    organisation: Mapped[str] = mapped_column(String(200))
    party: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivery: Mapped[str] = mapped_column(String(10))
    tries: Mapped[int] = mapped_column(default=0)
