"""Agencies and employers by name or licence number, as everybody may know them."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.licences.public import read_public_licences
from services.registry.licences.tables import LicenceRow
from services.registry.listings.store import listings_of
from services.registry.listings.views import public_listing
from services.registry.parties.tables import PartyRow
from services.registry.screening.comparison import Bar
from services.registry.screening.scope import EVERYTHING
from services.registry.screening.screener import Screener
from shared.contracts.licences import PublicLicence
from shared.contracts.listings import PublicListing
from shared.contracts.public import PublicLookup
from shared.contracts.screening import QueryEntity
from shared.db.database import Database

_MOST: Final = 10
_ALIKE: Final = Bar(limit=_MOST)
_ORGANISATIONS: Final = frozenset({"Company", "Organization", "PublicBody", "LegalEntity"})


async def look_up(database: Database, screener: Screener, asked: str, on: date) -> PublicLookup:
    """Organisations of this name, or the holder of this licence number. Private persons are never looked up by name.

    Args:
        asked: a name in any script, or a licence number.
        on: the day on which licences and listings are looked at.
    """
    asked = "".join(letter for letter in asked if letter.isprintable()).strip()
    if not asked:
        return PublicLookup(asked=asked, on=on, licences=[], listings=[], says=_says([], []))
    hits = await screener.find([_query(asked)], _ALIKE, on, EVERYTHING)
    async with database.read() as session:
        seqs = {hit.seq for hit in hits[0][:_MOST]} | await _holders(session, asked)
        organisations = await _organisations(session, seqs)
        licences = await _licences(session, organisations, on)
        listings = await _listings(session, organisations, on)
    return PublicLookup(asked=asked, on=on, licences=licences, listings=listings, says=_says(licences, listings))


def _query(asked: str) -> QueryEntity:
    return QueryEntity.model_validate({"schema": "Organization", "properties": {"name": [asked]}})


async def _holders(session: AsyncSession, number: str) -> set[int]:
    query = select(LicenceRow.party_seq).where(LicenceRow.number.in_({number, number.upper()})).limit(_MOST)
    return set((await session.scalars(query)).all())


async def _organisations(session: AsyncSession, seqs: Collection[int]) -> Sequence[int]:
    query = select(PartyRow.seq).where(PartyRow.seq.in_(seqs), PartyRow.schema.in_(_ORGANISATIONS))
    return (await session.scalars(query.order_by(PartyRow.seq))).all()


async def _licences(session: AsyncSession, parties: Sequence[int], on: date) -> list[PublicLicence]:
    query = select(LicenceRow.seq).where(LicenceRow.party_seq.in_(parties)).order_by(LicenceRow.id).limit(50)
    found = await read_public_licences(session, (await session.scalars(query)).all(), on)
    return [licence for licence in found.values() if licence is not None]


async def _listings(session: AsyncSession, parties: Sequence[int], on: date) -> list[PublicListing]:
    dockets = await listings_of(session, parties)
    shown = (public_listing(docket, on) for some in dockets.values() for docket in some)
    return [listing for listing in shown if listing is not None]


def _says(licences: Sequence[PublicLicence], listings: Sequence[PublicListing]) -> str:
    if not licences and not listings:
        return (
            "The register has no licence and no final listing under this. It may be spelled in another way, or be "
            "registered elsewhere: ask the labour office before you pay or sign anything."
        )
    holders = {licence.party for licence in licences} | {listing.party for listing in listings}
    several = f"{len(holders)} have such a name: compare the licence number. " if len(holders) > 1 else ""
    return several + "A licence that is valid today says nothing of a single offer of work."
