"""What a desk sends to register a worker, and what it is told."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.caller import Member
from shared.contracts.lines import Line, RecordId
from shared.contracts.region import RegionState
from shared.contracts.terms import ContractTerms, Money

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


class ChipData(_Wire):
    """What was read from a document's chip (ICAO Doc 9303-10), each file whole, base64."""

    dg1: Annotated[Base64Bytes, Field(max_length=1_000)] | None = Field(default=None, description="The zone")
    dg2: Annotated[Base64Bytes, Field(max_length=2_000_000)] | None = Field(default=None, description="The face")
    sod: Annotated[Base64Bytes, Field(max_length=200_000)] | None = Field(
        default=None, description="EF.SOD, the document security object: without it nothing is authenticated"
    )


class BirthRecord(_Wire):
    """A birth certificate or an extract of a civil register, as it states the worker's birth."""

    name: Name | None = None
    born: PartialDate
    number: Annotated[str, StringConstraints(max_length=60)] | None = None
    authority: Annotated[str, StringConstraints(max_length=200)] | None = None


class TravelDocument(_Wire):
    """The document that the worker shows."""

    mrz: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="The machine-readable zone as read, lines parted by a line feed (ICAO Doc 9303)"
    )
    number: Annotated[str, StringConstraints(max_length=40)] | None = None
    issuer: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    issued: PartialDate | None = Field(default=None, description="As printed on the page")
    expires: PartialDate | None = Field(default=None, description="As printed on the page")
    portrait: Image | None = Field(default=None, description="The portrait on the document, base64")
    page: Image | None = Field(
        default=None, description="Photo or scan of the page with the machine-readable zone, base64: the zone is read"
    )
    chip: ChipData | None = None
    seal: Annotated[Base64Bytes, Field(max_length=5_000)] | None = Field(
        default=None,
        description="Octets of a visible digital seal (ICAO Doc 9303-13), as its bar code was read, base64",
    )
    holder: Line | None = Field(
        default=None, description="Who handed it over, if not the worker: a name or number, as the desk writes it"
    )


class Notice(_Wire):
    """What the worker was told, in which language, and whether they agreed to biometrics."""

    version: Annotated[str, StringConstraints(max_length=20)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
    biometrics_agreed: bool = True


class NoBiometrics(StrEnum):
    """Why a worker is registered without face and fingers. Each is taken in like any other registration."""

    REFUSED = "REFUSED"
    INJURED = "INJURED"
    NOT_POSSIBLE = "NOT_POSSIBLE"
    DEVICE_AWAY = "DEVICE_AWAY"


class Placement(_Wire):
    """The work that is intended: it decides which minimum age applies."""

    destination: Member
    sector: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] = "any"
    start: date
    agency: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")] | None = Field(
        default=None, description="Party id of the agency that places the worker; never shown to a reviewer"
    )
    employer: RecordId | None = Field(default=None, description="Party id of the employer, where it is known")
    terms: ContractTerms | None = Field(default=None, description="The contract as it stands on this day")
    promised: ContractTerms | None = Field(
        default=None, description="After arrival: the contract that was signed at home, where the worker brings it"
    )
    paid: Money | None = Field(default=None, description="What the worker says to have paid, in all, to be placed")


