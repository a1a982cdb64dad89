"""Doors to support cases: who is presumed a victim, who manages it, services, return, providers. A table."""

from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import REGISTRATION, Shown
from services.gateway.door import Door
from shared.contracts import support as contract
from shared.contracts import support_plan as plan

_CASE: Final = "/v1/support-cases/{}"
_ONE: Final = (Shown(("content", "registration"), REGISTRATION),)
_NEW: Final = (Shown(("id",), _CASE), *_ONE)
_LIST: Final = (Shown(("items", "*", "id"), _CASE),)
_AT: Final = "/v1/support-cases/{id}"

SUPPORT_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "POST", "/v1/support-cases", "registry", Kind.SUPPORT, Action.WRITE,
        "openSupportCase", "Presume somebody a victim and support them from now on", "support",
        contract.SupportCaseBody, contract.SupportCase, status=201, shows=_NEW,
    ),
    Door(
        "GET", "/v1/support-cases", "registry", Kind.SUPPORT, Action.LIST,
        "listSupportCases", "The office's cases and who manages each, newest first", "support",
        None, contract.SupportCasePage, ("state", "mine", "overdue", "before", "limit"), shows=_LIST,
    ),
    Door(
        "GET", _AT, "registry", Kind.SUPPORT, Action.READ,
        "readSupportCase", "A case: all of it for who manages it, that there is one for others of the office",
        "support", None, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/manager", "registry", Kind.SUPPORT, Action.WRITE,
        "handOverSupportCase", "Another person manages the case from now on", "support",
        contract.ManagerBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/stand-in", "registry", Kind.SUPPORT, Action.WRITE,
        "nameStandIn", "Somebody stands in for the manager until a day, or no longer", "support",
        contract.StandInBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/person", "registry", Kind.SUPPORT, Action.WRITE,
        "tellSupportedPerson", "Say what became known of the age", "support",
        contract.SupportChildBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/presumption/end", "registry", Kind.SUPPORT, Action.WRITE,
        "endPresumption", "Presume the person a victim no longer: another than whoever presumed it", "support",
        contract.SupportReasonBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/reflection", "registry", Kind.SUPPORT, Action.WRITE,
        "extendReflection", "Let the reflection period end later", "support",
        contract.ReflectionBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/reflection/wish", "registry", Kind.SUPPORT, Action.WRITE,
        "endReflectionAtWish", "The person themselves wishes to end the reflection period", "support",
        contract.ReflectionWish, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/services", "registry", Kind.SUPPORT, Action.WRITE,
        "planService", "Plan a service", "support",
        plan.ServiceBody, contract.SupportCase, status=201, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/services/{{service}}/moves", "registry", Kind.SUPPORT, Action.WRITE,
        "moveService", "Offer, accept, decline, refer, begin, end, drop a service, or take the consent back", "support",
        plan.ServiceStep, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/services/{{service}}/follow-ups", "registry", Kind.SUPPORT, Action.WRITE,
        "followUpService", "Write down what a look after the person found, and when to look next", "support",
        plan.FollowUpBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/repatriation", "registry", Kind.SUPPORT, Action.WRITE,
        "planRepatriation", "Think of a return", "support",
        plan.RepatriationBody, contract.SupportCase, status=201, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/repatriation/moves", "registry", Kind.SUPPORT, Action.WRITE,
        "moveRepatriation", "Arrange, depart, arrive or cancel", "support",
        plan.RepatriationStep, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/repatriation/voluntariness", "registry", Kind.SUPPORT, Action.WRITE,
        "tellVoluntariness", "What the person said of returning; the last word holds", "support",
        plan.VoluntarinessBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/repatriation/safety", "registry", Kind.SUPPORT, Action.WRITE,
        "tellSafety", "Whether a return is safe; the last assessment holds", "support",
        plan.SafetyBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/repatriation/best-interests", "registry", Kind.SUPPORT, Action.WRITE,
        "determineBestInterests", "What child protection determined to be best for the child", "support",
        plan.DeterminationBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "POST", f"{_AT}/close", "registry", Kind.SUPPORT, Action.WRITE,
        "closeSupportCase", "Nothing more is done in the case", "support",
        contract.SupportReasonBody, contract.SupportCase, shows=_ONE,
    ),
    Door(
        "PUT", "/v1/support-providers/{id}", "registry", Kind.SUPPORT, Action.WRITE,
        "putSupportProvider", "Add a provider to the office's directory, or say anew what it does", "support",
        plan.ProviderBody, plan.Provider,
    ),
    Door(
        "GET", "/v1/support-providers", "registry", Kind.SUPPORT, Action.LIST,
        "listSupportProviders", "The office's directory, newest first", "support", None, plan.ProviderPage,
        ("service", "language", "accepts_children", "active", "before", "limit"),
    ),
)  # fmt: skip
