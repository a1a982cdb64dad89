"""Reconciliation over HTTP: one address for manifest, queries and columns, as the API asks."""

import json
from typing import Annotated, Any, Final, Literal, cast
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import ValidationError

from services.registry.admission import ReaderDep
from services.registry.screening.reconciling import (
    as_query,
    candidates,
    extend,
    manifest,
    preview,
    property_names,
    suggest_entities,
    suggest_names,
)
from services.registry.screening.routes import ClearancesDep, DatasetName, ScreenerDep
from services.registry.screening.scope import EVERYTHING, Scope, scoped_datasets
from services.registry.screening.thresholds import office_bar
from shared.contracts.caller import Caller
from shared.contracts.inlining import inlined
from shared.contracts.lines import RecordId
from shared.contracts.reconciliation import (
    Extension,
    Named,
    ProposedProperties,
    ReconciliationAnswer,
    ReconciliationRequest,
    Suggestions,
)
from shared.db.database import Database, now
from shared.http.state import DatabaseDep
from shared.settings import Settings

router = APIRouter(prefix="/reconcile", tags=["reconciliation"])

_FORM: Final = "application/x-www-form-urlencoded"
_SHOWN: Final = 5
_MOST: Final = 50
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": inlined(ReconciliationRequest)},
            _FORM: {
                "schema": {
                    "type": "object",
                    "properties": {"queries": {"type": "string"}, "extend": {"type": "string"}},
                }
            },
        },
    }
}
Prefix = Annotated[str, Query(pattern=r"^[^\x00-\x1f\x7f]{0,200}$")]


async def _scope(database: Database, dataset: str) -> Scope:
    async with database.read() as session:
        datasets = await scoped_datasets(session, dataset, [], [])
    return EVERYTHING if datasets is None else Scope(datasets=datasets)


@router.get("/{dataset}", operation_id="reconcileByGet")
async def reconcile_by_get(
    dataset: DatasetName,
    request: Request,
    caller: ReaderDep,
    database: DatabaseDep,
    screener: ScreenerDep,
    clearances: ClearancesDep,
    queries: Annotated[str | None, Query()] = None,
    extend: Annotated[str | None, Query()] = None,
) -> Response:
    """The manifest; with `queries` or `extend`, their answer."""
    scope = await _scope(database, dataset)
    if queries is None and extend is None:
        public_url = cast("Settings", request.app.state.settings).public_url.rstrip("/")
        return JSONResponse(manifest(f"{public_url}/reconcile/{dataset}", public_url))
    asked = _read({"queries": queries, "extend": extend})
    return await _answer(asked, scope, caller, database, screener, clearances)


@router.post("/{dataset}", operation_id="reconcile", openapi_extra=_BODY)
async def reconcile(
    dataset: DatasetName,
    request: Request,
    caller: ReaderDep,
    database: DatabaseDep,
    screener: ScreenerDep,
    clearances: ClearancesDep,
) -> Response:
    """Candidates for cells, or columns for reconciled ones; as a form, or as JSON."""
    scope = await _scope(database, dataset)
    body = await request.body()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        asked = _read(_form(body))
    else:
        asked = _validated(_json(body))
    return await _answer(asked, scope, caller, database, screener, clearances)


def _form(body: bytes) -> dict[str, str | None]:
    try:
        fields = parse_qs(body.decode(), max_num_fields=20)
    except ValueError as error:
        raise RequestValidationError([{"loc": ("body",), "msg": "not a form"}]) from error
    return {name: fields[name][0] if name in fields else None for name in ("queries", "extend")}


def _read(texts: dict[str, str | None]) -> ReconciliationRequest:
    return _validated({name: _json(text) for name, text in texts.items() if text is not None})


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestValidationError([{"loc": ("body",), "msg": "not JSON"}]) from error


def _validated(document: Any) -> ReconciliationRequest:
    try:
        asked = ReconciliationRequest.model_validate(document)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_url=False)) from error
    if (asked.queries is None) == (asked.extend is None):
        raise RequestValidationError([{"loc": ("body",), "msg": "either queries or extend"}])
    return asked


async def _answer(
    asked: ReconciliationRequest,
    scope: Scope,
    caller: Caller,
    database: Database,
    screener: ScreenerDep,
    clearances: ClearancesDep,
) -> Response:
    today = now().date()
    if asked.extend is not None:
        async with database.read() as session:
            columns: Extension = await extend(session, scope, asked.extend, today)
        return JSONResponse(columns.model_dump(mode="json"))
    queries = asked.queries or {}
    async with database.read() as session:
        bar, _ = await office_bar(session, caller, _MOST)
    answers = await screener.screen([as_query(each) for each in queries.values()], bar, today, scope)
    async with database.read() as session:
        await clearances.mark(session, caller, answers)
    found: dict[str, ReconciliationAnswer] = {
        name: candidates(answer, min(query.limit or _SHOWN, _MOST))
        for (name, query), answer in zip(queries.items(), answers, strict=True)
    }
    return JSONResponse({name: answer.model_dump(mode="json") for name, answer in found.items()})


@router.get("/{dataset}/suggest/{kind}", operation_id="suggest", response_model_exclude_none=True)
async def suggest(
    dataset: DatasetName,
    kind: Literal["entity", "property", "type"],
    _caller: ReaderDep,
    database: DatabaseDep,
    prefix: Prefix = "",
    cursor: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Suggestions:
    """What may be meant by the letters typed so far."""
    scope = await _scope(database, dataset)
    if kind == "entity":
        async with database.read() as session:
            return Suggestions(result=await suggest_entities(session, scope, prefix, cursor, 10))
    return Suggestions(result=suggest_names(kind, prefix)[cursor : cursor + _MOST])


@router.get("/{dataset}/properties", operation_id="proposeProperties")
async def propose_properties(
    dataset: DatasetName,
    _caller: ReaderDep,
    database: DatabaseDep,
    type: Annotated[str, Query(max_length=64)] = "LegalEntity",  # noqa: A002  the API's own word
    limit: Annotated[int, Query(ge=1)] = _MOST,
) -> ProposedProperties:
    """Columns that can be added to parties of a type."""
    await _scope(database, dataset)
    shown = min(limit, _MOST)
    names = [Named(id=each, name=name) for each, name in property_names(type).items()]
    return ProposedProperties(type=type, limit=shown, properties=names[:shown])


@router.get("/{dataset}/preview", operation_id="preview", response_class=HTMLResponse)
async def show_preview(
    dataset: DatasetName, _caller: ReaderDep, database: DatabaseDep, id: Annotated[RecordId, Query()]
) -> HTMLResponse:
    """A small page on a party."""
    scope = await _scope(database, dataset)
    async with database.read() as session:
        page = await preview(session, scope, id, now().date())
    return HTMLResponse(page, headers={"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"})
