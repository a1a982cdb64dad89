"""Names as comparable words with their Latin spellings.

What other rooms use:

- `spellings(name, schema)`: a name as given → its Latin spellings, several where a script can be romanised in several
  ways.
- `skeleton(word)`: consonant classes of a romanised word, what pair-keys are made of.
- `prepare(name, schema)`: everything that comparing needs, computed once (cached).
- `scoring.compare_names(query, party, schema)`: how alike two prepared names are, with reasons.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from services.registry.screening.scripts import (
    combine,
    is_read_by_rule,
    normalise,
    readings,
    script_of,
    segment,
    spell,
    weigh_readings,
)
from services.registry.screening.sounds import sound
from services.registry.screening.titles import Kind, find_phrase, is_listed, is_person, leading_titles, split_native

__all__ = ["Name", "Spelling", "Token", "fold", "prepare", "script_of", "skeleton", "spellings", "tokens"]

MAX_NAME: Final = 300  # characters; longer names are cut before anything else is done with them
MAX_TOKENS: Final = 12  # words compared or indexed per name
MAX_SPELLINGS: Final = 8
MAX_HEARD: Final = 6  # readings of one word that are compared across scripts

PATRONYMICS: Final = frozenset({"bin", "binti", "anaklelaki", "anakperempuan", "anak"})
_WEIGHTS: Final = {Kind.NAME: 1.0, Kind.TERM: 0.45, Kind.FORM: 0.15, Kind.PARTICLE: 0.2, Kind.TITLE: 0.1}
_OR: Final = "၊"  # between two spellings of one name in Burmese lists
_JOINING: Final = frozenset("'`\u2019\u2018\u02bc\u00b4\u02bb")  # left out without parting the word
_ABBREVIATION: Final = re.compile(r"(?<=\b\w)\.(?=\w\b)")  # the dots of S.A. and o.o.o.
_DOUBLED: Final = re.compile(r"(.)\1+")
_SKELETON: Final = str.maketrans("cqzjgfxbdr", "kkskkpsptl", "aeiouhwyv")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a name.

    Attributes:
        native: as written: NFKC (so composed), case folded, marks kept, Chinese simplified, Zawgyi as Unicode.
        readings: romanised, a-z and 0-9, the most usual first; titles, forms and terms in one spelling.
        folded: the most usual reading.
        sounds: of the first MAX_HEARD readings (see sounds.sound).
        plain: the most usual reading without doubled letters.
        kind: what the word is in the name.
        weight: 1 for a name proper, less for a word that says little.
        is_known: read by the vocabulary and not by rule.
    """

    native: str
    readings: tuple[str, ...]
    sounds: tuple[str, ...]
    folded: str
    plain: str
    kind: Kind
    weight: float
    is_known: bool


Spelling = tuple[str, ...]
"""One way of writing a name in Latin letters: its words, a-z and 0-9, in written order; titles, particles and company
forms left out, unless there is no more.
"""


class Run(NamedTuple):
    """A whole name read as one word.

    Attributes:
        text: a-z and 0-9.
        sound: of the text.
        cost: of the reading (see scripts.lattice); 0 for the most usual one.
    """

    text: str
    sound: str
    cost: float


