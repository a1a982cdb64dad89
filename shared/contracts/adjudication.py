"""People who decide about registrations: cases, what reviewers are shown, what they may find, and on which grounds."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.caller import Member
from shared.contracts.lines import Digest
from shared.contracts.registrations import RegistrationState, Signal

RegistrationId = Annotated[str, StringConstraints(pattern=r"^R[0-9a-f]{24}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Finding(StrEnum):
    """What a reviewer can find. Each is about records and papers; none is about guilt."""

    NO_CONTRADICTION = "NO_CONTRADICTION"
    DIFFERENT_PERSONS = "DIFFERENT_PERSONS"
    SAME_IDENTITY = "SAME_IDENTITY"
    SAME_PERSON_TRUE_HERE = "SAME_PERSON_TRUE_HERE"
    SAME_PERSON_TRUE_ELSEWHERE = "SAME_PERSON_TRUE_ELSEWHERE"
    RIGHTFUL_HOLDER = "RIGHTFUL_HOLDER"
    DOCUMENT_OF_ANOTHER = "DOCUMENT_OF_ANOTHER"
    CHILD = "CHILD"
    ADULT = "ADULT"
    COME_OF_AGE = "COME_OF_AGE"


class Ground(StrEnum):
    """What a decision may rest on: a closed list."""

    FACES_COMPARED = "FACES_COMPARED"
    FINGERS_COMPARED = "FINGERS_COMPARED"
    PARTICULARS_COMPARED = "PARTICULARS_COMPARED"
    DOCUMENT_EXAMINED = "DOCUMENT_EXAMINED"
    CHIP_AUTHENTICATED = "CHIP_AUTHENTICATED"
    ISSUER_CONFIRMED = "ISSUER_CONFIRMED"
    BIRTH_RECORD = "BIRTH_RECORD"
    SCHOOL_OR_HEALTH_RECORD = "SCHOOL_OR_HEALTH_RECORD"
    WORKER_HEARD = "WORKER_HEARD"
    FAMILY_HEARD = "FAMILY_HEARD"
    AGE_ASSESSMENT = "AGE_ASSESSMENT"
    CAPTURE_ERROR = "CAPTURE_ERROR"
    FACE_AGE_ESTIMATE = "FACE_AGE_ESTIMATE"


class Paper(StrEnum):
    """What can be asked for, and shown."""

    PASSPORT = "PASSPORT"
    NATIONAL_ID = "NATIONAL_ID"
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"
    FAMILY_REGISTER = "FAMILY_REGISTER"
    SCHOOL_RECORD = "SCHOOL_RECORD"
    HEALTH_RECORD = "HEALTH_RECORD"
    CONSULAR_LETTER = "CONSULAR_LETTER"
    NEW_CAPTURE = "NEW_CAPTURE"


class AdjudicationState(StrEnum):
    """Where a case stands."""

    OPEN = "OPEN"
    DEFERRED = "DEFERRED"
    DECIDED = "DECIDED"
    CLOSED = "CLOSED"


class SeatBody(_Wire):
    """Nothing: the reviewer is known by their token, the case by its address."""


class FindingBody(_Wire):
    """What a reviewer finds, on which grounds, and why."""

    finding: Finding
    other: RegistrationId | Member | None = Field(
        default=None, description="The other record that the finding is about, or the member state that holds it"
    )
    grounds: Annotated[frozenset[Ground], Field(min_length=1)]
    reason: Reason


class DeferralBody(_Wire):
    """What the worker is asked to show, and by when. Nothing is held against them meanwhile."""

    papers: Annotated[frozenset[Paper], Field(min_length=1)]
    reason: Reason
    due: date


class ReasonBody(_Wire):
    """Why a step is taken."""

    reason: Reason


class PaperBody(_Wire):
    """A paper that the worker showed at a desk."""

    paper: Paper
    digest: Digest | None = Field(default=None, description="SHA-256 of the scan; the scan stays at the desk")
    note: Reason | None = None


class BestInterests(_Wire):
    """What is best for the child: before any further step (CRC Art. 3; General Comments 6 and 14)."""

    child_heard: Reason = Field(description="The child's own views, or why they could not be heard")
    guardian: Reason = Field(description="Who stands by the child")
    safety: Reason = Field(description="Risks, and what was done about them")
    assessment: Reason
    recommended: Reason


class ClaimView(_Wire):
    """A case taken in hand, until when."""

    until: datetime


class OwnDecision(_Wire):
    """What this reviewer found."""

    finding: Finding
    other: str | None
    grounds: frozenset[Ground]
    reason: str | None = Field(description="Null once the registration is withdrawn: it is erased with it")
    at: datetime


class ImageView(_Wire):
    """An image that can be looked at through a door of its own, or why not."""

    what: str = Field(description="photo, portrait, or a finger's position")
    address: str | None
    why_not: str | None = None


class Side(_Wire):
    """One record, as reviewers see it: nothing of the desk, the agency or the employer."""

    registration: str = Field(description="The member state, where the record is another member's")
    subject: bool = Field(description="Whether the case is about this record")
    withheld: str | None = Field(default=None, description="Why its particulars are not shown")
    name: str | None = None
    native_name: str | None = None
    born: str | None = None
    sex: str | None = None
    nationality: str | None = None
    document_issuer: str | None = None
    document_number: str | None = None
    registered_on: date | None = None
    missing: list[str] = Field(default_factory=list)
    images: list[ImageView] = Field(default_factory=list)
    differs: list[str] = Field(default_factory=list, description="Particulars that differ from the subject's")


class ShownPaper(_Wire):
    """A paper that was shown after it was asked for."""

    paper: Paper
    digest: str | None
    note: str | None
    at: datetime


class Outcome(_Wire):
    """What two reviewers found alike."""

    finding: Finding
    other: str | None
    at: datetime


class Adjudication(_Wire):
    """A case as this reviewer may see it: nobody sees what another found before it is decided."""

    case: str
    registration: str
    state: AdjudicationState
    round: int = Field(
        description="1; more after an appeal, a reopening or new signals, as far as this reviewer may know of them"
    )
    appealed: bool
    opened_at: datetime
    signals: list[Signal]
    records: list[Side]
    claim: ClaimView | None
    own_decision: OwnDecision | None
    asked: list[Paper] = Field(description="What the worker was asked to show")
    due: date | None
    shown: list[ShownPaper]
    best_interests: BestInterests | None
    outcome: Outcome | None


class QueueItem(_Wire):
    """A case that waits."""

    case: str
    registration: str
    state: AdjudicationState
    codes: list[str] = Field(description="The signals that opened it")
    appealed: bool
    opened_at: datetime
    claimed: bool = Field(description="By this reviewer")


class AdjudicationQueue(_Wire):
    """Cases that this reviewer may take, most harm first, then oldest."""

    items: list[QueueItem]


class Workload(_Wire):
    """How much there is to do, and how it goes."""

    waiting: int
    deferred: int
    overdue: int = Field(description="Deferrals whose day has passed")
    appeals: int = Field(description="Of those waiting or deferred")
    claimed: int = Field(description="Seats taken now")
    oldest_hours: float | None
    decided_30_days: int
    disagreements_30_days: int = Field(description="Of those: where a third reviewer was needed")
    median_hours_30_days: float | None = Field(description="From opening to decision")


class EventView(_Wire):
    """A step of a case. Who took it is told by a number that means nothing elsewhere."""

    number: int
    kind: str
    by: str
    at: datetime


class EventList(_Wire):
    """The steps of a case so far, as far as this reviewer may know them."""

    case: str
    events: list[EventView]


class Receipt(_Wire):
    """That a step about a registration was taken."""

    registration: str
    state: RegistrationState


class PapersAsked(_Wire):
    """What a worker is asked to show; none: nothing."""

    registration: str
    papers: list[Paper]
    due: date | None


class LinkRelation(StrEnum):
    """How two records belong together."""

    RE_REGISTRATION = "RE_REGISTRATION"
    SAME_PERSON = "SAME_PERSON"
    DIFFERENT_PERSONS = "DIFFERENT_PERSONS"
    MERGED = "MERGED"
    DOCUMENT_OF = "DOCUMENT_OF"


class RegistrationLink(_Wire):
    """A link between two records, and whether it still holds. Both keep their histories."""

    registration: str
    other: str
    relation: LinkRelation
    by: str = Field(description="`check`, or the case in which people found it")
    since: datetime
    undone_at: datetime | None


class RegistrationLinks(_Wire):
    """Links of a record, oldest first."""

    registration: str
    links: list[RegistrationLink]


class VictimStatus(StrEnum):
    """Whether somebody is protected as a victim of trafficking or forced labour; no proof is needed to presume it."""

    NONE = "NONE"
    PRESUMED = "PRESUMED"
    IDENTIFIED = "IDENTIFIED"
    ENDED = "ENDED"


class VictimStatusBody(_Wire):
    """A change of the status, with its reason."""

    status: VictimStatus
    reason: Reason


class VictimStatusView(_Wire):
    """The status of a registered person."""

    registration: str
    status: VictimStatus
    since: datetime | None
