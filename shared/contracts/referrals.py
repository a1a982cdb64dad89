"""Referrals from one office to another: what is sent, with whose consent, and how far it has got."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.assessments import Language, LeadStrength, Note
from shared.contracts.caller import Member
from shared.contracts.lines import Line, RecordId
from shared.contracts.moves import MoveOffered


class ReferralOffice(StrEnum):
    """Offices that refer to each other."""

    LABOUR_INSPECTION = "labour_inspection"
    POLICE = "police"
    VICTIM_SERVICES = "victim_services"
    CHILD_PROTECTION = "child_protection"
    LICENSING = "licensing"
    PROSECUTION = "prosecution"
    CONSULAR = "consular"


class ReferralAbout(StrEnum):
    """What a referral is about. A worker and an employer are different things."""

    PERSON = "person"
    PARTY = "party"


class ReferralPurpose(StrEnum):
    """What the receiver is asked for."""

    ASSISTANCE = "assistance"
    PROTECTION = "protection"
    INVESTIGATION = "investigation"
    INSPECTION = "inspection"
    LICENCE_REVIEW = "licence_review"
    PROSECUTION = "prosecution"
    CONSULAR_HELP = "consular_help"


class AgreedField(StrEnum):
    """What may be sent, where an agreement says so."""

    STRENGTH = "strength"
    INDICATORS = "indicators"
    EMPLOYER = "employer"
    LANGUAGE = "language"
    CONTACT = "contact"
    PARTY = "party"
    REASONS = "reasons"


class PartyReason(StrEnum):
    """Why an employer or an agency is referred: a closed list, so that nothing else travels with it."""

    WAGES = "wages"
    HOURS = "hours"
    CONTRACT = "contract"
    DOCUMENTS_KEPT = "documents_kept"
    FEES = "fees"
    LICENCE = "licence"
    RECRUITMENT = "recruitment"
    EXPLOITATION = "exploitation"
    CHILD_AT_WORK = "child_at_work"


class Urgency(StrEnum):
    """How soon the receiver has to answer."""

    IMMEDIATE = "immediate"
    URGENT = "urgent"
    NORMAL = "normal"


class ReferralState(StrEnum):
    """How far a referral has got."""

    SENT = "sent"
    RECEIVED = "received"
    MORE_REQUESTED = "more_requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    HANDED_BACK = "handed_back"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class ReferralMove(StrEnum):
    """What is done with a referral."""

    RECEIVE = "receive"
    ACCEPT = "accept"
    DECLINE = "decline"
    REQUEST_MORE = "request_more"
    ANSWER = "answer"
    HAND_BACK = "hand_back"
    COMPLETE = "complete"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"


class ReferralCode(StrEnum):
    """Why, or with what outcome: all that the sender learns of the receiver's work."""

    NOT_OUR_TASK = "not_our_task"
    NO_CAPACITY = "no_capacity"
    ALREADY_KNOWN = "already_known"
    CONTACT_MISSING = "contact_missing"
    EMPLOYER_MISSING = "employer_missing"
    TOO_LITTLE_TOLD = "too_little_told"
    PERSON_DECLINED = "person_declined"
    PERSON_NOT_REACHED = "person_not_reached"
    HELPED = "helped"
    ACTION_TAKEN = "action_taken"
    NOTHING_FOUND = "nothing_found"
    SENT_IN_ERROR = "sent_in_error"
    SETTLED = "settled"
    CONSENT_REVOKED = "consent_revoked"


class ReferralDirection(StrEnum):
    """From this office or to it."""

    IN = "in"
    OUT = "out"


class Crossing(StrEnum):
    """Whether the other member state has what this side told last."""

    DELIVERED = "delivered"
    NOT_YET = "not_yet"
    """It is sent again until it is taken."""
    REFUSED = "refused"
    """It will not be taken: withdraw it."""


class Agreement(BaseModel):
    """What one office may send to another."""

    sender: ReferralOffice
    receiver: ReferralOffice
    about: ReferralAbout
    across: bool = Field(description="True: from an office of one member state to one of another; else within one.")
    purpose: ReferralPurpose
    fields: list[AgreedField]
    reasons: list[PartyReason] = Field(description="Of a party: why it may be referred.")
    basis: str


class AgreementList(BaseModel):
    """All agreements."""

    items: list[Agreement]


class Consent(BaseModel):
    """The person agreed that this receiver is told."""

    model_config = ConfigDict(extra="forbid")

    given_on: date
    language: Language = Field(description="In which it was explained to the person.")


class LegalOverride(BaseModel):
    """A law obliges to tell this receiver without the person's consent."""

    model_config = ConfigDict(extra="forbid")

    law: Line
    decided_by: Line
    why: Note = Field(description="Sealed; the receiver does not see it.")


