"""OSIA's CRUD operations."""
# ruff: noqa: FAST003  path parameters come by the standard's own names, as aliases

from collections.abc import Sequence
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request

from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.encounters.records import check_encounter
from services.biometrics.encounters.store import EncounterStore
from services.biometrics.operation import (
    EncounterIdPath,
    OwnerDep,
    PersonIdPath,
    deferrable,
    read_algorithm,
    route,
)
from services.biometrics.ownership import Owner
from services.biometrics.templates.extraction import Extracted, Extractor
from shared.contracts.osia import BiometricData, Encounter, ExtendablePersonIds, PersonIds

_READ, _WRITE = "abis.encounter.read", "abis.encounter.write"

router = APIRouter(prefix="/v1/persons", tags=["CRUD"])


class Enrolment:
    """What keeping an encounter takes, from a request."""

    def __init__(self, request: Request, encounter: Encounter, owner: Owner) -> None:
        self._extractor = cast("Extractor", request.app.state.extractor)
        self._store = cast("EncounterStore", request.app.state.store)
        self._encounter = encounter
        self._owner = owner

    async def keep(self, person_id: str | None = None, encounter_id: str | None = None) -> ExtendablePersonIds:
        """Extract, then keep; nothing is kept when any item cannot be used."""
        extracted = await self._extract(encounter_id)
        ids = await self._store.create(self._encounter, extracted, self._owner, person_id, encounter_id)
        return self._answer(ids, extracted)

    async def replace(self, ids: PersonIds) -> ExtendablePersonIds:
        """Extract, then keep in the place of what was there; nothing is changed when any item cannot be used."""
        extracted = await self._extract(ids.encounterId)
        await self._store.update(ids, self._encounter, extracted, self._owner)
        return self._answer(ids, extracted)

    async def _extract(self, encounter_id: str | None) -> list[Extracted | None]:
        check_encounter(self._encounter, encounter_id)
        return await self._extractor.extract_all(self._encounter.biometricData)

    def _answer(self, ids: PersonIds, extracted: Sequence[Extracted | None]) -> ExtendablePersonIds:
        qualities = [_quality(*pair) for pair in zip(self._encounter.biometricData, extracted, strict=True)]
        return ExtendablePersonIds(personId=ids.personId, encounterId=ids.encounterId, others={"quality": qualities})


def _quality(item: BiometricData, found: Extracted | None) -> dict[str, Any]:
    named = {"biometricType": item.biometricType, "biometricSubType": item.biometricSubType}
    if found is None:
        return named
    return named | {"quality": found.quality, "qualityFormat": found.quality_format, "notes": list(found.notes)}


async def _enrolment(
    request: Request, encounter: Encounter, owner: OwnerDep, _algorithm: Annotated[None, Depends(read_algorithm)]
) -> Enrolment:
    return Enrolment(request, encounter, owner)


async def _reader(request: Request) -> EncounterReader:
    return cast("EncounterReader", request.app.state.reader)


async def _store(request: Request) -> EncounterStore:
    return cast("EncounterStore", request.app.state.store)


EnrolmentDep = Annotated[Enrolment, Depends(_enrolment)]
ReaderDep = Annotated[EncounterReader, Depends(_reader)]
StoreDep = Annotated[EncounterStore, Depends(_store)]


@router.post("", **route("createEncounterNoIds", _WRITE))
@deferrable
async def create_encounter_no_ids(enrolment: EnrolmentDep) -> ExtendablePersonIds:
    """Create one encounter and generate ids for the person and the encounter. No search is made."""
    return await enrolment.keep()


@router.post("/{personId}/encounters", **route("createEncounterNoId", _WRITE))
@deferrable
async def create_encounter_no_id(person_id: PersonIdPath, enrolment: EnrolmentDep) -> ExtendablePersonIds:
    """Create one encounter and generate its id; the person is created when absent."""
    return await enrolment.keep(person_id)


@router.post("/{personId}/encounters/{encounterId}", **route("createEncounter", _WRITE, [409]))
@deferrable
async def create_encounter(
    person_id: PersonIdPath, encounter_id: EncounterIdPath, enrolment: EnrolmentDep
) -> ExtendablePersonIds:
    """Create one encounter; the person is created when absent. 409 when the encounter exists."""
    return await enrolment.keep(person_id, encounter_id)


@router.get("/{personId}/encounters", **route("readAllEncounters", _READ, [404]))
@deferrable
async def read_all_encounters(person_id: PersonIdPath, reader: ReaderDep, owner: OwnerDep) -> list[Encounter]:
    """Read all encounters of one person, oldest first, images included."""
    return await reader.read_all(person_id, owner)


@router.get("/{personId}/encounters/{encounterId}", **route("readEncounter", _READ, [404]))
@deferrable
async def read_encounter(
    person_id: PersonIdPath, encounter_id: EncounterIdPath, reader: ReaderDep, owner: OwnerDep
) -> Encounter:
    """Read one encounter, images included."""
    return await reader.read(person_id, encounter_id, owner)


@router.put("/{personId}/encounters/{encounterId}", **route("updateEncounter", _WRITE, [404]))
@deferrable
async def update_encounter(
    person_id: PersonIdPath, encounter_id: EncounterIdPath, enrolment: EnrolmentDep
) -> ExtendablePersonIds:
    """Put another content in the place of an encounter's; its ids stay."""
    return await enrolment.replace(PersonIds(personId=person_id, encounterId=encounter_id))


@router.delete("/{personId}/encounters/{encounterId}", status_code=204, **route("deleteEncounter", _WRITE, [404]))
@deferrable
async def delete_encounter(
    person_id: PersonIdPath, encounter_id: EncounterIdPath, store: StoreDep, owner: OwnerDep
) -> None:
    """Erase one encounter; with the last one the person."""
    await store.delete(person_id, encounter_id, owner)


@router.delete("/{personId}", status_code=204, **route("deleteAll", _WRITE, [404]))
@deferrable
async def delete_all(person_id: PersonIdPath, store: StoreDep, owner: OwnerDep) -> None:
    """Erase a person with all encounters, and the key they were sealed with."""
    await store.delete_person(person_id, owner)
