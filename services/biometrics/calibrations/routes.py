"""Calibrations over HTTP: the shelf that `lindung calibration` writes to, under the same rules."""

import base64
from collections.abc import Callable
from typing import Annotated, cast

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException

from services.biometrics.calibrations.taking_effect import CalibrationWatch
from services.biometrics.evidence.documents import read_officers
from services.biometrics.evidence.shelf import CalibrationShelf, Version
from shared.contracts.calibrations import (
    CalibrationDigest,
    CalibrationList,
    CalibrationProposal,
    CalibrationSignature,
    CalibrationVersion,
)
from shared.contracts.caller import Caller, Role
from shared.http.callers import CallerDep
from shared.settings import Settings

router = APIRouter(prefix="/v1/calibrations", tags=["Calibrations"])


async def _registrar(caller: CallerDep) -> Caller:
    if caller.role is not Role.REGISTRAR:
        raise HTTPException(403, "calibrations are the registrars'")
    return caller


RegistrarDep = Annotated[Caller, Depends(_registrar)]


@router.get("", operation_id="listCalibrations")
async def list_calibrations(request: Request, _caller: RegistrarDep) -> CalibrationList:
    """Every version, who signed it, and which one is in force."""
    return await _on_shelf(request, CalibrationShelf.versions)


@router.post("", status_code=201, operation_id="proposeCalibration")
async def propose(request: Request, body: CalibrationProposal, _caller: RegistrarDep) -> CalibrationList:
    """Keep a calibration file, to be signed. It has no effect yet."""
    return await _on_shelf(request, lambda shelf: shelf.propose(body.document))


@router.post("/{digest}/signatures", operation_id="signCalibration")
async def sign(
    request: Request, digest: CalibrationDigest, body: CalibrationSignature, caller: RegistrarDep
) -> CalibrationList:
    """Sign as the officer whose id the caller's is; the private key stays with them."""
    return await _on_shelf(request, lambda shelf: shelf.take_signature(digest, caller.person, body.signature))


@router.post("/{digest}/activation", operation_id="activateCalibration")
async def activate(request: Request, digest: CalibrationDigest, _caller: RegistrarDep) -> CalibrationList:
    """Put what two officers signed in force: at once in the process that is asked, within seconds in others."""
    told = await _on_shelf(request, lambda shelf: shelf.activate(digest))
    await cast("CalibrationWatch", request.app.state.calibrations).look()
    return told


async def _on_shelf(request: Request, work: Callable[[CalibrationShelf], object]) -> CalibrationList:
    settings = cast("Settings", request.app.state.settings)
    shelf = CalibrationShelf(settings.calibration_folder, settings.key_folder)

    def done() -> CalibrationList:
        work(shelf)
        return _told(shelf, settings)

    return await run_sync(done)


def _told(shelf: CalibrationShelf, settings: Settings) -> CalibrationList:
    officers = sorted(read_officers(settings.key_folder))
    return CalibrationList(items=[_version(each) for each in shelf.versions()], officers=officers)


def _version(version: Version) -> CalibrationVersion:
    document = version.document
    made, day = document.calibration, document.measured.get("date")
    return CalibrationVersion(
        digest=document.digest,
        model=made.model_id,
        source=made.source,
        measured_on=str(day) if day else None,
        strangers=made.strangers[-1],
        mates=made.mates[-1],
        beyond=made.beyond,
        signed_by=list(version.signed_by),
        active=version.is_active,
        document=base64.b64encode(document.to_bytes()),
    )
