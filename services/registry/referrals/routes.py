"""Referrals over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.registry.admission import of_caller
from services.registry.pages import PageBefore, PageLimit
from services.registry.referrals.agreements import all_agreements
from services.registry.referrals.contacts import Contacts
from services.registry.referrals.offices import Referrer, referrer_of
from services.registry.referrals.store import ReferralFilter, Referrals
from services.registry.state import KeysDep
from shared.contracts.lines import RecordId
from shared.contracts.referrals import (
    AgreementList,
    Referral,
    ReferralAnswer,
    ReferralBody,
    ReferralContact,
    ReferralContactBody,
    ReferralContent,
    ReferralDirection,
    ReferralPage,
    ReferralState,
    ReferralStep,
)
from shared.http.state import DatabaseDep, held

router = APIRouter(tags=["referrals"])


async def _referrals(database: DatabaseDep, keys: KeysDep) -> Referrals:
    return Referrals(database, keys)


ContactsDep = Annotated[Contacts, held("referral_contacts")]
ReferrerDep = Annotated[Referrer, of_caller(referrer_of)]
ReferralsDep = Annotated[Referrals, Depends(_referrals)]


@router.get("/v1/referral-agreements", operation_id="listReferralAgreements")
async def list_agreements(_who: ReferrerDep) -> AgreementList:
    """What offices agreed to tell each other, and on what basis."""
    return AgreementList(items=list(all_agreements()))


@router.get("/v1/referral-contact", operation_id="readReferralContact")
async def read_contact(who: ReferrerDep, contacts: ContactsDep) -> ReferralContact:
    """Where this office is told that a referral waits."""
    return await contacts.read(who)


@router.put("/v1/referral-contact", operation_id="putReferralContact")
async def put_contact(body: ReferralContactBody, who: ReferrerDep, contacts: ContactsDep) -> ReferralContact:
    """Set it, or give it up: overdue referrals to this office and escalated ones of it are told there."""
    return await contacts.put(who, body.webhook)


@router.post("/v1/referrals/preview", operation_id="previewReferral")
async def preview_referral(body: ReferralBody, who: ReferrerDep, referrals: ReferralsDep) -> ReferralContent:
    """Exactly what the receiver would see. Nothing is sent or kept."""
    return await referrals.preview(who, body)


@router.post("/v1/referrals", status_code=201, operation_id="sendReferral")
async def send_referral(body: ReferralBody, who: ReferrerDep, referrals: ReferralsDep) -> Referral:
    """Send what the preview shows."""
    return await referrals.send(who, body)


@router.get("/v1/referrals", operation_id="listReferrals")
async def list_referrals(
    who: ReferrerDep,
    referrals: ReferralsDep,
    direction: ReferralDirection | None = None,
    state: ReferralState | None = None,
    overdue: Annotated[bool, Query(description="Only those that nobody answered in time.")] = False,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> ReferralPage:
    """Referrals from and to this office, newest first."""
    return await referrals.newest(who, ReferralFilter(direction, state, overdue), before, limit)


@router.get("/v1/referrals/{id}", operation_id="readReferral")
async def read_referral(id: RecordId, who: ReferrerDep, referrals: ReferralsDep) -> Referral:
    """A referral, as this office sees it."""
    return await referrals.read(who, id)


@router.post("/v1/referrals/{id}/moves", operation_id="moveReferral")
async def move_referral(id: RecordId, body: ReferralStep, who: ReferrerDep, referrals: ReferralsDep) -> Referral:
    """Receive, accept, decline, request more, hand back, complete or withdraw."""
    return await referrals.step(who, id, body)


@router.post("/v1/referrals/{id}/answer", operation_id="answerReferral")
async def answer_referral(id: RecordId, body: ReferralAnswer, who: ReferrerDep, referrals: ReferralsDep) -> Referral:
    """Tell more, as requested."""
    return await referrals.answer(who, id, body)


@router.post("/v1/referrals/{id}/revoke", operation_id="revokeReferral")
async def revoke_referral(id: RecordId, who: ReferrerDep, referrals: ReferralsDep) -> Referral:
    """The person takes the consent back: what was sent is gone at once."""
    return await referrals.revoke(who, id)
