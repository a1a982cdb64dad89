"""How the service does, over HTTP."""

from collections.abc import Mapping
from functools import partial
from typing import cast

from fastapi import APIRouter, Request

from services.biometrics.calibrations.taking_effect import CalibrationWatch
from services.biometrics.evidence.shelf import Activation
from services.biometrics.figures.telling import calibrations_in_force, index_sizes, resident_bytes
from services.biometrics.identify.face_shelves import FaceShelves
from services.biometrics.identify.fusion import candidate_threshold
from services.biometrics.identify.galleries import Galleries
from services.biometrics.templates.engines import Engines, EngineThreads
from shared.contracts.operations import BiometricOperations
from shared.contracts.osia import ALL_GALLERIES
from shared.http.callers import CallerDep
from shared.settings import Settings

router = APIRouter(prefix="/v1/operations", tags=["Operations"])


@router.get("", operation_id="readBiometricOperations")
async def read_operations(request: Request, _caller: CallerDep) -> BiometricOperations:
    """Calibrations in force, sizes of what is searched, and memory; about nobody."""
    state = request.app.state
    active = cast("CalibrationWatch", state.calibrations).active
    work = partial(_figures, state.settings, state.engines, active, state.galleries, state.face_shelves)
    return await cast("EngineThreads", state.threads).run(work)


def _figures(
    settings: Settings,
    engines: Engines,
    active: Mapping[str, Activation],
    galleries: Galleries,
    faces: FaceShelves,
) -> BiometricOperations:
    persons = galleries.persons(ALL_GALLERIES)
    return BiometricOperations(
        persons=persons,
        target_fpir=settings.target_fpir,
        threshold=candidate_threshold(persons, settings.target_fpir),
        resident_bytes=resident_bytes(),
        indexes=index_sizes(faces, galleries, engines.finger.model_id),
        calibrations=calibrations_in_force(engines, active),
    )