@dataclass(frozen=True)
class Name:
    """A name made ready for comparison. What it is read as is found out when it is asked for: that takes longest.

    Attributes:
        script: Unicode's word for the script of most of its letters, e.g. `LATIN`, `THAI`.
        tokens: its words in written order.
        others: the words of other spellings that were written into the same name.
        untitled: the tokens but titles.
        patronymic: place in untitled of the word that joins a father's name, 0 where there is none.
        written: what a name is sorted by, and the same for the same name.
        is_guessed: the readings are guesses at a spelling, since the script allows several.
    """

    script: str
    tokens: tuple[Token, ...]
    others: tuple[tuple[Token, ...], ...]
    untitled: tuple[Token, ...]
    patronymic: int
    written: str
    is_guessed: bool

    @property
    def is_titled(self) -> bool:
        """Some token is a title."""
        return len(self.untitled) < len(self.tokens)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The name read as one word, without titles, particles and forms; cheapest first."""
        return tuple(run for part in (self.tokens, *self.others) for run in _runs(self.script, _proper(part)))

    @cached_property
    def full_runs(self) -> tuple[Run, ...]:
        """The same with titles; equal to runs where there are none."""
        titles = self.tokens[: len(self.tokens) - len(self.untitled)]
        return _runs(self.script, [*titles, *_proper(self.untitled)]) if titles else self.runs


@lru_cache(maxsize=1_000)  # some 5 kB each: a query's names, and those that are not kept ready
def prepare(name: str, schema: str = "") -> Name:
    """Everything that comparing a name needs.

    Args:
        name: as given, in any script.
        schema: FollowTheMoney's; empty where not known. Persons have titles, organisations forms and terms.
    """
    found, *others = [_tokens(part, schema) for part in name[:MAX_NAME].split(_OR)]
    untitled = tuple(token for token in found if token.kind is not Kind.TITLE)
    return Name(
        script=script_of(name),
        tokens=found,
        others=tuple(others),
        untitled=untitled,
        patronymic=next((i for i, token in enumerate(untitled) if token.folded in PATRONYMICS), 0),
        written=" ".join(token.native for token in found),
        is_guessed=any(is_read_by_rule(token.native) for token in found),
    )


def spellings(name: str, schema: str = "") -> list[Spelling]:
    """A name as given → its Latin spellings, most usual first, at most MAX_SPELLINGS; none for a name of no letters."""
    read = prepare(name, schema)
    written = dict.fromkeys(each for part in (read.tokens, *read.others) for each in _spellings(part, read.script))
    return list(written)[:MAX_SPELLINGS]


def tokens(name: str, schema: str = "") -> tuple[Token, ...]:
    """The words of a name in written order, at most MAX_TOKENS.

    A name of light words only gives them full weight: they are all it has.
    """
    return prepare(name, schema).tokens


def fold(name: str) -> tuple[str, ...]:
    """A name as romanised words without case, punctuation or order.

    Returns:
        Sorted words of a-z and 0-9; titles, particles, company forms and terms in one spelling each.
    """
    return tuple(sorted(token.folded for token in tokens(name)))


def skeleton(word: str) -> str:
    """The consonants of a romanised word in classes that are often confused, its first letter kept.

    One edit of the word changes the skeleton by at most one edit: doubled letters stay double for that reason.
    """
    first = "a" if word[0] in "aeiou" else "w" if word[0] == "v" else word[0].translate(_SKELETON) or word[0]
    return first + word[1:].translate(_SKELETON)


def _tokens(name: str, schema: str) -> tuple[Token, ...]:
    words = [pair for pair in _readable(_words(name, schema)) if pair[1]]
    found = _titled(list(_grouped(words, schema))[:MAX_TOKENS], schema)
    if all(token.kind is not Kind.NAME for token in found):
        return tuple(replace(token, weight=1.0) for token in found)
    return tuple(found)


def _words(name: str, schema: str) -> Iterator[str]:
    text = _ABBREVIATION.sub("", normalise(name[:MAX_NAME]))
    # Casefold may decompose, so compose again: marks are compared, never dropped.
    for word in unicodedata.normalize("NFC", text.translate(_PARTED)).split():
        for part in [word] if word.isascii() else split_native(word, schema):
            yield from [part] if is_listed(part) else segment(part)


def _readable(words: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for word in words:
        yield word, tuple(filter(None, readings(word)))


class _Parted(dict[int, str]):
    """What stands for a character when words are parted: nothing for what joins them, a blank for what parts them."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        joins = character in _JOINING or category == "Cf"
        put = "" if joins else " " if category[0] in "PSZC" else character
        if code < _REMEMBERED:
            self[code] = put
        return put


_REMEMBERED: Final = 0x3000  # the characters before Chinese
_PARTED: Final = _Parted()


def _grouped(words: list[tuple[str, tuple[str, ...]]], schema: str) -> Iterator[Token]:
    """Tokens, with phrases such as `company limited` taken as one."""
    start = 0
    while start < len(words):
        rest = words[start : start + 6]
        found = find_phrase(
            [native for native, _ in rest], [word if is_read_by_rule(word) else read[0] for word, read in rest], schema
        )
        if found:
            native = " ".join(word for word, _ in rest[: found.length])
            yield _token(native, (found.form,), found.kind, known=True)
            start += found.length
        else:
            yield _token(*rest[0], Kind.NAME)
            start += 1


def _token(native: str, read: tuple[str, ...], kind: Kind, *, known: bool = False) -> Token:
    plain = _DOUBLED.sub(r"\1", read[0])
    heard = tuple(sound(each) for each in read[:MAX_HEARD])
    return Token(native, read, heard, read[0], plain, kind, _WEIGHTS[kind], known)


def _titled(found: list[Token], schema: str) -> list[Token]:
    """Titles are titles only in front of a name: Ko and Ma are names too."""
    if schema and not is_person(schema):
        return found
    forms = leading_titles([(token.native, token.folded) for token in found])
    titles = (_token(token.native, (form,), Kind.TITLE, known=True) for token, form in zip(found, forms, strict=False))
    return [*titles, *found[len(forms) :]]


def _telling(found: Iterable[Token]) -> list[Token]:
    return [token for token in found if token.weight >= _WEIGHTS[Kind.TERM]]


def _spellings(found: tuple[Token, ...], script: str) -> tuple[Spelling, ...]:
    words = dict.fromkeys(spell(script, [token.readings for token in _telling(found)]))
    return tuple(words)[:MAX_SPELLINGS]


def _proper(found: Iterable[Token]) -> list[Token]:
    """What a name is read as: without terms of trade, whose order and language vary; all telling words if no other."""
    telling = _telling(found)
    return [token for token in telling if token.kind is not Kind.TERM] or telling


def _runs(script: str, found: Sequence[Token]) -> tuple[Run, ...]:
    """Chinese is read by language and in both orders, other scripts word by word, the cheapest readings of all."""
    if not found:
        return ()
    if script == "CJK":
        spelt = spell(script, [token.readings for token in found])
        texts = dict.fromkeys("".join(words) for each in spelt for words in (each, each[::-1]))
        return tuple(Run(text, sound(text), 0.0) for text in texts)
    read = combine([weigh_readings(token.folded if token.is_known else token.native) for token in found])
    return tuple(Run(text, sound(text), cost) for text, cost in read)
