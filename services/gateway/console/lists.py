"""Pages of lists that are screened: a CSV goes in, how far it is, a CSV comes out."""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Depends, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import Asking
from services.gateway.console.pages import HEADERS
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, visiting
from shared.contracts.batches import COLUMNS, MAX_BATCH_BYTES, MAX_ROWS

router = page_router("/console/screen/lists")
ScreenDep = Annotated[Visit, Depends(visiting((Kind.PARTY, Action.SCREEN)))]
_CSV: Final = "text/csv"


@router.get("")
async def upload_page(visit: ScreenDep) -> Response:
    """Which list?"""
    return visit.show("list_upload.html", columns=COLUMNS, most=MAX_ROWS, wrong=False)


@router.post("")
async def upload(visit: ScreenDep) -> Response:
    """Take the list in; it is screened whether anybody waits or not."""
    content = (await visit.form()).get("list")
    if not isinstance(content, UploadFile) or not content.size or content.size > MAX_BATCH_BYTES:
        return visit.show("list_upload.html", 422, columns=COLUMNS, most=MAX_ROWS, wrong=True)
    body = await content.read()
    await content.close()
    answer = await visit.ask.raw("POST", "/v1/screening/batches", content=body, headers={"Content-Type": _CSV})
    return forward_to(f"/console/screen/lists/{quote(answer.json()['id'])}")


@router.get("/{batch}")
async def batch_page(visit: ScreenDep, batch: str) -> Response:
    """How far it is."""
    return visit.show("list.html", batch=await visit.ask.get(f"/v1/screening/batches/{batch}"))


@router.get("/{batch}/result.csv")
async def result(visit: ScreenDep, batch: str) -> Response:
    """The result, whole: the pages of the answer one after the other, one header."""
    path = f"/v1/screening/batches/{batch}/result"
    first = await visit.ask.raw("GET", path)
    named = {"Content-Disposition": f'attachment; filename="screened-{quote(batch)}.csv"'}
    pages = _pages(visit.ask, first.text, first.links.get("next", {}).get("url"))
    return StreamingResponse(pages, media_type=_CSV, headers={**HEADERS, **named})


async def _pages(ask: Asking, text: str, following: str | None) -> AsyncIterator[str]:
    yield text
    while following:
        page = await ask.raw("GET", following)
        yield page.text.partition("\n")[2]
        following = page.links.get("next", {}).get("url")
