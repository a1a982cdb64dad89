"""Candidates: who is found under which spelling, and an index that stays in step with the parties."""

from collections.abc import AsyncIterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.parties.tables import PartyRow
from services.registry.screening.candidates import MAX_CANDIDATES, find_candidates
from services.registry.screening.cards import card_keys, make_card, read_card
from services.registry.screening.index import index_missing, index_party
from services.registry.screening.postings import (
    LONGEST_LIST,
    buckets_of,
    merge_slice,
    pack_staged,
    parties_under,
    read_buckets,
    stage,
    staged_slices,
)
from services.registry.screening.tables import PartyCardRow, PostingsRow
from services.sandbox.region.crowd import draw_crowd
from shared.db.database import Database, now
from shared.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(deployment: Settings) -> AsyncIterator[Database]:
    """The registry's, with an empty index."""
    database = Database(deployment.database_url("registry"))
    async with database.write() as session:
        for table in (PartyCardRow, PostingsRow, PartyRow):
            await session.execute(delete(table))
    yield database
    await database.close()


async def add(session: AsyncSession, *names: str, **properties: list[str]) -> int:
    """A party with its index; its seq."""
    number = len((await session.execute(select(PartyRow.seq))).all())
    told = {"name": list(names), **properties}
    row = PartyRow(
        id=f"p-{number}",
        schema="Company",
        caption=names[0],
        caption_folded=names[0],
        member="IDN",
        properties=told,
        source="s",
        version=1,
        first_seen=now(),
        last_change=now(),
    )
    session.add(row)
    await session.flush()
    await index_party(session, row.seq, "Company", told)
    return row.seq


async def found(database: Database, *names: str, **properties: list[str]) -> list[int]:
    async with database.read() as session:
        (seqs,) = await find_candidates(session, [make_card("LegalEntity", {"name": list(names), **properties})])
    return seqs


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        ("Somchai Wongsuwan", "Wongsuwan Somchai"),
        ("Somchai Wongsuwan", "Somchay Wongsuwann"),
        ("Somchai Wongsuwan", "Somchai"),
        ("Nguyễn Văn Hùng", "NGUYEN VAN HUNG"),
        ("Nursultan Ahmad Bakri", "N. Bakri"),
        ("สมชาย วงศ์สุวรรณ", "Somchai Wongsuwan"),
        ("အောင်ကျော်မြင့်", "Aung Kyaw Myint"),
        ("陈大文", "Tan Tai Wen"),
        ("PT Nusa Parna Abadi", "Nusa Parna Abadi Tbk"),
        ("Merbok Raya", "Merb0k Raya"),
        ("Merbok", "Mertok"),
        ("Persatuan Nelayan Asia", "PNA"),
    ],
)
async def test_a_party_is_found_under_another_spelling(database: Database, recorded: str, asked: str) -> None:
    async with database.write() as session:
        seq = await add(session, recorded)
        await add(session, "Quite Another Firm")
    assert (await found(database, asked))[:1] == [seq]


async def test_an_equal_number_comes_first_whatever_the_name(database: Database) -> None:
    async with database.write() as session:
        await add(session, "Maria Dela Cruz")
        number = await add(session, "Josefina Reyes", passportNumber=["P-1234567"])
    assert (await found(database, "Maria Dela Cruz", passportNumber=["p1234567"]))[0] == number


async def test_of_many_namesakes_the_birth_date_finds_the_one(database: Database) -> None:
    async with database.write() as session:
        parties = [await add(session, "Nguyen Van Hung", birthDate=["1970-01-01"]) for _ in range(MAX_CANDIDATES + 5)]
        asked = await add(session, "Nguyen Van Hung", birthDate=["1988-08-08"])
    assert asked in await found(database, "Nguyen Van Hung", birthDate=["1988-08-08"])
    assert len(await found(database, "Nguyen Van Hung")) == min(MAX_CANDIDATES, len(parties) + 1)


async def test_a_party_is_found_by_what_it_is_now_and_no_longer_by_what_it_was(database: Database) -> None:
    async with database.write() as session:
        seq = await add(session, "Melati Jaya Perdana")
        await index_party(session, seq, "Company", {"name": ["Kenanga Sentosa"]})
    assert await found(database, "Kenanga Sentosa") == [seq]
    assert await found(database, "Melati Jaya Perdana") == []


async def test_many_at_once_make_the_same_index_as_one_by_one(database: Database) -> None:
    names = [party.properties["name"][0] for party in draw_crowd(40, 3)]
    async with database.write() as session:
        keys = {await add(session, name): card_keys(make_card("Company", {"name": [name]})) for name in names}
    one_by_one = await _index(database)
    async with database.write() as session:
        await session.execute(delete(PostingsRow))
        half = list(keys.items())
        await stage(session, pack_staged(half[:20]))
        await stage(session, pack_staged(half[20:]))
    for _ in range(2):  # merging again, after a crash, adds nothing
        async with database.read() as session:
            slices = await staged_slices(session)
        for number in slices:
            await merge_slice(database, number)
    assert await _index(database) == one_by_one


async def test_a_key_that_many_share_keeps_a_bounded_list(database: Database) -> None:
    keys = card_keys(make_card("Person", {"name": ["Siti"]}))
    async with database.write() as session:
        await stage(session, pack_staged((seq, keys) for seq in range(1, LONGEST_LIST + 100)))
    for number in range(64):
        await merge_slice(database, number)
    async with database.read() as session:
        buckets = await read_buckets(session, buckets_of(keys).tolist())
    for key, bucket in zip(keys.tolist(), buckets_of(keys).tolist(), strict=True):
        assert parties_under(buckets[bucket], key).tolist() == list(range(1, LONGEST_LIST + 1))


async def test_parties_without_a_card_are_indexed_again(database: Database) -> None:
    async with database.write() as session:
        seq = await add(session, "Cempaka Putih")
        await session.execute(delete(PartyCardRow))
        await session.execute(delete(PostingsRow))
    assert await found(database, "Cempaka Putih") == []
    await index_missing(database)
    assert await found(database, "Cempaka Putih") == [seq]


async def _index(database: Database) -> dict[int, bytes]:
    async with database.read() as session:
        rows = await session.execute(select(PostingsRow.bucket, PostingsRow.postings))
        return {bucket: bytes(packed) for bucket, packed in rows}


WORD = st.text("abdefghiklmnoprstuwyz", min_size=4, max_size=10)


@given(st.lists(WORD, min_size=2, max_size=3), st.data())
def test_one_slip_in_a_name_leaves_a_common_key(words: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(words) - 1))
    place = data.draw(st.integers(1, len(words[at]) - 1))
    slipped = words[at][:place] + words[at][place + 1 :]
    asked = [*words[:at], slipped, *words[at + 1 :]]
    one, other = (card_keys(make_card("Person", {"name": [" ".join(each)]})) for each in (words, asked))
    if len(one) and len(other):
        assert len(np.intersect1d(one, other))


@given(st.lists(st.text(max_size=30), max_size=4), st.lists(st.sampled_from(["1980", "1980-02-03"]), max_size=2))
def test_a_card_is_read_as_it_was_written(names: list[str], born: list[str]) -> None:
    card = make_card("Company", {"name": names, "birthDate": born, "idNumber": ["A-123 456"]})
    assert read_card(str(card)) == card
    assert card_keys(read_card(str(card))).tolist() == card_keys(card).tolist()
