"""Doors to visits of labour inspection. A table."""

from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import visits as contract

_ONE: Final = (Shown(("party",), PARTY),)
_LIST: Final = (Shown(("items", "*", "party"), PARTY),)

VISIT_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/visit-plan", "registry", Kind.VISIT, Action.LIST,
        "readVisitPlan", "Where to go next, with every reason", "visits", None, contract.VisitPlan, ("limit",),
        shows=_LIST,
    ),
    Door(
        "POST", "/v1/visits", "registry", Kind.VISIT, Action.WRITE,
        "planVisit", "Plan a visit", "visits", contract.VisitBody, contract.Visit, status=201, shows=_ONE,
    ),
    Door(
        "GET", "/v1/visits", "registry", Kind.VISIT, Action.LIST,
        "listVisits", "Visits, newest first", "visits", None, contract.VisitPage,
        ("state", "party", "overdue", "before", "limit"), shows=_LIST,
    ),
    Door(
        "GET", "/v1/visits/{id}", "registry", Kind.VISIT, Action.READ,
        "readVisit", "A visit, as this office sees it", "visits", None, contract.Visit, shows=_ONE,
    ),
    Door(
        "POST", "/v1/visits/{id}/moves", "registry", Kind.VISIT, Action.WRITE,
        "moveVisit", "Carry out, follow up, close or call off", "visits",
        contract.VisitStep, contract.Visit, shows=_ONE,
    ),
    Door(
        "POST", "/v1/visits/{id}/notes", "registry", Kind.VISIT, Action.WRITE,
        "noteVisit", "Note something for one's own office", "visits", contract.VisitNote, contract.Visit, shows=_ONE,
    ),
)  # fmt: skip
