"""Where a statement comes from, when it was true, and how a wrong one is put right."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.caller import Member
from shared.contracts.lines import Digest, Line


class Provenance(BaseModel):
    """Who says so, and in which document."""

    authority: Line | None = Field(default=None, description="Who stands behind it: a court, an office, a register.")
    document_digest: Digest | None = Field(default=None, description="SHA-256 of the document, hexadecimal.")


class CorrectionGround(StrEnum):
    """Why something that was told is put right. A change of the world is no correction: it is told as news."""

    WRONG_PARTY = "wrong_party"
    WRONG_STEP = "wrong_step"
    WRONG_DATE = "wrong_date"
    DUPLICATE = "duplicate"
    DECISION_AMENDED = "decision_amended"
    TOLD_LATE = "told_late"


class Correction(Provenance):
    """The ground of a correction. Who corrects, and when, the register notes by itself."""

    model_config = ConfigDict(extra="forbid")

    ground: CorrectionGround
    source: Line = Field(description="What the correction rests on, e.g. the number of a decision.")


class RecordVersion(BaseModel):
    """One statement about a record, as it was told."""

    version: int
    told_at: datetime
    member: Member
    organisation: str
    valid_from: date | None = Field(description="First day it speaks of; null: no beginning told.")
    valid_to: date | None = Field(description="Last day it speaks of; null: no end told.")
    authority: str | None
    document_digest: str | None
    correction: CorrectionGround | None = Field(description="Set where it puts right what was told before.")
    content: dict[str, Any]


class HistoryPage(BaseModel):
    """What was told of a record, in the order of telling."""

    results: list[RecordVersion]
    next: int | None = Field(description="The `cursor` of the next page; null on the last.")
