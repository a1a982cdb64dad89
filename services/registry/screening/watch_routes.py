"""Watches and their notices over HTTP."""

from typing import Annotated, cast

from fastapi import APIRouter, Query, Request, Response

from services.registry.admission import ReaderDep
from services.registry.screening.watches import Watches
from services.registry.screening.webhooks import Webhooks
from shared.contracts.lines import RecordId
from shared.contracts.watches import NoticePage, Redelivery, Watch, WatchBody, WatchPage, WebhookKeys
from shared.http.state import held

router = APIRouter(prefix="/v1/watches", tags=["watches"])


WatchesDep = Annotated[Watches, held("watches")]
Cursor = Annotated[int, Query(ge=0, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.post("", operation_id="makeWatch", status_code=201)
async def make_watch(body: WatchBody, caller: ReaderDep, watches: WatchesDep) -> Watch:
    """Be told when a party, or whoever a query finds, changes."""
    return await watches.make(caller, body)


@router.get("", operation_id="listWatches")
async def list_watches(caller: ReaderDep, watches: WatchesDep, cursor: Cursor = 0, limit: Limit = 50) -> WatchPage:
    """The watches of the caller's office."""
    return await watches.page(caller, cursor, limit)


@router.get("/notices", operation_id="listNotices")
async def list_notices(caller: ReaderDep, watches: WatchesDep, cursor: Cursor = 0, limit: Limit = 50) -> NoticePage:
    """What changed for the caller's office, from after a number on."""
    return await watches.notices(caller, cursor, limit)


@router.get("/keys", operation_id="readWebhookKeys")
async def read_keys(request: Request, _caller: ReaderDep) -> WebhookKeys:
    """The public keys that webhooks are signed with."""
    return WebhookKeys(keys=cast("Webhooks", request.app.state.webhooks).keys)


@router.delete("/{watch_id}", operation_id="giveUpWatch", status_code=204)
async def give_up(watch_id: RecordId, caller: ReaderDep, watches: WatchesDep) -> Response:
    """Watch no longer."""
    await watches.give_up(caller, watch_id)
    return Response(status_code=204)


@router.post("/{watch_id}/redeliveries", operation_id="redeliverNotices", status_code=202)
async def redeliver(watch_id: RecordId, request: Request, caller: ReaderDep, watches: WatchesDep) -> Redelivery:
    """Send again what the webhook did not take."""
    count = await watches.redeliver(caller, watch_id)
    request.app.state.screening_runner.wake()
    return Redelivery(notices=count)
