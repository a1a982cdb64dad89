"""Doors to those who decide about registrations, and to what a worker can do about their own. A table."""

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

ADJUDICATION_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/adjudications", "registry", Kind.ADJUDICATION, Action.LIST,
        "listAdjudications", "Cases that this reviewer may take", "adjudication",
        None, contract.AdjudicationQueue, shows=_QUEUE,
    ),
    Door(
        "GET", "/v1/adjudications/workload", "registry", Kind.ADJUDICATION, Action.LIST,
        "readWorkload", "How much there is to decide, and how it goes", "adjudication", None, contract.Workload,
    ),
    Door(
        "POST", "/v1/adjudications/claims", "registry", Kind.ADJUDICATION, Action.WRITE,
        "claimNext", "Take the case that harms most by waiting", "adjudication",
        contract.ClaimBody, contract.Adjudication, shows=_CASE,
    ),
    Door(
        "GET", "/v1/adjudications/{id}", "registry", Kind.ADJUDICATION, Action.READ,
        "readAdjudication", "A case: both records side by side", "adjudication",
        None, contract.Adjudication, shows=_CASE,
    ),
    Door(
        "GET", "/v1/adjudications/{id}/events", "registry", Kind.ADJUDICATION, Action.READ,
        "readAdjudicationEvents", "The steps of a case", "adjudication", None, contract.EventList,
    ),
    Door(
        "GET", "/v1/adjudications/{id}/images/{registration}/{what}", "registry", Kind.ADJUDICATION, Action.READ,
        "readAdjudicationImage", "One image, for whoever has the case in hand", "adjudication",
        whole=FieldClass.BIOMETRIC_DATA,
    ),
    Door(
        "GET", "/v1/adjudications/{id}/correspondences/{registration}/{finger}", "registry", Kind.ADJUDICATION,
        Action.READ, "readCorrespondences", "The same finger of both records, point by point", "adjudication",
        None, Correspondences,
    ),
    Door(
        "POST", "/v1/adjudications/{id}/claim", "registry", Kind.ADJUDICATION, Action.WRITE,
        "claimAdjudication", "Take a case in hand", "adjudication",
        contract.ClaimBody, contract.Adjudication, shows=_CASE,
    ),
    Door(
        "POST", "/v1/adjudications/{id}/decision", "registry", Kind.ADJUDICATION, Action.WRITE,
        "decideAdjudication", "Say what was found", "adjudication", contract.DecisionBody, contract.OwnDecision,
    ),
    Door(
        "POST", "/v1/adjudications/{id}/deferral", "registry", Kind.ADJUDICATION, Action.WRITE,
        "deferAdjudication", "Ask the worker for papers", "adjudication",
        contract.DeferralBody, contract.Adjudication, shows=_CASE,
    ),
    Door(
        "POST", "/v1/adjudications/{id}/papers", "registry", Kind.ADJUDICATION, Action.WRITE,
        "keepAdjudicationPaper", "Write down a paper that reached the reviewers", "adjudication",
        contract.PaperBody, contract.Adjudication, shows=_CASE,
    ),
    Door(
        "POST", "/v1/adjudications/{id}/best-interests", "registry", Kind.ADJUDICATION, Action.WRITE,
        "keepBestInterests", "What is best for the child", "adjudication",
        contract.BestInterests, contract.Adjudication, shows=_CASE,
    ),
    Door(
        "POST", "/v1/adjudications/{id}/reopening", "registry", Kind.ADJUDICATION, Action.WRITE,
        "reopenAdjudication", "Look at a decided case again", "adjudication",
        contract.ReasonBody, contract.Adjudication, shows=_CASE,
    ),
    Door(
        "GET", "/v1/registrations/{registration}/papers", "registry", Kind.REGISTRATION, Action.READ,
        "readPapersAsked", "What the worker is asked to show", "adjudication",
        None, contract.PapersAsked, shows=_ONE,
    ),
    Door(
        "POST", "/v1/registrations/{registration}/papers", "registry", Kind.REGISTRATION, Action.CREATE,
        "showPaper", "The worker showed a paper", "adjudication", contract.PaperBody, contract.Receipt, shows=_ONE,
    ),
    Door(
        "POST", "/v1/registrations/{registration}/appeal", "registry", Kind.REGISTRATION, Action.CREATE,
        "appealRegistration", "The worker asks others to decide", "adjudication",
        contract.ReasonBody, contract.Receipt, shows=_ONE,
    ),
    Door(
        "POST", "/v1/registrations/{registration}/withdrawal", "registry", Kind.REGISTRATION, Action.CREATE,
        "withdrawRegistration", "The worker takes the registration back", "adjudication",
        contract.ReasonBody, contract.Receipt, shows=_ONE,
    ),
    Door(
        "GET", "/v1/registrations/{registration}/links", "registry", Kind.REGISTRATION, Action.READ,
        "readRegistrationLinks", "Which registrations belong together", "adjudication",
        None, contract.RegistrationLinks, shows=_LINKS,
    ),
    Door(
        "GET", "/v1/registrations/{registration}/victim-status", "registry", Kind.VICTIM, Action.READ,
        "readVictimStatus", "Is the person protected as a victim?", "adjudication",
        None, contract.VictimStatusView, shows=_ONE,
    ),
    Door(
        "PUT", "/v1/registrations/{registration}/victim-status", "registry", Kind.VICTIM, Action.WRITE,
        "putVictimStatus", "Presume, identify or end", "adjudication",
        contract.VictimStatusBody, contract.VictimStatusView, shows=_ONE,
    ),
)  # fmt: skip