class WorkerContact(_Wire):
    """How to reach the worker, and where wages go. Sealed; compared by keyed digests only."""

    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ().-]{4,30}$")] | None = None
    account: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 .:/-]{3,60}$")] | None = Field(
        default=None, description="Bank account or wallet, with its bank or service"
    )


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
    birth_record: BirthRecord | None = None
    placement: Placement | None = None
    contact: WorkerContact | None = None
    photo: Image | None = Field(default=None, description="Live photo, base64")
    fingers: list[FingerCapture] = Field(default_factory=list, max_length=10)
    notice: Notice | None = None
    no_biometrics: NoBiometrics | None = Field(default=None, description="Why neither photo nor prints are given")

    @model_validator(mode="after")
    def _agreed_to_what_is_given(self) -> Self:
        captured = self.photo is not None or any(finger.image is not None for finger in self.fingers)
        if captured and self.notice is not None and not self.notice.biometrics_agreed:
            raise ValueError("the worker did not agree to biometrics: send none")
        if captured and self.no_biometrics is not None:
            raise ValueError("no_biometrics is given, and so are biometrics")
        return self

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
    CANDIDATE_IN_OTHER_MEMBER = "CANDIDATE_IN_OTHER_MEMBER"
    DOCUMENT_IN_OTHER_MEMBER = "DOCUMENT_IN_OTHER_MEMBER"
    PORTRAIT_MISMATCH = "PORTRAIT_MISMATCH"
    MRZ_CHECK_DIGIT = "MRZ_CHECK_DIGIT"
    MRZ_UNREADABLE = "MRZ_UNREADABLE"
    MRZ_DATA_MISMATCH = "MRZ_DATA_MISMATCH"
    PAGE_MRZ_MISMATCH = "PAGE_MRZ_MISMATCH"
    CHIP_UNREADABLE = "CHIP_UNREADABLE"
    CHIP_SIGNATURE_WRONG = "CHIP_SIGNATURE_WRONG"
    CHIP_CHAIN_WRONG = "CHIP_CHAIN_WRONG"
    CHIP_SIGNER_REVOKED = "CHIP_SIGNER_REVOKED"
    CHIP_DATA_ALTERED = "CHIP_DATA_ALTERED"
    CHIP_DATA_UNSIGNED = "CHIP_DATA_UNSIGNED"
    CHIP_AUTHORITY_UNKNOWN = "CHIP_AUTHORITY_UNKNOWN"
    CHIP_SIGNER_EXPIRED = "CHIP_SIGNER_EXPIRED"
    CHIP_DATA_MISMATCH = "CHIP_DATA_MISMATCH"
    SEAL_UNREADABLE = "SEAL_UNREADABLE"
    SEAL_SIGNATURE_WRONG = "SEAL_SIGNATURE_WRONG"
    SEAL_SIGNER_UNKNOWN = "SEAL_SIGNER_UNKNOWN"
    SEAL_DATA_MISMATCH = "SEAL_DATA_MISMATCH"
    BIRTH_RECORD_MISMATCH = "BIRTH_RECORD_MISMATCH"
    DOCUMENT_EXPIRED = "DOCUMENT_EXPIRED"
    DOCUMENT_DATES_IMPOSSIBLE = "DOCUMENT_DATES_IMPOSSIBLE"
    DOCUMENT_NUMBER_FORMAT = "DOCUMENT_NUMBER_FORMAT"
    DOCUMENT_REPORTED_LOST = "DOCUMENT_REPORTED_LOST"
    PORTRAIT_REUSED = "PORTRAIT_REUSED"
    CHILD_POSSIBLE = "CHILD_POSSIBLE"
    BELOW_SECTOR_MINIMUM = "BELOW_SECTOR_MINIMUM"
    AGE_UNDETERMINED = "AGE_UNDETERMINED"
    AGE_ESTIMATE_YOUNG = "AGE_ESTIMATE_YOUNG"


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
    score: float = Field(description="One stranger in 10^score, compared on the same things, is as much alike")
    relation: Relation
    differences: list[str] = Field(description="Which particulars differ")
    scores: list[dict[str, Any]] = Field(description="Per modality, as the biometric service told")
    contradiction: list[dict[str, Any]] = Field(
        default_factory=list,
        description="Bans of face and fingers, where one says yes and the other no; else empty",
    )


class AskedMember(_Wire):
    """Whether another member state's people are in the checks. What it answered is a signal, or nothing was found."""

    member: Member
    state: RegionState
    reason: str | None = Field(description="Why it was not asked, or gave no answer")
    as_of: datetime | None
    compared: bool | None = Field(
        description="Whether face or fingers were compared there; false: of another model, so that nothing is said; "
        "null: not asked about them"
    )
    again_until: datetime | None = Field(description="It is asked again until then; null: not again")


class Progress(StrEnum):
    """How far the checks have come."""

    RECEIVED = "RECEIVED"
    CHECKED = "CHECKED"


class RegistrationState(StrEnum):
    """Where the registration stands. No machine sets anything but PROVISIONAL; what lasts takes two humans."""

    PROVISIONAL = "PROVISIONAL"
    UNDER_REVIEW = "UNDER_REVIEW"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"
    """Of this record, not of the worker: who registers again under true particulars is registered."""
    MERGED = "MERGED"
    PROTECTED = "PROTECTED"
    """A child's: child protection's alone, and shown to nobody else."""
    WITHDRAWN = "WITHDRAWN"
    """By the worker: everything is erased but that there was a registration."""


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
    elsewhere: list[AskedMember] = Field(
        default_factory=list, description="Other members, asked after the checks; those that gave no answer first"
    )
    created_at: datetime
    checked_at: datetime | None


class RegistrationPage(_Wire):
    """Some registrations, newest first, and where the next begin."""

    items: list[Registration]
    next: str | None = Field(description="Give as `cursor` for the next page; none: this is the last")
