"""OSIA's search operations: identify (one to many) and verify (one to one)."""
# ruff: noqa: FAST003  path parameters come by the standard's own names, as aliases

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Query, Request

from services.biometrics.encounters.enrolled import EnrolledEncounter
from services.biometrics.encounters.moving import FaceMove
from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.encounters.rows import UnknownPersonError
from services.biometrics.identify.answers import candidates, verification
from services.biometrics.identify.fusion import VERIFIED_SCORE
from services.biometrics.identify.probes import check_filter, check_plain, features_of, items_of
from services.biometrics.identify.search import Search
from services.biometrics.operation import (
    EncounterIdPath,
    GalleryIdPath,
    OwnerDep,
    PersonIdPath,
    deferrable,
    read_levels,
    route,
)
from services.biometrics.templates.engines import EngineThreads
from services.biometrics.templates.extraction import Extractor
from services.biometrics.templates.features import Features
from shared.contracts.osia import (
    Candidate,
    Filter,
    IdentifyRequest,
    Verification,
    VerifyFromBioRequest,
    VerifyFromIdRequest,
)

router = APIRouter(prefix="/v1", tags=["Search"])

_SCORE: Final = "a score of s is reached by one stranger in 10^s who is compared on the same things"
CandidateThreshold = Annotated[
    float | None,
    Query(
        ge=-100,
        le=100,
        allow_inf_nan=False,
        description=f"Score to be reached: {_SCORE}. Default: for LINDUNG_TARGET_FPIR in this gallery.",
    ),
]
VerifiedThreshold = Annotated[
    float, Query(ge=-100, le=100, allow_inf_nan=False, description=f"Score to be reached: {_SCORE}.")
]
Limit = Annotated[int, Query(alias="maxNbCand", ge=1, le=100, description="the maximum number of candidates")]


class UnknownGalleryError(Exception):
    """No encounter is in a gallery of this name."""


class Searching:
    """What every search takes, from a request."""

    def __init__(self, request: Request) -> None:
        state = request.app.state
        self.reader = cast("EncounterReader", state.reader)
        self.move = cast("FaceMove", state.face_move)
        self.extractor = cast("Extractor", state.extractor)
        self.search = cast("Search", state.search)
        self.threads = cast("EngineThreads", state.threads)
        self.searchers = cast("EngineThreads", state.searchers)

    async def require(self, gallery: str) -> None:
        """Raise UnknownGalleryError unless there is such a gallery."""
        if not await self.reader.has_gallery(gallery):
            raise UnknownGalleryError("there is no such gallery here")

    async def record(self, wanted: Filter, encounters: Sequence[EnrolledEncounter]) -> list[Features]:
        """What a search from a record is made with; raises as `features_of`."""
        return features_of(encounters, wanted, await self.move.by_other_models(encounters))

    async def identify(
        self, gallery: str, probe: Sequence[Features], threshold: float | None, limit: int, without: str | None = None
    ) -> list[Candidate]:
        """Search in one of the engines' threads."""
        work = partial(self.search.identify, gallery, probe, threshold, limit, without)
        return candidates(await self.searchers.run(work))


async def _searching(request: Request, _levels: Annotated[None, Depends(read_levels)]) -> Searching:
    return Searching(request)


SearchingDep = Annotated[Searching, Depends(_searching)]


@router.post("/identify/{galleryId}", **route("identify", "abis.identify", [404]))
@deferrable
async def identify(
    gallery: GalleryIdPath,
    body: IdentifyRequest,
    at: SearchingDep,
    threshold: CandidateThreshold = None,
    limit: Limit = 10,
) -> list[Candidate]:
    """Who in a gallery may be the person of these images, best first. A candidate is not a decision."""
    check_plain(body)
    check_filter(body.filter)
    await at.require(gallery)
    items = await items_of(at.extractor, body.biometricData, "biometricData", body.filter)
    return await at.identify(gallery, [item.features for item in items], threshold, limit)


@router.post("/identify/{galleryId}/{personId}", **route("identifyFromId", "abis.identify", [404]))
@deferrable
async def identify_from_id(
    gallery: GalleryIdPath,
    person_id: PersonIdPath,
    body: Filter,
    at: SearchingDep,
    owner: OwnerDep,
    threshold: CandidateThreshold = None,
    limit: Limit = 10,
) -> list[Candidate]:
    """Who else in a gallery may be this person, searched with all ACTIVE encounters."""
    check_filter(body)
    await at.require(gallery)
    probe = await at.record(body, await at.reader.probe(person_id, owner))
    return await at.identify(gallery, probe, threshold, limit, person_id)


@router.post(
    "/identify/{galleryId}/{personId}/encounters/{encounterId}",
    **route("identifyFromEncounterId", "abis.identify", [404]),
)
@deferrable
async def identify_from_encounter_id(
    gallery: GalleryIdPath,
    person_id: PersonIdPath,
    encounter_id: EncounterIdPath,
    body: Filter,
    at: SearchingDep,
    owner: OwnerDep,
    threshold: CandidateThreshold = None,
    limit: Limit = 10,
) -> list[Candidate]:
    """Who else in a gallery may be the person of this encounter."""
    check_filter(body)
    await at.require(gallery)
    probe = await at.record(body, await at.reader.probe(person_id, owner, encounter_id))
    return await at.identify(gallery, probe, threshold, limit, person_id)


@router.post("/verify/{galleryId}/{personId}", **route("verifyFromId", "abis.verify", [404]))
@deferrable
async def verify_from_id(
    gallery: GalleryIdPath,
    person_id: PersonIdPath,
    body: VerifyFromIdRequest,
    at: SearchingDep,
    threshold: VerifiedThreshold = VERIFIED_SCORE,
) -> Verification:
    """Whether these images are of a person of a gallery. Without a common modality the answer is no."""
    check_plain(body)
    await at.require(gallery)
    if not await at.reader.has_person(gallery, person_id):
        raise UnknownPersonError("there is no such person in this gallery")
    items = await items_of(at.extractor, body.biometricData, "biometricData")
    work = partial(at.search.verify, gallery, person_id, [item.features for item in items])
    return verification(await at.threads.run(work), threshold)


@router.post("/verify", **route("verifyFromBio", "abis.verify"))
@deferrable
async def verify_from_bio(
    body: VerifyFromBioRequest, at: SearchingDep, threshold: VerifiedThreshold = VERIFIED_SCORE
) -> Verification:
    """Whether two sets of images are of one person; nothing is kept."""
    check_plain(body)
    one = await items_of(at.extractor, body.biometricData1, "biometricData1")
    other = await items_of(at.extractor, body.biometricData2, "biometricData2")
    work = partial(at.search.verify_items, [item.features for item in one], other)
    return verification(await at.threads.run(work), threshold)
