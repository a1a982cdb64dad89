"""Doors to visits of labour inspection. A table."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import visits as contract

_ONE: Final = (Shown(("party",), PARTY),)
_LIST: Final = (Shown(("items", "*", "party"), PARTY),)

_door = partial(Door, service="registry", kind=Kind.VISIT, tag="visits")

VISIT_DOORS: Final[tuple[Door, ...]] = (
    _door(
        "GET", "/v1/visit-plan", Action.LIST, "readVisitPlan", "Where to go next, with every reason",
        None, contract.VisitPlan, ("limit",), shows=_LIST,
    ),
    _door(
        "POST", "/v1/visits", Action.WRITE, "planVisit", "Plan a visit",
        contract.VisitBody, contract.Visit, status=201, shows=_ONE,
    ),
    _door(
        "GET", "/v1/visits", Action.LIST, "listVisits", "Visits, newest first",
        None, contract.VisitPage, ("state", "party", "overdue", "before", "limit"), shows=_LIST,
    ),
    _door(
        "GET", "/v1/visits/{id}", Action.READ, "readVisit", "A visit, as this office sees it",
        None, contract.Visit, shows=_ONE,
    ),
    _door(
        "POST", "/v1/visits/{id}/moves", Action.WRITE, "moveVisit", "Carry out, follow up, close or call off",
        contract.VisitStep, contract.Visit, shows=_ONE,
    ),
    _door(
        "POST", "/v1/visits/{id}/notes", Action.WRITE, "noteVisit", "Note something for one's own office",
        contract.VisitNote, contract.Visit, shows=_ONE,
    ),
)  # fmt: skip
