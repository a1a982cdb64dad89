"""OSIA's operation that reads templates."""
# ruff: noqa: FAST003  path parameters come by the standard's own names, as aliases

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.biometrics.encounters.computed import Wanted, computed_data
from services.biometrics.encounters.routes import ReaderDep
from services.biometrics.operation import EncounterIdPath, OwnerDep, PersonIdPath, deferrable, route
from shared.contracts.osia import BiometricComputedData, BiometricSubType, BiometricType, Word

router = APIRouter(prefix="/v1/persons", tags=["CRUD"])


async def _wanted(
    biometric_type: Annotated[BiometricType | None, Query(alias="biometricType")] = None,
    sub_type: Annotated[BiometricSubType | None, Query(alias="biometricSubType")] = None,
    instance: Annotated[Word | None, Query()] = None,
    template_format: Annotated[Word | None, Query(alias="templateFormat")] = None,
    quality_format: Annotated[Word | None, Query(alias="qualityFormat")] = None,
) -> Wanted:
    return Wanted(biometric_type, sub_type, instance, template_format, quality_format)


@router.get("/{personId}/encounters/{encounterId}/templates", **route("readTemplate", "abis.encounter.read", [404]))
@deferrable
async def read_template(
    person_id: PersonIdPath,
    encounter_id: EncounterIdPath,
    wanted: Annotated[Wanted, Depends(_wanted)],
    reader: ReaderDep,
    owner: OwnerDep,
) -> list[BiometricComputedData]:
    """The templates of an encounter, with their quality; of the items that gave one."""
    return computed_data(*await reader.computed(person_id, encounter_id, owner), wanted)
