"""A party's names made ready for comparison, as they are kept: reading a name in a script takes longest of a screening.

Compressed JSON, a list a name: the name as given, place of its patronymic, whether its readings are guesses, its words,
and what it is read as in whole, without and with titles. What comparing does not ask for is not kept.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

from services.registry.screening.names import MAX_HEARD, Name, Run, Token, prepare, script_of
from services.registry.screening.titles import Kind
from shared.contracts.parties import NAME_PROPERTIES

_MAX_NAMES: Final = 40  # of a party; any more are made ready when they are compared
_FAST: Final = 1  # of zlib; nine makes a twelfth less of it
_KINDS: Final = {kind.value: kind for kind in Kind}


def keep_names(schema: str, properties: Mapping[str, Sequence[str]]) -> bytes:
    """A party's names as they are kept; schema and properties are FollowTheMoney's."""
    given = dict.fromkeys(value for name in NAME_PROPERTIES for value in properties.get(name, ()))
    kept = [_kept(name, prepare(name, schema)) for name in islice(given, _MAX_NAMES)]
    return zlib.compress(json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode(), _FAST)


def read_names(kept: bytes) -> Mapping[str, Name]:
    """Names as they were kept, by how they were given: they compare as what `prepare` makes of them."""
    return {name: _read(name, *rest) for name, *rest in json.loads(zlib.decompress(kept))}


def _kept(given: str, name: Name) -> list[Any]:
    full = name.full_runs if name.is_titled else None
    return [given, name.patronymic, name.is_guessed, [_kept_token(token) for token in name.tokens], name.runs, full]


def _kept_token(token: Token) -> list[Any]:
    return [token.native, token.kind, token.weight, token.plain, token.readings[:MAX_HEARD], token.sounds]


def _read(
    given: str, patronymic: int, guessed: bool, words: list[Any], runs: list[Any], full: list[Any] | None
) -> Name:
    tokens = tuple(_read_token(*word) for word in words)
    name = Name(
        script=script_of(given),
        tokens=tokens,
        others=(),
        untitled=tuple(token for token in tokens if token.kind is not Kind.TITLE),
        patronymic=patronymic,
        written=" ".join(token.native for token in tokens),
        is_guessed=guessed,
    )
    # Where a cached property keeps what it found out.
    vars(name)["runs"] = tuple(map(Run._make, runs))
    vars(name)["full_runs"] = name.runs if full is None else tuple(map(Run._make, full))
    return name


def _read_token(native: str, kind: str, weight: float, plain: str, readings: list[str], sounds: list[str]) -> Token:
    return Token(native, tuple(readings), tuple(sounds), readings[0], plain, _KINDS[kind], weight, is_known=False)
