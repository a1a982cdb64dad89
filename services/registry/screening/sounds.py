"""How a Latin spelling sounds, as a code whose edit distance is graded: what the region's spellings confuse is near.

A consonant is three letters of code, its class twice and its kind (p `PPp`, ph `PPh`, b `PPb`); a vowel two, its class
and its kind; what is often left out (h, r before a consonant, e at the end) one. So an ordinary edit distance counts
another consonant three times, another aspiration once.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

_CODES: Final = {
    row["spelling"]: row["code"]
    for row in csv.DictReader(files(__package__ or "").joinpath("sounds.csv").read_text(encoding="utf-8").splitlines())
}
_PARTS: Final = re.compile("|".join(sorted((re.escape(part) for part in _CODES), key=len, reverse=True)) + "|[0-9]+|.")
_DOUBLED: Final = re.compile(r"([bcdfghjklmnpqrstvwxz])\1+")
_BEFORE: Final = tuple(
    (letter, re.compile(pattern), put)
    for letter, pattern, put in (
        ("h", r"([ckpst]h)\1+", r"\1"),
        ("y", r"y(?![aeiou])(?<![aeou]y)", "i"),
        ("c", r"c(?=[aoulrkt]|$)", "k"),
        ("c", r"c(?=[eiy])", "s"),
    )
)
"""Letter that a word must have, what is replaced, and by what."""
_SILENT_R: Final = re.compile(r"(?<=[aeiou])r(?![aeiouyh])")
_SILENT_E: Final = re.compile(r"(?<=[aeiou][bcdfghjklmnpqrstvwxz])e$|(?<=[aeiou]ng)e$")


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """A romanised word (a-z, 0-9) as its code; digits stay."""
    word = _DOUBLED.sub(r"\1", word)
    for letter, pattern, put in _BEFORE:
        if letter in word:
            word = pattern.sub(put, word)
    if "r" in word:
        word = _SILENT_R.sub("", word)
    if word.endswith("e"):
        word = _SILENT_E.sub("E", word)
    return "".join(_CODES.get(part, part) for part in _PARTS.findall(word))
