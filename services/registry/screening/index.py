"""Parties under keys: what they can be found by, by name or by number, without reading them all."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.screening.matching import SHORTEST_IDENTIFIER
from services.registry.screening.names import index_keys
from services.registry.screening.tables import PartyKeyRow
from shared.contracts.parties import IDENTIFIER_PROPERTIES, NAME_PROPERTIES


def party_keys(properties: Mapping[str, Sequence[str]]) -> frozenset[int]:
    """The keys of a party or of a query: two that may be the same share at least one.

    Args:
        properties: FollowTheMoney's, values as given.

    Returns:
        Signed 64-bit digests: short whatever the script, the same on every machine. Two keys that fall together cost
        a needless comparison, nothing else.
    """
    return frozenset(_digest(key) for key in _keys(properties))


def _keys(properties: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name in NAME_PROPERTIES:
        for value in properties.get(name, ()):
            yield from index_keys(value)
    for name in IDENTIFIER_PROPERTIES:
        for value in properties.get(name, ()):
            code = "".join(character for character in value.upper() if character.isalnum())
            if len(code) >= SHORTEST_IDENTIFIER:
                yield f"{name}:{code}"


def _digest(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


async def index_party(session: AsyncSession, seq: int, properties: Mapping[str, Sequence[str]]) -> None:
    """Make a party findable by what it is now, and no longer by what it was."""
    await session.execute(delete(PartyKeyRow).where(PartyKeyRow.party_seq == seq))
    rows = [{"key": key, "party_seq": seq} for key in sorted(party_keys(properties))]
    if rows:
        await session.execute(insert(PartyKeyRow), rows)
