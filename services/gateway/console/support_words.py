"""Words of support: services, returns, and what happened in a case."""

from collections.abc import Mapping
from typing import Final

from services.gateway.console.languages import marked as _

SERVICE: Final = {
    "shelter": _("shelter"),
    "medical": _("medical care"),
    "counselling": _("counselling"),
    "legal_aid": _("legal aid"),
    "education": _("education"),
    "skills_and_livelihood": _("skills and livelihood"),
    "right_to_work": _("right to work"),
    "return_and_reintegration": _("return and reintegration"),
}
SUPPORT_STATE: Final = {"open": _("goes on"), "closed": _("closed")}
SERVICE_STATE: Final = {
    "planned": _("planned"),
    "offered": _("offered"),
    "accepted": _("accepted"),
    "declined": _("declined"),
    "under_way": _("under way"),
    "ended": _("ended"),
}
SERVICE_MOVE: Final = {
    "offer": _("Offer it"),
    "accept": _("The person accepts"),
    "decline": _("The person declines"),
    "refer": _("Tell the provider"),
    "begin": _("It has begun"),
    "end": _("It has ended"),
    "drop": _("Drop it"),
    "revoke": _("The person takes the consent back"),
}
OUTCOME: Final = {
    "achieved": _("achieved"),
    "partly_achieved": _("partly achieved"),
    "not_achieved": _("not achieved"),
    "person_left": _("the person left"),
    "provider_stopped": _("the provider stopped"),
    "not_needed": _("not needed"),
    "no_provider": _("no provider"),
    "consent_revoked": _("consent taken back"),
}
RETURN_STATE: Final = {
    "planned": _("thought of"),
    "arranged": _("arranged"),
    "under_way": _("under way"),
    "returned": _("returned"),
    "cancelled": _("cancelled"),
}
RETURN_MOVE: Final = {
    "arrange": _("It is arranged"),
    "depart": _("The person departs"),
    "arrive": _("The person has arrived"),
    "cancel": _("Cancel it"),
}
RETURN_ENDING: Final = {
    "person_declined": _("the person does not want it"),
    "not_safe": _("it is not safe"),
    "not_in_best_interests": _("it is not best for the child"),
    "no_papers": _("no papers"),
    "planned_in_error": _("planned in error"),
}
LACK: Final = {
    "voluntariness": _("Nobody asked the person whether they want to return"),
    "not_voluntary": _("The person does not want to return"),
    "safety": _("Nobody assessed whether it is safe"),
    "not_safe": _("It is not safe"),
    "best_interests": _("What is best for the child is not determined; or say that the person is no child"),
    "not_in_best_interests": _("To return is not best for the child"),
}
SUPPORT_EVENT: Final = {
    "opened": _("opened"),
    "manager": _("manager"),
    "stand_in": _("stands in"),
    "child": _("age"),
    "presumption": _("presumption"),
    "reflection": _("reflection period"),
    "service": _("service"),
    "follow_up": _("follow-up"),
    "repatriation": _("return"),
    "voluntariness": _("asked whether to return"),
    "safety": _("safety of a return"),
    "best_interests": _("best for the child"),
    "closed": _("closed"),
    "hold": _("held"),
}

SUPPORT_GLOSSARY: Final[Mapping[str, Mapping[str, str]]] = {
    "service": SERVICE,
    "support_state": SUPPORT_STATE,
    "service_state": SERVICE_STATE,
    "service_move": SERVICE_MOVE,
    "outcome": OUTCOME,
    "return_state": RETURN_STATE,
    "return_move": RETURN_MOVE,
    "return_ending": RETURN_ENDING,
    "lack": LACK,
    "support_event": SUPPORT_EVENT,
}
