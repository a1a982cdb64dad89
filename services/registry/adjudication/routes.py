"""Cases over HTTP, for those who decide them."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response

from services.registry.adjudication.casefile import CaseUnknownError
from services.registry.adjudication.deciding import Deciding
from services.registry.adjudication.images import CaseImages
from services.registry.adjudication.people import NotAReviewerError, Reviewer, counted_for, reviewer
from services.registry.adjudication.queue import waiting_cases, workload
from services.registry.adjudication.reading import CaseReader
from services.registry.admission import of_caller
from services.registry.workers.biometrics import BiometricSearch, BiometricsRefusedError
from services.registry.workers.store import RegistrationStore
from shared.contracts.adjudication import (
    Adjudication,
    AdjudicationQueue,
    BestInterests,
    DeferralBody,
    EventList,
    FindingBody,
    OwnDecision,
    PaperBody,
    ReasonBody,
    SeatBody,
    Workload,
)
from shared.contracts.correspondences import Correspondences
from shared.db.database import now
from shared.http.state import DatabaseDep, held

router = APIRouter(prefix="/v1/adjudications", tags=["adjudication"])


StoreDep = Annotated[RegistrationStore, held("registrations")]


async def _deciding(database: DatabaseDep, registrations: StoreDep) -> Deciding:
    return Deciding(database, registrations)


async def _reader(database: DatabaseDep, registrations: StoreDep) -> CaseReader:
    return CaseReader(database, registrations)


ReviewerDep = Annotated[Reviewer, of_caller(reviewer)]
CountedDep = Annotated[Reviewer, of_caller(counted_for)]
DecidingDep = Annotated[Deciding, Depends(_deciding)]
ReadingDep = Annotated[CaseReader, Depends(_reader)]


@router.get("", operation_id="listAdjudications")
async def read_queue(who: ReviewerDep, database: DatabaseDep, store: StoreDep) -> AdjudicationQueue:
    """Cases that this reviewer may take: most harm first, then oldest."""
    async with database.read() as session:
        return AdjudicationQueue(items=await waiting_cases(session, store, who, now()))


@router.get("/workload", operation_id="readWorkload")
async def read_workload(who: CountedDep, database: DatabaseDep, store: StoreDep) -> Workload:
    """How much there is to do, and how it goes."""
    async with database.read() as session:
        return await workload(session, store, who, now())


@router.post(
    "/claims", operation_id="claimNext", responses={204: {"description": "Nothing waits"}}, response_model=Adjudication
)
async def claim_next(
    _body: SeatBody, who: ReviewerDep, deciding: DecidingDep, reader: ReadingDep
) -> Adjudication | Response:
    """Take the case in hand that harms most by waiting."""
    case_id = await deciding.claim_next(who)
    return Response(status_code=204) if case_id is None else await reader.case(who, case_id)


@router.get("/{case_id}", operation_id="readAdjudication")
async def read_case(case_id: str, who: ReviewerDep, reader: ReadingDep) -> Adjudication:
    """A case: both records side by side. What may not be seen answers as what is not there."""
    return await reader.case(who, case_id)


@router.get("/{case_id}/events", operation_id="readAdjudicationEvents")
async def read_events(case_id: str, who: ReviewerDep, reader: ReadingDep) -> EventList:
    """The steps of a case; other people's once it is decided."""
    return await reader.events(who, case_id)


@router.get("/{case_id}/images/{registration}/{what}", operation_id="readAdjudicationImage", response_class=Response)
async def read_image(
    case_id: str, registration: str, what: str, who: ReviewerDep, database: DatabaseDep, store: StoreDep
) -> Response:
    """One image, for whoever has the case in hand; each look is written down."""
    shown = await CaseImages(database, store).image(who, case_id, registration, what)
    return Response(shown.content, media_type=shown.media_type)


@router.get("/{case_id}/correspondences/{registration}/{finger}", operation_id="readCorrespondences")
async def read_correspondences(
    request: Request,
    case_id: str,
    registration: str,
    finger: str,
    who: ReviewerDep,
    database: DatabaseDep,
    store: StoreDep,
) -> Correspondences:
    """The same finger of both records, point by point; each is a look."""
    one, other = await CaseImages(database, store).fingers(who, case_id, registration, finger)
    search = cast("BiometricSearch", request.app.state.biometric_search)
    try:
        return await search.correspondences(who.member, one, other)
    except BiometricsRefusedError as error:
        raise CaseUnknownError from error


@router.post("/{case_id}/claim", operation_id="claimAdjudication")
async def claim(
    case_id: str, _body: SeatBody, who: ReviewerDep, deciding: DecidingDep, reader: ReadingDep
) -> Adjudication:
    """Take a case in hand for half an hour."""
    await deciding.claim(who, case_id)
    return await reader.case(who, case_id)


@router.post("/{case_id}/decision", operation_id="decideAdjudication")
async def decide(case_id: str, body: FindingBody, who: ReviewerDep, deciding: DecidingDep) -> OwnDecision:
    """Say what was found. It counts when a second reviewer, who does not know of it, finds the same."""
    at = await deciding.decide(who, case_id, body)
    return OwnDecision(finding=body.finding, other=body.other, grounds=body.grounds, reason=body.reason, at=at)


@router.post("/{case_id}/deferral", operation_id="deferAdjudication")
async def defer(
    case_id: str, body: DeferralBody, who: ReviewerDep, deciding: DecidingDep, reader: ReadingDep
) -> Adjudication:
    """Ask the worker for papers, by a day."""
    await deciding.defer(who, case_id, body)
    return await reader.case(who, case_id)


@router.post("/{case_id}/papers", operation_id="keepAdjudicationPaper")
async def keep_paper(
    case_id: str, body: PaperBody, who: ReviewerDep, deciding: DecidingDep, reader: ReadingDep
) -> Adjudication:
    """Write down a paper that reached the reviewers."""
    await deciding.show_paper(who, case_id, body)
    return await reader.case(who, case_id)


@router.post("/{case_id}/best-interests", operation_id="keepBestInterests")
async def keep_best_interests(
    case_id: str, body: BestInterests, who: ReviewerDep, deciding: DecidingDep, reader: ReadingDep
) -> Adjudication:
    """Write down what is best for the child: before any further step."""
    if not who.protects_children:
        raise NotAReviewerError("for child protection")
    await deciding.keep_best_interests(who, case_id, body)
    return await reader.case(who, case_id)


@router.post("/{case_id}/reopening", operation_id="reopenAdjudication")
async def reopen(
    case_id: str, body: ReasonBody, who: ReviewerDep, deciding: DecidingDep, reader: ReadingDep
) -> Adjudication:
    """Look at a decided case again: what it did is undone until it is decided anew."""
    await deciding.reopen(who, case_id, body.reason)
    return await reader.case(who, case_id)
