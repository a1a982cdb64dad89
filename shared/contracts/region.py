"""Hit or no hit at other members: a probe goes out, an opaque reference comes back; content is a second request."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.caller import Member
from shared.contracts.lines import Line
from shared.contracts.osia import BiometricData, BiometricSubType, BiometricType

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32}$")]
ModelId = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")]
ProbeId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class ProbeItem(BaseModel):
    """A template: what comparisons are made from; no image."""

    model_config = ConfigDict(extra="forbid")

    type: BiometricType
    sub_type: BiometricSubType | None = None
    model: ModelId = Field(description="Never compared with another's.")
    template: Base64Bytes = Field(max_length=64_000)


class Probe(BaseModel):
    """The templates of one person."""

    model_config = ConfigDict(extra="forbid")

    items: list[ProbeItem] = Field(min_length=1, max_length=20)


class Images(BaseModel):
    """Images, or templates of a standard, that a probe is made of."""

    model_config = ConfigDict(extra="forbid")

    biometricData: list[BiometricData] = Field(min_length=1, max_length=20)  # noqa: N815  OSIA's name


class Likeness(BaseModel):
    """How likely it is that a candidate is the same person, in steps: a fine score would let templates be rebuilt."""

    person: str = Field(description="Opaque, of the biometric service; never leaves the member.")
    score: float
    compared: list[BiometricType]
    quality: int | None


class ProbeFindings(BaseModel):
    """What a search with templates gave."""

    comparable: bool = Field(description="False: nobody here has a template of the same model.")
    models: list[str] = Field(description="Of which somebody here has a template.")
    found: list[Likeness]


class Outcome(StrEnum):
    """What a member answers. Of NOT_COMPARABLE nothing is said: it is never *no hit*."""

    HIT = "hit"
    NO_HIT = "no_hit"
    NOT_COMPARABLE = "not_comparable"


class ScoreBand(StrEnum):
    """One stranger in so many reaches it, who is compared on the same things."""

    POSSIBLE = "possible"
    """From the member's own threshold for candidates."""
    STRONG = "strong"
    """One in a million."""
    VERY_STRONG = "very_strong"
    """One in a thousand million."""


class RegionHit(BaseModel):
    """A candidate at another member: a reference for a second request, and nothing of the content."""

    model_config = ConfigDict(extra="ignore")

    reference: Reference = Field(description="Random; for the asking member, this request, and until it expires.")
    band: ScoreBand | None = Field(default=None, description="Null of a document's number.")
    compared: list[BiometricType] = Field(default_factory=list)
    quality: int | None = Field(default=None, description="Of the held prints, 0..100, the poorest; null: not known.")
    expires: datetime
    same_as: list[Reference] = Field(
        default_factory=list,
        max_length=20,
        description="Of a document's number: references of the last hour, given to the same member, to the same person",
    )


class HitAnswer(BaseModel):
    """What one member tells another."""

    model_config = ConfigDict(extra="ignore")

    version: Literal[2] = 2
    member: Member
    as_of: datetime
    outcome: Outcome
    hits: list[RegionHit] = Field(default_factory=list, max_length=10)
    models: list[str] = Field(default_factory=list, description="With not_comparable: what would be.")


class SealedProbe(BaseModel):
    """A probe, or a document's number, that only the asked member opens (HPKE, RFC 9180)."""

    model_config = ConfigDict(extra="forbid")

    id: ProbeId = Field(description="Random; bound into the seal.")
    sealed: Base64Bytes = Field(max_length=2_000_000)


class RegionState(StrEnum):
    """Whether a member's people are in the answer."""

    ANSWERED = "answered"
    SILENT = "silent"
    CUT_OFF = "cut_off"
    NOT_ASKED = "not_asked"


class MemberHits(BaseModel):
    """One member's part. Only of `answered` with `no_hit` may one say that it holds nobody."""

    member: Member
    state: RegionState
    reason: str | None = None
    outcome: Outcome | None = None
    as_of: datetime | None = None
    hits: list[RegionHit] = Field(default_factory=list)


class RegionAnswer(BaseModel):
    """What the other members answered; those that are missing first."""

    members: list[MemberHits]


class DocumentQuestion(BaseModel):
    """Whether a document's number was shown at another member."""

    model_config = ConfigDict(extra="forbid")

    issuer: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(description="As in the reading zone.")
    number: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3,30}$")]


class Inquiry(BaseModel):
    """A registration that other members are still to be asked about."""

    registration: str
    person: str = Field(description="Opaque, of the biometric service.")
    document: DocumentQuestion | None
    answered: list[Member] = Field(description="Not to be asked again.")


class Inquiries(BaseModel):
    """Those whose turn it is, first first."""

    inquiries: list[Inquiry]


class Asked(BaseModel):
    """What came of asking one member about a registration; null: there was nothing of the kind to ask with."""

    member: Member
    biometrics: MemberHits | None
    document: MemberHits | None


class InquiryAnswer(BaseModel):
    """What came of asking."""

    members: list[Asked] = Field(max_length=50)


class ContentQuestion(BaseModel):
    """The content behind a hit; the header Lindung-Case names the case."""

    model_config = ConfigDict(extra="forbid")

    reference: Reference
    legal_basis: Line = Field(description="The provision, or the article of the agreement, that allows the question.")


class ContentRequestState(StrEnum):
    """How far a request for content is."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


class ContentReply(BaseModel):
    """What the holder answers: it waits for a human, is declined with a reason, or the content, sealed to the asker."""

    model_config = ConfigDict(extra="ignore")

    version: Literal[2] = 2
    member: Member
    state: ContentRequestState
    reason: str | None = None
    by: Literal["human", "standing_agreement"] | None = None
    sealed: Base64Bytes | None = None


class RegionContentQuestion(ContentQuestion):
    """The same, at this node's own gateway."""

    member: Member = Field(description="Who holds it.")


class HeldRecord(BaseModel):
    """What a member tells of one registration, for a numbered case."""

    registration: str
    member: Member
    name: str
    native_name: str | None = None
    born: str
    sex: str | None = None
    nationality: str | None = None
    registered_on: datetime


class HeldRecords(BaseModel):
    """The registrations of one person."""

    records: list[HeldRecord]


class RegionContent(BaseModel):
    """The holder's answer, opened."""

    member: Member
    state: ContentRequestState
    reason: str | None = None
    by: Literal["human", "standing_agreement"] | None = None
    records: list[HeldRecord] = Field(default_factory=list)


class ContentRequest(BaseModel):
    """A request for content in the holder's queue."""

    id: str
    member: Member
    user: str = Field(description="The asking member's own name for who asks.")
    purpose: str
    case_reference: str
    legal_basis: str
    state: ContentRequestState
    asked_at: datetime
    band: ScoreBand | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class ContentRequests(BaseModel):
    """The queue, oldest first."""

    results: list[ContentRequest]


class ContentDecision(BaseModel):
    """A human's decision on a request for content."""

    model_config = ConfigDict(extra="forbid")

    approve: bool
    reason: Line
