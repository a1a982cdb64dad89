"""Doors to red flags about agencies and employers. A table."""

from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import red_flags as contract

RED_FLAG_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/red-flag-rules", "registry", Kind.RED_FLAG, Action.LIST,
        "listRedFlagRules", "What each red flag compares and does not prove", "red flags", None, contract.RedFlagRules,
    ),
    Door(
        "GET", "/v1/red-flags", "registry", Kind.RED_FLAG, Action.LIST,
        "listRedFlags", "Reasons to look at an agency or an employer, those raised last first", "red flags",
        None, contract.RedFlagPage, ("party", "rule", "before", "limit"),
        shows=(Shown(("items", "*", "party"), PARTY),),
    ),
    Door(
        "GET", "/v1/assessments/{id}/red-flags", "registry", Kind.RED_FLAG, Action.READ,
        "listInterviewFlags", "What to ask because of flags of the employer", "red flags",
        None, contract.InterviewFlags,
    ),
)  # fmt: skip
