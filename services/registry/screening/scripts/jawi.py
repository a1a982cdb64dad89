"""Arabic script, Jawi among it: consonants and long vowels, the short vowels left to the comparison.

Source: Za'ba spelling of Jawi (Dewan Bahasa dan Pustaka, 1986) for Malay letters; BGN/PCGN 1956 for Arabic.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from services.registry.screening.scripts.lattice import Arc, Reading, cheapest

_LETTERS: Final = {
    "ب": "b|p", "پ": "p", "ت": "t", "ث": "th|s", "ج": "j|g|c", "چ": "ch|c", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh|z",
    "ر": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh|sy|ch", "ص": "s", "ض": "d|z", "ط": "t", "ظ": "z", "غ": "gh|g|r",
    "ف": "f|v|p", "ڤ": "p|v", "ق": "q|k|g", "ک": "k|g", "ݢ": "g", "گ": "g", "ڠ": "ng", "ل": "l", "م": "m", "ن": "n",
    "ڽ": "ny", "ه": "h|", "ۏ": "v", "ڬ": "g",
}  # fmt: skip
_VOWELS: Final = {
    "ا": "a|e",
    "و": "u|o|w|aw",
    "ی": "i|y|e|ai",
    "ة": "a|ah|at",
    "ع": "a||i|u",
    "ء": "",
    "ى": "a",
    "ې": "e",
}
_ONE_WAY: Final = str.maketrans(
    {"ي": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ؤ": "و", "ئ": "ی", "ۀ": "ه", "ہ": "ه",
     "ھ": "ه", "ە": "ه",
     "ڪ": "ک", "ى": "ی", "ێ": "ی", "ۆ": "و", "ڤ": "ڤ", "ڵ": "ل", "ڕ": "ر", "ۇ": "و", "ۋ": "و", "ڭ": "ڠ", "ڨ": "ڠ"}
)  # fmt: skip
_MARKS: Final = re.compile("[\u064b-\u065f\u0670\u0640\u06d6-\u06ed]")
_ARTICLE: Final = "ال"
_NEXT_BEST: Final = 0.3
_SHORT: Final = "a"  # the likeliest short vowel


def normalise(text: str) -> str:
    """One letter where Arabic, Persian and Malay keyboards have several; vowel points and lengthening left out."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).translate(_ONE_WAY)


def readings(word: str) -> tuple[Reading, ...]:
    """Latin spellings of a word in Arabic script, the most usual first."""
    if word.startswith(_ARTICLE) and len(word) > 4:
        rest = readings(word[2:])
        return tuple(Reading("al" + text, cost) for text, cost in rest)
    return cheapest(len(word), lambda at: _arcs(word, at))


def _arcs(word: str, at: int) -> Iterator[Arc]:
    letter = word[at]
    if letter.isascii():
        yield Arc(at + 1, letter, 0.0)
        return
    if letter in _VOWELS:
        yield from _vowels(word, at)
        return
    for rank, text in enumerate(_LETTERS.get(letter, "").split("|")):
        yield from _with_short_vowel(word, at, text, _NEXT_BEST * rank)


def _vowels(word: str, at: int) -> Iterator[Arc]:
    options = _VOWELS[word[at]].split("|")
    if at == 0 and word[at] in "ویى":
        options = ["w" if word[at] == "و" else "y", options[0]]
    if word[at] == "ا" and at == 0 and word[1:2] in ("و", "ی"):
        options = ["", "a"]
    if word[at] in "وی" and word[at + 1 : at + 2] == "ا":
        options = [("w" if word[at] == "و" else "y"), *options]
    for rank, text in enumerate(options):
        yield Arc(at + 1, text, _NEXT_BEST * rank)


def _with_short_vowel(word: str, at: int, text: str, cost: float) -> Iterator[Arc]:
    following = word[at + 1 : at + 2]
    if not following or following in _VOWELS or not text:
        yield Arc(at + 1, text, cost)
        return
    yield Arc(at + 1, text + _SHORT, cost)
    yield Arc(at + 1, text, cost + 0.1 if at else cost + 0.5)
    yield Arc(at + 1, text + ("u" if following in "مرل" else "i"), cost + 0.2)
