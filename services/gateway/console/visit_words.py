"""Words of visits by labour inspection."""

from collections.abc import Mapping
from typing import Final

from services.gateway.console.languages import marked as _

PLACE: Final = {
    "domestic": _("household"),
    "fishing_vessel": _("fishing vessel"),
    "plantation": _("plantation"),
    "construction": _("construction site"),
    "factory": _("factory"),
    "agency_office": _("office of an agency"),
}
VISIT_STATE: Final = {
    "planned": _("planned"),
    "carried_out": _("carried out"),
    "follow_up": _("to be followed up"),
    "closed": _("closed"),
    "called_off": _("called off"),
}
VISIT_MOVE: Final = {
    "carry_out": _("It was carried out"),
    "follow_up": _("Something is still to be put right"),
    "close": _("Everything is done"),
    "call_off": _("Call it off"),
}
ACCESS: Final = {
    "power_of_entry": _("by power of entry"),
    "consent": _("with consent"),
    "warrant": _("with a warrant"),
    "outside": _("seen from outside only"),
    "refused": _("not let in"),
}
CHOSEN: Final = {"risk": _("by risk"), "random": _("drawn at random"), "inspector": _("by an inspector")}

VISIT_GLOSSARY: Final[Mapping[str, Mapping[str, str]]] = {
    "place": PLACE,
    "visit_state": VISIT_STATE,
    "visit_move": VISIT_MOVE,
    "access": ACCESS,
    "chosen": CHOSEN,
}
