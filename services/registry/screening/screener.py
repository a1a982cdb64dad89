"""The way of a screening: cards, candidates, comparison, dossiers, answers; for all queries of a request together."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.parties.tables import PartyRow
from services.registry.screening.answers import screening_result
from services.registry.screening.by_number import read_rows
from services.registry.screening.candidates import find_candidates
from services.registry.screening.cards import Card, make_card
from services.registry.screening.comparison import Bar, Candidate, Hit, as_query, compare
from services.registry.screening.dossiers import Dossiers, load_dossiers
from services.registry.screening.scope import EVERYTHING, Scope
from services.registry.screening.standing import topics_of
from services.registry.screening.tables import PartyNamesRow
from services.registry.tables import chunked
from shared.contracts.screening import QueryAnswer, QueryEntity, Total
from shared.db.database import Database

_COMPARED: Final = 20
"""Candidates compared in full, where no more answers are asked for: reading a name costs more than all the rest."""


class Screener:
    """Answers who in the register a party may be.

    Args:
        database: the registry's.
        threads: comparisons at the same time.
    """

    def __init__(self, database: Database, threads: int) -> None:
        self._database = database
        self._limiter = CapacityLimiter(threads)

    async def screen(
        self, queries: Sequence[QueryEntity], bar: Bar, on: date, scope: Scope = EVERYTHING
    ) -> list[QueryAnswer]:
        """The answers to some queries, in their order.

        Args:
            queries: what is asked.
            bar: how alike a candidate must be.
            on: the day on which cases, licences and links are looked at.
            scope: which parties are asked about.
        """
        async with self._database.read() as session:
            hits = await self._find(session, queries, bar, on, scope)
            dossiers = await load_dossiers(session, {hit.seq for some in hits for hit in some[: bar.limit]}, on)
        return [
            QueryAnswer(
                results=[screening_result(hit, dossiers, bar) for hit in some[: bar.limit]],
                total=Total(value=len(some)),
                query=query,
            )
            for query, some in zip(queries, hits, strict=True)
        ]

    async def find(self, queries: Sequence[QueryEntity], bar: Bar, on: date, scope: Scope) -> list[list[Hit]]:
        """All hits of some queries, the most alike first. Arguments as `screen`."""
        async with self._database.read() as session:
            return await self._find(session, queries, bar, on, scope)

    async def _find(
        self, session: AsyncSession, queries: Sequence[QueryEntity], bar: Bar, on: date, scope: Scope
    ) -> list[list[Hit]]:
        cards = await run_sync(_cards, queries, limiter=self._limiter)
        found = await find_candidates(session, cards, self._limiter)
        most = max(_COMPARED, bar.limit)
        if scope is EVERYTHING:
            found = [seqs[:most] for seqs in found]
        candidates = await _load_candidates(session, {seq for seqs in found for seq in seqs}, scope)
        hits = []
        for query, seqs in zip(queries, found, strict=True):
            compared = [candidates[seq] for seq in seqs if seq in candidates][:most]
            hits.append(await run_sync(compare, as_query(query), compared, bar, limiter=self._limiter))
        if not scope.topics:
            return hits
        dossiers = await load_dossiers(session, {hit.seq for some in hits for hit in some}, on)
        return [[hit for hit in some if not scope.topics.isdisjoint(topics_of(hit.seq, dossiers))] for some in hits]

    async def dossiers(self, seqs: Collection[int], on: date) -> Dossiers:
        """What is said of some parties on a day."""
        async with self._database.read() as session:
            return await load_dossiers(session, seqs, on)


def _cards(queries: Sequence[QueryEntity]) -> list[Card]:
    return [make_card(query.schema_, query.properties) for query in queries]


_CANDIDATES: Final = (
    f"{PartyRow.__tablename__} LEFT JOIN {PartyNamesRow.__tablename__} ON party_seq = seq",
    ("seq", "schema", "CAST(properties AS TEXT)", "names"),
)


async def _load_candidates(session: AsyncSession, seqs: Collection[int], scope: Scope) -> dict[int, Candidate]:
    asked = seqs if scope is EVERYTHING else await _within(session, seqs, scope)
    candidates: dict[int, Candidate] = {}
    for seq, schema, told, names in await read_rows(session, *_CANDIDATES, sorted(asked)):
        properties = json.loads(told)
        if scope.covers(properties):
            candidates[seq] = Candidate(seq, schema, properties, names)
    return candidates


async def _within(session: AsyncSession, seqs: Collection[int], scope: Scope) -> list[int]:
    found: list[int] = []
    for chunk in chunked(seqs):
        found += (await session.execute(scope.narrow(select(PartyRow.seq).where(PartyRow.seq.in_(chunk))))).scalars()
    return found
