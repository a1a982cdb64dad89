"""Alerts: what rules over the log of accesses ask a human to look at."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]


class Alert(BaseModel):
    """A rule was met. A question about how somebody worked, no finding against them."""

    id: str
    at: datetime
    rule: str = Field(
        description="same_subject, many_subjects, out_of_hours, refused_in_a_row, or near (a record of one's family, "
        "employer, or of one who complained)."
    )
    person: str = Field(description="The user's id; of a system without users, the client's.")
    organisation: str
    member: str
    role: str
    entry: int = Field(description="Number of the log's entry at which it was met.")
    number: int = Field(description="How many: occasions, subjects, requests or attempts.")
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    reason: str | None


class AlertPage(BaseModel):
    """Some alerts, newest first."""

    results: list[Alert]
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class AcknowledgementBody(BaseModel):
    """What the look at an alert came to."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason
