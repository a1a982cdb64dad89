"""When two passport spellings are one name. Pure."""

from rapidfuzz.fuzz import token_sort_ratio

from shared.standards.mrz import MrzFormatError, transliterate

SAME_NAME_RATIO = 90.0
"""Spelling difference, in percent of token_sort_ratio, up to which two passport spellings count as one name.

Wide enough for one letter in a name of ten; a larger difference is told to a human, who may know better.
"""


def same_name(one: str, other: str) -> bool:
    """Whether two passport spellings are one name, whatever the order of its parts."""
    return token_sort_ratio(_latin(one), _latin(other)) >= SAME_NAME_RATIO


def _latin(name: str) -> str:
    try:
        return transliterate(name).replace("<", " ")
    except MrzFormatError:  # a script that Doc 9303 has no table for: compared as it is
        return name.casefold()
