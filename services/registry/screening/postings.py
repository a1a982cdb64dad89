"""Postings in the database: which parties have which key, packed by bucket.

A row a posting would make forty rows a party, and a gigabyte a million of them; so a row holds all postings of one of
2^18 buckets. A posting is 64 bits: 32 of the key (its bucket says 18 more) and the party's 32. The same on SQLite and
PostgreSQL; writers of the index follow one another on both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.screening.by_number import among, read_rows
from services.registry.screening.cards import Keys
from services.registry.screening.tables import PostingsRow, StagedPostingsRow
from shared.db.database import Database

Postings = npt.NDArray[np.uint64]
"""Sorted; unique within a bucket."""

LONGEST_LIST: Final = 512
"""Parties kept under one key. What more parties share says little, and they are found by their rarer keys."""

SLICES: Final = 64
"""Steps in which what a large import staged is merged; each is a transaction."""

_BUCKET_BITS: Final = 18
_SLICE_BITS: Final = 6
_WORD: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)
_TABLE: Final = PostingsRow.__tablename__
_LOCK: Final = 0x11D06  # names the index among PostgreSQL's advisory locks
_ROWS: Final = 5_000  # buckets a statement


def buckets_of(keys: Keys) -> npt.NDArray[np.int64]:
    """The bucket of each key."""
    return (keys >> np.uint64(64 - _BUCKET_BITS)).astype(np.int64)


def postings_of(keys: Keys, party: int) -> Postings:
    """A party's postings, aligned with its keys."""
    return ((keys & _LOW) << _WORD) | np.uint64(party)


def parties_under(postings: Postings, key: int) -> Postings:
    """The parties that a bucket lists under a key."""
    lowest = np.uint64((key & 0xFFFFFFFF) << 32)
    start = postings.searchsorted(lowest)
    end = postings.searchsorted(lowest | _LOW, side="right")
    return postings[start:end] & _LOW


async def read_buckets(session: AsyncSession, buckets: Sequence[int]) -> dict[int, Postings]:
    """Postings by bucket; one without postings is not among them."""
    rows = await read_rows(session, _TABLE, ("bucket", "postings"), buckets)
    return {bucket: _unpack(packed) for bucket, packed in rows}


