"""Templates out of images, and searches with templates that are kept nowhere. For the gateway; no door leads here."""

from functools import partial
from typing import Annotated, Final, cast

import numpy as np
from fastapi import APIRouter, Path, Query, Request, Security

from services.biometrics.encounters.enrolled import EnrolledItem
from services.biometrics.encounters.rows import UnknownPersonError
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.probes import items_of
from services.biometrics.identify.search import Found, Search
from services.biometrics.refusals import NotUsableError
from services.biometrics.templates.engines import Engines, EngineThreads
from services.biometrics.templates.extraction import Extractor
from services.biometrics.templates.features import FaceFeatures, Features, FingerFeatures, read_features
from shared.contracts.caller import Caller
from shared.contracts.region import Images, Likeness, Probe, ProbeFindings, ProbeItem
from shared.http.callers import read_caller

GALLERY: Final = "workers"
_MOST: Final = 5
_MOST_ITEMS: Final = 20
_UNIT: Final = 1e-3
"""How far from 1 the length of an embedding may be."""
IdentifierDep = Annotated[Caller, Security(read_caller, scopes=["abis.identify"])]

router = APIRouter(prefix="/v1/probes", tags=["Probes"])


@router.post("/templates", operation_id="makeProbe")
async def make_probe(request: Request, body: Images, _caller: IdentifierDep) -> Probe:
    """The templates of one person's images; nothing is enrolled."""
    extractor = cast("Extractor", request.app.state.extractor)
    return Probe(items=[_item(each) for each in await items_of(extractor, body.biometricData, "biometricData")])


@router.get("/{person}", operation_id="readProbe")
async def read_probe(
    request: Request, person: Annotated[str, Path(pattern=r"^[\w-]{1,64}$")], _caller: IdentifierDep
) -> Probe:
    """The templates of somebody who is enrolled; their images are not opened.

    Raises:
        UnknownPersonError: nobody of this id can be compared.
    """
    held = cast("Galleries", request.app.state.galleries).of_person(GALLERY, person)
    items = [item for encounter in held for item in encounter.items]
    if not items:
        raise UnknownPersonError
    return Probe(items=[_item(item) for item in items[:_MOST_ITEMS]])


@router.post("/identify", operation_id="identifyProbe")
async def identify_probe(
    request: Request,
    body: Probe,
    _caller: IdentifierDep,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = _MOST,
) -> ProbeFindings:
    """Who may be the person of these templates. What cannot be compared with anybody here is said to be so."""
    state = request.app.state
    engines, search = cast("Engines", state.engines), cast("Search", state.search)
    probe = [_features(item, engines) for item in body.items if item.model in engines.models]
    models = sorted(engines.models)
    if not probe:
        return ProbeFindings(comparable=False, models=models, found=[])
    galleries = cast("Galleries", state.galleries)
    found = await cast("EngineThreads", state.searchers).run(partial(search.identify, GALLERY, probe, None, limit))
    return ProbeFindings(comparable=True, models=models, found=[_likeness(each, galleries) for each in found])


def _item(item: EnrolledItem) -> ProbeItem:
    features = item.features
    return ProbeItem.model_construct(
        type=features.biometric_type, sub_type=item.sub_type, model=features.model_id, template=features.to_bytes()
    )


def _features(item: ProbeItem, engines: Engines) -> Features:
    """An item as it is compared.

    Raises:
        NotUsableError: it is no template of its model: nothing of it is repeated.
    """
    try:
        features = read_features(item.type, item.sub_type, item.model, item.template)
    except ValueError as error:
        raise NotUsableError("a template cannot be read") from error
    if isinstance(features, FaceFeatures) and not _is_embedding(features, engines):
        raise NotUsableError("a template is none of its model")
    return features


def _is_embedding(face: FaceFeatures, engines: Engines) -> bool:
    dimensions = {each.model_id: each.dimension for each in (engines.face, *engines.former)}
    length = float(np.linalg.norm(face.vector))
    return len(face.vector) == dimensions.get(face.model_id) and abs(length - 1) < _UNIT


def _likeness(found: Found, galleries: Galleries) -> Likeness:
    held = [item for encounter in galleries.of_person(GALLERY, found.person_id) for item in encounter.items]
    qualities = [item.features.template.quality for item in held if isinstance(item.features, FingerFeatures)]
    compared = {counted.comparison.modality for counted in found.fused.counted}
    quality = min(qualities, default=None)
    return Likeness(person=found.person_id, score=found.fused.score, compared=sorted(compared), quality=quality)
