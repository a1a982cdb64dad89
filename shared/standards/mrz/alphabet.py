"""The 37 characters of the MRZ: their values, the check digit, and Latin names written with them."""

from __future__ import annotations

import unicodedata

FILLER = "<"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

_VALUES = {character: value for value, character in enumerate(ALPHABET)} | {FILLER: 0}
_WEIGHTS = (7, 3, 1)

# Where Doc 9303-3 section 6.A recommends more than dropping the mark. Of alternatives, the first listed.
_EXPANSIONS = {
    "Ä": "AE",
    "Å": "AA",
    "Æ": "AE",
    "Ð": "D",
    "Đ": "D",
    "Ħ": "H",
    "Ĳ": "IJ",
    "ĸ": "K",
    "Ŀ": "L",
    "Ł": "L",
    "Ŋ": "N",
    "Ö": "OE",
    "Ø": "OE",
    "Œ": "OE",
    "ẞ": "SS",
    "Þ": "TH",
    "Ŧ": "T",
    "Ü": "UE",
}
_APOSTROPHES = frozenset("`\u02bc\u00b4")  # that Unicode does not call punctuation
_SEPARATORS = frozenset("-, \u2010\u2011\u2013\u00a0")  # hyphens and blanks


class MrzFormatError(ValueError):
    """Text that is no machine-readable zone, or cannot be written as one.

    The message says what and where, never the content.
    """


def check_digit(text: str) -> int:
    """The check digit of text, 0..9.

    Args:
        text: characters of the MRZ alphabet (A-Z, 0-9, `<`).

    Raises:
        MrzFormatError: a character is not in the alphabet.
    Source: ICAO Doc 9303-3, 4.9: weights 7, 3, 1 repeating, modulus 10.
    """
    total = 0
    for index, character in enumerate(text):
        if character not in _VALUES:
            raise unknown_character(character, f"position {index + 1}")
        total += _VALUES[character] * _WEIGHTS[index % 3]
    return total % 10


def unknown_character(character: str, where: str) -> MrzFormatError:
    """The error for a character outside the MRZ alphabet, named by code point."""
    return MrzFormatError(f"{where}: character U+{ord(character):04X} is not in the MRZ alphabet")


def transliterate(name: str) -> str:
    """A Latin-script name in the MRZ alphabet, its components separated by one filler.

    Hyphens, commas and blanks separate; apostrophes and other punctuation are left out.

    Args:
        name: Latin letters with any diacritics (Vietnamese included).

    Returns:
        A-Z and single `<`, none at either end. May be empty.

    Raises:
        MrzFormatError: a digit, or a letter of another script: a document states its own Latin spelling.
    Source: ICAO Doc 9303-3, 4.6 (conventions for names) and section 6 (transliteration).
    """
    folded = unicodedata.normalize("NFC", name).upper()
    written = "".join(_letters(character, index) for index, character in enumerate(folded, start=1))
    return FILLER.join(part for part in written.split(FILLER) if part)


def _letters(character: str, position: int) -> str:
    if character in _SEPARATORS:
        return FILLER
    if character in _APOSTROPHES or unicodedata.category(character).startswith("P"):
        return ""
    if character in _EXPANSIONS:
        return _EXPANSIONS[character]
    base = "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))
    if not set(base) <= LETTERS:
        raise unknown_character(character, f"name, position {position}")
    return base
