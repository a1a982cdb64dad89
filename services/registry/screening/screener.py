"""The way of a screening: keys, candidates, comparison, dossiers, answers; for all queries of a request together."""

from collections.abc import Collection, Sequence
from datetime import date

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.parties.tables import PartyRow
from services.registry.screening.answers import screening_result
from services.registry.screening.candidates import find_candidates
from services.registry.screening.comparison import Bar, Candidate, as_party, as_query, compare
from services.registry.screening.dossiers import load_dossiers
from services.registry.screening.index import party_keys
from services.registry.tables import chunked
from shared.contracts.screening import QueryAnswer, QueryEntity, Total
from shared.db.database import Database


class Screener:
    """Answers who in the register a party may be.

    Args:
        database: the registry's.
        threads: comparisons at the same time.
    """

    def __init__(self, database: Database, threads: int) -> None:
        self._database = database
        self._limiter = CapacityLimiter(threads)

    async def screen(self, queries: Sequence[QueryEntity], bar: Bar, on: date) -> list[QueryAnswer]:
        """The answers to some queries, in their order.

        Args:
            queries: what is asked.
            bar: how alike a candidate must be.
            on: the day on which cases, licences and links are looked at.
        """
        keys = await run_sync(_keys, queries, limiter=self._limiter)
        async with self._database.read() as session:
            found = await find_candidates(session, keys)
            candidates = await _load_candidates(session, {seq for seqs in found for seq in seqs})
        hits = [
            await run_sync(compare, as_query(query), [candidates[seq] for seq in seqs], bar, limiter=self._limiter)
            for query, seqs in zip(queries, found, strict=True)
        ]
        async with self._database.read() as session:
            shown = {hit.seq for some in hits for hit in some[: bar.limit]}
            dossiers = await load_dossiers(session, shown, on)
        return [
            QueryAnswer(
                results=[screening_result(hit, dossiers, bar) for hit in some[: bar.limit]],
                total=Total(value=len(some)),
                query=query,
            )
            for query, some in zip(queries, hits, strict=True)
        ]


def _keys(queries: Sequence[QueryEntity]) -> list[frozenset[int]]:
    return [party_keys(query.properties) for query in queries]


async def _load_candidates(session: AsyncSession, seqs: Collection[int]) -> dict[int, Candidate]:
    candidates: dict[int, Candidate] = {}
    for chunk in chunked(seqs):
        query = select(PartyRow.seq, PartyRow.schema, PartyRow.properties).where(PartyRow.seq.in_(chunk))
        for seq, schema, properties in await session.execute(query):
            candidates[seq] = Candidate(seq, as_party(schema, properties))
    return candidates
