"""What is done for a supported person: services that they agreed to, a return that is safe, who provides.

Nothing here says where somebody is.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.adjudication import BestInterests
from shared.contracts.assessments import Language
from shared.contracts.caller import Member
from shared.contracts.lines import RecordId
from shared.contracts.moves import MoveOffered
from shared.contracts.referrals import Consent
from shared.standards.indicators.rules import Answer

LINE: Final = r"^[^\x00-\x1f\x7f]+$"
Remark = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300, pattern=LINE)]
"""One short line: why something was done. No place for a file, nor for where somebody is."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ServiceKind(StrEnum):
    """What can be in a plan."""

    SHELTER = "shelter"
    MEDICAL = "medical"
    COUNSELLING = "counselling"
    LEGAL_AID = "legal_aid"
    EDUCATION = "education"
    SKILLS_AND_LIVELIHOOD = "skills_and_livelihood"
    RIGHT_TO_WORK = "right_to_work"
    RETURN_AND_REINTEGRATION = "return_and_reintegration"


class ServiceState(StrEnum):
    """How far a service has got."""

    PLANNED = "planned"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNDER_WAY = "under_way"
    ENDED = "ended"


class ServiceMove(StrEnum):
    """What is done with a service."""

    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    REFER = "refer"
    BEGIN = "begin"
    END = "end"
    DROP = "drop"
    REVOKE = "revoke"


class ServiceOutcome(StrEnum):
    """With what a service ended."""

    ACHIEVED = "achieved"
    PARTLY_ACHIEVED = "partly_achieved"
    NOT_ACHIEVED = "not_achieved"
    PERSON_LEFT = "person_left"
    PROVIDER_STOPPED = "provider_stopped"
    NOT_NEEDED = "not_needed"
    NO_PROVIDER = "no_provider"
    CONSENT_REVOKED = "consent_revoked"


class RepatriationState(StrEnum):
    """How far a return has got."""

    PLANNED = "planned"
    ARRANGED = "arranged"
    UNDER_WAY = "under_way"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class RepatriationMove(StrEnum):
    """What is done with a return."""

    ARRANGE = "arrange"
    DEPART = "depart"
    ARRIVE = "arrive"
    CANCEL = "cancel"


class RepatriationEnding(StrEnum):
    """Why a return was cancelled."""

    PERSON_DECLINED = "person_declined"
    NOT_SAFE = "not_safe"
    NOT_IN_BEST_INTERESTS = "not_in_best_interests"
    NO_PAPERS = "no_papers"
    PLANNED_IN_ERROR = "planned_in_error"


class ReturnLack(StrEnum):
    """What stands against a return."""

    VOLUNTARINESS = "voluntariness"
    NOT_VOLUNTARY = "not_voluntary"
    SAFETY = "safety"
    NOT_SAFE = "not_safe"
    BEST_INTERESTS = "best_interests"
    NOT_IN_BEST_INTERESTS = "not_in_best_interests"


class ServiceBody(_Body):
    """A service for the plan."""

    service: ServiceKind
    follow_up_on: date | None = None


class ServiceStep(_Body):
    """A move, and the one thing that belongs to it."""

    move: ServiceMove
    provider: RecordId | None = Field(default=None, description="To `offer`: by whom.")
    consent: Consent | None = Field(default=None, description="To `accept`: to this service, of this provider.")
    outcome: ServiceOutcome | None = Field(default=None, description="To `end` and to `drop`.")
    remark: Remark | None = None


class FollowUpBody(_Body):
    """What a look after the person found, and when to look next; null: not again."""

    found: Remark
    next: date | None


class RepatriationBody(_Body):
    """A return that is thought of."""

    country: Member = Field(description="To which country.")


class RepatriationStep(_Body):
    """A move; to `cancel`, why."""

    move: RepatriationMove
    ending: RepatriationEnding | None = None
    remark: Remark | None = None


class VoluntarinessBody(_Body):
    """What the person said of returning, alone with whoever asked. The last word holds."""

    voluntary: bool
    asked_on: date
    language: Language = Field(description="In which the person was asked, by an interpreter where one was needed.")


class SafetyBody(_Body):
    """Whether a return is safe: from those who did it, from debts, from the family, from punishment."""

    safe: bool
    assessed_on: date
    risks: Remark
    measures: Remark


class DeterminationBody(BestInterests):
    """What is best for the child where a return is thought of."""

    return_recommended: bool


class ProviderBody(_Body):
    """Who provides services. Where a shelter is, no field holds."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=LINE)]
    services: Annotated[list[ServiceKind], Field(min_length=1, max_length=len(ServiceKind))]
    languages: Annotated[list[Language], Field(min_length=1, max_length=40)]
    accepts_children: bool
    active: bool = True


class ProviderNotice(BaseModel):
    """All that a provider is told when a person is referred: they know them by the reference."""

    reference: str
    service: ServiceKind
    language: str
    child: Answer
    told_at: datetime
    by: str


class PlannedService(BaseModel):
    """A service of the plan."""

    id: str
    service: ServiceKind
    state: ServiceState
    provider: str | None
    provider_name: str | None
    consent: Consent | None
    told: ProviderNotice | None
    outcome: ServiceOutcome | None
    follow_up_on: date | None
    overdue: bool
    moves: list[MoveOffered] = Field(description="What can be done with it now.")


class Voluntariness(BaseModel):
    """What the person said of returning, who asked, when, in which language."""

    voluntary: bool
    asked_on: date
    language: str
    by: str
    at: datetime


class Safety(BaseModel):
    """Whether a return is safe, by whom and when."""

    safe: bool
    assessed_on: date
    risks: str
    measures: str
    by: str
    at: datetime


class Determination(BestInterests):
    """What child protection determined of a return."""

    return_recommended: bool
    by: str
    at: datetime


class Repatriation(BaseModel):
    """A return and what it rests on."""

    state: RepatriationState
    country: str
    ending: RepatriationEnding | None
    voluntariness: Voluntariness | None
    safety: Safety | None
    determination: Determination | None
    lacks: list[ReturnLack] = Field(description="Nobody departs, and it is not told as `returned`, before it is empty.")
    moves: list[MoveOffered] = Field(description="What can be done with it now.")


class Provider(BaseModel):
    """A provider in the office's directory."""

    id: str
    name: str
    services: list[ServiceKind]
    languages: list[str]
    accepts_children: bool
    active: bool


class ProviderPage(BaseModel):
    """Some providers, newest first."""

    items: list[Provider]
    next: int | None = Field(description="The `before` of the next page; null on the last.")
