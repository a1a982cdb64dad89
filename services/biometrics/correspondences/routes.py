"""Two prints point by point: our own operation beside the standard's."""

from functools import partial
from typing import cast

from fastapi import APIRouter, Request

from services.biometrics.correspondences.drawing import correspondences
from services.biometrics.images import FingerImage, open_print
from services.biometrics.operation import route
from services.biometrics.refusals import NotUsableError
from services.biometrics.templates.engines import EngineThreads
from services.biometrics.templates.extraction import Extractor
from services.biometrics.templates.features import FingerFeatures
from shared.contracts.correspondences import CorrespondenceRequest, Correspondences
from shared.contracts.osia import BiometricData

router = APIRouter(prefix="/v1/correspondences", tags=["Quality"])


@router.post("", **route("findCorrespondences", "abis.verify"))
async def find_correspondences(body: CorrespondenceRequest, request: Request) -> Correspondences:
    """Which minutiae of two prints the comparison takes for the same; nothing is kept."""
    extractor = cast("Extractor", request.app.state.extractor)
    found = await extractor.extract_all([body.one, body.other])
    one, other = (each.features if each else None for each in found)
    if not isinstance(one, FingerFeatures) or not isinstance(other, FingerFeatures):
        raise NotUsableError("two prints are needed")
    threads = cast("EngineThreads", request.app.state.threads)
    work = partial(_drawn, one, other, (body.one, body.other))
    return await threads.run(work)


def _drawn(one: FingerFeatures, other: FingerFeatures, items: tuple[BiometricData, BiometricData]) -> Correspondences:
    return correspondences(one.template, other.template, (_opened(items[0]), _opened(items[1])))


def _opened(item: BiometricData) -> FingerImage:
    if item.image is None:
        raise NotUsableError("a print without its image cannot be shown")
    return open_print(item.image, dpi=item.resolution)
