"""What national law says about the offences of the list: data with its source, in provisions.csv."""

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from shared.contracts.cases import Offence, Provision


@cache
def all_provisions() -> tuple[Provision, ...]:
    """Every provision known, by member and offence. `unconfirmed`: nobody has checked it against the text yet."""
    text = files(__package__).joinpath("provisions.csv").read_text(encoding="utf-8")
    return tuple(Provision.model_validate(row) for row in csv.DictReader(text.splitlines()))


def provisions_of(member: str, offences: Iterable[Offence]) -> list[Provision]:
    """The provisions of one member that some offences may fall under."""
    wanted = set(offences)
    return [each for each in all_provisions() if each.member == member and each.offence in wanted]
