"""Listings as they are told to somebody: whole, public, or not at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.bitemporal import told_before
from services.registry.cases.visibility import ON_A_LIST, Audience, Sight, audience_of, is_public, sight_of_listing
from services.registry.history import RecordKind, RecordNotFoundError, versions_of
from services.registry.listings.rules import LABELS, legal_moves, state_on, view
from services.registry.listings.store import Docket, get_docket, listings_of, load_dockets
from services.registry.listings.tables import ListingRow
from services.registry.pages import Page, read_page
from services.registry.parties.tables import PartyRow
from shared.contracts.caller import Caller
from shared.contracts.listings import ListingRecord, ListingState, PublicListing, TakenMove


def sight(docket: Docket, on: date, audience: Audience) -> Sight:
    """How a listing is seen on a day."""
    return sight_of_listing(view(docket.folded(), docket.case_status(on), on), on, audience)


def listing_record(docket: Docket, on: date) -> ListingRecord:
    """A listing as it stands on a day."""
    listing, status = docket.folded(on), docket.case_status(on)
    state = state_on(listing, on)
    return ListingRecord(
        id=docket.row.id,
        party=docket.party,
        member=docket.row.member,
        version=docket.row.version,
        as_of=docket.row.as_of,
        **docket.body.model_dump(include={"case", "authority", "grounds", "workplace", "workers"}),
        state=state,
        label=LABELS[state],
        public=is_public(view(listing, status, on), on),
        case_status=status,
        notice=listing.notice,
        reply_by=listing.reply_by,
        replied_on=listing.replied_on,
        listed_from=listing.listed_from,
        until=listing.until,
        appeal=listing.appeal,
        stay=listing.stay,
        review_by=listing.review_by,
        removal=listing.removal,
        next_moves=legal_moves(listing, on),
        moves=[_taken(docket, number) for number in range(len(docket.moves))],
    )


def _taken(docket: Docket, index: int) -> TakenMove:
    move = docket.moves[index]
    names = set(TakenMove.model_fields) - {"struck"}
    facts = {name: getattr(move, name) for name in names}
    return TakenMove.model_validate(facts | {"struck": move.number in docket.struck})


def public_listing(docket: Docket, on: date) -> PublicListing | None:
    """What everybody may read of a listing on a day; None: nothing."""
    if sight(docket, on, Audience.PUBLIC) is not Sight.FINDING:
        return None
    record = listing_record(docket, on)
    return PublicListing.model_validate(
        record.model_dump(include=set(PublicListing.model_fields)) | {"name": docket.caption}
    )


async def listing_on(
    session: AsyncSession, listing_id: str, caller: Caller, today: date, valid_on: date | None, known_on: date | None
) -> ListingRecord:
    """A listing as it stood on a day, by what had been told by another; whether it is shown, today decides.

    Raises:
        RecordNotFoundError: none that the caller may see, or nothing was known of it then.
    """
    docket = await _seen(session, listing_id, caller, today)
    if known_on is not None:
        if not await versions_of(session, RecordKind.LISTING, listing_id, known_on):
            raise RecordNotFoundError("the register holds no such listing")
        told = [move for move in docket.moves if move.told_at < told_before(known_on)]
        docket = replace(docket, moves=told)
    if (valid_on or today) < docket.body.proposed_on:
        raise RecordNotFoundError("the register holds no such listing")
    return listing_record(docket, valid_on or today)


async def _seen(session: AsyncSession, listing_id: str, caller: Caller, today: date) -> Docket:
    docket = await get_docket(session, listing_id)
    if sight(docket, today, audience_of(caller, docket.row.member)) is Sight.HIDDEN:
        raise RecordNotFoundError("the register holds no such listing")
    return docket


@dataclass(frozen=True)
class ListingFilter:
    """Which listings a list shows; None: whichever."""

    party: str | None = None
    member: str | None = None
    state: ListingState | None = None


async def list_listings(
    session: AsyncSession, wanted: ListingFilter, caller: Caller, today: date, after: str | None, limit: int
) -> Page[ListingRecord]:
    """Listings that the caller may see, in the order of their ids."""
    keys = select(ListingRow.id, ListingRow.seq)
    if wanted.party is not None:
        keys = keys.join(PartyRow, PartyRow.seq == ListingRow.party_seq).where(PartyRow.id == wanted.party)
    if wanted.member is not None:
        keys = keys.where(ListingRow.member == wanted.member)

    async def read(seqs: Sequence[int]) -> dict[int, ListingRecord | None]:
        dockets = await load_dockets(session, seqs)
        return {seq: _listed(docket, wanted, caller, today) for seq, docket in dockets.items()}

    return await read_page(session, keys, read, after, limit)


def _listed(docket: Docket, wanted: ListingFilter, caller: Caller, today: date) -> ListingRecord | None:
    if sight(docket, today, audience_of(caller, docket.row.member)) is Sight.HIDDEN:
        return None
    record = listing_record(docket, today)
    return record if wanted.state in (None, record.state) else None


async def list_public(
    session: AsyncSession, member: str | None, today: date, after: str | None, limit: int
) -> Page[PublicListing]:
    """What everybody may read, in the order of the listings' ids."""
    keys = select(ListingRow.id, ListingRow.seq).where(ListingRow.state.in_(ON_A_LIST))
    if member is not None:
        keys = keys.where(ListingRow.member == member)

    async def read(seqs: Sequence[int]) -> dict[int, PublicListing | None]:
        dockets = await load_dockets(session, seqs)
        return {seq: public_listing(docket, today) for seq, docket in dockets.items()}

    return await read_page(session, keys, read, after, limit)


async def standing_listings(
    session: AsyncSession, party_seqs: Collection[int], on: date
) -> dict[int, list[ListingRecord]]:
    """The listings of parties that an authority sees on a day, by the party's seq; one without any is not in it."""
    seen = {
        seq: [
            listing_record(docket, on)
            for docket in dockets
            if sight(docket, on, Audience.AUTHORITY) is not Sight.HIDDEN
        ]
        for seq, dockets in (await listings_of(session, party_seqs)).items()
    }
    return {seq: records for seq, records in seen.items() if records}
