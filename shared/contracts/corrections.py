"""What was told and is so no longer: changes of records that whoever received them must hear of."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.caller import Member
from shared.contracts.lines import RecordId

ChangeId = Annotated[str, StringConstraints(pattern=r"^[\w.:/-]{1,160}$")]


class CorrectedKind(StrEnum):
    """Kinds of record that are told to others."""

    PARTY = "party"
    CASE = "case"
    LISTING = "listing"
    LICENCE = "licence"


class Change(StrEnum):
    """What a receiver must do. Why a record fell away is not told."""

    FELL_AWAY = "fell_away"
    """Acquitted, withdrawn, overturned, delisted, run out: nothing of it is said any more; nothing of it is kept."""
    MITIGATED = "mitigated"
    """What is said now is less grave than what was told: ask again before it is used."""
    CORRECTED = "corrected"
    """What was told was wrong: ask again before it is used."""


class RecordChange(BaseModel):
    """One change of one record; ids only, no content."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: ChangeId = Field(description="Of its member, never used twice.")
    kind: CorrectedKind
    record: RecordId
    party: RecordId = Field(description="Whom the record was about.")
    change: Change
    since: datetime = Field(description="When the record was first told: who asked before then never received it.")
    at: datetime = Field(description="When the change was told.")


class RecordChanges(BaseModel):
    """What the register has to tell; it is told again until it is taken."""

    changes: list[RecordChange]
    numbers: list[int] = Field(description="To be named when they are taken.")


class TakenChanges(BaseModel):
    """Changes that will not be lost any more."""

    model_config = ConfigDict(extra="forbid")

    numbers: list[int] = Field(max_length=1000)


class CorrectionMessage(BaseModel):
    """What one member tells another, in the order in which it became so."""

    model_config = ConfigDict(extra="forbid")

    corrections: list[RecordChange] = Field(min_length=1, max_length=100)


class CorrectionReceipt(BaseModel):
    """Which of them are kept durably by the receiver."""

    acknowledged: list[ChangeId]


class Correction(BaseModel):
    """A correction for an office that received the record."""

    number: int = Field(description="Grows; a later one has a greater one.")
    id: str
    source: Member = Field(description="Whose record.")
    kind: CorrectedKind
    record: str
    party: str
    change: Change
    at: datetime
    acknowledged_at: datetime | None
    overdue: bool = Field(description="It was not acknowledged in time, and an alert was raised.")


class CorrectionPage(BaseModel):
    """Some corrections, in the order of their numbers."""

    results: list[Correction]
    next: int = Field(description="The `cursor` to go on from; the same as asked when there is nothing new.")


class Acknowledgement(BaseModel):
    """Corrections that an office has carried out in what it holds."""

    model_config = ConfigDict(extra="forbid")

    numbers: list[int] = Field(min_length=1, max_length=500)


class Acknowledged(BaseModel):
    """How many of them were open until now."""

    corrections: int


class OpenCorrection(Correction):
    """A correction with whom it waits for."""

    member: Member
    office: str = Field(description="Of this node's member; empty: the other member's gateway.")
    created_at: datetime
    tries: int = Field(description="How often it was sent in vain.")


class OpenCorrections(BaseModel):
    """Corrections that are not acknowledged, oldest first."""

    results: list[OpenCorrection]


class OwedCorrection(BaseModel):
    """Something that was told of a party and is so no longer, which a recipient has not acknowledged."""

    kind: CorrectedKind
    record: str
    change: Change
    since: datetime = Field(description="When it was first owed.")
    overdue: bool


class PartyRecipient(BaseModel):
    """Somebody who was told of a party."""

    member: Member
    office: str = Field(description="Of this node's member; empty: the other member's gateway.")
    told_at: datetime = Field(description="When last.")
    corrections: list[OwedCorrection] = Field(description="Not acknowledged yet, oldest first.")


class PartyRecipients(BaseModel):
    """Who was told of a party, those told last first. Nobody is written down for keeping the register itself."""

    party: str
    results: list[PartyRecipient]
