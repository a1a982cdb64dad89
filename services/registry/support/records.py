"""What is sealed of a support case: the case's own part, each service, each event."""

from datetime import date

from pydantic import BaseModel

from shared.contracts.referrals import Consent
from shared.contracts.support import (
    Presumption,
    ReflectionWish,
    SupportEventKind,
)
from shared.contracts.support_plan import (
    Determination,
    ProviderNotice,
    RepatriationEnding,
    RepatriationState,
    Safety,
    ServiceKind,
    ServiceOutcome,
    ServiceState,
    Voluntariness,
)


class ReturnRecord(BaseModel):
    """A return and what it rests on."""

    country: str
    state: RepatriationState = RepatriationState.PLANNED
    ending: RepatriationEnding | None = None
    voluntariness: Voluntariness | None = None
    safety: Safety | None = None
    determination: Determination | None = None


class CaseRecord(BaseModel):
    """The case's own part. `ends`: last day of the reflection period, unless the person wished otherwise."""

    called: str | None
    language: str
    presumption: Presumption
    begins: date
    ends: date
    wish: ReflectionWish | None = None
    repatriation: ReturnRecord | None = None


class ServiceRecord(BaseModel):
    """A service of the plan."""

    service: ServiceKind
    state: ServiceState = ServiceState.PLANNED
    provider: str | None = None
    provider_name: str | None = None
    consent: Consent | None = None
    told: ProviderNotice | None = None
    outcome: ServiceOutcome | None = None


class EventRecord(BaseModel):
    """What was done: `code` is the state after it, or whom or what it names."""

    kind: SupportEventKind
    code: str | None = None
    service: str | None = None
    text: str | None = None
