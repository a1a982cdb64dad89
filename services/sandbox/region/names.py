"""Names of people who do not exist, put together as each state's customs and passports do."""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

TRADITIONS: dict[str, tuple[str, ...]] = {
    "BRN": ("malay",),
    "IDN": ("javanese", "batak"),
    "KHM": ("khmer",),
    "LAO": ("lao",),
    "MMR": ("burmese",),
    "MYS": ("malay", "chinese", "tamil"),
    "PHL": ("filipino",),
    "SGP": ("chinese", "malay", "tamil"),
    "THA": ("thai",),
    "TLS": ("timorese",),
    "VNM": ("vietnamese",),
}
"""Naming traditions met in each state, by ISO 3166-1 alpha-3."""


class Word(NamedTuple):
    """One part of a name in its own script and in the passport's spelling."""

    native: str
    latin: str


@dataclass(frozen=True)
class PersonName:
    """A person's name as its bearer writes it and as the passport prints it.

    Attributes:
        native: in the person's own script, in that script's order; NFC.
        latin: the passport's spelling; NFC, no diacritics.
        primary, secondary: the two identifiers of the MRZ (ICAO Doc 9303-3, 4.6); secondary is empty where the
            custom has no family name: mononyms, patronyms, Burmese names.
    """

    native: str
    latin: str
    primary: str
    secondary: str


Pick = Callable[[str], Word]
"""Draws one word of a part (given, family, father ...)."""


@cache
def _stock() -> dict[tuple[str, str, str], tuple[Word, ...]]:
    """The words by tradition, part and sex ("" where a part has none)."""
    text = files(__package__).joinpath("names.csv").read_text(encoding="utf-8")
    words: dict[tuple[str, str, str], tuple[Word, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        key = (row["tradition"], row["part"], row["sex"])
        words[key] = (*words.get(key, ()), Word(row["native"], row["latin"]))
    return words


def draw_name(member: str, sex: str, rng: random.Random) -> PersonName:
    """A name that a national of a state could bear.

    Args:
        member: one of the eleven states, ISO 3166-1 alpha-3.
        sex: `M` or `F`.
    """
    tradition = rng.choice(TRADITIONS[member])

    def pick(part: str) -> Word:
        stock = _stock()
        return rng.choice(stock.get((tradition, part, sex)) or stock[tradition, part, ""])

    if tradition in _PATRONYMS:
        return _patronym(pick, _PATRONYMS[tradition][member == "SGP", sex])
    return _CUSTOMS[tradition](pick)


def draw_sibling(of: PersonName, member: str, sex: str, rng: random.Random) -> PersonName:
    """Another name with the same family name; only for states whose names have one."""
    while True:
        name = draw_name(member, sex, rng)
        if name.secondary and name.primary == of.primary and name.latin != of.latin:
            return name


_PATRONYMS: dict[str, dict[tuple[bool, str], str]] = {
    "malay": {(False, "M"): "bin", (False, "F"): "binti", (True, "M"): "bin", (True, "F"): "binte"},
    "tamil": {(False, "M"): "a/l", (False, "F"): "a/p", (True, "M"): "s/o", (True, "F"): "d/o"},
}
"""Child-of words by (in Singapore, sex)."""


def _patronym(pick: Pick, link: str) -> PersonName:
    """Own name and the father's: nobody's family name, so all of it is the primary identifier."""
    given, father = pick("given"), pick("father")
    latin = f"{given.latin} {link} {father.latin}"
    native = latin if given.native == given.latin else f"{given.native} {father.native}"
    return PersonName(native, latin, latin, "")


def _mononym(pick: Pick) -> PersonName:
    word = pick("given")
    return PersonName(word.native, word.latin, word.latin, "")


def _burmese(pick: Pick) -> PersonName:
    """Three different syllables, none inherited; honorifics (U, Daw, Ma ...) are not part of the name."""
    words: list[Word] = []
    while len(words) < 3:
        word = pick("syllable")
        if word not in words:
            words.append(word)
    latin = " ".join(word.latin for word in words)
    return PersonName("".join(word.native for word in words), latin, latin, "")


def _given_first(pick: Pick) -> PersonName:
    given, family = pick("given"), pick("family")
    return PersonName(f"{given.native} {family.native}", f"{given.latin} {family.latin}", family.latin, given.latin)


def _family_first(pick: Pick) -> PersonName:
    given, family = pick("given"), pick("family")
    joint = "" if given.native.isalpha() and len(family.native) == 1 else " "  # Chinese is written without blanks
    return PersonName(
        f"{family.native}{joint}{given.native}", f"{family.latin} {given.latin}", family.latin, given.latin
    )


def _filipino(pick: Pick) -> PersonName:
    """Given, middle (the mother's family name), family."""
    given, middle, family = pick("given"), pick("family"), pick("family")
    while middle == family:
        middle = pick("family")
    native, latin = (" ".join(words) for words in zip(given, middle, family, strict=True))
    return PersonName(native, latin, family.latin, f"{given.latin} {middle.latin}")


def _vietnamese(pick: Pick) -> PersonName:
    """Family, middle, given."""
    family, middle, given = pick("family"), pick("middle"), pick("given")
    native, latin = (" ".join(words) for words in zip(family, middle, given, strict=True))
    return PersonName(native, latin, family.latin, f"{middle.latin} {given.latin}")


_CUSTOMS: dict[str, Callable[[Pick], PersonName]] = {
    "javanese": _mononym,
    "batak": _given_first,
    "khmer": _family_first,
    "lao": _given_first,
    "burmese": _burmese,
    "chinese": _family_first,
    "filipino": _filipino,
    "thai": _given_first,
    "timorese": _given_first,
    "vietnamese": _vietnamese,
}
