"""Parties made findable and comparable: cards, postings and names kept in step with what the parties are."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from anyio.to_thread import run_sync
from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.parties.tables import PartyRow
from services.registry.screening.cards import Keys, card_keys, make_card, read_card
from services.registry.screening.kept_names import keep_names
from services.registry.screening.postings import (
    exchange_postings,
    lock_index,
    merge_slice,
    pack_staged,
    stage,
    staged_slices,
)
from services.registry.screening.tables import PartyCardRow, PartyNamesRow
from shared.db.database import Database
from shared.db.jobs import JobColumns, enqueue

REINDEX_JOB: Final = "index_parties"

_AT_ONCE: Final = 500

_NO_KEYS = np.empty(0, dtype=np.uint64)

Properties = Mapping[str, Sequence[str]]
Some = Sequence[Row[int, str, dict[str, list[str]]]]
Table = type[PartyCardRow] | type[PartyNamesRow]


class Leaf(NamedTuple):
    """What the index keeps of a party.

    Attributes:
        card: what it is found by, as it is stored.
        keys: of the card, as bytes.
        names: made ready for comparison, as they are kept.
    """

    card: str
    keys: bytes
    names: bytes


def make_leaf(schema: str, properties: Properties) -> Leaf:
    """What the index keeps of a party; work for the processor."""
    card = make_card(schema, properties)
    return Leaf(str(card), card_keys(card).tobytes(), keep_names(schema, properties))


async def index_party(session: AsyncSession, seq: int, schema: str, properties: Properties) -> None:
    """Make a party findable by what it is now, and no longer by what it was."""
    leaf = make_leaf(schema, properties)
    await lock_index(session)
    row = await session.get(PartyCardRow, seq)
    old = card_keys(read_card(row.card)) if row else _NO_KEYS
    await session.merge(PartyCardRow(party_seq=seq, card=leaf.card))
    await session.merge(PartyNamesRow(party_seq=seq, names=leaf.names))
    await exchange_postings(session, seq, old, np.frombuffer(leaf.keys, "<u8"))


async def promise_missing(database: Database, jobs: type[JobColumns]) -> None:
    """Promise to index the parties that are not indexed in whole, where there are any: after a migration."""
    async with database.write() as session:
        promised = select(jobs.id).where(jobs.kind == REINDEX_JOB, jobs.state == "READY")
        missing = [await _without(session, table, 0, 1) for table in (PartyCardRow, PartyNamesRow)]
        if any(missing) and not (await session.execute(promised)).first():
            enqueue(session, jobs, REINDEX_JOB, "parties")


async def index_missing(database: Database) -> None:
    """Index the parties that are not indexed in whole, some in each transaction; found when all are done.

    A party without kept names is found and compared all the while: its names are made ready each time.
    """
    await _fill(database, PartyCardRow, _card_some)
    await merge_staged(database)
    await _fill(database, PartyNamesRow, _name_some)


async def add_leaves(session: AsyncSession, leaves: Sequence[tuple[int, Leaf]]) -> None:
    """Put down what the index keeps of new parties, by seq, and their postings aside until `merge_staged`."""
    await _add_cards(session, [(seq, leaf.card, np.frombuffer(leaf.keys, "<u8")) for seq, leaf in leaves])
    await _add_names(session, [(seq, leaf.names) for seq, leaf in leaves])


async def merge_staged(database: Database) -> None:
    """Make findable whoever was put aside, slice after slice."""
    async with database.read() as session:
        slices = await staged_slices(session)
    for number in slices:
        await merge_slice(database, number)


async def _add_cards(session: AsyncSession, cards: Sequence[tuple[int, str, Keys]]) -> None:
    if cards:
        await session.execute(insert(PartyCardRow), [{"party_seq": seq, "card": card} for seq, card, _ in cards])
        await stage(session, pack_staged((seq, keys) for seq, _, keys in cards))


async def _add_names(session: AsyncSession, names: Sequence[tuple[int, bytes]]) -> None:
    if names:
        await session.execute(insert(PartyNamesRow), [{"party_seq": seq, "names": kept} for seq, kept in names])


async def _card_some(session: AsyncSession, rows: Some) -> None:
    cards = await run_sync(lambda: [(row.seq, make_card(row.schema, row.properties)) for row in rows])
    await _add_cards(session, [(seq, str(card), card_keys(card)) for seq, card in cards])


async def _name_some(session: AsyncSession, rows: Some) -> None:
    await _add_names(
        session, await run_sync(lambda: [(row.seq, keep_names(row.schema, row.properties)) for row in rows])
    )


async def _fill(database: Database, table: Table, add: Callable[[AsyncSession, Some], Awaitable[None]]) -> None:
    """Add what a table lacks, some parties in each transaction."""
    after, done = 0, False
    while not done:
        async with database.write() as session:
            await lock_index(session)
            rows = await _without(session, table, after, _AT_ONCE)
            if rows:
                await add(session, rows)
                after = rows[-1].seq
            done = not rows


async def _without(session: AsyncSession, table: Table, after: int, limit: int) -> Some:
    own = select(table.party_seq).where(table.party_seq == PartyRow.seq)
    query = select(PartyRow.seq, PartyRow.schema, PartyRow.properties).where(PartyRow.seq > after, ~own.exists())
    return (await session.execute(query.order_by(PartyRow.seq).limit(limit))).all()
