"""Referrals between member states: what one gateway seals for another, and what a registry hands to its own gateway."""

from typing import Annotated, Self

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.caller import Member, Purpose
from shared.contracts.referrals import (
    ReferralAbout,
    ReferralCode,
    ReferralContent,
    ReferralOffice,
    ReferralPurpose,
    ReferralState,
    Urgency,
)

ReferralId = Annotated[str, StringConstraints(pattern=r"^R[0-9a-f]{24}$")]
"""Given by the sender's member, and the same on both sides."""
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""Grows with each thing that one side tells of a referral."""


class ReferralOffer(BaseModel):
    """A referral for an office of another member, or more of it as requested: the content as the preview showed it."""

    model_config = ConfigDict(extra="forbid")

    id: ReferralId
    number: Number
    sender: ReferralOffice
    receiver: ReferralOffice
    about: ReferralAbout
    purpose: ReferralPurpose
    urgency: Urgency
    sent_at: AwareDatetime
    content: ReferralContent


class ToldEvent(BaseModel):
    """Something that one side did, without who did it and what they noted."""

    model_config = ConfigDict(extra="forbid")

    state: ReferralState
    code: ReferralCode | None
    at: AwareDatetime


class ReferralTold(BaseModel):
    """Everything that one side has done with a referral so far, in order: whoever missed a message misses nothing."""

    model_config = ConfigDict(extra="forbid")

    id: ReferralId
    number: Number
    events: list[ToldEvent] = Field(min_length=1, max_length=1000)


class SealedReferral(BaseModel):
    """A ReferralOffer or a ReferralTold, encrypted to the asked member (HPKE, RFC 9180); bound to id and number."""

    model_config = ConfigDict(extra="forbid")

    id: ReferralId
    number: Number
    sealed: Base64Bytes = Field(max_length=1_000_000)


class ReferralReceipt(BaseModel):
    """It is kept durably by whoever was told."""

    id: ReferralId
    number: Number


class OwedReferral(BaseModel):
    """What a registry has to tell an office of another member, for its own gateway: one of the two."""

    member: Member
    id: ReferralId
    number: Number
    purpose: Purpose
    case_reference: str | None
    offer: ReferralOffer | None = None
    told: ReferralTold | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.offer is None) == (self.told is None):
            raise ValueError("an offer, or what was done")
        return self


class OwedReferrals(BaseModel):
    """What is owed now, that which was tried last at the end."""

    items: list[OwedReferral]


class ReferralResult(BaseModel):
    """What became of sending something."""

    model_config = ConfigDict(extra="forbid")

    id: ReferralId
    number: Number
    reason: Annotated[str, StringConstraints(max_length=20)] | None = Field(
        default=None, description="Why it was not taken; null: it was."
    )
    final: bool = Field(default=False, description="The other member will not take it, however often it is sent.")


class ReferralResults(BaseModel):
    """What became of what was owed."""

    model_config = ConfigDict(extra="forbid")

    items: list[ReferralResult] = Field(max_length=1000)
