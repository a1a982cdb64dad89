"""What the registry's tables hang on."""

from collections.abc import Collection, Iterator
from typing import Final, TypeVar

from sqlalchemy.orm import DeclarativeBase

from shared.db.database import new_metadata

_ONE_STATEMENT: Final = 1000


class Base(DeclarativeBase):
    """Every table of the registry, whichever room it belongs to."""

    metadata = new_metadata()


AnyKey = TypeVar("AnyKey", int, str)


def chunked(seqs: Collection[AnyKey]) -> Iterator[list[AnyKey]]:
    """Row numbers or ids, sorted, in parts that fit one statement's parameters."""
    ordered = sorted(seqs)
    yield from (ordered[start : start + _ONE_STATEMENT] for start in range(0, len(ordered), _ONE_STATEMENT))
