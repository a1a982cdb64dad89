"""Screening asks this region's register and says who was asked: "clear" is only ever said of those that answered."""

import json
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from services.gateway.access.admission import admit
from services.gateway.access.policy import Action, Kind
from services.gateway.audit.shown import PARTY, Shown
from services.gateway.passage import forward, log_shown
from shared.contracts.caller import Caller
from shared.contracts.federation import FederatedMatchResponse
from shared.contracts.screening import MatchRequest
from shared.http.client import ServiceClient
from shared.settings import Settings

router = APIRouter(tags=["screening"])

_SHOWS: Final = (Shown(("responses", "*", "results", "*", "id"), PARTY),)
_SCHEMA: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{MatchRequest.__name__}"}}


@router.post(
    "/match/{dataset}",
    summary="Screen employers, agencies and persons",
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
    """The register's own answer, with the members that were asked and those that stayed silent."""
    del dataset  # part of the path that is handed on
    answer = await forward(cast("ServiceClient", request.app.state.registry), request, caller)
    if answer.status_code != 200:
        return answer
    await log_shown(request, caller, Kind.PARTY, Action.SCREEN, _SHOWS, answer)
    settings = cast("Settings", request.app.state.settings)
    document = json.loads(bytes(answer.body)) | {"members_asked": [settings.member], "members_silent": []}
    return JSONResponse(document, headers={"Cache-Control": "no-store"})
