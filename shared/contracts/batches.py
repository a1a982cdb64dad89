"""Screening of many at once: CSV in, a durable job, CSV out."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, Field

MAX_ROWS: Final = 10_000
"""Rows of one batch."""

MAX_BATCH_BYTES: Final = 5_000_000

COLUMNS: Final = (
    *("reference", "schema", "name", "alias", "birthDate", "nationality", "country", "gender"),
    *("idNumber", "passportNumber", "registrationNumber"),
)
"""Columns that are read; others are left aside."""

RESULT_COLUMNS: Final = (
    *("line", "reference", "outcome", "rank", "score", "match", "party", "caption", "schema", "member"),
    *("status", "status_label", "proven", "listings", "licences", "cleared", "reasons", "error"),
)


class BatchState(StrEnum):
    """How far a batch is."""

    WORKING = "working"
    DONE = "done"


class Batch(BaseModel):
    """A batch, and how far it has got. It asks this member's register, not the other members'."""

    id: str
    state: BatchState
    rows: int
    done: int = Field(description="Rows that are screened.")
    matches: int = Field(description="Rows with a match.")
    possible: int = Field(description="Rows with hits, none of which is a match.")
    rejected: int = Field(description="Rows that cannot be asked; the result says why.")
    created_at: datetime
    finished_at: datetime | None
    kept_until: datetime = Field(description="Then what was asked and what was found are destroyed.")


class BatchRow(BaseModel):
    """A row of a batch's result: a hit, or that there is none."""

    line: int
    reference: str
    outcome: str
    rank: int | None
    score: float | None
    match: bool | None
    party: str | None
    caption: str | None
    schema_: str | None = Field(alias="schema")
    member: str | None
    status: str | None
    status_label: str | None
    proven: bool | None
    listings: list[str] | None
    licences: list[str] | None
    cleared: str | None
    reasons: list[str] | None
    error: str | None
