"""Which parties are worth comparing with a query: those that share its rarest keys and whose names look most alike.

Keys are read rarest first and no further than a limit, so that the cost does not grow with how common a name is; a
party counts the more, the rarer the keys that it shares. The best of them are then ranked by their cards. The same
statements on SQLite and PostgreSQL.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from rapidfuzz import fuzz
from rapidfuzz.process import cdist
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.screening.by_number import read_rows
from services.registry.screening.cards import Card, Keys, card_keys, has_number, read_names
from services.registry.screening.postings import Postings, buckets_of, parties_under, read_buckets
from services.registry.screening.tables import PartyCardRow

MAX_CANDIDATES: Final = 60
"""Parties found for one query."""

_MAX_POSTINGS: Final = 8_000  # read for one query; more found nobody else (measured)
_BY_LIKENESS: Final = 20  # the first of them, by their spelling only
_RAREST_EVERY: Final = 3
_RANKED: Final = 400  # parties whose cards are read for one query


async def find_candidates(
    session: AsyncSession, wanted: Sequence[Card], limiter: CapacityLimiter | None = None
) -> list[list[int]]:
    """For every query the parties that may be the one asked about, most promising first.

    Args:
        session: for reading.
        wanted: what is asked, as cards.
        limiter: of the threads that rank; none: anyio's own.

    Returns:
        By query: seqs, at most MAX_CANDIDATES.
    """
    keys = [card_keys(card) for card in wanted]
    buckets = sorted({bucket for some in keys for bucket in buckets_of(some).tolist()})
    postings = await read_buckets(session, buckets) if buckets else {}
    sharing = await run_sync(lambda: [_sharing(some, postings) for some in keys], limiter=limiter)
    cards = await _read_cards(session, {seq for seqs in sharing for seq in seqs})

    def rank() -> list[list[int]]:
        return [_most_alike(card, seqs, cards) for card, seqs in zip(wanted, sharing, strict=True)]

    return await run_sync(rank, limiter=limiter)


def _sharing(keys: Keys, postings: Mapping[int, Postings]) -> list[int]:
    """The parties that share keys, those that share the rarest first."""
    pairs = zip(keys.tolist(), buckets_of(keys).tolist(), strict=True)
    lists = [parties_under(postings[bucket], key) for key, bucket in pairs if bucket in postings]
    lists = sorted((each for each in lists if len(each)), key=len)
    read = int(np.searchsorted(np.cumsum([len(each) for each in lists]), _MAX_POSTINGS)) + 1
    lists = lists[:read]
    if not lists:
        return []
    weights = np.repeat([1 / len(each) for each in lists], [len(each) for each in lists])
    seqs, at = np.unique(np.concatenate(lists), return_inverse=True)
    totals = np.bincount(at, weights)
    order: list[int] = seqs[np.argsort(-totals, kind="stable")[:_RANKED]].tolist()
    return order


async def _read_cards(session: AsyncSession, seqs: Collection[int]) -> dict[int, str]:
    if not seqs:
        return {}
    return dict(await read_rows(session, PartyCardRow.__tablename__, ("party_seq", "card"), sorted(seqs)))


def _most_alike(query: Card, seqs: Sequence[int], cards: Mapping[int, str]) -> list[int]:
    """Those with the same number first, then by their closest spelling; shared keys decide between equals.

    After the first twenty, every third is the one that shares the rarest keys: a name may have many words more.
    """
    standing = [seq for seq in seqs if seq in cards]
    same_number = [has_number(cards[seq], query.numbers) for seq in standing]
    alike = _alike(query, [cards[seq] for seq in standing])
    order = sorted(range(len(standing)), key=lambda i: (not same_number[i], -alike[i], i))
    rarest = iter(range(len(standing)))
    for place in range(_BY_LIKENESS, MAX_CANDIDATES, _RAREST_EVERY):
        chosen = next((i for i in rarest if i not in order[:place]), None)
        if chosen is not None:
            order.remove(chosen)
            order.insert(place, chosen)
    return [standing[i] for i in order[:MAX_CANDIDATES]]


def _alike(query: Card, cards: Sequence[str]) -> npt.NDArray[np.float32]:
    """How alike the names are, 0..100: the closest pair of spellings, by letters or by sound, in any order."""
    best = np.zeros(len(cards), dtype=np.float32)
    names, sounds, counts = read_names(cards)
    if not query.names or not names:
        return best
    spelled = cdist(query.names, names, scorer=fuzz.token_sort_ratio)
    heard = cdist(_unparted(query.sounds), _unparted(sounds), scorer=fuzz.ratio)
    np.maximum.at(best, np.repeat(np.arange(len(cards)), counts), np.maximum(spelled, heard).max(axis=0))
    return best


def _unparted(sounds: Sequence[str]) -> list[str]:
    return "\t".join(sounds).replace(" ", "").split("\t")
