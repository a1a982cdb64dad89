"""Claims over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.registry.admission import of_caller
from services.registry.pages import PageBefore, PageLimit
from services.registry.redress.claims import ClaimFilter, Claims
from services.registry.redress.computing import compute
from services.registry.redress.offices import RedressOffice, redress_office
from services.registry.state import KeysDep
from shared.contracts.lines import RecordId
from shared.contracts.redress import (
    Claim,
    ClaimBody,
    ClaimDocumentsBody,
    ClaimKind,
    ClaimPage,
    ClaimState,
    ClaimStep,
    Computation,
    DecisionBody,
    ReceiptBody,
)
from shared.contracts.retention import HoldBody
from shared.http.state import DatabaseDep

router = APIRouter(prefix="/v1/claims", tags=["claims"])


async def _claims(database: DatabaseDep, keys: KeysDep) -> Claims:
    return Claims(database, keys)


OfficeDep = Annotated[RedressOffice, of_caller(redress_office)]
ClaimsDep = Annotated[Claims, Depends(_claims)]


@router.post("/preview", operation_id="previewClaim")
async def preview_claim(body: ClaimBody, _office: OfficeDep) -> Computation:
    """What it comes to, line by line. Nothing is kept."""
    return compute(body)


@router.post("", status_code=201, operation_id="draftClaim")
async def draft_claim(body: ClaimBody, office: OfficeDep, claims: ClaimsDep) -> Claim:
    """Begin a claim."""
    return await claims.draft(office, body)


@router.get("", operation_id="listClaims")
async def list_claims(
    office: OfficeDep,
    claims: ClaimsDep,
    state: ClaimState | None = None,
    kind: ClaimKind | None = None,
    about: Annotated[RecordId | None, Query(description="The support case or complaint.")] = None,
    against: Annotated[RecordId | None, Query(description="Employer or agency.")] = None,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> ClaimPage:
    """This office's claims, newest first."""
    return await claims.newest(office, ClaimFilter(state, kind, about, against), before, limit)


@router.get("/{id}", operation_id="readClaim")
async def read_claim(id: RecordId, office: OfficeDep, claims: ClaimsDep) -> Claim:
    """A claim, whole."""
    return await claims.read(office, id)


@router.put("/{id}", operation_id="redraftClaim")
async def redraft_claim(id: RecordId, body: ClaimBody, office: OfficeDep, claims: ClaimsDep) -> Claim:
    """Replace a draft."""
    return await claims.redraft(office, id, body)


@router.post("/{id}/moves", operation_id="moveClaim")
async def move_claim(id: RecordId, body: ClaimStep, office: OfficeDep, claims: ClaimsDep) -> Claim:
    """File, tell of a hearing, appeal, close or withdraw."""
    return await claims.step(office, id, body)


@router.post("/{id}/decisions", operation_id="decideClaim")
async def decide_claim(id: RecordId, body: DecisionBody, office: OfficeDep, claims: ClaimsDep) -> Claim:
    """Tell what the forum decided."""
    return await claims.decide(office, id, body)


@router.post("/{id}/receipts", operation_id="receiveOnClaim")
async def receive_on_claim(id: RecordId, body: ReceiptBody, office: OfficeDep, claims: ClaimsDep) -> Claim:
    """Tell that money reached the claimant."""
    return await claims.receive(office, id, body)


@router.post("/{id}/documents", operation_id="addClaimDocuments")
async def add_documents(id: RecordId, body: ClaimDocumentsBody, office: OfficeDep, claims: ClaimsDep) -> Claim:
    """Add papers by their digests."""
    return await claims.add_documents(office, id, body.documents)


@router.post("/{id}/hold", operation_id="holdClaim")
async def hold_claim(id: RecordId, body: HoldBody, office: OfficeDep, claims: ClaimsDep) -> Claim:
    """Keep a claim until a day, whatever the clock says; or no longer."""
    return await claims.hold(office, id, body)
