"""Through a door: a request that was admitted goes to the service behind, with the caller vouched for."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final, cast
from urllib.parse import quote

import httpx
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.gateway.access.admission import admit
from services.gateway.access.caps import Caps
from services.gateway.access.policy import Action, Kind, Policy
from services.gateway.access.policy_answers import AnswerUnreadableError, shown_csv, shown_json, shown_problem
from services.gateway.access.policy_fields import Classes
from services.gateway.access.policy_gate import fields_shown
from services.gateway.access.policy_openapi import describe_classes
from services.gateway.access.sought_help import note_sought_help
from services.gateway.audit.entries import Outcome
from services.gateway.audit.log import AuditLog
from services.gateway.audit.shown import Shown, shown_subjects
from services.gateway.deliveries.noting import note_told
from services.gateway.door import Door
from services.gateway.doors import DOORS
from services.gateway.public_doors import PUBLIC_DOORS
from shared.contracts.caller import Caller
from shared.contracts.disclosure import FieldClass
from shared.contracts.problem import Problem
from shared.db.database import now
from shared.http.client import ServiceClient
from shared.http.problems import MEDIA_TYPE, problem_of_status, problem_response

_REF: Final = "#/components/schemas/{model}"
_KEPT_HEADERS: Final = ("content-type", "link", "location", "preference-applied", "retry-after")
_JSON: Final = "application/json"
_CSV: Final = "text/csv"
Admission = Callable[[Kind, Action], Callable[..., Awaitable[Caller]]]
"""Makes the dependency that lets a request through, or not."""

_PASSED_HEADERS: Final = ("content-type", "accept", "idempotency-key", "prefer")


def door_router(doors: tuple[Door, ...] = DOORS, admission: Admission = admit) -> APIRouter:
    """One route a door; `admission` says who may come through it."""
    router = APIRouter()
    for door in doors:
        router.add_api_route(
            door.path,
            _endpoint(door, admission),
            methods=[door.method],
            operation_id=door.operation,
            summary=door.summary,
            tags=[door.tag],
            status_code=door.status,
            responses=_responses(door),
            openapi_extra=_description(door),
            response_class=Response,
        )
    return router


def _endpoint(door: Door, admission: Admission) -> Callable[..., Awaitable[Response]]:
    async def pass_through(
        request: Request, caller: Annotated[Caller, Depends(admission(door.kind, door.action))]
    ) -> Response:
        if door.guard is not None:
            await door.guard(request, caller)
        client: ServiceClient = getattr(request.app.state, door.service)
        asked_at = now()
        answer = await forward(client, request, caller.model_copy(update={"scopes": door.scopes}))
        seen = cast("Policy", request.app.state.policy).seen(caller, door.kind)
        answer = shown_answer(answer, seen, door.form_of(answer.status_code), door.whole)
        fields_shown(request.scope)
        await log_shown(request, caller, door.kind, door.action, door.shows, answer)
        await note_sought_help(request, door.kind, door.shows, answer)
        if door.kind is Kind.PARTY:
            await note_told(request, caller, door.shows, answer, asked_at)
        return answer

    return pass_through


def shown_answer(answer: Response, seen: Classes, form: Any, whole: FieldClass | None = None) -> Response:
    """What the policy shows of an answer.

    Args:
        answer: of the service behind; its media type says whether it is JSON, CSV or an answer without fields.
        seen: classes of fields that the caller sees.
        form: the model of the answer; None: it has no fields.
        whole: the class of an answer without fields.

    Raises:
        AnswerUnreadableError: the answer has another form than the door says, or no class.
    """
    body = bytes(answer.body)
    media = answer.headers.get("content-type", "").partition(";")[0]
    if not body:
        return answer
    if media == MEDIA_TYPE:
        body = shown_problem(seen, body)
    elif form is None:
        body = body if whole in seen else b""
    elif media in {_JSON, _CSV}:
        body = (shown_json if media == _JSON else shown_csv)(form, seen, body)
    else:
        raise AnswerUnreadableError(f"the answer is {media}")
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return Response(body, answer.status_code, headers)


def shown_model(request: Request, caller: Caller, kind: Kind, answer: BaseModel, status: int = 200) -> Response:
    """What the policy shows of an answer that the gateway itself gives."""
    seen = cast("Policy", request.app.state.policy).seen(caller, kind)
    body = shown_json(type(answer), seen, answer.model_dump_json(by_alias=True).encode())
    fields_shown(request.scope)
    return Response(body, status, {"Cache-Control": "no-store"}, media_type=_JSON)


async def log_shown(
    request: Request, caller: Caller, kind: Kind, action: Action, shows: tuple[Shown, ...], answer: Response
) -> None:
    """Write down which records an answer names, before it is given."""
    if shows and answer.status_code < 300:
        log = cast("AuditLog", request.app.state.audit_log)
        subjects = shown_subjects(shows, bytes(answer.body))
        cast("Caps", request.app.state.caps).show(caller, len(subjects))
        await log.append(caller, kind.value, action.value, subjects, Outcome.SHOWN)


async def forward(client: ServiceClient, request: Request, caller: Caller) -> Response:
    """Ask the service behind the same thing, and hand its answer on unchanged.

    Raises:
        ServiceUnavailableError: it does not answer.
    """
    headers = {
        name: request.headers[name].encode("latin-1") for name in _PASSED_HEADERS if name in request.headers
    }  # bytes as they came: a header need not be ASCII
    answer = await client.request(
        caller,
        request.method,
        same_path(request.scope["path"]),
        params=list(request.query_params.multi_items()),
        content=await request.body(),
        headers=headers,
    )
    if answer.is_error and answer.headers.get("content-type") != MEDIA_TYPE:
        return _as_problem(answer)
    kept = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    return Response(answer.content, answer.status_code, {**kept, "Cache-Control": "no-store"})


def same_path(path: str) -> str:
    """A path, already decoded, written so that whoever decodes it reads the same path again.

    Otherwise the service behind could be led to another record than the one that was admitted and logged: by a
    percent sign that was itself encoded, a question mark, or dots that a client resolves.
    """
    return "/".join(quote(part, safe="").replace(".", "%2E") for part in path.split("/"))


def _as_problem(answer: httpx.Response) -> Response:
    """An error in another standard's form (OSIA's code and message) as every other error of the gateway."""
    try:
        told = json.loads(answer.content)
    except ValueError:
        told = None
    told = told if isinstance(told, dict) else {}
    problem = problem_of_status(answer.status_code, told.get("message"))
    code = told.get("code")
    return problem_response(problem.model_copy(update={"code": code}) if code is not None else problem)


def _responses(door: Door) -> dict[int | str, dict[str, Any]]:
    problem = {"content": {"application/problem+json": {"schema": _ref(Problem)}}, "description": "Problem (RFC 9457)"}
    good: dict[str, Any] = {"description": "Done"}
    one = {} if door.gives is None else _ref(door.gives)
    if door.many:
        good["content"] = {_JSON: {"schema": {"type": "array", "items": one}}}
    elif door.gives is not None:
        good["content"] = {_JSON: {"schema": one}}
    return {door.status: good, "default": problem}


def _description(door: Door) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if door.takes is not None:
        extra["requestBody"] = {"required": True, "content": {_JSON: {"schema": _ref(door.takes)}}}
    names = [part[1:-1] for part in door.path.split("/") if part.startswith("{")]
    extra["parameters"] = [
        *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names),
        *({"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in door.query),
        *({"name": name, "in": "header", "required": False, "schema": {"type": "string"}} for name in door.headers),
    ]
    return extra


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def describe(app: FastAPI, extra_models: tuple[type[BaseModel], ...]) -> Mapping[str, Any]:
    """The gateway's OpenAPI document, with the models that pass through its doors."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    doors = (*DOORS, *PUBLIC_DOORS)
    models = {model for door in doors for model in (door.takes, door.gives) if model is not None} | {Problem}
    pairs = [(model, "validation") for model in sorted(models | set(extra_models), key=lambda model: model.__name__)]
    _, schema = models_json_schema(pairs, ref_template=_REF)  # type: ignore[arg-type]
    document["components"].setdefault("schemas", {}).update(schema["$defs"])
    describe_classes(document["components"]["schemas"], doors)
    return document
