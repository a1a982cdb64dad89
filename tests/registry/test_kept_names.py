"""Names kept ready for comparison: they compare as what they were made of, and follow the party they belong to."""

import itertools
from collections.abc import AsyncIterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from services.registry.imported import ImportJobRow
from services.registry.parties.tables import PartyRow
from services.registry.screening.comparison import Bar
from services.registry.screening.index import (
    REINDEX_JOB,
    index_missing,
    index_party,
    promise_missing,
)
from services.registry.screening.kept_names import keep_names, read_names
from services.registry.screening.names import prepare
from services.registry.screening.scoring import compare_names
from services.registry.screening.screener import Screener
from services.registry.screening.scripts.lattice import Reading, combine
from services.registry.screening.tables import PartyNamesRow
from services.sandbox.region.crowd import draw_crowd
from shared.contracts.screening import QueryEntity
from shared.db.database import Database, now
from shared.settings import Settings

NAMES = [
    ("Person", "Datuk Ahmad bin Hasan"),
    ("Person", "นายสมชาย วงศ์สุวรรณ"),
    ("Person", "သန်းထွန်း၊ Than Htun"),
    ("Person", "陳大文"),
    ("Person", "សុខា ចាន់"),
    ("Person", "12345"),
    ("Company", "บริษัท จัดหางาน ดาวเรือง จำกัด"),
    ("Company", "Sinar Jaya Agency Sdn Bhd 2"),
    ("Company", "ບໍລິສັດ ວຽງຄຳ ຈຳກັດ"),
    ("PublicBody", "ராஜகணேரவி Traders"),
]
ASKED = [name for _, name in NAMES] + ["Somchai Wongsuwan", "Hasan bin Ahmad", "Tan Tai Boon", "Dao Rueang Recruitment"]


@pytest.mark.parametrize(("schema", "name"), sorted(NAMES))
def test_a_kept_name_compares_as_the_name(schema: str, name: str) -> None:
    kept = read_names(keep_names(schema, {"name": ["another"], "alias": [name]}))[name]
    for asked in ASKED:
        query = prepare(asked, schema)
        assert compare_names(query, kept, schema) == compare_names(query, prepare(name, schema), schema)


@given(st.sampled_from(["Person", "Company"]), st.text(max_size=20), st.text(max_size=20))
def test_any_kept_name_compares_as_the_name(schema: str, name: str, asked: str) -> None:
    kept, query = read_names(keep_names(schema, {"name": [name]}))[name], prepare(asked, schema)
    assert compare_names(query, kept, schema) == compare_names(query, prepare(name, schema), schema)


COSTS = st.lists(st.integers(0, 9), min_size=1, max_size=6).map(sorted)


@given(st.lists(COSTS, min_size=1, max_size=3), st.integers(1, 8))
def test_words_run_together_are_read_the_cheapest_ways(words: list[list[int]], most: int) -> None:
    readings = [[Reading(f"{place}{n}", cost) for n, cost in enumerate(costs)] for place, costs in enumerate(words)]
    found = combine(readings, most)
    assert [cost for _, cost in found] == sorted(sum(costs) for costs in itertools.product(*words))[:most]
    assert len({text for text, _ in found}) == len(found)


@pytest.fixture
async def database(deployment: Settings) -> AsyncIterator[Database]:
    database = Database(deployment.database_url("registry"))
    yield database
    await database.close()


async def _promised(database: Database) -> int:
    await promise_missing(database, ImportJobRow)
    async with database.read() as session:
        return len((await session.execute(select(ImportJobRow).where(ImportJobRow.kind == REINDEX_JOB))).all())


async def _kept(database: Database) -> dict[int, bytes]:
    async with database.read() as session:
        rows = await session.execute(select(PartyNamesRow.party_seq, PartyNamesRow.names))
        return {seq: bytes(names) for seq, names in rows}


@pytest.mark.anyio
async def test_names_are_kept_with_the_party_and_made_ready_where_they_are_missing(database: Database) -> None:
    crowd = [(party.schema, dict(party.properties)) for party in draw_crowd(30, 5)]
    async with database.write() as session:
        await session.execute(delete(PartyRow))
        told = {"caption": "c", "caption_folded": "c", "member": "IDN", "source": "s", "version": 1}
        times = {"first_seen": now(), "last_change": now()}
        rows = [
            PartyRow(id=f"p-{n}", schema=schema, properties=properties, **told, **times)
            for n, (schema, properties) in enumerate(crowd)
        ]
        session.add_all(rows)
        await session.flush()
        for row in rows:
            await index_party(session, row.seq, row.schema, row.properties)
    queries = [QueryEntity.model_validate({"schema": s, "properties": {"name": p["name"]}}) for s, p in crowd]
    ask = Screener(database, 1)
    kept, answers = await _kept(database), await ask.screen(queries, Bar(), date(2026, 1, 1))
    assert await _promised(database) == 0

    async with database.write() as session:  # as after a migration, when nothing is kept yet
        await session.execute(delete(PartyNamesRow))
    assert await ask.screen(queries, Bar(), date(2026, 1, 1)) == answers
    assert await _promised(database) == await _promised(database) == 1
    await index_missing(database)
    await index_missing(database)
    assert await _kept(database) == kept

    async with database.write() as session:
        await index_party(session, rows[0].seq, "Person", {"name": ["สมชาย"]})
    after = await _kept(database)
    assert list(read_names(after[rows[0].seq])) == ["สมชาย"]
    assert after.keys() == kept.keys()
