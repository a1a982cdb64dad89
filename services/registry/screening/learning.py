"""A table of syllables learned from a list of names: an extra for evaluation, beside the rules that are shipped.

Nothing learned is in this repository: see the model card of the name engine.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.registry.screening.evaluation import Half, NativeName
from services.registry.screening.scripts import normalise, segment, weigh_readings

Table = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Learned:
    """A table, and what it is worth on names that it was not learned from.

    Attributes:
        table: native syllable or word to its most frequent Latin spelling.
        figures: shares of names read exactly as they are spelt.
    """

    table: Table
    figures: dict[str, Any]


def learn_and_measure(names: Sequence[NativeName]) -> Learned:
    """Learn from the first half of the names and read the second half: by the table, by rule, by both.

    Args:
        names: of one script; halves by a digest of the native name, so that no name is in both.
    """
    first = [name for name in names if Half.FIRST.keeps(name.native)]
    second = [name for name in names if Half.SECOND.keeps(name.native)]
    table = learn(first)
    return Learned(
        table,
        {
            "learned_from": len(first),
            "measured_on": len(second),
            "syllables": len(table),
            "by_rule": _share(second, {}, rules=True),
            "by_table": _share(second, table, rules=False),
            "by_table_else_rule": _share(second, table, rules=True),
        },
    )


def learn(names: Iterable[NativeName]) -> Table:
    """The most frequent spelling of each syllable, from names that have as many syllables as Latin words."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name in names:
        syllables = _syllables(name.native)
        for latin in name.latin:
            words = latin.split()
            if len(words) == len(syllables):
                for syllable, word in zip(syllables, words, strict=True):
                    seen[syllable][word] += 1
    return {syllable: min(found, key=lambda word: (-found[word], word)) for syllable, found in sorted(seen.items())}


def _share(names: Sequence[NativeName], table: Table, *, rules: bool) -> float:
    right = sum(
        _read(name.native, table, rules=rules) in {latin.replace(" ", "") for latin in name.latin} for name in names
    )
    return round(right / max(len(names), 1), 4)


def _read(native: str, table: Table, *, rules: bool) -> str:
    parts = (table.get(each) or (weigh_readings(each)[0].text if rules else "?") for each in _syllables(native))
    return "".join(parts)


def _syllables(native: str) -> list[str]:
    return [part for word in normalise(native).split() for part in segment(word)]
