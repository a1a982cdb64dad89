"""What a desk sends to register a worker, and what it is told."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.caller import Member

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Image = Annotated[Base64Bytes, Field(max_length=8_000_000)]
PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""A date of which month or day may be unknown: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`."""


class FingerPosition(StrEnum):
    """Which finger; the names of OSIA's biometricSubType, in small letters."""

    UNKNOWN = "unknown"
    RIGHT_THUMB = "right-thumb"
    RIGHT_INDEX = "right-index"
    RIGHT_MIDDLE = "right-middle"
    RIGHT_RING = "right-ring"
    RIGHT_LITTLE = "right-little"
    LEFT_THUMB = "left-thumb"
    LEFT_INDEX = "left-index"
    LEFT_MIDDLE = "left-middle"
    LEFT_RING = "left-ring"
    LEFT_LITTLE = "left-little"

    @property
    def osia(self) -> str:
        """The same position in OSIA's words."""
        return self.name


class FingerException(StrEnum):
    """Why a finger was not captured."""

    AMPUTATED = "AMPUTATED"
    BANDAGED = "BANDAGED"
    DAMAGED = "DAMAGED"


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FingerCapture(_Wire):
    """One finger: its print, or why there is none."""

    position: FingerPosition
    image: Image | None = Field(default=None, description="WSQ, PNG, BMP, TIFF, JPEG or JPEG 2000, base64")
    dpi: int | None = Field(default=None, ge=250, le=1200, description="Resolution; default: the file's own, else 500")
    exception: FingerException | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.image is None) == (self.exception is None):
            raise ValueError("give either the image or the exception")
        return self


class TravelDocument(_Wire):
    """The document that the worker shows."""

    mrz: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="The machine-readable zone as read, lines parted by a line feed (ICAO Doc 9303)"
    )
    number: Annotated[str, StringConstraints(max_length=40)] | None = None
    issuer: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    portrait: Image | None = Field(default=None, description="The portrait on the document, base64")


class Notice(_Wire):
    """What the worker was told, in which language, and whether they agreed to biometrics."""

    version: Annotated[str, StringConstraints(max_length=20)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
    biometrics_agreed: bool = True


class Placement(_Wire):
    """The work that is intended: it decides which minimum age applies."""

    destination: Member
    sector: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] = "any"
    start: date


class RegistrationRequest(_Wire):
    """A worker as the desk captured them. A worker without biometrics is registered too, and marked."""

    reference: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        default=None, description="The desk's own reference"
    )
    name: Name = Field(description="In the passport's spelling")
    native_name: Name | None = Field(default=None, description="In the worker's own script")
    born: PartialDate
    sex: Annotated[str, StringConstraints(pattern="^[FMX]$")] | None = None
    nationality: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    document: TravelDocument | None = None
    placement: Placement | None = None
    photo: Image | None = Field(default=None, description="Live photo, base64")
    fingers: list[FingerCapture] = Field(default_factory=list, max_length=10)
    notice: Notice | None = None

    @model_validator(mode="after")
    def _positions_once(self) -> Self:
        known = [finger.position for finger in self.fingers if finger.position is not FingerPosition.UNKNOWN]
        if len(known) != len(set(known)):
            raise ValueError("a finger position is given twice")
        return self


class SignalCode(StrEnum):
    """What the checks can point at. Each is a reason for a human to look, none is a verdict."""

    SAME_PERSON_OTHER_IDENTITY = "SAME_PERSON_OTHER_IDENTITY"
    DOCUMENT_NUMBER_REUSED = "DOCUMENT_NUMBER_REUSED"
    PORTRAIT_MISMATCH = "PORTRAIT_MISMATCH"
    MRZ_CHECK_DIGIT = "MRZ_CHECK_DIGIT"
    MRZ_UNREADABLE = "MRZ_UNREADABLE"
    MRZ_DATA_MISMATCH = "MRZ_DATA_MISMATCH"
    CHILD_POSSIBLE = "CHILD_POSSIBLE"
    BELOW_SECTOR_MINIMUM = "BELOW_SECTOR_MINIMUM"
    AGE_UNDETERMINED = "AGE_UNDETERMINED"


class Strength(StrEnum):
    """How much a signal says."""

    WEAK = "weak"
    MEDIUM = "medium"
    STRONG = "strong"


class Signal(_Wire):
    """Something that a human should look at, with what was compared and what it does not prove."""

    code: SignalCode
    strength: Strength
    evidence: dict[str, Any]
    rule: str = Field(description="The clause or document that the check follows")
    says: str = Field(description="In plain words, what was found")
    does_not_prove: str = Field(description="In plain words, what it does not prove")


class Relation(StrEnum):
    """How a biometric candidate's papers relate to this registration's."""

    RE_REGISTRATION = "RE_REGISTRATION"
    OTHER_IDENTITY = "OTHER_IDENTITY"


class RegistrationCandidate(_Wire):
    """An earlier registration that biometrics say may be the same person."""

    registration: str
    score: float = Field(description="Fused evidence in bans (log10); larger is more alike")
    relation: Relation
    differences: list[str] = Field(description="Which particulars differ")
    scores: list[dict[str, Any]] = Field(description="Per modality, as the biometric service told")


class Progress(StrEnum):
    """How far the checks have come."""

    RECEIVED = "RECEIVED"
    CHECKED = "CHECKED"


class RegistrationState(StrEnum):
    """Where the registration stands. No machine sets anything but PROVISIONAL."""

    PROVISIONAL = "PROVISIONAL"


class Registration(_Wire):
    """A registration as this caller may see it."""

    registration: str
    reference: str | None
    member: Member
    state: RegistrationState
    progress: Progress
    name: str
    native_name: str | None
    born: str
    nationality: str | None
    signals: list[Signal]
    candidates: list[RegistrationCandidate]
    missing: list[str] = Field(description="What was not captured or could not be checked, and why")
    created_at: datetime
    checked_at: datetime | None


class RegistrationPage(_Wire):
    """Some registrations, newest first, and where the next begin."""

    items: list[Registration]
    next: str | None = Field(description="Give as `cursor` for the next page; none: this is the last")
