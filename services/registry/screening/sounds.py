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
_BEFORE: Final = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"([bcdfghjklmnpqrstvwxz])\1+", r"\1"),
        (r"([ckpst]h)\1+", r"\1"),
        (r"y(?![aeiou])(?<![aeou]y)", "i"),
        (r"(?<=[aeo])w(?=[^aeiouy]|$)", "w"),
        (r"c(?=[aoulrkt]|$)", "k"),
        (r"c(?=[eiy])", "s"),
        (r"(?<=[aeiou])h(?![aeiouy])(?!$)", "h"),
    )
)  # fmt: skip
_SILENT_R: Final = re.compile(r"(?<=[aeiou])r(?![aeiouyh])")
_SILENT_E: Final = re.compile(r"(?<=[aeiou][bcdfghjklmnpqrstvwxz])e$|(?<=[aeiou]ng)e$")


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """A romanised word (a-z, 0-9) as its code; digits stay."""
    for pattern, put in _BEFORE:
        word = pattern.sub(put, word)
    word = _SILENT_E.sub("E", _SILENT_R.sub("", word))
    return "".join(_CODES.get(part, part) for part in _PARTS.findall(word))
