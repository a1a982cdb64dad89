"""What the register says today of the parties that an answer shows: cases, licences, and who is one hop away."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import and_, or_, select, text
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
from services.registry.screening.by_number import among
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
    parties, entries = await _parties(session, everyone, on)
    return Dossiers(
        on=on,
        parties=parties,
        cases=await standing_cases(session, everyone, on) if links or CaseRow in told else {},
        licences=await licences_on(session, seqs, on) if LicenceRow in told else {},
        listings=await standing_listings(session, seqs, on) if ListingRow in told else {},
        entries=entries,
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
        asked: list[str] = []
        wanted: dict[str, object] = {}
        for kind, (table, column) in _TELLING.items():
            listed, wanted = among(session, column.name, chunk)
            asked.append(f"SELECT '{kind}' WHERE EXISTS (SELECT 1 FROM {table.__tablename__} WHERE {listed})")  # noqa: S608  fixed
        found |= {
            _TELLING[kind][0] for kind in (await session.execute(text(" UNION ALL ".join(asked)), wanted)).scalars()
        }
    return found


async def _parties(
    session: AsyncSession, seqs: Collection[int], on: date
) -> tuple[dict[int, PartyRow], dict[int, list[EntryRow]]]:
    """Parties, and what lists say of them on a day; without what a list no longer says."""
    parties: dict[int, PartyRow] = {}
    entries: dict[int, list[EntryRow]] = defaultdict(list)
    stands = (EntryRow.delisted_at.is_(None), or_(EntryRow.listed_to.is_(None), EntryRow.listed_to >= on))
    for chunk in chunked(seqs):
        query = select(PartyRow, EntryRow).outerjoin(EntryRow, and_(EntryRow.party == PartyRow.id, *stands))
        for row, entry in await session.execute(query.where(PartyRow.seq.in_(chunk)).order_by(EntryRow.seq)):
            parties[row.seq] = row
            if entry is not None:
                entries[row.seq].append(entry)
    return parties, entries
