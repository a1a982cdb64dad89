"""Doors to support cases: who is presumed a victim, who manages it, services, return, providers. A table."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import REGISTRATION, Shown
from services.gateway.door import Door
from shared.contracts import support as contract
from shared.contracts import support_plan as plan
from shared.contracts.retention import HoldBody

_CASE: Final = "/v1/support-cases/{}"
_ONE: Final = (Shown(("content", "registration"), REGISTRATION),)
_NEW: Final = (Shown(("id",), _CASE), *_ONE)
_LIST: Final = (Shown(("items", "*", "id"), _CASE),)
_AT: Final = "/v1/support-cases/{id}"

_door = partial(Door, service="registry", kind=Kind.SUPPORT, tag="support")

SUPPORT_DOORS: Final[tuple[Door, ...]] = (
    _door(
        "POST", "/v1/support-cases", Action.WRITE,
        "openSupportCase", "Presume somebody a victim and support them from now on",
        contract.SupportCaseBody, contract.SupportCase, status=201, shows=_NEW,
    ),
    _door(
        "GET", "/v1/support-cases", Action.LIST,
        "listSupportCases", "The office's cases and who manages each, newest first",
        None, contract.SupportCasePage, ("state", "mine", "overdue", "before", "limit"), shows=_LIST,
    ),
    _door(
        "GET", _AT, Action.READ,
        "readSupportCase", "A case: all of it for who manages it, that there is one for others of the office",
        None, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/manager", Action.WRITE, "handOverSupportCase", "Another person manages the case from now on",
        contract.ManagerBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/stand-in", Action.WRITE,
        "nameStandIn", "Somebody stands in for the manager until a day, or no longer",
        contract.StandInBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/person", Action.WRITE, "tellSupportedPerson", "Say what became known of the age",
        contract.SupportChildBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/presumption/end", Action.WRITE,
        "endPresumption", "Presume the person a victim no longer: another than whoever presumed it",
        contract.SupportReasonBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/reflection", Action.WRITE, "extendReflection", "Let the reflection period end later",
        contract.ReflectionBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/reflection/wish", Action.WRITE,
        "endReflectionAtWish", "The person themselves wishes to end the reflection period",
        contract.ReflectionWish, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/services", Action.WRITE, "planService", "Plan a service",
        plan.ServiceBody, contract.SupportCase, status=201, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/services/{{service}}/moves", Action.WRITE,
        "moveService", "Offer, accept, decline, refer, begin, end, drop a service, or take the consent back",
        plan.ServiceStep, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/services/{{service}}/follow-ups", Action.WRITE,
        "followUpService", "Write down what a look after the person found, and when to look next",
        plan.FollowUpBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/repatriation", Action.WRITE, "planRepatriation", "Think of a return",
        plan.RepatriationBody, contract.SupportCase, status=201, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/repatriation/moves", Action.WRITE, "moveRepatriation", "Arrange, depart, arrive or cancel",
        plan.RepatriationStep, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/repatriation/voluntariness", Action.WRITE,
        "tellVoluntariness", "What the person said of returning; the last word holds",
        plan.VoluntarinessBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/repatriation/safety", Action.WRITE,
        "tellSafety", "Whether a return is safe; the last assessment holds",
        plan.SafetyBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/repatriation/best-interests", Action.WRITE,
        "determineBestInterests", "What child protection determined to be best for the child",
        plan.DeterminationBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/close", Action.WRITE, "closeSupportCase", "Nothing more is done in the case",
        contract.SupportReasonBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "POST", f"{_AT}/hold", Action.WRITE,
        "holdSupportCase", "Keep the case until a day, whatever the clock says; or no longer",
        HoldBody, contract.SupportCase, shows=_ONE,
    ),
    _door(
        "PUT", "/v1/support-providers/{id}", Action.WRITE,
        "putSupportProvider", "Add a provider to the office's directory, or say anew what it does",
        plan.ProviderBody, plan.Provider,
    ),
    _door(
        "GET", "/v1/support-providers", Action.LIST, "listSupportProviders", "The office's directory, newest first",
        None, plan.ProviderPage, ("service", "language", "accepts_children", "active", "before", "limit"),
    ),
)  # fmt: skip
