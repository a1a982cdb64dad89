"""What other members ask of this node's log: its head, the heads that it has seen, and that it only grew."""

import json
from typing import Any, cast

from fastapi import APIRouter, Request, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.audit.heads import HeadSigner, TreeHead, latest_head
from services.gateway.audit.nodes import compute, log_size
from services.gateway.federation.inbound import MemberRefusedError, answer_member
from services.gateway.federation.messages import Question
from services.gateway.federation.room import Federation
from services.gateway.witness.heads import Witness
from shared.contracts.audit import Consistency, Head
from shared.contracts.caller import Caller, Purpose
from shared.contracts.witness import HeadExchange
from shared.db.database import Database, now
from shared.standards.merkle import consistency_path

router = APIRouter(prefix="/federation/v1", tags=["federation"])


class NoSuchProofError(MemberRefusedError):
    """There is no proof between these sizes: the log never had one of them."""

    status, slug, title = 422, "no-proof", "There is no such proof"


@router.get("/head", summary="The log's head, and heads of others", operation_id="federatedHead")
async def head(request: Request) -> Response:
    """A HeadExchange, for any member."""
    return await answer_member(request, Kind.REGION, Action.READ, _head, among_all=Purpose.AUDIT)


@router.get("/consistency", summary="The proof that the log only grew", operation_id="federatedConsistency")
async def consistency(request: Request) -> Response:
    """Between the sizes `first` and `second` (RFC 9162, section 2.1.4)."""
    return await answer_member(request, Kind.REGION, Action.READ, _consistency, among_all=Purpose.AUDIT)


async def _head(request: Request, _question: Question, _caller: Caller, _version: int) -> tuple[int, Any]:
    tree = await _minute_head(request)
    federation = cast("Federation", request.app.state.federation)
    membership = federation.membership
    own = Head.model_construct(
        member=membership.own, size=tree.size, at=tree.at, root=tree.root, key_id=tree.key_id, signature=tree.signature
    )
    witnessed = await cast("Witness", request.app.state.witness).newest()
    told = HeadExchange.model_construct(
        head=own, witnessed=witnessed, at=now(), directory=membership.version, versions=list(federation.versions)
    )
    return 200, json.loads(told.model_dump_json())


async def _minute_head(request: Request) -> TreeHead:
    """The head of this minute: every member is shown the same, so that they can compare without a proof."""
    async with cast("Database", request.app.state.database).read() as session:
        latest = await latest_head(session)
    return latest or await cast("HeadSigner", request.app.state.head_signer).sign()


async def _consistency(request: Request, _question: Question, _caller: Caller, _version: int) -> tuple[int, Any]:
    first, second = (_size(request, name) for name in ("first", "second"))
    async with cast("Database", request.app.state.database).read() as session:
        if not 1 <= first <= second <= await log_size(session):
            raise NoSuchProofError("the log never had these sizes")
        path = await compute(session, lambda lookup: consistency_path(first, second, lookup))
    proof = Consistency.model_construct(first=first, second=second, path=path)
    return 200, json.loads(proof.model_dump_json())


def _size(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NoSuchProofError("sizes are numbers")
    return int(text)
