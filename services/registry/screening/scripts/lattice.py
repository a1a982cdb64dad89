"""The cheapest ways through a word that can be read in several ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

MAX_READINGS: Final = 24
_BEAM: Final = 24


class Reading(NamedTuple):
    """A Latin spelling.

    Attributes:
        text: a-z and blanks.
        cost: 0 for the most usual spelling, more for a rarer one.
    """

    text: str
    cost: float


@dataclass(frozen=True, slots=True)
class Arc:
    """One way to read on from a place in a word.

    Attributes:
        end: where it leads.
        text: how the letters passed are spelt in Latin.
        cost: 0 for the usual reading, more for a rarer one.
    """

    end: int
    text: str
    cost: float


def cheapest(length: int, arcs: Callable[[int], Iterable[Arc]], most: int = MAX_READINGS) -> tuple[Reading, ...]:
    """The cheapest readings of a word of `length` letters, by beam search; empty where no way leads through.

    Args:
        length: of the word.
        arcs: the ways to read on from each place; each leads at least one letter further.
        most: readings wanted.
    """
    at: list[dict[str, float]] = [{} for _ in range(length + 1)]
    at[0][""] = 0.0
    for place in range(length):
        here = sorted(at[place].items(), key=lambda item: item[1])[:_BEAM]
        for arc in arcs(place) if here else ():
            there = at[arc.end]
            for text, cost in here:
                reading = text + arc.text
                if cost + arc.cost < there.get(reading, float("inf")):
                    there[reading] = cost + arc.cost
    ranked = sorted(at[length].items(), key=lambda item: item[1])
    least = ranked[0][1] if ranked else 0.0
    return tuple(Reading(text, round(cost - least, 3)) for text, cost in ranked[:most] if text)


def combine(words: Sequence[Sequence[Reading]], most: int = MAX_READINGS) -> Sequence[Reading]:
    """The cheapest readings of words run together, from the readings of each, cheapest first."""
    whole = words[0][:most]
    for word in words[1:]:
        # Of the n-th cheapest beginning only the first most/n endings can be among the cheapest.
        longer = (Reading(a.text + b.text, a.cost + b.cost) for n, a in enumerate(whole, 1) for b in word[: most // n])
        whole = sorted(longer, key=lambda reading: reading.cost)[:most]
    return whole


def spelt(letters: str, spellings: str) -> dict[str, str]:
    """Letters with their spellings, which are parted by blanks and aligned with them; `-` for a silent one."""
    return {letter: text.replace("-", "") for letter, text in zip(letters, spellings.split(), strict=True)}
