"""Which script a text is written in, by the names that Unicode gives its letters."""

import unicodedata
from collections import Counter
from typing import Final

_CODES: Final = {
    "LATIN": "Latn",
    "THAI": "Thai",
    "LAO": "Laoo",
    "KHMER": "Khmr",
    "MYANMAR": "Mymr",
    "CJK": "Hani",
    "ARABIC": "Arab",
    "TAMIL": "Taml",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "HANGUL": "Hang",
    "HIRAGANA": "Hira",
    "KATAKANA": "Kana",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "BALINESE": "Bali",
    "JAVANESE": "Java",
}

UNCODED: Final = "Zzzz"
"""A script that is not in the table."""

NO_SCRIPT: Final = "Zyyy"
"""Nothing but digits, signs and spaces."""


def script_of(text: str) -> str:
    """The script of most letters of a text, ISO 15924; `Zzzz` for one that is not known here, `Zyyy` without letters.

    Source: Unicode character names begin with the name of the script.
    """
    letters = (letter for letter in text if unicodedata.category(letter)[0] in "LM")
    counted = Counter(_CODES.get(unicodedata.name(letter, "").split(" ")[0], UNCODED) for letter in letters)
    return max(sorted(counted), key=lambda script: counted[script]) if counted else NO_SCRIPT
