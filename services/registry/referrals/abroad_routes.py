"""Referrals across member states, for the gateway; no door leads here."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from services.registry.admission import MaintainerDep, PurposeNotAllowedError, of_caller
from services.registry.referrals.abroad import Abroad
from services.registry.state import KeysDep
from shared.contracts.caller import Caller, Role
from shared.contracts.crossing import OwedReferrals, ReferralOffer, ReferralReceipt, ReferralResults, ReferralTold
from shared.http.state import DatabaseDep
from shared.settings import Settings

router = APIRouter(prefix="/v1/region/referrals", tags=["region"])


async def _abroad(request: Request, database: DatabaseDep, keys: KeysDep) -> Abroad:
    return Abroad(database, keys, cast("Settings", request.app.state.settings).member)


def _partner(caller: Caller) -> Caller:
    if caller.role is not Role.PARTNER_MEMBER:
        raise PurposeNotAllowedError("for another member, as its gateway's signature proves it")
    return caller


AbroadDep = Annotated[Abroad, Depends(_abroad)]
PartnerDep = Annotated[Caller, of_caller(_partner)]


@router.get("", operation_id="readOwedReferrals")
async def read_owed(_caller: MaintainerDep, abroad: AbroadDep) -> OwedReferrals:
    """What other members have yet to take; the same again until it is settled."""
    return OwedReferrals(items=await abroad.owed())


@router.post("/results", operation_id="settleReferrals", status_code=204)
async def settle(body: ReferralResults, _caller: MaintainerDep, abroad: AbroadDep) -> None:
    """What became of it."""
    await abroad.settle(body.items)


@router.post("/offers", operation_id="takeReferralIn")
async def take_in(body: ReferralOffer, partner: PartnerDep, abroad: AbroadDep) -> ReferralReceipt:
    """Another member's referral, for an office here."""
    await abroad.take_in(partner.member, body)
    return ReferralReceipt(id=body.id, number=body.number)


@router.post("/told", operation_id="hearOfReferral")
async def hear(body: ReferralTold, partner: PartnerDep, abroad: AbroadDep) -> ReferralReceipt:
    """What another member's office did with a referral."""
    await abroad.hear(partner.member, body)
    return ReferralReceipt(id=body.id, number=body.number)
