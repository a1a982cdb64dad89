"""Quality of one biometric item: our own operation beside the standard's."""

from typing import cast

from fastapi import APIRouter, Request

from services.biometrics.operation import deferrable, route
from services.biometrics.refusals import NotUsableError
from services.biometrics.templates.extraction import Extractor, SampleNotUsableError, check_supported
from shared.contracts.osia import BiometricData, QualityResult

router = APIRouter(prefix="/v1/quality", tags=["Quality"])


@router.post("", **route("assessQuality", "abis.verify"))
@deferrable
async def assess_quality(item: BiometricData, request: Request) -> QualityResult:
    """How good one image is, and whether it could be enrolled; nothing is kept."""
    check_supported(item)
    if item.image is None:
        raise NotUsableError("no image")
    named = {"biometricType": item.biometricType, "biometricSubType": item.biometricSubType}
    try:
        found = await cast("Extractor", request.app.state.extractor).extract(item)
    except SampleNotUsableError as error:
        return QualityResult(**named, usable=False, reason=error.reason, detail=error.detail or None)
    return QualityResult(
        **named, usable=True, quality=found.quality, qualityFormat=found.quality_format, notes=list(found.notes)
    )
