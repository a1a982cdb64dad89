"""Listings over HTTP, and what everybody may know: final listings and how licences stand."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.registry.admission import EverybodyDep, MaintainerDep, ReaderDep
from services.registry.history import DaysDep, RecordKind, SpanDep, answer_put, history_page, recording, versions_of
from services.registry.licences.public import list_public_licences
from services.registry.listings.store import correct_listing, move_listing, put_listing
from services.registry.listings.views import ListingFilter, list_listings, list_public, listing_on, listing_record
from services.registry.tabular import ListAskedDep, list_answer
from shared.contracts.caller import Member
from shared.contracts.licences import PublicLicence, PublicLicencePage
from shared.contracts.lines import RecordId
from shared.contracts.listings import (
    ListingBody,
    ListingCorrection,
    ListingPage,
    ListingRecord,
    ListingState,
    MoveBody,
    PublicListing,
    PublicListingPage,
)
from shared.contracts.provenance import HistoryPage
from shared.db.database import now
from shared.http.state import DatabaseDep

router = APIRouter(tags=["listings"])

OfMember = Annotated[Member | None, Query(description="ISO 3166-1 alpha-3")]


@router.put("/v1/listings/{listing_id}", operation_id="putListing", responses={201: {"model": ListingRecord}})
async def write_listing(
    listing_id: RecordId, body: ListingBody, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> ListingRecord:
    """Propose to list a party because of a case."""
    instant = now()
    async with recording(database, caller, instant) as recorder:
        docket, new = await put_listing(recorder, listing_id, body)
        return answer_put(response, (listing_record(docket, instant.date()), new))


@router.post("/v1/listings/{listing_id}/moves", operation_id="moveListing")
async def write_move(
    listing_id: RecordId, body: MoveBody, caller: MaintainerDep, database: DatabaseDep
) -> ListingRecord:
    """Notify, reply, list, appeal, decide, suspend, relist, agree, breach, remove or drop."""
    instant = now()
    async with recording(database, caller, instant) as recorder:
        return listing_record(await move_listing(recorder, listing_id, body), instant.date())


@router.post("/v1/listings/{listing_id}/corrections", operation_id="correctListing")
async def write_correction(
    listing_id: RecordId, body: ListingCorrection, caller: MaintainerDep, database: DatabaseDep
) -> ListingRecord:
    """Take the last move back because it was wrongly entered; the ground is kept with it."""
    instant = now()
    async with recording(database, caller, instant) as recorder:
        return listing_record(await correct_listing(recorder, listing_id, body), instant.date())


@router.get("/v1/listings/{listing_id}", operation_id="getListing")
async def read_listing(listing_id: RecordId, caller: ReaderDep, database: DatabaseDep, days: DaysDep) -> ListingRecord:
    """A listing as it stood on a day. What is over is answered as if it were not there, but to those who keep it."""
    async with database.read() as session:
        return await listing_on(session, listing_id, caller, now().date(), *days)


@router.get("/v1/listings/{listing_id}/history", operation_id="listingHistory")
async def read_listing_history(
    listing_id: RecordId, caller: ReaderDep, database: DatabaseDep, span: SpanDep
) -> HistoryPage:
    """Everything that was told of a listing, and by whom."""
    async with database.read() as session:
        await listing_on(session, listing_id, caller, now().date(), None, None)
        return history_page(await versions_of(session, RecordKind.LISTING, listing_id), span)


async def _filter(
    party: RecordId | None = None, member: OfMember = None, state: ListingState | None = None
) -> ListingFilter:
    return ListingFilter(party, member, state)


@router.get("/v1/listings", operation_id="listListings", response_model=ListingPage)
async def read_listings(
    caller: ReaderDep, database: DatabaseDep, asked: ListAskedDep, wanted: Annotated[ListingFilter, Depends(_filter)]
) -> ListingPage | Response:
    """Listings in the order of their ids, page by page; as CSV on `Accept: text/csv`."""
    async with database.read() as session:
        page = await list_listings(session, wanted, caller, now().date(), asked.cursor, asked.limit)
    return list_answer(asked, ListingPage(**vars(page)), ListingRecord)


@router.get("/v1/public/listings", operation_id="listPublicListings", response_model=PublicListingPage)
async def read_public_listings(
    _caller: EverybodyDep, database: DatabaseDep, asked: ListAskedDep, member: OfMember = None
) -> PublicListingPage | Response:
    """Final listings, as everybody may read them; as CSV on `Accept: text/csv`."""
    async with database.read() as session:
        page = await list_public(session, member, now().date(), asked.cursor, asked.limit)
    return list_answer(asked, PublicListingPage(**vars(page)), PublicListing)


@router.get("/v1/public/licences", operation_id="listPublicLicences", response_model=PublicLicencePage)
async def read_public_licences(
    _caller: EverybodyDep, database: DatabaseDep, asked: ListAskedDep, member: OfMember = None
) -> PublicLicencePage | Response:
    """How licences stand today, as everybody may read it; as CSV on `Accept: text/csv`."""
    async with database.read() as session:
        page = await list_public_licences(session, member, now().date(), asked.cursor, asked.limit)
    return list_answer(asked, PublicLicencePage(**vars(page)), PublicLicence)
