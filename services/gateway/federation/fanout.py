"""Screening asks every member that may be asked, within one deadline, and says of each whether it answered."""

import asyncio
import json
import time
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from services.gateway.access.admission import admit
from services.gateway.access.policy import Action, Kind, Policy
from services.gateway.access.policy_answers import shown_document
from services.gateway.access.policy_gate import fields_shown
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.deliveries.noting import note_parties, parties_in
from services.gateway.federation.membership import NotAMemberError
from services.gateway.federation.merging import merge_answers, same_parties
from services.gateway.federation.peers import Answer, MemberSilentError
from services.gateway.federation.room import Federation
from services.gateway.passage import forward, log_shown, shown_answer
from shared.contracts.caller import Caller
from shared.contracts.federation import FederatedAnswer, FederatedMatchResponse, MemberAnswer, MemberState
from shared.contracts.membership import MemberEntry
from shared.contracts.screening import MatchRequest, MatchResponse
from shared.db.database import now
from shared.http.client import ServiceClient
from shared.settings import Settings

router = APIRouter(tags=["screening"])

_SHOWS: Final = (Shown(("responses", "*", "results", "*", "id"), PARTY),)
_SCHEMA: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{MatchRequest.__name__}"}}
_EVERYBODY: Final = "default"
"""The dataset of all members; any other is a part of this node's own register."""
_ORDER: Final = (MemberState.SILENT, MemberState.CUT_OFF, MemberState.NOT_ASKED, MemberState.ANSWERED)
_Part = tuple[MemberAnswer, dict[str, Any] | None]


@router.post(
    "/match/{dataset}",
    summary="Screen employers, agencies and persons, at every member",
    operation_id="match",
    responses={200: {"model": FederatedMatchResponse}},
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": _SCHEMA}},
        "parameters": [
            {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer"}},
            {"name": "threshold", "in": "query", "required": False, "schema": {"type": "number"}},
            {"name": "cutoff", "in": "query", "required": False, "schema": {"type": "number"}},
        ],
    },
)
async def match(
    dataset: str, request: Request, caller: Annotated[Caller, Depends(admit(Kind.PARTY, Action.SCREEN))]
) -> Response:
    """The register's own answer and the other members', with those that stayed silent told first."""
    asked_at = now()
    own_task = asyncio.create_task(forward(cast("ServiceClient", request.app.state.registry), request, caller))
    others = await _ask_others(request, caller, dataset)
    own = await own_task
    seen = cast("Policy", request.app.state.policy).seen(caller, Kind.PARTY)
    fields_shown(request.scope)
    if own.status_code != 200:
        return shown_answer(own, seen, FederatedMatchResponse)
    settings = cast("Settings", request.app.state.settings)
    document = json.loads(bytes(own.body))
    parts = [(_answered(settings.member, document, 0.0), document), *others]
    told = {member.member: parties_in(found) for member, found in parts if found is not None}
    await note_parties(request, caller, told, asked_at)
    merged = _merge(parts, request.query_params.get("limit"), _directory(request))
    shown = shown_document(FederatedMatchResponse, seen, merged)
    answer = Response(shown, headers={"Cache-Control": "no-store"}, media_type="application/json")
    await log_shown(request, caller, Kind.PARTY, Action.SCREEN, _SHOWS, answer)
    return answer


async def _ask_others(request: Request, caller: Caller, dataset: str) -> list[_Part]:
    federation = cast("Federation | None", request.app.state.federation)
    if federation is None:
        return []
    if dataset != _EVERYBODY:
        others = federation.membership.others()
        return [
            (MemberAnswer(member=each.member, state=MemberState.NOT_ASKED, reason="dataset"), None) for each in others
        ]
    query = request.scope["query_string"].decode("ascii", "replace")
    path = "/federation/v1/match" + (f"?{query}" if query else "")
    body = await request.body()
    every = federation.membership.others()
    return list(await asyncio.gather(*(_ask(federation, entry, caller, path, body) for entry in every)))


async def _ask(federation: Federation, entry: MemberEntry, caller: Caller, path: str, body: bytes) -> _Part:
    if not entry.active:
        return MemberAnswer(member=entry.member, state=MemberState.CUT_OFF), None
    began = time.perf_counter()
    try:
        told = await _told(federation, entry, caller, path, body)
    except NotAMemberError as error:
        state = MemberState.SILENT if error.reason == "directory" else MemberState.NOT_ASKED
        return MemberAnswer(member=entry.member, state=state, reason=error.reason), None
    except (MemberSilentError, ValidationError) as error:
        reason = error.reason if isinstance(error, MemberSilentError) else "error"
        taken = _ms(began)
        return MemberAnswer(member=entry.member, state=MemberState.SILENT, reason=reason, ms=taken), None
    document = told.answer.model_dump(mode="json", by_alias=True)
    return _answered(entry.member, document, _ms(began)).model_copy(update={"as_of": told.as_of}), document


async def _told(federation: Federation, entry: MemberEntry, caller: Caller, path: str, body: bytes) -> FederatedAnswer:
    """What a member says, if it may be asked and its answer speaks for itself alone."""
    if caller.purpose is None:
        raise NotAMemberError("purpose", "no purpose")
    federation.membership.may_ask(federation.membership.own, entry.member, caller.purpose)
    answer = await federation.peers.ask(entry, "POST", path, caller, body, federation.seconds)
    if answer.status != 200:
        raise MemberSilentError("refused" if answer.status < 500 else "error")
    told = _read(entry, answer)
    named = {result.member for each in told.answer.responses.values() for result in each.results}
    if told.member != entry.member or named - {entry.member}:
        raise MemberSilentError("error")
    return told


def _read(entry: MemberEntry, answer: Answer) -> FederatedAnswer:
    """A member's answer; one of the version before says neither whose it is nor of when: its signature does."""
    if answer.version == "1":
        plain = MatchResponse.model_validate_json(answer.body)
        return FederatedAnswer(member=entry.member, as_of=now(), answer=plain)
    return FederatedAnswer.model_validate_json(answer.body)


def _answered(member: str, document: dict[str, Any], ms: float) -> MemberAnswer:
    hits = sum(len(each["results"]) for each in document["responses"].values())
    return MemberAnswer(member=member, state=MemberState.ANSWERED, as_of=now(), hits=hits, ms=ms)


def _merge(parts: list[_Part], limit: str | None, directory: dict[str, Any] | None) -> dict[str, Any]:
    documents = [document for _, document in parts if document is not None]
    merged = merge_answers(documents, int(limit) if limit and limit.isdigit() else None)
    members = sorted((member for member, _ in parts), key=lambda each: (_ORDER.index(each.state), each.member))
    asked = [each.member for each in members if each.state in {MemberState.ANSWERED, MemberState.SILENT}]
    silent = [each.member for each in members if each.state in {MemberState.SILENT, MemberState.CUT_OFF}]
    groups = {name: [each.model_dump() for each in some] for name, some in same_parties(merged["responses"]).items()}
    return merged | {
        "directory": directory,
        "members": [each.model_dump(mode="json") for each in members],
        "members_asked": sorted(asked),
        "members_silent": sorted(silent),
        "same_party": groups,
    }


def _directory(request: Request) -> dict[str, Any] | None:
    federation = cast("Federation | None", request.app.state.federation)
    if federation is None:
        return None
    return {"version": federation.membership.version, "current": federation.membership.current}


def _ms(began: float) -> float:
    return round(1000 * (time.perf_counter() - began), 1)