async def lock_index(session: AsyncSession) -> None:
    """Wait until no other transaction writes to the index; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def exchange_postings(session: AsyncSession, party: int, old: Keys, new: Keys) -> None:
    """List a party under its new keys and no longer under those that it had."""
    gone, come = np.setdiff1d(old, new), np.setdiff1d(new, old)
    touched: list[int] = np.unique(buckets_of(np.concatenate((gone, come)))).tolist()
    if not touched:
        return
    await lock_index(session)
    standing, dropped = await read_buckets(session, touched), postings_of(gone, party)
    left = [each[~np.isin(each, dropped)] for each in (standing.get(bucket, _EMPTY) for bucket in touched)]
    pairs = np.column_stack((buckets_of(come).astype(np.uint64), postings_of(come, party)))
    await _replace(session, touched, _merged(left, touched, pairs))


def pack_staged(parties: Iterable[tuple[int, Keys]]) -> Iterator[tuple[int, bytes]]:
    """Postings of many new parties, packed by slice for `stage`: bucket and the posting, side by side."""
    keys, postings = [], []
    for party, own in parties:
        keys.append(own)
        postings.append(postings_of(own, party))
    if not keys:
        return
    all_keys, all_postings = np.concatenate(keys), np.concatenate(postings)
    slices = (all_keys >> np.uint64(64 - _SLICE_BITS)).astype(np.int64)
    for number in range(SLICES):
        chosen = slices == number
        if chosen.any():
            pairs = np.column_stack((all_keys[chosen] >> np.uint64(64 - _BUCKET_BITS), all_postings[chosen]))
            yield number, pairs.astype("<u8").tobytes()


async def stage(session: AsyncSession, packed: Iterable[tuple[int, bytes]]) -> None:
    """Put postings of new parties aside, until `merge_slice` makes them findable."""
    rows = [{"slice": number, "postings": content} for number, content in packed]
    if rows:
        await session.execute(insert(StagedPostingsRow), rows)


async def staged_slices(session: AsyncSession) -> list[int]:
    """The slices of which something waits to be merged."""
    query = select(StagedPostingsRow.slice).distinct().order_by(StagedPostingsRow.slice)
    return list((await session.execute(query)).scalars())


async def merge_slice(database: Database, number: int) -> None:
    """Make what was staged of a slice findable, in one transaction."""
    async with database.write() as session:
        await lock_index(session)
        of_slice = StagedPostingsRow.slice == number
        staged = (
            await session.execute(select(StagedPostingsRow.seq, StagedPostingsRow.postings).where(of_slice))
        ).all()
        pairs = [np.frombuffer(row.postings, "<u8").reshape(-1, 2) for row in staged]
        if pairs:
            await _merge(session, np.concatenate(pairs))
        await session.execute(delete(StagedPostingsRow).where(of_slice))


async def _merge(session: AsyncSession, pairs: npt.NDArray[np.uint64]) -> None:
    """Add pairs of bucket and posting to what stands, some thousand buckets a statement."""
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    found, starts = np.unique(pairs[:, 0], return_index=True)
    for at in range(0, len(found), _ROWS):
        end = starts[at + _ROWS] if at + _ROWS < len(found) else len(pairs)
        some = found[at : at + _ROWS].tolist()
        standing = await read_buckets(session, some)
        added = pairs[starts[at] : end]
        await _replace(session, some, _merged([standing.get(bucket, _EMPTY) for bucket in some], some, added))


def _merged(standing: Sequence[Postings], buckets: Sequence[int], added: npt.NDArray[np.uint64]) -> dict[int, bytes]:
    """What stands and what is added, by bucket: sorted, and of every key at most LONGEST_LIST, the first to come."""
    own = np.repeat(np.array(buckets, dtype=np.uint64), [len(each) for each in standing])
    bucket, posting = np.concatenate((own, added[:, 0])), np.concatenate((*standing, added[:, 1]))
    order = np.lexsort((posting, bucket))
    bucket, posting = bucket[order], posting[order]
    new = np.ones(len(posting), dtype=bool)
    new[1:] = (bucket[1:] != bucket[:-1]) | (posting[1:] != posting[:-1])
    bucket, posting = bucket[new], posting[new]
    first = np.ones(len(posting), dtype=bool)
    first[1:] = (bucket[1:] != bucket[:-1]) | (posting[1:] >> _WORD != posting[:-1] >> _WORD)
    starts = np.flatnonzero(first)
    rank = np.arange(len(posting)) - starts[np.cumsum(first) - 1]
    bucket, posting = bucket[rank < LONGEST_LIST], posting[rank < LONGEST_LIST]
    content, ends = posting.astype("<u8").tobytes(), np.searchsorted(bucket, np.array(buckets, np.uint64), side="right")
    bounds = [0, *(8 * ends).tolist()]
    return {each: content[bounds[i] : bounds[i + 1]] for i, each in enumerate(buckets)}


async def _replace(session: AsyncSession, buckets: Sequence[int], packed: Mapping[int, bytes]) -> None:
    listed, wanted = among(session, "bucket", buckets)
    await session.execute(text(f"DELETE FROM {_TABLE} WHERE {listed}"), wanted)  # noqa: S608  fixed
    rows = [{"bucket": bucket, "postings": packed[bucket]} for bucket in buckets if packed[bucket]]
    if rows:
        await session.execute(text(f"INSERT INTO {_TABLE} (bucket, postings) VALUES (:bucket, :postings)"), rows)  # noqa: S608  fixed


def _unpack(packed: bytes) -> Postings:
    return np.frombuffer(packed, "<u8")


_EMPTY: Final[Postings] = np.empty(0, dtype=np.uint64)
