"""Words of a name that say little about whose name it is: titles, particles, company forms and terms of trade.

They are brought to one spelling, whatever the language, and weigh little; they are not dropped, since `Ma`, `U` or
`Co` can be a name too. The words are data: vocabulary.csv, written for this register.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Final

from services.registry.screening.scripts import normalise


class Kind(StrEnum):
    """What a word is in a name."""

    NAME = "name"  # in the vocabulary: a frequent name that has many spellings
    TITLE = "title"  # by which a person is addressed: only in front
    PARTICLE = "particle"  # joins the parts of a name: bin, de, al
    FORM = "form"  # legal form of an organisation
    TERM = "term"  # what an organisation does: recruitment, construction


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words found in the vocabulary.

    Attributes:
        kind: NAME for a name that has many spellings.
        form: the one spelling they stand for, a-z.
        length: how many words they are.
    """

    kind: Kind
    form: str
    length: int


Entry = tuple[Kind, str, str]  # kind, form, spelling


def _load() -> tuple[Entry, ...]:
    text = files(__package__ or "").joinpath("vocabulary.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple((Kind(row["kind"]), row["form"], spelling) for row in rows for spelling in row["spellings"].split("|"))


VOCABULARY: Final = _load()
"""Every spelling of vocabulary.csv."""


_PHRASES: Final[dict[tuple[str, ...], tuple[Kind, str]]] = {
    tuple(normalise(spelling).split()): (kind, form)
    for kind, form, spelling in reversed(VOCABULARY)
    if kind is not Kind.TITLE or " " in spelling
}
_TITLES: Final = {normalise(spelling): form for kind, form, spelling in VOCABULARY if kind is Kind.TITLE}
_OF_PERSONS: Final = frozenset({Kind.NAME, Kind.PARTICLE, Kind.TITLE})
_LONGEST: Final = max(len(phrase) for phrase in _PHRASES)
_BEGINNINGS: Final = frozenset(phrase[0] for phrase in _PHRASES)
_UNPARTED: Final = {
    normalise(spelling): kind for kind, _, spelling in VOCABULARY if not spelling.isascii() and len(spelling) > 1
}
_AFFIXES: Final = tuple(sorted(_UNPARTED, key=len, reverse=True))
_ANY_AFFIX: Final = re.compile("|".join(map(re.escape, _AFFIXES)))
_CANNOT_BEGIN: Final = re.compile("[ะ-ฺๅ-๎ະ-ຼ່-ໍါ-ှា-៓]")  # signs that need a letter before them
_SHORTEST_REST: Final = 2  # letters left of a word when a title is taken off it


def is_person(schema: str) -> bool:
    """A natural person, by FollowTheMoney's schema."""
    return schema == "Person"


def is_listed(word: str) -> bool:
    """Whether a word as written, in a script without blanks, is of the vocabulary."""
    return word in _UNPARTED


def find_phrase(native: Sequence[str], read: Sequence[str], schema: str) -> Phrase | None:
    """The longest phrase of the vocabulary that some words begin with.

    Args:
        native: the words as written.
        read: the same words romanised.
        schema: of who bears the name; a person's name has neither forms nor terms of trade.
    """
    if native[0] not in _BEGINNINGS and read[0] not in _BEGINNINGS:
        return None
    for length in range(min(_LONGEST, len(native)), 0, -1):
        found = _PHRASES.get(tuple(read[:length])) or _PHRASES.get(tuple(native[:length]))
        if found and (found[0] in _OF_PERSONS or not is_person(schema)):
            return Phrase(*found, length)
    return None


def leading_titles(words: Sequence[tuple[str, str]]) -> list[str]:
    """The forms of the titles that a name begins with; never of all its words, since somebody may be called so.

    Args:
        words: as written, and romanised.
    """
    forms: list[str] = []
    for place in range(len(words) - 1):
        native, read = words[place]
        form = _TITLES.get(native) or _TITLES.get(read)
        if form is None:
            break
        forms.append(form)
    return forms


def split_native(word: str, schema: str) -> Iterator[str]:
    """A word of a script without blanks, parted from the titles, forms and terms written onto it.

    Titles are taken from the front only; what is left must be long enough to be a name.
    """
    if is_listed(word) or not _ANY_AFFIX.search(word):
        yield word
        return
    found = next((affix for affix in _AFFIXES if _is_on(word, affix, schema)), None)
    if found is None:
        yield word
        return
    before, _, after = word.partition(found)
    for part in (before, found, after):
        if part == found:
            yield part
        elif part:
            yield from split_native(part, schema)


def _is_on(word: str, affix: str, schema: str) -> bool:
    if len(word) < len(affix) + _SHORTEST_REST or affix not in word:
        return False
    if _UNPARTED[affix] is Kind.TITLE:
        begins = word.startswith(affix) and not _CANNOT_BEGIN.match(word, len(affix))
        return begins and (not schema or is_person(schema))
    return (bool(schema) and not is_person(schema)) or word.startswith(affix) or word.endswith(affix)
