"""Chinese: traditional as simplified characters, read in Mandarin and in the languages of the region's Chinese.

Sources: Unicode's Mandarin readings (anyascii), OpenCC for simplification. The Cantonese, Hokkien and Teochew spellings
of surnames and of characters common in given names (chinese.csv) are written for this register after Malaysian,
Singaporean, Indonesian, Philippine and Hong Kong usage.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Final

from anyascii import anyascii
from opencc import OpenCC

_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LANGUAGES: Final = ("cantonese", "hokkien", "teochew")


def normalise(text: str) -> str:
    """Simplified characters for traditional ones; other text unchanged."""
    return _to_simplified().convert(text) if _HAN.search(text) else text


def segment(word: str) -> list[str]:
    """One word for each character; other letters stay together."""
    return [part for part in re.split(f"({_HAN.pattern})", word) if part]


def readings(character: str) -> tuple[str, ...]:
    """Mandarin, Cantonese, Hokkien and Teochew spellings of a character, in this order; aligned between characters.

    Where a language is not known for a character, Mandarin stands for it.
    """
    mandarin = "".join(c for c in anyascii(character).casefold() if c.isascii() and c.isalnum())
    known = _languages().get(character)
    return (mandarin, *known) if known else (mandarin,)


def spell(read: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    """Latin spellings of a name from the readings of its characters: surname, then given name written together.

    A surname keeps its dialect when the given name is already spelt in Mandarin: Tan Wei Ming.
    """
    if len(read) < 2:
        return [(reading,) for reading in read[0]] if read else []
    surnames, given = read[0], read[1:]
    count = max(len(each) for each in read)
    systems = [(_at(surnames, i), tuple(_at(each, i) for each in given)) for i in range(count)]
    mixed = [(surname, tuple(each[0] for each in given)) for surname in surnames[1:]]
    return [(surname, "".join(rest)) for surname, rest in dict.fromkeys([*systems, *mixed])]


def _at(read: tuple[str, ...], index: int) -> str:
    return read[index] if index < len(read) else read[0]


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    rows = csv.DictReader(files(__package__ or "").joinpath("chinese.csv").read_text(encoding="utf-8").splitlines())
    return {row["character"]: tuple(s for name in _LANGUAGES for s in row[name].split("|")) for row in rows}
