"""Parties made findable: their cards and postings kept in step with what they are."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from anyio.to_thread import run_sync
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.parties.tables import PartyRow
from services.registry.screening.cards import Keys, card_keys, make_card, read_card
from services.registry.screening.postings import exchange_postings, merge_slice, pack_staged, stage, staged_slices
from services.registry.screening.tables import PartyCardRow
from shared.db.database import Database
from shared.db.jobs import JobColumns, enqueue

REINDEX_JOB: Final = "index_parties"

_AT_ONCE: Final = 500

_NO_KEYS = np.empty(0, dtype=np.uint64)


async def index_party(session: AsyncSession, seq: int, schema: str, properties: Mapping[str, Sequence[str]]) -> None:
    """Make a party findable by what it is now, and no longer by what it was."""
    card = make_card(schema, properties)
    row = await session.get(PartyCardRow, seq)
    old = card_keys(read_card(row.card)) if row else _NO_KEYS
    if row is None:
        session.add(PartyCardRow(party_seq=seq, card=str(card)))
    else:
        row.card = str(card)
    await exchange_postings(session, seq, old, card_keys(card))


async def forget_party(session: AsyncSession, seq: int) -> None:
    """Take a party out of the index."""
    row = await session.get(PartyCardRow, seq)
    if row is not None:
        await exchange_postings(session, seq, card_keys(read_card(row.card)), _NO_KEYS)
        await session.execute(delete(PartyCardRow).where(PartyCardRow.party_seq == seq))


async def promise_missing(database: Database, jobs: type[JobColumns]) -> None:
    """Promise to index the parties that have no card, where there are any: after a migration that emptied the index."""
    async with database.write() as session:
        promised = select(jobs.id).where(jobs.kind == REINDEX_JOB, jobs.state == "READY")
        if not await _without_card(session, 1) or (await session.execute(promised)).first():
            return
        enqueue(session, jobs, REINDEX_JOB, "parties")


async def index_missing(database: Database) -> None:
    """Index the parties that have no card, some in each transaction; they are found when all are done."""
    while True:
        async with database.write() as session:
            rows = await _without_card(session, _AT_ONCE)
            cards = [(row.seq, await run_sync(make_card, row.schema, row.properties)) for row in rows]
            await add_cards(session, [(seq, str(card), card_keys(card)) for seq, card in cards])
        if not rows:
            return await merge_staged(database)


async def add_cards(session: AsyncSession, cards: Sequence[tuple[int, str, Keys]]) -> None:
    """Put the cards of new parties down, and their postings aside until `merge_staged`.

    Args:
        session: for writing.
        cards: the party's seq, its card as it is stored, and its keys.
    """
    if cards:
        await session.execute(insert(PartyCardRow), [{"party_seq": seq, "card": card} for seq, card, _ in cards])
        await stage(session, pack_staged((seq, keys) for seq, _, keys in cards))


async def merge_staged(database: Database) -> None:
    """Make findable whoever was put aside, slice after slice."""
    async with database.read() as session:
        slices = await staged_slices(session)
    for number in slices:
        await merge_slice(database, number)


async def _without_card(session: AsyncSession, limit: int) -> Sequence[Row[int, str, dict[str, list[str]]]]:
    no_card = select(PartyCardRow.party_seq).where(PartyCardRow.party_seq == PartyRow.seq)
    query = select(PartyRow.seq, PartyRow.schema, PartyRow.properties).where(~no_card.exists())
    return (await session.execute(query.order_by(PartyRow.seq).limit(limit))).all()
