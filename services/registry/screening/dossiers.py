"""What the register says today of the parties that an answer shows: cases, licences, and who is one hop away."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.rules import gravest
from services.registry.cases.store import standing_cases
from services.registry.licences.store import licences_on
from services.registry.listings.views import standing_listings
from services.registry.parties.links import LinkEnd, links_on
from services.registry.parties.tables import PartyRow
from services.registry.tables import chunked
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
    links: Mapping[int, Sequence[LinkEnd]]

    def status(self, seq: int) -> LegalStatus | NoCase:
        """The gravest status over the cases that still stand."""
        return gravest(case.status for case in self.cases.get(seq, ()))


async def load_dossiers(session: AsyncSession, seqs: Collection[int], on: date) -> Dossiers:
    """Everything about some parties, in a number of statements that does not grow with theirs."""
    links: dict[int, list[LinkEnd]] = defaultdict(list)
    for link in await links_on(session, seqs, on):
        links[link.seq].append(link)
    everyone = {*seqs, *(link.other for ends in links.values() for link in ends)}
    return Dossiers(
        on=on,
        parties=await _parties(session, everyone),
        cases=await standing_cases(session, everyone, on),
        licences=await licences_on(session, seqs, on),
        listings=await standing_listings(session, seqs, on),
        links=links,
    )


async def _parties(session: AsyncSession, seqs: Collection[int]) -> dict[int, PartyRow]:
    parties: dict[int, PartyRow] = {}
    for chunk in chunked(seqs):
        rows = await session.execute(select(PartyRow).where(PartyRow.seq.in_(chunk)))
        parties |= {row.seq: row for row in rows.scalars()}
    return parties
