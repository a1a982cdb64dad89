"""A register's worth of invented parties: names put together from syllables, for measuring at full size.

Words are drawn with Zipf's frequencies, as names are borne: a few by very many. Nothing here is anybody's.
"""

import itertools
import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

from services.sandbox.region.names import TRADITIONS, Word
from services.sandbox.region.records import REFERENCE, Party

PERSONS: Final = 0.7
"""Share of persons; the rest are companies."""

_VOCABULARY: Final = 4_000  # words a tradition's names are drawn from, where they are made of several syllables
_ADULT_DAYS: Final = range(18 * 365, 80 * 365)
_COUNTRIES: Final = dict(
    zip(
        ("BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "PHL", "SGP", "THA", "TLS", "VNM"),
        ("bn", "id", "kh", "la", "mm", "my", "ph", "sg", "th", "tl", "vn"),
        strict=True,
    )
)


def draw_crowd(count: int, seed: int) -> Iterator[Party]:
    """Invented persons and companies, one after the other: no memory grows with their number.

    Args:
        count: how many; those of a smaller crowd with the same seed are the first of a larger one.
        seed: of the draw.
    """
    rng = random.Random(seed)
    stocks = {tradition: _stock(tradition) for traditions in TRADITIONS.values() for tradition in traditions}
    members = sorted(TRADITIONS)
    for number in range(count):
        member = rng.choice(members)
        stock = stocks[rng.choice(TRADITIONS[member])]
        draw = _person if rng.random() < PERSONS else _company
        yield draw(f"crowd-{number:07d}", member, stock, rng)


@dataclass(frozen=True)
class _Stock:
    """What a tradition's names are drawn from; weights are cumulative."""

    words: tuple[Word, ...]
    weights: tuple[float, ...]
    per_name: int
    joint: str
    forms: tuple[str, ...]
    trades: tuple[Word, ...]

    def draw(self, rng: random.Random, count: int) -> Word:
        chosen = rng.choices(self.words, cum_weights=self.weights, k=count)
        return Word(self.joint.join(word.native for word in chosen), " ".join(word.latin for word in chosen))


@cache
def _stock(tradition: str) -> _Stock:
    written = _syllables()[tradition]
    words = _vocabulary(_pairs(written, "native", "latin"), written["joined"], random.Random(tradition))
    ranked = itertools.accumulate(1 / (rank + 8) ** 0.9 for rank in range(len(words)))
    joint = "" if written.get("together") else " "
    forms, trades = tuple(written["form"]), _pairs(written, "trade_native", "trade")
    return _Stock(words, tuple(ranked), written["words"], joint, forms, trades)


@cache
def _syllables() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("syllables.toml").read_text(encoding="utf-8"))


def _pairs(written: dict[str, Any], native: str, latin: str) -> tuple[Word, ...]:
    spelled = written[latin].split()
    return tuple(Word(*pair) for pair in zip(written.get(native, written[latin]).split(), spelled, strict=True))


def _vocabulary(syllables: tuple[Word, ...], joined: list[int], rng: random.Random) -> tuple[Word, ...]:
    """Different words of as many syllables as the tradition joins, in the order of their frequency."""
    if joined == [1, 1]:
        return tuple(Word(each.native, _capital(each.latin)) for each in syllables)
    words: dict[str, Word] = {}
    while len(words) < _VOCABULARY:
        parts = rng.choices(syllables, k=rng.randint(*joined))
        latin = "".join(part.latin for part in parts)
        native = "".join(part.native for part in parts)
        words.setdefault(latin, Word(_capital(native), _capital(latin)))
        if len(syllables) ** joined[1] < 2 * len(words):
            break
    return tuple(words.values())


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _person(party_id: str, member: str, stock: _Stock, rng: random.Random) -> Party:
    name = stock.draw(rng, stock.per_name if rng.random() < 0.85 else stock.per_name + 1)
    born = REFERENCE - timedelta(days=rng.choice(_ADULT_DAYS))
    properties = _names(name, rng) | {
        "birthDate": (born.isoformat() if rng.random() < 0.8 else str(born.year),),
        "nationality": (_COUNTRIES[member],),
        "gender": (rng.choice(("female", "male")),),
    }
    return Party(party_id, member, "Person", properties)


def _company(party_id: str, member: str, stock: _Stock, rng: random.Random) -> Party:
    head, trade = stock.draw(rng, rng.randint(1, 2)), rng.choice(stock.trades)
    form = rng.choice(stock.forms)
    native, _, latin = form.partition("|")
    word = Word(f"{head.native}{stock.joint or ' '}{trade.native}", f"{head.latin} {trade.latin}")
    name = Word(native.format(word.native), (latin or native).format(word.latin))
    founded = date(rng.randint(1975, 2025), rng.randint(1, 12), 1)
    properties = _names(name, rng) | {
        "country": (_COUNTRIES[member],),
        "registrationNumber": (f"{member}{rng.randrange(10**8):08d}",),
        "incorporationDate": (founded.isoformat()[:7],),
    }
    return Party(party_id, member, "Company", properties)


_Named = Callable[[Word], dict[str, tuple[str, ...]]]
_SPELLINGS: Final[tuple[_Named, ...]] = (
    lambda name: {"name": (name.latin,)},
    lambda name: {"name": (name.native,)},
    lambda name: {"name": (name.native,), "alias": (name.latin,)},
)


def _names(name: Word, rng: random.Random) -> dict[str, tuple[str, ...]]:
    """As registers keep them: the passport's spelling, the native one, or both."""
    if name.native == name.latin:
        return {"name": (name.latin,)}
    return rng.choice(_SPELLINGS)(name)
