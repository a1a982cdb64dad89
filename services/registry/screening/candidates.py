"""Which parties are worth comparing with a query: those that share its rarest keys.

Every key's list is read up to a limit and no further, so that the cost does not grow with how common a name is; a
candidate counts the more, the rarer the keys that it shares. The same statement on SQLite and PostgreSQL.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.screening.tables import PartyKeyRow

MAX_CANDIDATES: Final = 300
"""Parties compared with one query; recall@50 no longer grows beyond it (measured on 1,000,000 names)."""

_LONGEST_LIST: Final = 400
_KEYS_A_STATEMENT: Final = 200  # SQLite takes 500 parts of a compound select


async def find_candidates(session: AsyncSession, wanted: Sequence[Collection[int]]) -> list[list[int]]:
    """For every query's keys the parties that share them, most promising first.

    Args:
        session: for reading.
        wanted: keys by query (see index.party_keys).

    Returns:
        By query: seqs, at most MAX_CANDIDATES.
    """
    lists = await _read_lists(session, sorted(set().union(*wanted)))
    return [_ranked(lists[key] for key in keys if key in lists) for keys in wanted]


async def _read_lists(session: AsyncSession, keys: Sequence[int]) -> dict[int, list[int]]:
    lists: dict[int, list[int]] = defaultdict(list)
    for start in range(0, len(keys), _KEYS_A_STATEMENT):
        part = keys[start : start + _KEYS_A_STATEMENT]
        rows = await session.execute(text(_statement(len(part))), {f"k{i}": key for i, key in enumerate(part)})
        for key, seq in rows:
            lists[key].append(seq)
    return lists


def _statement(count: int) -> str:
    """One limited look into the index for each of `count` keys, all in one round trip."""
    one = (
        f"SELECT * FROM (SELECT key, party_seq FROM {PartyKeyRow.__tablename__}"  # noqa: S608  no value in the text
        " WHERE key = :k{} ORDER BY party_seq LIMIT {}) AS list{}"
    )
    return " UNION ALL ".join(one.format(i, _LONGEST_LIST, i) for i in range(count))


def _ranked(lists: Iterable[Sequence[int]]) -> list[int]:
    weights: dict[int, float] = defaultdict(float)
    for found in lists:
        for seq in found:
            weights[seq] += 1 / len(found)
    return sorted(weights, key=lambda seq: (-weights[seq], seq))[:MAX_CANDIDATES]
