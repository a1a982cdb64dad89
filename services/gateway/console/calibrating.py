"""Pages of registrars' administration: thresholds of offices, and calibrations that two officers sign."""

import base64
from typing import Annotated, Any, Final

from fastapi import Depends, Response
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.records import comes_back
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, visiting

router = page_router("/console/administration")
ThresholdDep = Annotated[Visit, Depends(visiting((Kind.PARTY, Action.WRITE)))]
CalibrationDep = Annotated[Visit, Depends(visiting((Kind.CALIBRATION, Action.WRITE)))]

_MOST_BYTES: Final = 1_000_000


@router.get("")
async def administration_page(visit: ThresholdDep, organisation: str = "", done: str | None = None) -> Response:
    """Thresholds of offices, and calibrations."""
    return await _administration(visit, organisation, done=done)


@router.post("/thresholds")
async def set_threshold(visit: ThresholdDep) -> Response:
    """Raise an office's bar; under the calibrated one nobody gets."""
    form = await visit.form()
    organisation = text_of(form, "organisation")
    body = {name: text_of(form, name) for name in ("organisation", "threshold", "cutoff", "reason")}
    try:
        await visit.ask.send("POST", "/v1/screening/thresholds", body)
    except DoorRefusedError as error:
        return await _administration(visit, organisation, refused=comes_back(error))
    return forward_to("/console/administration", organisation=organisation, done="set")


@router.post("/calibrations")
async def propose(visit: CalibrationDep) -> Response:
    """Keep a calibration file, to be signed."""
    content = await _file_in(await visit.form(), "document")
    body = {"document": base64.b64encode(content).decode()}
    return await _step(visit, "/v1/calibrations", body, "proposed")


@router.get("/calibrations/{digest}.json")
async def document(visit: CalibrationDep, digest: str) -> Response:
    """What is signed, byte for byte."""
    known = (await visit.ask.get("/v1/calibrations"))["items"]
    found = next((each for each in known if each["digest"] == digest), None)
    if found is None:
        raise HTTPException(404)
    headers = {"Content-Disposition": f'attachment; filename="{digest[:16]}.json"', "Cache-Control": "no-store"}
    return Response(base64.b64decode(found["document"]), media_type="application/json", headers=headers)


@router.post("/calibrations/{digest}/signatures")
async def sign(visit: CalibrationDep, digest: str) -> Response:
    """Keep the visitor's signature, made with their own key on their own machine."""
    content = await _file_in(await visit.form(), "signature")
    body = {"signature": base64.b64encode(content).decode()}
    return await _step(visit, f"/v1/calibrations/{digest}/signatures", body, "signed")


@router.post("/calibrations/{digest}/activation")
async def activate(visit: CalibrationDep, digest: str) -> Response:
    """Put in force what two officers signed."""
    await visit.form()
    return await _step(visit, f"/v1/calibrations/{digest}/activation", {}, "active")


async def _step(visit: Visit, path: str, body: dict[str, str], done: str) -> Response:
    try:
        await visit.ask.send("POST", path, body)
    except DoorRefusedError as error:
        return await _administration(visit, "", refused=comes_back(error))
    return forward_to("/console/administration", done=done)


async def _file_in(form: FormData, name: str) -> bytes:
    """What a file of a form holds, no more than a calibration can be; empty: no file."""
    file = form.get(name)
    if not isinstance(file, UploadFile):
        return b""
    content = await file.read(_MOST_BYTES + 1)
    await file.close()
    return content


async def _administration(visit: Visit, organisation: str, *, done: str | None = None, refused: Any = None) -> Response:
    asked = organisation or visit.who.organisation
    thresholds = await visit.ask.get("/v1/screening/thresholds", organisation=asked)
    calibrations = await visit.ask.get_or_none("/v1/calibrations")
    return visit.show(
        "administration.html",
        422 if refused else 200,
        thresholds=thresholds,
        calibrations=calibrations,
        organisation=asked,
        done=done,
        refused=refused,
    )
