"""The age of one face: for the registry, which asks for a birth record by it. No door leads here."""

from functools import partial
from typing import Final, cast

from fastapi import APIRouter, Request

from services.biometrics.age.estimator import LIMIT, MEASURED, MODEL_ID, AgeEstimator
from services.biometrics.face import FaceNotUsableError
from services.biometrics.images import ImageRefusedError, open_photo
from services.biometrics.operation import route
from services.biometrics.refusals import NotSupportedError, NotUsableError
from services.biometrics.templates.engines import EngineThreads
from shared.contracts.age_estimates import AgeEstimate
from shared.contracts.osia import BiometricData, BiometricType

_TENTH: Final = 1

router = APIRouter(prefix="/v1/age-estimates", tags=["Quality"])


@router.post("", **route("estimateAge", "abis.verify"))
async def estimate_age(item: BiometricData, request: Request) -> AgeEstimate:
    """An estimate with its measured error; nothing is kept."""
    estimator = cast("AgeEstimator | None", request.app.state.age_estimator)
    if estimator is None:
        raise NotSupportedError("this deployment estimates nobody's age")
    if item.biometricType is not BiometricType.FACE or item.image is None:
        raise NotUsableError("the image of a face is needed")
    years = await cast("EngineThreads", request.app.state.threads).run(partial(_years, estimator, item.image))
    return AgeEstimate(model=MODEL_ID, years=round(years, _TENTH), limit=LIMIT, measured=MEASURED)


def _years(estimator: AgeEstimator, image: bytes) -> float:
    try:
        return estimator.estimate(open_photo(image))
    except (FaceNotUsableError, ImageRefusedError) as error:
        raise NotUsableError("no face that can be used") from error
