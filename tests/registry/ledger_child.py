"""The process that is killed: an aid fund at work. Two persons propose and release, some at once; what was acknowledged
is said on standard output, one line each. `python -m tests.registry.ledger_child VAR LIFE`; the fund has been given.
"""

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from services.registry.redress.fund import Fund, PaymentDecidedError
from services.registry.redress.offices import RedressOffice
from services.registry.redress.postings import InsufficientFundsError
from shared.contracts.fund import PaymentBody, PaymentKind
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.settings import Settings

OFFICE = "Shelter under fire"
FIRST, SECOND = (RedressOffice(person, "IDN", OFFICE) for person in ("first", "second"))
CLERKS = 4


def body_of(number: int) -> PaymentBody:
    """The payment of a key, so that any life sends the same."""
    return PaymentBody(
        currency="IDR", amount=1 + number % 7, kind=PaymentKind.TRAVEL, about=f"S{number % 20}", payee="An account"
    )


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())  # one write: whole lines, whatever kills us


async def clerk(fund: Fund, numbers: "count[int]") -> None:
    """Two clerks take each number at the same time: the same payment is proposed twice and released twice."""
    while True:
        number = next(numbers) // 2
        try:
            payment = await fund.propose(FIRST, f"key-{number}", body_of(number))
            say("PROPOSED", number, payment.id)
            released = await fund.release(SECOND, payment.id)
            say("RELEASED", number, released.id)
        except InsufficientFundsError:
            say("SPENT")
            return
        except PaymentDecidedError:
            say("WRONG", number)


async def main() -> None:
    settings = Settings(var=Path(sys.argv[1]))
    database = Database(settings.database_url("registry"))
    fund = Fund(database, KeyRing.load(settings.key_folder / "registry-sealing.json"))
    numbers = count(2 * int(sys.argv[2]))
    say("READY")
    async with asyncio.TaskGroup() as group:
        for _ in range(CLERKS):
            group.create_task(clerk(fund, numbers))


if __name__ == "__main__":
    asyncio.run(main())
