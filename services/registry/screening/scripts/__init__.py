"""The region's scripts: how each is normalised, parted into words and read in Latin letters.

One module per script; each has `readings(word)`, the Latin spellings that people of that script use, the most usual
first. Scripts without a module are read by anyascii.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from services.registry.screening.scripts import burmese, chinese, jawi, khmer, lao, tamil, thai, zawgyi
from services.registry.screening.scripts.lattice import Reading, combine

__all__ = [
    "Reading",
    "combine",
    "is_read_by_rule",
    "normalise",
    "readings",
    "script_of",
    "segment",
    "spell",
    "weigh_readings",
]


def _chinese(character: str) -> list[Reading]:
    return [Reading(text, 0.0) for text in chinese.readings(character)]


_READERS: Final[dict[str, Callable[[str], Iterable[Reading]]]] = {
    "ARABIC": jawi.readings,
    "CJK": _chinese,
    "KHMER": khmer.readings,
    "LAO": lao.readings,
    "MYANMAR": burmese.readings,
    "TAMIL": tamil.readings,
    "THAI": thai.readings,
}
_SEGMENTERS: Final = {"CJK": chinese.segment, "MYANMAR": burmese.segment}
_MEANT: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s"}
_DISGUISED: Final = re.compile("(?<=[a-z])[01345](?=[a-z])")  # digits for letters: Ig0r Sech1n
_MAX_WORD: Final = 60  # letters of one word that are parsed; longer ones are read letter by letter


@lru_cache(maxsize=10_000)
def script_of(name: str) -> str:
    """The script most of a name's letters belong to.

    Returns:
        The word with which Unicode names its letters (`LATIN`, `THAI`, `MYANMAR` …); empty without letters.
    """
    if name.isascii():
        return "LATIN" if any(character.isalpha() for character in name) else ""
    counts = Counter(_script(character) for character in name if character.isalpha())
    return max(sorted(counts), key=lambda script: counts[script], default="")


@lru_cache(maxsize=10_000)
def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def normalise(name: str) -> str:
    """A name in one encoding: NFKC, case folded, one way of writing what a script can write in several."""
    text = unicodedata.normalize("NFKC", name).casefold()
    if text.isascii():
        return text
    if zawgyi.is_zawgyi(text):
        text = zawgyi.to_unicode(text)
    return chinese.normalise(jawi.normalise(text))


def segment(word: str) -> list[str]:
    """The words that a script writes without blanks between them."""
    parts = _SEGMENTERS.get("" if word.isascii() else script_of(word))
    return parts(word) if parts else [word]


def is_read_by_rule(word: str) -> bool:
    """Whether a word's script has a module here, and its readings are guesses at a spelling."""
    return not word.isascii() and script_of(word) in _READERS


def weigh_readings(word: str, script: str = "") -> tuple[Reading, ...]:
    """Latin spellings of a word or several, a-z, 0-9 and blanks, the most usual first; empty where there are none.

    The readings of Chinese characters stand in a fixed order, by language.

    Args:
        word: normalised; Latin letters in it stay.
        script: whose rules to read by; default: the script of most of its letters.
    """
    return _weigh(word, script or script_of(word))


@lru_cache(maxsize=10_000)  # some 3 kB each
def _weigh(word: str, script: str) -> tuple[Reading, ...]:
    read = None if word.isascii() or len(word) > _MAX_WORD else _READERS.get(script)
    found = tuple(Reading(_letters(text), cost) for text, cost in (read(word) if read else ()))
    return found if any(text for text, _ in found) else (Reading(_letters(anyascii(word)), 0.0),)


def readings(word: str) -> tuple[str, ...]:
    """The texts of weigh_readings."""
    return tuple(text for text, _ in weigh_readings(word))


def spell(script: str, read: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Latin spellings of a whole name: one hand spells by one system.

    Args:
        script: of the name.
        read: the readings of each of its words.
    """
    if script == "CJK":
        return chinese.spell(tuple(read))
    count = max((len(each) for each in read), default=0)
    return [tuple(each[min(i, len(each) - 1)] for each in read) for i in range(count)]


def _letters(text: str) -> str:
    if text.isascii() and text.replace(" ", "").isalpha():
        return text.lower()
    if not text.isalpha():
        text = _DISGUISED.sub(lambda found: _MEANT[found[0]], text)
    return "".join(c for c in anyascii(text).casefold() if c.isascii() and (c.isalnum() or c == " "))
