"""Whether an agency's workers are, more often than other agencies', just as old as they have to be. Pure.

Ages that were made up are made up to pass: they heap in the first year above the minimum. One worker there means
nothing, and nothing is said of any: this is about agencies, for the office that licenses them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Final

WITHIN: Final = 365
"""Days above the minimum that count as just old enough."""
FEWEST: Final = 20
"""Workers of an agency, and of all others together, from which it is compared."""
LEVEL: Final = 0.01
"""Chance, over all agencies that are compared, that one of them is named though none differs (Holm)."""
TIMES: Final = 1.5
"""Share against the others' from which a difference that is no chance is worth an inspector's day."""


@dataclass(frozen=True)
class Heap:
    """An agency's workers against those of all other agencies.

    Attributes:
        workers: how many were compared.
        at_floor: of them, within a year above the minimum.
        expected: share of the other agencies' workers there, 0..1.
        p: chance of as many or more, were they drawn from all (Fisher's exact test, one-sided), after Holm.
        named: whether the office should look.
    """

    agency: str
    workers: int
    at_floor: int
    expected: float
    p: float
    named: bool


def is_at_floor(days: int | None) -> bool | None:
    """Whether a worker is just old enough.

    Args:
        days: by which they are older than the minimum on the intended first day; None: not known.

    Returns:
        None: not known, or below the minimum; such a worker does not count.
    """
    return days < WITHIN if days is not None and days >= 0 else None


def heaps(counts: Mapping[str, tuple[int, int]]) -> list[Heap]:
    """Compare every agency that has enough workers with all the others, least likely first.

    Args:
        counts: by agency, how many workers count, and how many of them are just old enough.
    """
    total, near = (sum(count[n] for count in counts.values()) for n in (0, 1))
    found = []
    for agency, (workers, at_floor) in counts.items():
        others = total - workers
        if workers < FEWEST or others < FEWEST:
            continue
        chance = tail(at_floor, workers, near, total)
        found.append((chance, agency, workers, at_floor, (near - at_floor) / others))
    return _holm(sorted(found))


def tail(at_least: int, drawn: int, marked: int, total: int) -> float:
    """Chance that of `drawn` out of `total`, `marked` of them marked, at least so many are marked.

    Source: R. A. Fisher, Statistical Methods for Research Workers (1934), section 21.02: the hypergeometric tail.
    """
    ways = sum(comb(marked, n) * comb(total - marked, drawn - n) for n in range(at_least, min(drawn, marked) + 1))
    return ways / comb(total, drawn)


def _holm(ordered: Sequence[tuple[float, str, int, int, float]]) -> list[Heap]:
    """Source: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70."""
    heaped, largest = [], 0.0
    for rank, (chance, agency, workers, at_floor, expected) in enumerate(ordered):
        largest = max(largest, min(1.0, chance * (len(ordered) - rank)))
        named = largest < LEVEL and at_floor / workers >= TIMES * expected
        heaped.append(Heap(agency, workers, at_floor, round(expected, 4), largest, named))
    return heaped
