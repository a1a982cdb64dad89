"""Doors to red flags about agencies and employers. A table."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import red_flags as contract

_door = partial(Door, service="registry", kind=Kind.RED_FLAG, tag="red flags")

RED_FLAG_DOORS: Final[tuple[Door, ...]] = (
    _door(
        "GET", "/v1/red-flag-rules", Action.LIST, "listRedFlagRules", "What each red flag compares and does not prove",
        None, contract.RedFlagRules,
    ),
    _door(
        "GET", "/v1/red-flags", Action.LIST,
        "listRedFlags", "Reasons to look at an agency or an employer, those raised last first",
        None, contract.RedFlagPage, ("party", "rule", "before", "limit"),
        shows=(Shown(("items", "*", "party"), PARTY),),
    ),
    _door(
        "GET", "/v1/assessments/{id}/red-flags", Action.READ,
        "listInterviewFlags", "What to ask because of flags of the employer", None, contract.InterviewFlags,
    ),
)  # fmt: skip
