"""Other members' corrections: kept durably for every office that received the record, then acknowledged."""

from typing import Any, cast

from fastapi import APIRouter, Request, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.deliveries.ledger import Ledger
from services.gateway.federation.inbound import answer_member
from services.gateway.federation.messages import Question
from shared.contracts.caller import Caller, Purpose
from shared.contracts.corrections import CorrectionMessage, CorrectionReceipt

router = APIRouter(prefix="/federation/v1", tags=["federation"])


@router.post("/corrections", summary="What a member told and is so no longer", operation_id="federatedCorrections")
async def corrections(request: Request) -> Response:
    """A CorrectionMessage, signed. A member corrects its own records: the source is whoever signed."""
    return await answer_member(request, Kind.CORRECTION, Action.WRITE, _keep, among_all=Purpose.REGISTER_MAINTENANCE)


async def _keep(request: Request, question: Question, caller: Caller, _version: int) -> tuple[int, Any]:
    message = CorrectionMessage.model_validate_json(question.body)
    await cast("Ledger", request.app.state.ledger).spread(caller.member, message.corrections)
    receipt = CorrectionReceipt(acknowledged=[each.id for each in message.corrections])
    return 200, receipt.model_dump(mode="json")
