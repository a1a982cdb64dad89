"""Doors for everybody: no token, no name. What passes is public, or a worker's own complaint."""

from collections.abc import Awaitable, Callable
from functools import partial
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

_public = partial(Door, service="registry", kind=Kind.PUBLIC, tag="public")
_complaint = partial(Door, service="registry", kind=Kind.COMPLAINT, tag="complaints")

PUBLIC_DOORS: Final[tuple[Door, ...]] = (
    _public(
        "GET", "/v1/public/listings", Action.LIST, "listPublicListings", "Final listings, as everybody may read them",
        None, listings.PublicListingPage, _PAGE, ("Accept",), shows=_PARTIES,
    ),
    _public(
        "GET", "/v1/public/licences", Action.LIST,
        "listPublicLicences", "How licences stand today, as everybody may read it",
        None, licences.PublicLicencePage, _PAGE, ("Accept",), shows=_PARTIES,
    ),
    _public(
        "GET", "/v1/public/lookup", Action.READ, "lookUpAgency", "An agency or an employer by name or licence number",
        None, contract.PublicLookup, ("q",), shows=_FOUND,
    ),
    _public(
        "GET", "/v1/public/minimum-age", Action.READ,
        "readMinimumAge", "The lowest lawful age for a corridor and sector", None, contract.PublicMinimumAge, _CORRIDOR,
    ),
    _public(
        "GET", "/v1/public/fees", Action.READ, "readFees", "What a worker may be charged",
        None, contract.PublicFees, _CORRIDOR,
    ),
    _public(
        "GET", "/v1/public/statistics", Action.LIST, "readStatistics", "What this member's register counts",
        None, statistics.Statistics, ("year",), ("Accept",),
    ),
    _public(
        "GET", "/v1/public/text", Action.READ, "answerText", "The same in plain text, for an SMS or USSD gateway",
        query=("q",), whole=FieldClass.PUBLIC,
    ),
    _public(
        "POST", "/v1/public/complaints", Action.CREATE, "complain", "Say what happened, anonymously if you wish",
        complaints.ComplaintBody, complaints.ComplaintReceipt, status=201,
    ),
    _public(
        "POST", "/v1/public/complaints/status", Action.READ, "readOwnComplaint", "How far your complaint has got",
        complaints.ReferenceBody, complaints.ComplaintStatus,
    ),
    _public(
        "POST", "/v1/public/complaints/messages", Action.CREATE, "addToOwnComplaint", "Say something more",
        complaints.WorkerMessage, complaints.ComplaintStatus,
    ),
    _public(
        "POST", "/v1/public/complaints/files", Action.CREATE, "attachToOwnComplaint", "Add a photo or a document",
        complaints.WorkerFile, complaints.ComplaintStatus,
    ),
)  # fmt: skip

COMPLAINT_DOORS: Final[tuple[Door, ...]] = (
    _complaint(
        "GET", "/v1/complaints", Action.LIST, "listComplaints", "This office's complaints, newest first",
        None, complaints.ComplaintPage, ("state", "before", "limit"),
    ),
    _complaint(
        "GET", "/v1/complaints/{id}", Action.READ, "readComplaint", "A complaint, with what was said",
        None, complaints.Complaint,
    ),
    _complaint(
        "GET", "/v1/complaints/{id}/files/{number}", Action.READ,
        "readComplaintFile", "A photo or a document of the worker's", whole=FieldClass.INTERVIEW,
    ),
    _complaint(
        "POST", "/v1/complaints/{id}/messages", Action.WRITE, "answerComplaint", "Answer the worker",
        complaints.OfficeMessage, complaints.Complaint,
    ),
    _complaint(
        "POST", "/v1/complaints/{id}/state", Action.WRITE,
        "moveComplaint", "Take a complaint in hand, refer it, close it, or open it again",
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
