"""What workers told, as answers to published indicators, and the lead that the answers amount to. Never a finding."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.caller import Member
from shared.contracts.lines import Digest, Line, RecordId
from shared.standards.indicators.catalogue import Dimension, IndicatorSet, Weight
from shared.standards.indicators.interview import Stage
from shared.standards.indicators.rules import Answer, LeadKind

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9.]{1,9}$")]
QuestionCode = Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,30}$")]

LABEL: Final = "A lead, not a finding: nobody is a victim, and nobody an offender, because of it."


class TickConfidence(StrEnum):
    """How sure whoever ticked it is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class LeadStrength(StrEnum):
    """How far a lead goes."""

    NONE = "none"
    WEAK = "weak"
    MEDIUM = "medium"
    STRONG = "strong"


class AssessmentState(StrEnum):
    """Whether it is worked on."""

    OPEN = "open"
    CLOSED = "closed"


class AssessmentBody(BaseModel):
    """A conversation with a worker that begins, or an inspector's own look at a case."""

    model_config = ConfigDict(extra="forbid")

    registration: RecordId | None = Field(default=None, description="The worker's registration, where there is one.")
    employer: RecordId | None = Field(default=None, description="The party that it is about, where it is known.")
    language: Language = "en"
    child: Answer = Field(default=Answer.UNKNOWN, description="Under 18. In doubt `yes`: a child is protected first.")
    recruited_or_moved: Answer = Answer.UNKNOWN


class PersonBody(BaseModel):
    """What became known of the person."""

    model_config = ConfigDict(extra="forbid")

    child: Answer
    recruited_or_moved: Answer


class TickBody(BaseModel):
    """An answer to one indicator. `unknown` takes an answer back; it is not `no`."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    answer: Answer
    confidence: TickConfidence
    observed_on: date | None = None
    evidence: Annotated[list[Digest], Field(max_length=20)] = Field(default_factory=list)


class TicksBody(BaseModel):
    """Answers, and the question that they came from."""

    model_config = ConfigDict(extra="forbid")

    ticks: Annotated[list[TickBody], Field(max_length=100)] = Field(default_factory=list)
    question: QuestionCode | None = Field(default=None, description="Asked now: it is not asked again.")
    note: Note | None = Field(default=None, description="In the worker's own words. Sealed.")


class InterviewerBody(BaseModel):
    """Who goes on with the conversation, and why it is not the one who began."""

    model_config = ConfigDict(extra="forbid")

    person: Line
    reason: Note


class IndicatorView(BaseModel):
    """A published indicator."""

    code: str
    of: IndicatorSet
    dimension: Dimension | None
    weight: Weight | None
    name: str
    gloss: str
    same_as: list[str]
    htcds: list[str]
    source: str
    confirmed: bool = Field(description="Name and weight were read in the source, not told from memory.")


class IndicatorList(BaseModel):
    """All published indicators."""

    items: list[IndicatorView]


class TickView(BaseModel):
    """An answer as it was given."""

    code: str
    answer: Answer
    confidence: TickConfidence
    observed_on: date | None
    evidence: list[str]
    by: str
    at: datetime


class RuleView(BaseModel):
    """A published rule that fired."""

    code: str
    kind: LeadKind
    text: str
    source: str
    confirmed: bool


class LeadView(BaseModel):
    """What the answers amount to."""

    label: Literal["A lead, not a finding: nobody is a victim, and nobody an offender, because of it."] = LABEL
    strength: LeadStrength
    rules: list[RuleView] = Field(description="Rules that fired, strongest first.")
    because: list[str] = Field(description="Indicators that they counted.")
    contradicted: list[str] = Field(description="Answered yes by one and no by another; yes counts, as a lead.")
    positive: list[Dimension]
    open: list[Dimension] = Field(description="Not positive, and would be if all that is unknown were true.")
    ask_next: list[str] = Field(description="Unknown indicators, those first that tell most.")
    refer_to: list[str] = Field(description="Whom this is for, by the published routing; with the person's consent.")


class NoteView(BaseModel):
    """What somebody said or saw."""

    text: str
    by: str
    at: datetime


class Assessment(BaseModel):
    """A conversation as far as it has got, and its lead."""

    id: str
    member: Member
    state: AssessmentState
    opened_at: datetime
    registration: str | None
    employer: str | None
    language: str
    child: Answer
    recruited_or_moved: Answer
    interviewer: str
    asked: list[str]
    ticks: list[TickView]
    notes: list[NoteView]
    lead: LeadView


class AssessmentItem(BaseModel):
    """A conversation in a list."""

    id: str
    state: AssessmentState
    opened_at: datetime
    interviewer: str
    employer: str | None
    strength: LeadStrength


class AssessmentPage(BaseModel):
    """Some conversations, newest first."""

    items: list[AssessmentItem]
    next: int | None = Field(description="The `before` of the next page; null on the last.")


class QuestionView(BaseModel):
    """A question to ask."""

    code: QuestionCode
    stage: Stage
    text: str
    language: str
    sensitive: bool = Field(description="First ask whether the person wants to talk of it.")
    informs: list[str]


class QuestionList(BaseModel):
    """What is still to be asked, in this order."""

    items: list[QuestionView]
