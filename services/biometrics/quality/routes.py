"""Quality of one biometric item: our own operation beside the standard's."""

from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Query, Request

from services.biometrics.operation import deferrable, route
from services.biometrics.quality.nfiq2 import FORMAT, Nfiq2
from services.biometrics.refusals import NotUsableError
from services.biometrics.templates.engines import EngineThreads
from services.biometrics.templates.extraction import Extractor, SampleNotUsableError, check_supported
from shared.contracts.osia import BiometricData, BiometricType, QualityResult

router = APIRouter(prefix="/v1/quality", tags=["Quality"])


@router.post("", **route("assessQuality", "abis.verify"))
@deferrable
async def assess_quality(
    item: BiometricData,
    request: Request,
    graded: Annotated[bool, Query(description="Grade a print by NFIQ 2")] = True,
) -> QualityResult:
    """How good one image is, and whether it could be enrolled; nothing is kept. A print's quality is NFIQ 2 where the
    deployment has it, else our own: `qualityFormat` says which.
    """
    check_supported(item)
    if item.image is None:
        raise NotUsableError("no image")
    named = {"biometricType": item.biometricType, "biometricSubType": item.biometricSubType}
    try:
        found = await cast("Extractor", request.app.state.extractor).extract(item)
    except SampleNotUsableError as error:
        return QualityResult(**named, usable=False, reason=error.reason, detail=error.detail or None)
    grade = await _nfiq2(item, request) if graded else None
    quality, scale = (found.quality, found.quality_format) if grade is None else (grade, FORMAT)
    return QualityResult(**named, usable=True, quality=quality, qualityFormat=scale, notes=list(found.notes))


async def _nfiq2(item: BiometricData, request: Request) -> int | None:
    state = request.app.state
    nfiq2: Nfiq2 | None = state.nfiq2
    if nfiq2 is None or item.biometricType is not BiometricType.FINGER or item.image is None:
        return None
    return await cast("EngineThreads", state.threads).run(partial(nfiq2.grade, item.image, item.resolution))
