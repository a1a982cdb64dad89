"""What the register says today of the parties that an answer shows: cases, licences, and who is one hop away."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import literal, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.rules import gravest
from services.registry.cases.store import standing_cases
from services.registry.cases.tables import CaseRow
from services.registry.imported import EntryRow
from services.registry.licences.store import licences_on
from services.registry.licences.tables import LicenceRow
from services.registry.listings.tables import ListingRow
from services.registry.listings.views import standing_listings
from services.registry.parties.links import LinkEnd, links_on
from services.registry.parties.tables import LinkRow, PartyRow
from services.registry.tables import Base, chunked
from shared.contracts.cases import CaseRecord, LegalStatus
from shared.contracts.licences import LicenceOnDay
from shared.contracts.listings import ListingRecord
from shared.contracts.screening import NoCase


@dataclass(frozen=True)
class Dossiers:
    """Parties by seq, with what is said of them on a day."""

    on: date
    parties: Mapping[int, PartyRow]
    cases: Mapping[int, Sequence[CaseRecord]]
    licences: Mapping[int, Sequence[LicenceOnDay]]
    listings: Mapping[int, Sequence[ListingRecord]]
    entries: Mapping[int, Sequence[EntryRow]]
    links: Mapping[int, Sequence[LinkEnd]]

    def status(self, seq: int) -> LegalStatus | NoCase:
        """The gravest status over the cases that still stand."""
        return gravest(case.status for case in self.cases.get(seq, ()))


async def load_dossiers(session: AsyncSession, seqs: Collection[int], on: date) -> Dossiers:
    """Everything about some parties, in a number of statements that does not grow with theirs."""
    told = await _told(session, seqs)
    links: dict[int, list[LinkEnd]] = defaultdict(list)
    for link in await links_on(session, seqs, on) if LinkRow in told else ():
        links[link.seq].append(link)
    everyone = {*seqs, *(link.other for ends in links.values() for link in ends)}
    return Dossiers(
        on=on,
        parties=await _parties(session, everyone),
        cases=await standing_cases(session, everyone, on) if links or CaseRow in told else {},
        licences=await licences_on(session, seqs, on) if LicenceRow in told else {},
        listings=await standing_listings(session, seqs, on) if ListingRow in told else {},
        entries=await _entries(session, seqs, on),
        links=links,
    )


_TELLING: Final = {
    "case": (CaseRow, CaseRow.party_seq),
    "licence": (LicenceRow, LicenceRow.party_seq),
    "listing": (ListingRow, ListingRow.party_seq),
    "from": (LinkRow, LinkRow.from_seq),
    "to": (LinkRow, LinkRow.to_seq),
}


async def _told(session: AsyncSession, seqs: Collection[int]) -> set[type[Base]]:
    """The tables that hold anything about some parties: of most there is nothing but who they are."""
    found: set[type[Base]] = set()
    for chunk in chunked(seqs):
        kinds = (select(literal(kind)).where(column.in_(chunk)) for kind, (_, column) in _TELLING.items())
        found |= {_TELLING[kind][0] for kind in (await session.execute(union(*kinds))).scalars()}
    return found


async def _entries(session: AsyncSession, seqs: Collection[int], on: date) -> dict[int, list[EntryRow]]:
    """What lists say of parties on a day; without what a list no longer says."""
    found: dict[int, list[EntryRow]] = defaultdict(list)
    stands = (EntryRow.delisted_at.is_(None), or_(EntryRow.listed_to.is_(None), EntryRow.listed_to >= on))
    for chunk in chunked(seqs):
        query = select(PartyRow.seq, EntryRow).join(EntryRow, EntryRow.party == PartyRow.id).where(*stands)
        rows = await session.execute(query.where(PartyRow.seq.in_(chunk)).order_by(EntryRow.seq))
        for seq, entry in rows:
            found[seq].append(entry)
    return found


async def _parties(session: AsyncSession, seqs: Collection[int]) -> dict[int, PartyRow]:
    parties: dict[int, PartyRow] = {}
    for chunk in chunked(seqs):
        rows = await session.execute(select(PartyRow).where(PartyRow.seq.in_(chunk)))
        parties |= {row.seq: row for row in rows.scalars()}
    return parties
