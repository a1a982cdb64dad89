"""What donors are told: sums by month, kind and currency; nothing from which one person's payment could be worked out.

A month that has ended does not change, and no sum goes over more than one month or one currency: two reports, of
whatever day, tell nothing that one does not. Within a month, kinds with fewer than five people are withheld, and with
them the smallest others, until what total less shown leaves open is of two kinds and five people at least. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from shared.contracts.fund import FEWEST, Band, DonorRow, PaymentKind
from shared.standards.currencies import in_major_units

_BANDS: Final[tuple[tuple[int, Band], ...]] = ((100, "100+"), (50, "50-99"), (20, "20-49"), (10, "10-19"), (5, "5-9"))


@dataclass(frozen=True)
class Paid:
    """One payment, or (negative) one that came back. `subject` tells persons apart; it is not told."""

    month: str
    currency: str
    kind: PaymentKind
    subject: str
    amount: int


@dataclass
class _Cell:
    people: set[str] = field(default_factory=set)
    paid: int = 0

    def add(self, each: Paid) -> None:
        self.people.add(each.subject)
        self.paid += each.amount


def donor_rows(payments: Iterable[Paid]) -> list[DonorRow]:
    """The report's rows, in the order of months, currencies and kinds; `all` ends each month."""
    months: dict[tuple[str, str], dict[PaymentKind, _Cell]] = defaultdict(lambda: defaultdict(_Cell))
    for each in payments:
        months[each.month, each.currency][each.kind].add(each)
    return [row for (month, code), cells in sorted(months.items()) for row in _month(month, code, cells)]


def band(people: int) -> Band:
    """How many people, roughly."""
    return next((name for least, name in _BANDS if people >= least), "<5")


def _month(month: str, code: str, cells: dict[PaymentKind, _Cell]) -> Iterator[DonorRow]:
    withheld = _withheld(cells)
    everything = _Cell(_people(cells.values()), sum(cell.paid for cell in cells.values()))
    shown = [(kind, cells[kind], kind not in withheld) for kind in sorted(cells)]
    for kind, cell, told in (*shown, ("all", everything, len(everything.people) >= FEWEST)):
        paid = str(in_major_units(cell.paid, code)) if told else None
        yield DonorRow(month=month, currency=code, kind=kind, people=band(len(cell.people)), paid=paid)


def _withheld(cells: dict[PaymentKind, _Cell]) -> set[PaymentKind]:
    """Kinds of which no sum is told: small ones, and as many more as hide them."""
    by_size = sorted(cells, key=lambda kind: (len(cells[kind].people), kind))
    withheld = {kind for kind in by_size if len(cells[kind].people) < FEWEST}
    if not withheld:
        return withheld
    for kind in by_size:
        if len(withheld) >= 2 and len(_people(cells[each] for each in withheld)) >= FEWEST:
            break
        withheld.add(kind)
    return withheld


def _people(cells: Iterable[_Cell]) -> set[str]:
    return set().union(*(cell.people for cell in cells))
