"""Evidence packages: what a member state hands to another for mutual legal assistance, verifiable without it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.audit import Head, Inclusion
from shared.contracts.caller import Member
from shared.contracts.lines import Digest, Line, RecordId

SCHEMA_VERSION: Final = "lindung-evidence/1"
PartName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.json|/[A-Za-z0-9][A-Za-z0-9._-]{0,99})$")]
"""Where a part lies in the package: a name of ours, or a folder and a plain file's name."""


class EvidenceKind(StrEnum):
    """What a package is about."""

    CASE = "case"
    REFERRAL = "referral"


class PartRole(StrEnum):
    """What a part of a package is."""

    RECORD = "record"
    LOG = "log"
    RECEIPTS = "receipts"
    DOCUMENT = "document"
    TRANSLATION = "translation"
    DIRECTORY = "directory"


class EvidencePart(BaseModel):
    """A file of the package. A translation names the part that it is of."""

    model_config = ConfigDict(extra="forbid")

    path: PartName
    role: PartRole
    sha256: Digest
    size: int = Field(ge=0)
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = None
    translates: PartName | None = None


class NamedDocument(BaseModel):
    """A document that the record names by its SHA-256."""

    model_config = ConfigDict(extra="forbid")

    sha256: Digest
    authority: str | None
    part: PartName | None = Field(description="Where it lies in the package; null: it is not in it.")


class Manifest(BaseModel):
    """Everything that is in a package; its octets are what is signed."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal["lindung-evidence/1"] = SCHEMA_VERSION
    member: Member
    kind: EvidenceKind
    subject: RecordId
    request: Line = Field(description="Of the requesting state: its reference.")
    made_at: AwareDatetime
    key_id: Line = Field(description="Of the member's log key, which signs the manifest too.")
    named: list[NamedDocument]
    parts: list[EvidencePart]


class CustodyLog(BaseModel):
    """Who had the record, when and why: entries of the transparency log, each with its proof, and the signed head."""

    model_config = ConfigDict(extra="forbid")

    head: Head
    entries: list[Inclusion]


class CaseFile(BaseModel):
    """A case as it stands, and everything that was told of it."""

    case: dict[str, Any]
    versions: list[dict[str, Any]]


class EvidenceStep(BaseModel):
    """How far a referral got, and when; which side, not which person."""

    state: str
    code: str | None
    side: str
    at: datetime


class ReferralFile(BaseModel):
    """A referral without its content: who sent what kind of matter to whom, on what ground, and what became of it."""

    id: str
    sender: str
    sender_member: Member
    receiver: str
    receiver_member: Member
    about: str
    purpose: str
    ground: Literal["consent", "law", "none"]
    law: str | None
    sent_at: datetime
    state: str
    steps: list[EvidenceStep]


class ExchangeReceipt(BaseModel):
    """Both signatures of one exchange between members and what they cover, without content."""

    model_config = ConfigDict(extra="forbid")

    at: datetime
    direction: str
    member: Member
    method: str
    url: str
    status: int
    question: dict[str, str]
    reply: dict[str, str]


class ExchangeReceipts(BaseModel):
    """The exchanges about one referral, in order."""

    items: list[ExchangeReceipt]
