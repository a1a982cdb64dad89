"""What a party is indexed by, on a card: its names as they are spelled and sound, its numbers, its birth dates."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from services.registry.screening.matching import SHORTEST_IDENTIFIER
from services.registry.screening.names import skeleton, spellings
from services.registry.screening.sounds import sound
from shared.contracts.parties import IDENTIFIER_PROPERTIES, NAME_PROPERTIES

Keys = npt.NDArray[np.uint64]

MAX_KEYS: Final = 600
"""Keys a card: of the names first given."""

_MAX_NAMES: Final = 40  # spellings a card
_TELLING: Final = 6  # words of a name that are keys by themselves
_LONGEST: Final = 18  # letters of a form whose deletions are taken
_SHORT: Final = 10  # letters of a name whose consonants say too little: many share them
_INITIALS: Final = 3  # of an organisation, at least
_DISGUISED: Final = str.maketrans("013457", "oieast")  # digits that stand for letters
_NAME, _NUMBER, _BORN = "n", "#", "@"
_ORGANISATIONS: Final = frozenset({"Company", "Organization", "PublicBody"})


class Card(NamedTuple):
    """What a party, or a query, is found by.

    Attributes:
        names: of every spelling its words, parted by blanks.
        sounds: the same words as they sound, aligned with `names`.
        numbers: identifiers with the property they are of.
        born: birth dates as given.
    """

    names: tuple[str, ...]
    sounds: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    born: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is stored: a line a name, number or date."""
        named = (f"{_NAME}{name}\t{heard}" for name, heard in zip(self.names, self.sounds, strict=True))
        rest = (*(_NUMBER + number for number in self.numbers), *(_BORN + born for born in self.born))
        return "\n".join((*named, *rest))


def make_card(schema: str, properties: Mapping[str, Sequence[str]]) -> Card:
    """The card of a party or of a query.

    Names are read alike whatever the schema, since who asks may not know it. An organisation is also found by the
    initials of its names.

    Args:
        schema: FollowTheMoney's.
        properties: FollowTheMoney's, values as given.
    """
    given = dict.fromkeys(value for name in NAME_PROPERTIES for value in properties.get(name, ()))
    written = [spellings(name) for name in given]
    read = dict.fromkeys(" ".join(words) for each in written for words in each)
    names = tuple(itertools.islice(read, _MAX_NAMES))
    if schema in _ORGANISATIONS:
        names = tuple(dict.fromkeys((*names, *_initials(each[0] for each in written if each))))
    heard = tuple(" ".join(map(sound, name.split())) for name in names)
    return Card(names, heard, tuple(_numbers(properties)), tuple(dict.fromkeys(properties.get("birthDate", ()))))


def read_card(text: str) -> Card:
    """A card as it was stored."""
    names, heard, numbers, born = [], [], [], []
    for line in text.split("\n"):
        kind = line[:1]
        if kind == _NAME:
            name, _, sounds = line.partition("\t")
            names.append(name[1:])
            heard.append(sounds)
        elif kind == _NUMBER:
            numbers.append(line[1:])
        elif kind == _BORN:
            born.append(line[1:])
    return Card(tuple(names), tuple(heard), tuple(numbers), tuple(born))


def read_names(cards: Sequence[str]) -> tuple[list[str], list[str], list[int]]:
    """The names on many cards, as they are spelled and sound, and how many are on each.

    Args:
        cards: as they were stored.
    """
    counts = [f"\n{card}".count(f"\n{_NAME}") for card in cards]
    lines = [line[1:] for line in "\n".join(cards).split("\n") if line[:1] == _NAME]
    told = "\t".join(lines).split("\t") if lines else []
    return told[::2], told[1::2], counts


def has_number(card: str, numbers: Iterable[str]) -> bool:
    """Whether a card, as it was stored, has one of some numbers."""
    return any(f"\n{_NUMBER}{number}\n" in f"\n{card}\n" for number in numbers)


def card_keys(card: Card) -> Keys:
    """The keys of a card: two parties that may be the same share at least one.

    By spelling: the whole name in consonants and in sounds, a short one in letters too, each also with one letter
    left out (so that any one slip is bridged, whatever the blanks); pairs of words in any order, with one letter left
    out for names of up to three words (a word more or less, and a slip); an initial with another word; single words
    (for another given name or none). By number. By name and birth date.

    Returns:
        Sorted digests, at most MAX_KEYS. Two keys that fall together cost a needless comparison, nothing else.
    """
    keys = dict.fromkeys(itertools.islice(_keys(card), MAX_KEYS))
    digests = b"".join(blake2b(key.encode(), digest_size=8).digest() for key in keys)
    return np.unique(np.frombuffer(digests, "<u8"))


def _initials(names: Iterable[Sequence[str]]) -> Iterator[str]:
    return ("".join(word[0] for word in words) for words in names if len(words) >= _INITIALS)


def _numbers(properties: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name in IDENTIFIER_PROPERTIES:
        for value in properties.get(name, ()):
            code = "".join(character for character in value.upper() if character.isalnum())
            if len(code) >= SHORTEST_IDENTIFIER:
                yield f"{name}:{code}"


def _keys(card: Card) -> Iterator[str]:
    yield from (_NUMBER + number for number in card.numbers)
    for name, heard in zip(card.names, card.sounds, strict=True):
        words, sounds = name.split(), heard.replace(" ", "")
        letters = "".join(words).translate(_DISGUISED)
        whole = skeleton(letters)
        if len(words) <= _TELLING:
            yield from ("t" + word for word in heard.split() if len(word) > 3)
        for born in card.born:
            yield from (f"{_BORN}{whole}|{born}", f"{_BORN}{whole}|{born[:4]}")
        yield from ("w" + variant for variant in _deletions(whole))
        yield from ("s" + variant for variant in _deletions(sounds))
        if len(letters) <= _SHORT:
            yield from ("l" + variant for variant in _deletions(letters))
        yield from _pair_keys([skeleton(word) for word in words])


def _pair_keys(words: Sequence[str]) -> Iterator[str]:
    short = len(words) <= 3
    for one, other in itertools.combinations(words, 2):
        yield _pair(one, other)
        if short:
            yield from (_pair(variant, other) for variant in _deletions(one))
            yield from (_pair(one, variant) for variant in _deletions(other))
            yield from (f"i{one[0]}|{other}", f"i{other[0]}|{one}")


def _pair(one: str, other: str) -> str:
    return f"p{one}|{other}" if one < other else f"p{other}|{one}"


def _deletions(word: str) -> Iterator[str]:
    cut = word[:_LONGEST]
    yield cut
    for i in range(len(cut)):
        if i == 0 or cut[i] != cut[i - 1]:
            yield cut[:i] + cut[i + 1 :]
