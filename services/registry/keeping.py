"""How long what is about a person is kept once nobody works with it any more. Pure.

It is said from the first day on, so that whoever needs a record for longer can hold it.
"""

from datetime import date, datetime, timedelta
from typing import Final

from services.registry.clocks import Clock, term
from shared.contracts.retention import Keeping

LONGEST_HOLD: Final = timedelta(days=5 * 366)
"""At once: no record is kept for ever because nobody thought of it again. Source: ours."""


class HoldRefusedError(Exception):
    """This is no hold for a while."""


def keeping(member: str, clock: Clock, ended: datetime | None, held_until: date | None) -> Keeping:
    """Until when a record is kept at least.

    Args:
        member: whose clock.
        clock: the record's.
        ended: when the clock began to run; None: it does not yet.
        held_until: last day of a hold.
    """
    rule = term(member, clock)
    return Keeping(
        until=rule.last_day(ended.date()) if ended else None,
        held_until=held_until,
        source=rule.source,
        confirmed=rule.confidence == "confirmed",
    )


def check_hold(until: date | None, today: date) -> None:
    """Whether a hold can be set; None lifts one.

    Raises:
        HoldRefusedError: a day that has passed or is too far.
    """
    if until is not None and not today <= until <= today + LONGEST_HOLD:
        raise HoldRefusedError("a day from today on, five years at most; another hold can follow")
