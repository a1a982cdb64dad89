"""The ledger under fire: many who release at once, and a process killed in the middle. It adds up, and pays once."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from services.cli import main
from services.registry.redress.fund import Fund
from services.registry.redress.fund_tables import FundPaymentRow
from services.registry.redress.fund_views import FundReading
from services.registry.redress.offices import LedgerReader
from services.registry.redress.postings import InsufficientFundsError
from services.registry.redress.verification import verify_ledger
from shared.contracts.fund import ContributionBody, PaymentBody, PaymentKind, PaymentState
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.settings import SERVICES, Settings
from tests.conftest import ROOT
from tests.deploy.processes import process_environment
from tests.registry.ledger_child import FIRST, OFFICE, SECOND, body_of

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

LIVES = 2
GIVEN = 100_000
SEED = 11


def environment_of(settings: Settings) -> dict[str, str]:
    urls = {name: getattr(settings, f"{name}_database_url") for name in SERVICES}
    return {"LINDUNG_VAR": str(settings.var)} | {
        f"LINDUNG_{name.upper()}_DATABASE_URL": url for name, url in urls.items() if url
    }


@pytest.fixture
async def database(deployment: Settings) -> AsyncIterator[Database]:
    opened = Database(deployment.database_url("registry"))
    yield opened
    await opened.close()


@pytest.fixture
def fund(deployment: Settings, database: Database) -> Fund:
    return Fund(database, KeyRing.load(deployment.key_folder / "registry-sealing.json"))


async def paid_out(database: Database, fund: Fund, organisation: str) -> tuple[int, int, int]:
    reading = FundReading(database, fund._keys)
    (balance,) = (await reading.balances(LedgerReader("IDN", organisation))).items
    return balance.available, balance.reserved, balance.paid_out


async def test_who_proposes_and_releases_at_once_never_spends_more_than_there_is(
    fund: Fund, database: Database
) -> None:
    """Thirty proposals of ten out of a hundred and five, each sent twice; then each is released twice, at once."""
    first, second = (type(FIRST)(person, "IDN", "Shelter at once") for person in ("first", "second"))
    gift = ContributionBody(currency="IDR", amount=105, donor="d")
    await asyncio.gather(*(fund.contribute(first, "gift", gift) for _ in range(4)))

    async def propose(number: int) -> str | None:
        body = PaymentBody(currency="IDR", amount=10, kind=PaymentKind.MEDICAL, about=f"S{number}", payee="p")
        try:
            return (await fund.propose(first, f"at-once-{number}", body)).id
        except InsufficientFundsError:
            return None

    proposed = await asyncio.gather(*(propose(number // 2) for number in range(60)))
    payments = {each for each in proposed if each}
    assert len(payments) == 10
    assert await paid_out(database, fund, "Shelter at once") == (5, 100, 0)
    released = await asyncio.gather(*(fund.release(second, each) for each in sorted(payments) * 2))
    assert {each.state for each in released} == {PaymentState.RELEASED}
    assert await paid_out(database, fund, "Shelter at once") == (5, 0, 100)
    assert (await verify_ledger(database)).findings == []


def live(settings: Settings, first: int, lines: int) -> tuple[dict[int, str], set[str]]:
    """One life: started, heard for so many lines, killed. The payments of each number, and which were released."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.registry.ledger_child", str(settings.var), str(first)],
        cwd=ROOT,
        env=process_environment(ROOT, environment_of(settings)),
        stdout=subprocess.PIPE,
        text=True,
    )
    known: dict[int, str] = {}
    released: set[str] = set()
    with child:
        assert child.stdout is not None
        for _ in range(lines):
            word, *rest = child.stdout.readline().split()
            if word != "READY":
                assert word in {"PROPOSED", "RELEASED"}, word
                assert known.setdefault(int(rest[0]), rest[1]) == rest[1], "one key, one payment"
                if word == "RELEASED":
                    released.add(rest[1])
        child.kill()
        for line in child.stdout:  # said before the kill, still in the pipe
            word, *rest = line.split()
            assert known.setdefault(int(rest[0]), rest[1]) == rest[1]
            if word == "RELEASED":
                released.add(rest[1])
    return known, released


async def test_a_process_killed_while_it_pays_leaves_a_ledger_that_adds_up(
    deployment: Settings, fund: Fund, database: Database
) -> None:
    chance = random.Random(SEED)  # noqa: S311  moments that can be drawn again
    await fund.contribute(FIRST, "gift", ContributionBody(currency="IDR", amount=GIVEN, donor="d"))
    known: dict[int, str] = {}
    released: set[str] = set()
    for _ in range(LIVES):
        first = max(0, len(known) - 3)  # the last are sent again: what was acknowledged must be the same
        more, paid = await asyncio.to_thread(live, deployment, first, chance.randint(20, 60))
        assert all(known.get(number, payment) == payment for number, payment in more.items())
        known |= more
        released |= paid
        assert await asyncio.to_thread(verify, deployment) == (0, True)
    async with database.read() as session:
        rows = (await session.scalars(select(FundPaymentRow).where(FundPaymentRow.organisation == OFFICE))).all()
    kept = {row.id: row for row in rows}
    assert set(known.values()) <= kept.keys(), "nothing acknowledged is lost"
    assert {kept[each].state for each in released} == {"released"}
    for row in rows:
        again = await fund.release(SECOND, row.id)
        assert (again.state, len(again.postings)) == ("released", 2)
        assert row.amount == body_of(int(row.idempotency_key.removeprefix("key-"))).amount
    total = sum(row.amount for row in rows)
    assert await paid_out(database, fund, OFFICE) == (GIVEN - total, 0, total)
    assert await asyncio.to_thread(verify, deployment) == (0, True)
    async with database.write() as session:
        await session.execute(update(FundPaymentRow).where(FundPaymentRow.id == rows[0].id).values(amount=GIVEN))
    assert await asyncio.to_thread(verify, deployment) == (1, False)


def verify(settings: Settings) -> tuple[int, bool]:
    """What the command says: how it ends, and whether the ledger adds up."""
    done = CliRunner().invoke(main, ["ledger", "verify", "--json"], env=environment_of(settings))
    return done.exit_code, json.loads(done.stdout)["ok"]
