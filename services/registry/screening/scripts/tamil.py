"""Tamil: one letter for several sounds, told apart by what is beside it, spelt as Malaysian and Indian Tamils do.

Source: the allophones of Tamil stops (voiced between vowels and after nasals); letters of ISO 15919.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.registry.screening.scripts.lattice import Arc, Reading, cheapest

_CONSONANTS: Final = {
    "க": "k|g|h", "ங": "ng", "ச": "s|ch|c", "ஞ": "ny|gn|n", "ட": "t|d", "ண": "n", "த": "th|t|d|dh", "ந": "n",
    "ப": "p|b", "ம": "m", "ய": "y", "ர": "r", "ல": "l", "வ": "v|w", "ழ": "zh|l", "ள": "l", "ற": "r|tr", "ன": "n",
    "ஜ": "j", "ஷ": "sh", "ஸ": "s", "ஹ": "h", "ஶ": "sh",
}  # fmt: skip
_CLUSTERS: Final = {
    "க்ஷ": "ksh", "ஞ்ச": "nj|nch", "ங்க": "ng|nk", "ண்ட": "nd|nt", "ந்த": "nth|nd|nt", "ம்ப": "mb|mp", "ன்ற": "ndr|nr",
    "ற்ற": "tr|tt", "க்க": "kk|k", "ச்ச": "ch|cch", "ட்ட": "tt|t", "த்த": "th|tt|t", "ப்ப": "pp|p", "ண்ண": "nn|n",
    "ன்ன": "nn|n", "ம்ம": "mm|m", "ல்ல": "ll|l", "ள்ள": "ll|l", "ஃப": "f",
}  # fmt: skip
_SIGNS: Final = {
    "ா": "a", "ி": "i", "ீ": "i|ee", "ு": "u", "ூ": "u|oo", "ெ": "e", "ே": "e", "ை": "ai", "ொ": "o", "ோ": "o", "ௌ": "au",
}  # fmt: skip
_VOWELS: Final = {
    "அ": "a", "ஆ": "a", "இ": "i", "ஈ": "i|ee", "உ": "u", "ஊ": "u|oo", "எ": "e", "ஏ": "e", "ஐ": "ai", "ஒ": "o", "ஓ": "o",
    "ஔ": "au",
}  # fmt: skip
_KILLER: Final = "்"
_VOICED: Final = {"க": "g|k|h", "ட": "d|t", "த": "d|th|t", "ப": "b|p", "ச": "s|ch"}  # between vowels
_AT_START: Final = {"இரா": "ra", "இல": "la", "உரு": "ru"}  # a vowel that Tamil puts before r and l is not spoken
_NEXT_BEST: Final = 0.3


def readings(word: str) -> tuple[Reading, ...]:
    """Latin spellings of a Tamil word, the most usual first."""
    return cheapest(len(word), lambda at: _arcs(word, at))


def _arcs(word: str, at: int) -> Iterator[Arc]:
    for letters, text in _AT_START.items() if at == 0 else ():
        if word.startswith(letters):
            yield Arc(len(letters), text, -0.1)
    cluster = next((each for each in _CLUSTERS if word.startswith(each, at)), None)
    if cluster:
        yield from _with_vowel(word, at + len(cluster), _CLUSTERS[cluster])
    elif word[at] in _CONSONANTS:
        between = at > 0 and word[at - 1] not in (_KILLER, "-")
        usual = _VOICED.get(word[at], _CONSONANTS[word[at]]) if between else _CONSONANTS[word[at]]
        yield from _with_vowel(word, at + 1, usual)
    else:
        plain = word[at] if word[at].isascii() else ""
        for rank, text in enumerate(_VOWELS.get(word[at], plain).split("|")):
            yield Arc(at + 1, text, _NEXT_BEST * rank)


def _with_vowel(word: str, end: int, onsets: str) -> Iterator[Arc]:
    sign = word[end : end + 1]
    vowels = "" if sign == _KILLER else _SIGNS.get(sign, "a")
    end += sign == _KILLER or sign in _SIGNS
    for rank, onset in enumerate(onsets.split("|")):
        for vowel_rank, vowel in enumerate(vowels.split("|")):
            yield Arc(end, onset + vowel, _NEXT_BEST * (rank + vowel_rank))
