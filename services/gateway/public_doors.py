"""Doors for everybody: no token, no name. What passes is public, or a worker's own complaint."""

from collections.abc import Awaitable, Callable
from typing import Final, cast

from fastapi import Request

from services.gateway.access.flooding import Flooding
from services.gateway.access.policy import Action, Kind, Policy, Row
from services.gateway.access.proxies import address_of
from services.gateway.audit.log import AuditLog
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.door import Door
from shared.contracts import complaints, licences, listings, statistics
from shared.contracts import public as contract
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.disclosure import FieldClass
from shared.settings import Settings

_PAGE: Final = ("cursor", "limit", "member")
_CORRIDOR: Final = ("origin", "destination", "sector")
_PARTIES: Final = (Shown(("results", "*", "party"), PARTY),)
_FOUND: Final = (Shown(("licences", "*", "party"), PARTY), Shown(("listings", "*", "party"), PARTY))

PUBLIC_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/public/listings", "registry", Kind.PUBLIC, Action.LIST,
        "listPublicListings", "Final listings, as everybody may read them", "public",
        None, listings.PublicListingPage, _PAGE, ("Accept",), shows=_PARTIES,
    ),
    Door(
        "GET", "/v1/public/licences", "registry", Kind.PUBLIC, Action.LIST,
        "listPublicLicences", "How licences stand today, as everybody may read it", "public",
        None, licences.PublicLicencePage, _PAGE, ("Accept",), shows=_PARTIES,
    ),
    Door(
        "GET", "/v1/public/lookup", "registry", Kind.PUBLIC, Action.READ,
        "lookUpAgency", "An agency or an employer by name or licence number", "public",
        None, contract.PublicLookup, ("q",), shows=_FOUND,
    ),
    Door(
        "GET", "/v1/public/minimum-age", "registry", Kind.PUBLIC, Action.READ,
        "readMinimumAge", "The lowest lawful age for a corridor and sector", "public",
        None, contract.PublicMinimumAge, _CORRIDOR,
    ),
    Door(
        "GET", "/v1/public/fees", "registry", Kind.PUBLIC, Action.READ,
        "readFees", "What a worker may be charged", "public", None, contract.PublicFees, _CORRIDOR,
    ),
    Door(
        "GET", "/v1/public/statistics", "registry", Kind.PUBLIC, Action.LIST,
        "readStatistics", "What this member's register counts", "public",
        None, statistics.Statistics, ("year",), ("Accept",),
    ),
    Door(
        "GET", "/v1/public/text", "registry", Kind.PUBLIC, Action.READ,
        "answerText", "The same in plain text, for an SMS or USSD gateway", "public",
        query=("q",), whole=FieldClass.PUBLIC,
    ),
    Door(
        "POST", "/v1/public/complaints", "registry", Kind.PUBLIC, Action.CREATE,
        "complain", "Say what happened, anonymously if you wish", "public",
        complaints.ComplaintBody, complaints.ComplaintReceipt, status=201,
    ),
    Door(
        "POST", "/v1/public/complaints/status", "registry", Kind.PUBLIC, Action.READ,
        "readOwnComplaint", "How far your complaint has got", "public",
        complaints.ReferenceBody, complaints.ComplaintStatus,
    ),
    Door(
        "POST", "/v1/public/complaints/messages", "registry", Kind.PUBLIC, Action.CREATE,
        "addToOwnComplaint", "Say something more", "public", complaints.WorkerMessage, complaints.ComplaintStatus,
    ),
    Door(
        "POST", "/v1/public/complaints/files", "registry", Kind.PUBLIC, Action.CREATE,
        "attachToOwnComplaint", "Add a photo or a document", "public",
        complaints.WorkerFile, complaints.ComplaintStatus,
    ),
)  # fmt: skip

COMPLAINT_DOORS: Final[tuple[Door, ...]] = (
    Door(
        "GET", "/v1/complaints", "registry", Kind.COMPLAINT, Action.LIST,
        "listComplaints", "This office's complaints, newest first", "complaints",
        None, complaints.ComplaintPage, ("state", "before", "limit"),
    ),
    Door(
        "GET", "/v1/complaints/{id}", "registry", Kind.COMPLAINT, Action.READ,
        "readComplaint", "A complaint, with what was said", "complaints", None, complaints.Complaint,
    ),
    Door(
        "GET", "/v1/complaints/{id}/files/{number}", "registry", Kind.COMPLAINT, Action.READ,
        "readComplaintFile", "A photo or a document of the worker's", "complaints", whole=FieldClass.INTERVIEW,
    ),
    Door(
        "POST", "/v1/complaints/{id}/messages", "registry", Kind.COMPLAINT, Action.WRITE,
        "answerComplaint", "Answer the worker", "complaints", complaints.OfficeMessage, complaints.Complaint,
    ),
    Door(
        "POST", "/v1/complaints/{id}/state", "registry", Kind.COMPLAINT, Action.WRITE,
        "moveComplaint", "Take a complaint in hand, refer it, close it, or open it again", "complaints",
        complaints.ComplaintStep, complaints.Complaint,
    ),
)  # fmt: skip


def admit_everybody(kind: Kind, action: Action) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency that lets anybody through a public door, unless too many come from one address.

    The log is told what was asked and not by whom; of what passes with a secret reference, only that it did.

    Raises:
        FloodError: too many requests from the address.
    """

    async def check(request: Request) -> Caller:
        cast("Flooding", request.app.state.flooding).take(address_of(request))
        member = cast("Settings", request.app.state.settings).member
        caller = Caller(client_id="everybody", organisation="", member=member, role=Role.PUBLIC, purpose=Purpose.PUBLIC)
        cast("Policy", request.app.state.policy).admit(Row(Role.PUBLIC, Purpose.PUBLIC, kind, action), None)
        log = cast("AuditLog", request.app.state.audit_log)
        path: bytes = request.scope["path"].encode()
        query: bytes = request.scope["query_string"]
        await log.append(caller, kind.value, action.value, path + (b"?" + query if query else b""))
        return caller

    return check
