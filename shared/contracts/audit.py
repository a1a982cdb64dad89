"""What the transparency log answers: heads, proofs and entries. Octets are base64 (RFC 4648, section 4)."""

from datetime import datetime

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field


class Head(BaseModel):
    """A signed tree head (RFC 9162, section 4.10): what the log was at an instant."""

    model_config = ConfigDict(extra="forbid")

    member: str = Field(pattern=r"^[A-Z]{3}$", description="Whose log.")
    size: int = Field(ge=0, description="Entries.")
    at: datetime = Field(description="Whole milliseconds, UTC.")
    root: Base64Bytes
    key_id: str = Field(max_length=100)
    signature: Base64Bytes = Field(description="ECDSA P-256, SHA-256, DER, over TreeHeadDataV2.")


class AuditEntry(BaseModel):
    """One access: who, why, what kind of record; the subject as a digest."""

    number: int
    at: str = Field(description="UTC with microseconds, as it is hashed.")
    client_id: str
    user_id: str | None = Field(default=None, description="The person, where one signed in; else no part of the leaf.")
    organisation: str
    member: str
    role: str
    purpose: str
    case_reference: str | None
    kind: str
    action: str
    outcome: str = Field(description="admitted, refused, or shown: it stood in the answer to a list or a search.")
    subject_digest: str


class AuditPage(BaseModel):
    """Entries in order."""

    entries: list[AuditEntry]
    next: int | None = Field(description="The first number of the next page; null when there is none.")


class Inclusion(BaseModel):
    """The proof that an entry stands in the log that a head vouches for (RFC 9162, section 2.1.3)."""

    entry: AuditEntry
    leaf: Base64Bytes
    size: int
    path: list[Base64Bytes]


class Consistency(BaseModel):
    """The proof that a log began as an earlier one (RFC 9162, section 2.1.4)."""

    first: int
    second: int
    path: list[Base64Bytes]
