"""Complaints of workers: anonymous if they wish, with a secret reference to come back to."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Base64Bytes, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.contracts.assessments import Language, Note
from shared.contracts.cases import Offence
from shared.contracts.lines import Line, RecordId
from shared.contracts.moves import MoveOffered

MAX_FILE_BYTES: Final = 3_000_000
MAX_FILES: Final = 5

_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None})
"""What Crockford's base 32 has no other letter for."""


def _as_written(value: object) -> object:
    return value.upper().translate(_MISREAD) if isinstance(value, str) else value


Reference = Annotated[
    str,
    BeforeValidator(_as_written),
    StringConstraints(pattern=r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}$"),
]
"""A secret of 100 bits in Crockford's base 32."""


class ComplaintState(StrEnum):
    """How far an office has got with it."""

    RECEIVED = "received"
    IN_HAND = "in_hand"
    REFERRED = "referred"
    CLOSED = "closed"


class ComplaintBody(BaseModel):
    """What happened. Nobody has to say who they are."""

    model_config = ConfigDict(extra="forbid")

    text: Note
    about: Line | None = Field(default=None, description="The agency or employer, as the worker knows it.")
    offences: Annotated[list[Offence], Field(max_length=len(Offence))] = Field(default_factory=list)
    child: bool = Field(default=False, description="It is about somebody who is or may be under 18.")
    contact: Line | None = Field(default=None, description="How to reach the worker without anybody else knowing.")
    language: Language = "en"


class ComplaintReceipt(BaseModel):
    """That it was received. The reference is shown once, and is nowhere to be found again."""

    reference: Reference
    received_at: datetime
    says: str


class ReferenceBody(BaseModel):
    """The secret reference; never in an address, where it would be kept."""

    model_config = ConfigDict(extra="forbid")

    reference: Reference


class WorkerMessage(ReferenceBody):
    """Something more that the worker says."""

    text: Note


class WorkerFile(ReferenceBody):
    """A photo or a document."""

    media: Literal["image/jpeg", "image/png", "application/pdf"]
    content: Annotated[Base64Bytes, Field(max_length=MAX_FILE_BYTES * 4 // 3 + 4)]


class ComplaintMessage(BaseModel):
    """Something said by the worker or by the office."""

    by: Literal["worker", "office"]
    text: str
    at: datetime


class ComplaintStatus(BaseModel):
    """A complaint as its worker sees it."""

    state: ComplaintState
    received_at: datetime
    files: int
    messages: list[ComplaintMessage]


class ComplaintItem(BaseModel):
    """A complaint in an office's list."""

    id: str
    state: ComplaintState
    received_at: datetime
    offences: list[Offence]
    language: str
    officer: str | None
    party: str | None
    again: int = Field(description="How often the same text came again; it is kept once.")


class ComplaintPage(BaseModel):
    """Some complaints, newest first."""

    items: list[ComplaintItem]
    next: int | None = Field(description="The `before` of the next page; null on the last.")


class Complaint(ComplaintItem):
    """A complaint as the office sees it."""

    about: str | None
    contact: str | None
    assessment: str | None
    files: int
    messages: list[ComplaintMessage]
    moves: list[MoveOffered] = Field(description="States that the office can bring it to now.")


class OfficeMessage(BaseModel):
    """An answer of the office."""

    model_config = ConfigDict(extra="forbid")

    text: Note


class ComplaintStep(BaseModel):
    """What the office does with it."""

    model_config = ConfigDict(extra="forbid")

    state: ComplaintState
    party: RecordId | None = Field(default=None, description="The party of the register that it is about.")
    assessment: RecordId | None = Field(default=None, description="The conversation that followed.")
