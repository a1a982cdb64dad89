"""Doors to those who decide about registrations, and to what a worker can do about their own. A table."""

from functools import partial
from typing import Final

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import REGISTRATION, Shown
from services.gateway.door import Door
from shared.contracts import adjudication as contract
from shared.contracts.correspondences import Correspondences
from shared.contracts.disclosure import FieldClass

_CASE: Final = (
    Shown(("registration",), REGISTRATION),
    Shown(("records", "*", "registration"), REGISTRATION),
)
_ONE: Final = (Shown(("registration",), REGISTRATION),)
_QUEUE: Final = (Shown(("items", "*", "registration"), REGISTRATION),)
_LINKS: Final = (*_ONE, Shown(("links", "*", "other"), REGISTRATION))

_adjudication = partial(Door, service="registry", kind=Kind.ADJUDICATION, tag="adjudication")
_adjudication_registration = partial(Door, service="registry", kind=Kind.REGISTRATION, tag="adjudication")
_adjudication_victim = partial(Door, service="registry", kind=Kind.VICTIM, tag="adjudication")

ADJUDICATION_DOORS: Final[tuple[Door, ...]] = (
    _adjudication(
        "GET", "/v1/adjudications", Action.LIST, "listAdjudications", "Cases that this reviewer may take",
        None, contract.AdjudicationQueue, shows=_QUEUE,
    ),
    _adjudication(
        "GET", "/v1/adjudications/workload", Action.LIST,
        "readWorkload", "How much there is to decide, and how it goes", None, contract.Workload,
    ),
    _adjudication(
        "POST", "/v1/adjudications/claims", Action.WRITE, "claimNext", "Take the case that harms most by waiting",
        contract.SeatBody, contract.Adjudication, shows=_CASE,
    ),
    _adjudication(
        "GET", "/v1/adjudications/{id}", Action.READ, "readAdjudication", "A case: both records side by side",
        None, contract.Adjudication, shows=_CASE,
    ),
    _adjudication(
        "GET", "/v1/adjudications/{id}/events", Action.READ, "readAdjudicationEvents", "The steps of a case",
        None, contract.EventList,
    ),
    _adjudication(
        "GET", "/v1/adjudications/{id}/images/{registration}/{what}", Action.READ,
        "readAdjudicationImage", "One image, for whoever has the case in hand", whole=FieldClass.BIOMETRIC_DATA,
    ),
    _adjudication(
        "GET", "/v1/adjudications/{id}/correspondences/{registration}/{finger}", Action.READ,
        "readCorrespondences", "The same finger of both records, point by point", None, Correspondences,
    ),
    _adjudication(
        "POST", "/v1/adjudications/{id}/claim", Action.WRITE, "claimAdjudication", "Take a case in hand",
        contract.SeatBody, contract.Adjudication, shows=_CASE,
    ),
    _adjudication(
        "POST", "/v1/adjudications/{id}/decision", Action.WRITE, "decideAdjudication", "Say what was found",
        contract.FindingBody, contract.OwnDecision,
    ),
    _adjudication(
        "POST", "/v1/adjudications/{id}/deferral", Action.WRITE, "deferAdjudication", "Ask the worker for papers",
        contract.DeferralBody, contract.Adjudication, shows=_CASE,
    ),
    _adjudication(
        "POST", "/v1/adjudications/{id}/papers", Action.WRITE,
        "keepAdjudicationPaper", "Write down a paper that reached the reviewers",
        contract.PaperBody, contract.Adjudication, shows=_CASE,
    ),
    _adjudication(
        "POST", "/v1/adjudications/{id}/best-interests", Action.WRITE,
        "keepBestInterests", "What is best for the child", contract.BestInterests, contract.Adjudication, shows=_CASE,
    ),
    _adjudication(
        "POST", "/v1/adjudications/{id}/reopening", Action.WRITE, "reopenAdjudication", "Look at a decided case again",
        contract.ReasonBody, contract.Adjudication, shows=_CASE,
    ),
    _adjudication_registration(
        "GET", "/v1/registrations/{registration}/papers", Action.READ,
        "readPapersAsked", "What the worker is asked to show", None, contract.PapersAsked, shows=_ONE,
    ),
    _adjudication_registration(
        "POST", "/v1/registrations/{registration}/papers", Action.CREATE, "showPaper", "The worker showed a paper",
        contract.PaperBody, contract.Receipt, shows=_ONE,
    ),
    _adjudication_registration(
        "POST", "/v1/registrations/{registration}/appeal", Action.CREATE,
        "appealRegistration", "The worker asks others to decide", contract.ReasonBody, contract.Receipt, shows=_ONE,
    ),
    _adjudication_registration(
        "POST", "/v1/registrations/{registration}/withdrawal", Action.CREATE,
        "withdrawRegistration", "The worker takes the registration back",
        contract.ReasonBody, contract.Receipt, shows=_ONE,
    ),
    _adjudication_registration(
        "GET", "/v1/registrations/{registration}/links", Action.READ,
        "readRegistrationLinks", "Which registrations belong together", None, contract.RegistrationLinks, shows=_LINKS,
    ),
    _adjudication_victim(
        "GET", "/v1/registrations/{registration}/victim-status", Action.READ,
        "readVictimStatus", "Is the person protected as a victim?", None, contract.VictimStatusView, shows=_ONE,
    ),
    _adjudication_victim(
        "PUT", "/v1/registrations/{registration}/victim-status", Action.WRITE,
        "putVictimStatus", "Presume, identify or end", contract.VictimStatusBody, contract.VictimStatusView, shows=_ONE,
    ),
)  # fmt: skip
