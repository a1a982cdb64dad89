"""OSIA's gallery operations."""
# ruff: noqa: FAST003  path parameters come by the standard's own names, as aliases

from typing import Annotated

from fastapi import APIRouter, Query

from services.biometrics.encounters.routes import ReaderDep
from services.biometrics.identify.routes import UnknownGalleryError
from services.biometrics.operation import GalleryIdPath, route
from shared.contracts.osia import GalleryId, PersonIds

router = APIRouter(prefix="/v1/galleries", tags=["Gallery"])

_SCOPE = "abis.gallery.read"


@router.get("", **route("readGalleries", _SCOPE))
async def read_galleries(reader: ReaderDep) -> list[GalleryId]:
    """The names of all galleries that an encounter is in."""
    return await reader.galleries()


@router.get("/{galleryId}", **route("readGalleryContent", _SCOPE, [404]))
async def read_gallery_content(
    gallery: GalleryIdPath,
    reader: ReaderDep,
    offset: Annotated[int, Query(ge=0, lt=2**31, description="The offset of the query")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description="The maximum number of items to return")] = 1000,
) -> list[PersonIds]:
    """Who is in a gallery, ACTIVE or not, oldest encounter first."""
    if not await reader.has_gallery(gallery):
        raise UnknownGalleryError("there is no such gallery here")
    return await reader.content(gallery, offset, limit)
