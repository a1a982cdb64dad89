"""OSIA's operations that change where an encounter belongs, and whether and where it is searched."""
# ruff: noqa: FAST003  path parameters come by the standard's own names, as aliases

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from services.biometrics.encounters.routes import StoreDep
from services.biometrics.encounters.rows import UnknownEncounterError, UnknownPersonError
from services.biometrics.operation import EncounterIdPath, OwnerDep, PersonIdPath, deferrable, route
from services.biometrics.refusals import RefusedRequestError, UnknownRecordError
from shared.contracts.osia import ALL_GALLERIES, EncounterStatus, GalleryList, OpaqueId, PersonIds

_WRITE = "abis.encounter.write"

router = APIRouter(prefix="/v1/persons", tags=["CRUD"])

TargetPath = Annotated[OpaqueId, Path(alias="personIdTarget", description="the id of the person who receives")]
SourcePath = Annotated[OpaqueId, Path(alias="personIdSource", description="the id of the person who gives")]


@router.post("/{personIdTarget}/merge/{personIdSource}", status_code=204, **route("mergeEncounter", _WRITE, [404, 409]))
@deferrable
async def merge_encounter(target: TargetPath, source: SourcePath, store: StoreDep, owner: OwnerDep) -> None:
    """Give all encounters of one person to another. 409 when both have one of the same id."""
    await store.merge(target, source, owner)


@router.post(
    "/{personIdTarget}/move/{personIdSource}/encounters/{encounterId}",
    status_code=204,
    **route("moveEncounter", _WRITE, [404, 409]),
)
@deferrable
async def move_encounter(
    target: TargetPath, source: SourcePath, encounter_id: EncounterIdPath, store: StoreDep, owner: OwnerDep
) -> None:
    """Give one encounter to another person. 409 when that person has one of this id."""
    await store.move(target, PersonIds(personId=source, encounterId=encounter_id), owner)


@router.put(
    "/{personId}/encounters/{encounterId}/status",
    status_code=204,
    **route("updateEncounterStatus", _WRITE, priority=False),
)
@deferrable
async def update_encounter_status(
    person_id: PersonIdPath,
    encounter_id: EncounterIdPath,
    status: Annotated[EncounterStatus, Query(description="New status of the encounter")],
    store: StoreDep,
    owner: OwnerDep,
) -> None:
    """Say whether searches find an encounter. An unknown one is 400: the standard has no 404 here."""
    with _unknown_is_refused():
        await store.set_status(PersonIds(personId=person_id, encounterId=encounter_id), status, owner)


@router.put(
    "/{personId}/encounters/{encounterId}/galleries",
    status_code=204,
    **route("updateEncounterGalleries", _WRITE, priority=False),
)
@deferrable
async def update_encounter_galleries(
    person_id: PersonIdPath,
    encounter_id: EncounterIdPath,
    galleries: Annotated[GalleryList, Body()],
    store: StoreDep,
    owner: OwnerDep,
) -> None:
    """Say in which galleries an encounter is. An unknown one is 400: the standard has no 404 here."""
    if ALL_GALLERIES in galleries:
        raise RefusedRequestError("ALL stands for every gallery and cannot be one")
    with _unknown_is_refused():
        await store.set_galleries(PersonIds(personId=person_id, encounterId=encounter_id), galleries, owner)


@contextmanager
def _unknown_is_refused() -> Iterator[None]:
    try:
        yield
    except (UnknownPersonError, UnknownEncounterError) as error:
        raise UnknownRecordError(str(error)) from error
