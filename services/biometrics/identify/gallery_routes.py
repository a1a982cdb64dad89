"""OSIA's gallery operations."""
# ruff: noqa: FAST003  path parameters come by the standard's own names, as aliases

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from services.biometrics.encounters.routes import ReaderDep
from services.biometrics.identify.routes import UnknownGalleryError
from services.biometrics.operation import GalleryIdPath, OwnerDep, deferrable, route
from shared.contracts.osia import GalleryId, PersonIds

router = APIRouter(prefix="/v1/galleries", tags=["Gallery"])

_SCOPE = "abis.gallery.read"
_CSV = "text/csv"


async def _accept(request: Request) -> str:
    """The media type that the caller would like best: the first that is named."""
    return request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip().lower()


@router.get("", **route("readGalleries", _SCOPE))
@deferrable
async def read_galleries(reader: ReaderDep) -> list[GalleryId]:
    """The names of all galleries that an encounter is in."""
    return await reader.galleries()


@router.get(
    "/{galleryId}",
    response_model=list[PersonIds],
    **route("readGalleryContent", _SCOPE, [404], more={200: {"content": {_CSV: {"schema": {"type": "string"}}}}}),
)
@deferrable
async def read_gallery_content(
    gallery: GalleryIdPath,
    reader: ReaderDep,
    owner: OwnerDep,
    accept: Annotated[str, Depends(_accept)],
    offset: Annotated[int, Query(ge=0, lt=2**31, description="The offset of the query")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description="The maximum number of items to return")] = 1000,
) -> list[PersonIds] | Response:
    """Which of the caller's persons are in a gallery, ACTIVE or not, oldest first; text/csv when asked for."""
    if not await reader.has_gallery(gallery):
        raise UnknownGalleryError("there is no such gallery here")
    content = await reader.content(gallery, owner, offset, limit)
    return Response(_csv(content), media_type=_CSV) if accept == _CSV else content


def _csv(content: list[PersonIds]) -> str:
    """RFC 4180; no id holds a comma or a quotation mark."""
    lines = ["PersonId,encounterId", *(f"{each.personId},{each.encounterId}" for each in content)]
    return "".join(f"{line}\r\n" for line in lines)
