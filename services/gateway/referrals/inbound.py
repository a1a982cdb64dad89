"""Other members' referrals, and what became of ours there: opened, handed to the registry, then acknowledged."""

from typing import Any, Final, TypeVar, cast

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.entries import Outcome
from services.gateway.audit.log import AuditLog
from services.gateway.audit.shown import REFERRAL
from services.gateway.federation.inbound import MemberRefusedError, VersionNotSpokenError, answer_member
from services.gateway.federation.messages import Question
from services.gateway.probes.seals import Opener
from services.gateway.referrals.sender import seal_subject
from shared.contracts.caller import Caller, Purpose
from shared.contracts.crossing import ReferralOffer, ReferralReceipt, ReferralTold, SealedReferral
from shared.http.client import ServiceClient, ServiceUnavailableError

Message = TypeVar("Message", ReferralOffer, ReferralTold)
_JSON: Final = {"content-type": "application/json"}

router = APIRouter(prefix="/federation/v1", tags=["federation"])


class ReferralNotTakenError(MemberRefusedError):
    """The registry does not take it: no agreement lets it pass, or that office cannot have done this."""

    status, slug, title = 422, "not-taken", "The referral is not taken"


@router.post("/referrals", summary="A referral for an office here", operation_id="federatedReferral")
async def referrals(request: Request) -> Response:
    """A SealedReferral of a ReferralOffer, signed; for a purpose that both members agreed on."""
    return await answer_member(request, Kind.REFERRAL, Action.CREATE, _offer)


@router.post("/referral-states", summary="What became of a referral there", operation_id="federatedReferralState")
async def states(request: Request) -> Response:
    """A SealedReferral of a ReferralTold, signed, from either side. Every member may come with it."""
    return await answer_member(request, Kind.REFERRAL, Action.WRITE, _told, among_all=Purpose.REGISTER_MAINTENANCE)


async def _offer(request: Request, question: Question, caller: Caller, version: int) -> tuple[int, Any]:
    offer = _opened(request, question, caller, version, ReferralOffer)
    return await _hand_on(request, caller, "/v1/region/referrals/offers", offer, Action.CREATE)


async def _told(request: Request, question: Question, caller: Caller, version: int) -> tuple[int, Any]:
    told = _opened(request, question, caller, version, ReferralTold)
    return await _hand_on(request, caller, "/v1/region/referrals/told", told, Action.WRITE)


def _opened(request: Request, question: Question, caller: Caller, version: int, form: type[Message]) -> Message:
    """What was sealed to this member in this message, about the referral that its address names."""
    if version < 2:
        raise VersionNotSpokenError("referrals are of version 2")
    sealed = SealedReferral.model_validate_json(question.body)
    opener = cast("Opener", request.app.state.opener)
    message = form.model_validate_json(
        opener.open(caller.member, seal_subject(sealed.id, sealed.number), sealed.sealed)
    )
    named = request.query_params.get("id")
    if {named, message.id} != {sealed.id} or message.number != sealed.number:
        raise ReferralNotTakenError("address, envelope and content speak of different referrals")
    return message


async def _hand_on(request: Request, caller: Caller, path: str, message: BaseModel, action: Action) -> tuple[int, Any]:
    registry = cast("ServiceClient", request.app.state.registry)
    answer = await registry.request(caller, "POST", path, content=message.model_dump_json(), headers=_JSON)
    if answer.status_code >= 500:
        raise ServiceUnavailableError("the registry does not take it now")
    if answer.status_code != 200:
        raise ReferralNotTakenError("no agreement lets it pass, or it cannot have got there")
    receipt = ReferralReceipt.model_validate_json(answer.content)
    log = cast("AuditLog", request.app.state.audit_log)
    await log.append(caller, Kind.REFERRAL.value, action.value, [REFERRAL.format(receipt.id).encode()], Outcome.SHOWN)
    return 200, receipt.model_dump(mode="json")