class ReferralBody(BaseModel):
    """A person out of an assessment, or a party of the register, for another office."""

    model_config = ConfigDict(extra="forbid")

    to: ReferralOffice
    member: Member | None = Field(default=None, description="Whose office it is; null: this member state's.")
    urgency: Urgency = Urgency.NORMAL
    assessment: RecordId | None = None
    contact: Line | None = Field(default=None, description="How to reach the person, where the agreement lets it pass.")
    consent: Consent | None = None
    override: LegalOverride | None = None
    party: RecordId | None = None
    reasons: Annotated[list[PartyReason], Field(max_length=len(PartyReason))] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.assessment is None) == (self.party is None):
            raise ValueError("a referral is about a person (assessment) or about a party, one of them")
        if self.assessment is not None and ((self.consent is None) == (self.override is None) or self.reasons):
            raise ValueError("of a person: either consent or override, and no reasons")
        if self.party is not None and (self.contact or self.consent or self.override or not self.reasons):
            raise ValueError("of a party: reasons, and nothing of a person")
        return self

    @property
    def about(self) -> ReferralAbout:
        """A person or a party."""
        return ReferralAbout.PERSON if self.assessment else ReferralAbout.PARTY


class ReferralAnswer(BaseModel):
    """More, as requested: an assessment's content is taken from it anew, with what is told here."""

    model_config = ConfigDict(extra="forbid")

    contact: Line | None = None
    reasons: Annotated[list[PartyReason], Field(max_length=len(PartyReason))] = Field(default_factory=list)


class ReferralStep(BaseModel):
    """A move, its code where it has one, and a note for one's own office."""

    model_config = ConfigDict(extra="forbid")

    move: Literal[
        ReferralMove.RECEIVE,
        ReferralMove.ACCEPT,
        ReferralMove.DECLINE,
        ReferralMove.REQUEST_MORE,
        ReferralMove.HAND_BACK,
        ReferralMove.COMPLETE,
        ReferralMove.WITHDRAW,
    ]
    code: ReferralCode | None = None
    note: Note | None = Field(default=None, description="Sealed. Never shown to the other office.")


class ReferralContent(BaseModel):
    """What the receiver sees of the matter: the agreement's fields, null where it has none; and on what ground."""

    purpose: ReferralPurpose
    strength: LeadStrength | None = None
    indicators: list[str] | None = None
    employer: str | None = None
    language: str | None = None
    contact: str | None = None
    party: str | None = None
    reasons: list[PartyReason] | None = None
    consent: Consent | None = None
    law: str | None = Field(default=None, description="That obliges to tell, where there is no consent.")


class ReferralEvent(BaseModel):
    """Something done with a referral; who did it and what they noted is shown to their own office alone."""

    state: ReferralState
    code: ReferralCode | None
    at: datetime
    by: str | None
    note: str | None


class ReferralItem(BaseModel):
    """A referral in a list."""

    id: str
    member: Member
    direction: ReferralDirection
    sender: ReferralOffice
    sender_member: Member
    receiver: ReferralOffice
    receiver_member: Member
    about: ReferralAbout
    purpose: ReferralPurpose
    urgency: Urgency
    state: ReferralState
    sent_at: datetime = Field(description="Last; an answer sends it again.")
    due_at: datetime
    overdue: bool = Field(description="The receiver has not answered in time.")
    escalated: bool = Field(description="Nor in as much time again.")
    delivery: Crossing | None = Field(description="Between member states; null within one.")
    delivery_reason: str | None = Field(description="Why the other member state has not taken it.")


class Referral(ReferralItem):
    """A referral as one of the two offices sees it."""

    assessment: str | None = Field(description="The sender's own; null for the receiver.")
    party: str | None = Field(description="The sender's own; the receiver has it in the content.")
    content: ReferralContent | None = Field(description="For the receiver, from receipt until it ends.")
    events: list[ReferralEvent]
    moves: list[MoveOffered] = Field(description="What this office can do with it now.")


class ReferralPage(BaseModel):
    """Some referrals, newest first."""

    items: list[ReferralItem]
    counts: dict[ReferralState, int] = Field(description="Of all in this direction, whatever else is filtered.")
    next: int | None = Field(description="The `before` of the next page; null on the last.")


class ReferralContactBody(BaseModel):
    """Where an office is told that a referral waits."""

    model_config = ConfigDict(extra="forbid")

    webhook: Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00-\x20\x7f]+$")] | None = (
        Field(description="Its host must be named by the operator; null: nowhere.")
    )


class ReferralContact(BaseModel):
    """An office's contact point."""

    office: ReferralOffice
    webhook: str | None


class ReferralNoticeKind(StrEnum):
    """What an office is told."""

    OVERDUE = "overdue"
    """To the receiving office."""
    ESCALATED = "escalated"
    """To the sending office."""


class ReferralNotice(BaseModel):
    """That a referral waits. It holds nothing of the matter: whoever is told asks for it by its id."""

    id: str
    referral: str
    kind: ReferralNoticeKind
    at: datetime
