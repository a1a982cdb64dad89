"""Figures for everybody: rounded so that no difference tells of one, the same for whoever asks, exact where public."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from random import Random
from statistics import mean

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.licences.public import list_public_licences
from services.registry.licences.tables import LicencePeriodRow, LicenceRow, LicenceStrikeRow
from services.registry.parties.tables import PartyRow
from services.registry.statistics.edition import whole_months
from services.registry.statistics.licences import count_public_licences
from services.registry.statistics.rounding import BASE, round_count
from shared.contracts.licences import LicenceAppeal, LicenceStatus
from shared.contracts.statistics import Table
from shared.db.database import Database, now
from shared.settings import Settings
from tests.registry.door import RegistryDoor, a_case
from tests.registry.test_public import complain, public

pytestmark = pytest.mark.anyio

KEY = b"k" * 32


@given(st.integers(0, 10_000), st.text(max_size=20))
def test_a_rounded_count_is_a_multiple_of_three_next_to_the_count(count: int, cell: str) -> None:
    told = round_count(KEY, (cell,), count)
    assert told % BASE == 0
    assert abs(told - count) < BASE
    assert told == round_count(KEY, (cell,), count)
    assert count % BASE or told == count


def test_rounding_leans_to_no_side() -> None:
    for count in (1, 2, 100):
        told = [round_count(KEY, (f"cell {number}",), count) for number in range(9_000)]
        assert abs(mean(told) - count) < 0.06  # four standard errors


def test_figures_are_of_whole_months() -> None:
    assert whole_months(2025, date(2026, 11, 22)).until == date(2026, 1, 1)
    assert whole_months(2026, date(2026, 11, 22)).until == date(2026, 11, 1)
    assert whole_months(2026, date(2026, 1, 9)).until == date(2026, 1, 1)
    assert whole_months(2027, date(2026, 11, 22)) == whole_months(2027, date(2027, 1, 1))
    assert [f"{month.since:%m} {month.until:%m}" for month in whole_months(2026, date(2026, 4, 30)).months()] == [
        "01 02", "02 03", "03 04"
    ]  # fmt: skip
    assert len(list(whole_months(2025, date(2026, 1, 1)).months())) == 12


async def test_what_is_public_is_exact_and_what_is_sealed_is_not(door: RegistryDoor) -> None:
    await door.party("agency-7", "Company", name="Cahaya Timur Penempatan", country="id")
    for number, status in enumerate(("valid", "valid", "suspended", "applied")):
        body = {"party": "agency-7", "number": f"SIP-{number}", "authority": "Ministry", "status": status}
        answer = await door.put(
            f"/v1/licences/l-{number}", body | {"valid_from": "2025-01-01", "valid_to": "2035-01-01"}
        )
        assert answer.status_code == 201, answer.text
    for number in range(5):
        await door.tell(f"/v1/cases/c-{number}", a_case("agency-7", "charged"))
    await complain(door, "They hold my passport.")
    answer = await public(door, "GET", "statistics")
    assert answer.status_code == 200, answer.text
    figures = {(each["table"], each["value"]): each for each in answer.json()["results"]}
    assert figures[Table.LICENCES, "valid"]["count"] == 2
    assert figures[Table.LICENCES, "suspended"]["count"] == 1
    assert (Table.LICENCES, "applied") not in figures
    charged = figures[Table.CASES, "CHARGED"]
    assert (charged["count"] in (3, 6), charged["exact"]) == (True, False)
    months = {value: each["count"] for (table, value), each in figures.items() if table == Table.COMPLAINTS}
    assert f"{now():%Y-%m}" not in months  # this month is not over
    assert set(months.values()) <= {0}

    again = (await public(door, "GET", "statistics")).json()
    assert again == answer.json()
    for year in range(2000, 2030):  # told with another draw each, it could be averaged
        told = (await public(door, "GET", f"statistics?year={year}")).json()["results"]
        assert [each["count"] for each in told if each["value"] == "CHARGED"] == [charged["count"]]
    table = await public(door, "GET", "statistics?year=2025", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {row["table"] for row in rows} >= {"licences", "cases"}
    assert (await public(door, "GET", "statistics?year=1066")).status_code == 422


async def test_the_database_counts_the_licences_that_everybody_can_read_one_by_one(
    door: RegistryDoor, deployment: Settings
) -> None:
    await door.party("agency-8", "Company", name="Bintang Utara Penempatan", country="id")
    database = Database(deployment.database_url("registry"))
    day = date(2026, 3, 10)
    async with database.write() as session:
        party = await session.scalar(sa.select(PartyRow.seq).where(PartyRow.id == "agency-8"))
        assert party is not None
        await fill_with_licences(session, party, day)
    async with database.read() as session:
        for on in (day - timedelta(days=1), day, day + timedelta(days=2)):
            read: Counter[str] = Counter()
            after: str | None = None
            while True:
                page = await list_public_licences(session, "ZZZ", on, after, 200)
                read.update(licence.status for licence in page.results)
                assert page.damaged in ([], ["z-damaged"])
                if (after := page.next) is None:
                    break
            assert len(read) >= len(LicenceStatus) - 2  # an application and a refusal are nobody's business
            assert await count_public_licences(session, "ZZZ", on) == read
    await database.close()


async def fill_with_licences(session: AsyncSession, party: int, day: date) -> None:
    """Histories of a few days around a day, so that their periods overlap, follow, repeat and contradict each other."""
    chance = Random(7)  # noqa: S311  no secret
    about = {"party_seq": party, "authority": "Ministry", "member": "ZZZ", "version": 9}
    for number in range(600):
        row = LicenceRow(id=f"z-{number}", number=f"Z-{number}", **about)
        session.add(row)
        await session.flush()
        told = range(1, 1 + chance.randint(1, 5))
        for version in told:
            begins = day + timedelta(days=chance.randint(-3, 2))
            session.add(
                LicencePeriodRow(
                    licence_seq=row.seq, version=version, status=chance.choice(list(LicenceStatus)),
                    valid_from=begins, valid_to=chance.choice((None, begins + timedelta(days=chance.randint(0, 3)))),
                    appeal=chance.choice((*["none"] * 6, *LicenceAppeal)),
                    effective_despite_appeal=chance.random() < 0.3, told_at=now(),
                )
            )  # fmt: skip
            if chance.random() < 0.2:
                strike = LicenceStrikeRow(licence_seq=row.seq, version=20 + version, strikes=chance.choice(told))
                session.add(strike)
                strike.told_at = now()
    damaged = LicenceRow(id="z-damaged", number="Z", **about)
    session.add(damaged)
    await session.flush()
    session.add(
        LicencePeriodRow(
            licence_seq=damaged.seq, version=1, status="no such word", valid_from=day, valid_to=None, appeal="none",
            effective_despite_appeal=False, told_at=now(),
        )
    )  # fmt: skip
