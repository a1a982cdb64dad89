"""Assessments and the answers given in them. Rows of answers are added, never changed."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.tables import Base
from shared.db.database import UtcDateTime


class AssessmentRow(Base):
    """A conversation with a worker. `office` is who may read it, `organisation` which of them (None: all)."""

    __tablename__ = "registry_assessments"
    __table_args__ = (Index("ix_registry_assessments_office", "member", "office", "organisation", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    member: Mapped[str] = mapped_column(String(3))
    office: Mapped[str] = mapped_column(String(20))
    organisation: Mapped[str | None] = mapped_column(String(200))
    registration: Mapped[str | None] = mapped_column(String(64))
    employer: Mapped[str | None] = mapped_column(String(64), index=True)
    language: Mapped[str] = mapped_column(String(3))
    child: Mapped[str] = mapped_column(String(8))
    recruited_or_moved: Mapped[str] = mapped_column(String(8))
    interviewer: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    strength: Mapped[str] = mapped_column(String(8))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnswerRow(Base):
    """Something told in an assessment: an indicator's answer, a question that was asked, a note (sealed)."""

    __tablename__ = "registry_assessment_answers"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    assessment_seq: Mapped[int] = mapped_column(ForeignKey("registry_assessments.seq"), index=True)
    question: Mapped[str | None] = mapped_column(String(30))
    code: Mapped[str | None] = mapped_column(String(10))
    answer: Mapped[str | None] = mapped_column(String(8))
    confidence: Mapped[str | None] = mapped_column(String(8))
    observed_on: Mapped[date | None]
    evidence: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
