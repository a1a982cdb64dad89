"""The index in this process's memory: exact at every size, cheap at large ones."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import structlog

from services.biometrics.index.blocks import BLOCK_ROWS, Block, ExactScan, Floats
from services.biometrics.index.codes import CodedRun
from services.biometrics.index.rescoring import NOBODY, Best, Source, search_source
from services.biometrics.index.snapshots import SnapshotDamagedError, SnapshotFolder
from services.biometrics.index.vectors import (
    ANY_SIMILARITY,
    Hit,
    IndexKeyError,
    IndexStats,
    checked_keys,
    checked_vectors,
)

CODED_FROM: Final = 4 * BLOCK_ROWS
"""Rows from which codes are worth their training."""

_LARGEST_RUN_BLOCKS: Final = 64
_RUN_GROWTH: Final = 8
"""Every run is a scan of its own, and a block is coded at most this often for each factor by which its run grows."""
_STRUCK_SHARE: Final = 0.3

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _State:
    """What one search sees; replaced as a whole, by reference."""

    runs: tuple[CodedRun, ...]
    full: tuple[Block, ...]
    tail: Block

    def blocks(self) -> list[Block]:
        return [*(block for run in self.runs for block in run.blocks), *self.full, self.tail]


class EmbeddedIndex:
    """Blocks of rows: the oldest in runs with codes, some full ones scanned exactly, and a tail that is added to.

    One lock orders the writers. A search takes no lock: it reads the state once and scans what it holds, while faiss
    lets go of the interpreter. Codes are made, runs merged and struck rows dropped in the background, and put in the
    place of what they replace by reference: what a search answers does not change with it.
    """

    def __init__(
        self,
        dimension: int,
        folder: SnapshotFolder | None = None,
        *,
        block_rows: int = BLOCK_ROWS,
        coded_from: int = CODED_FROM,
    ) -> None:
        """An index with what its folder keeps; what is damaged there is left out.

        Args:
            dimension: length of a vector.
            folder: where snapshots are kept; None: nowhere.
            block_rows: rows a block.
            coded_from: rows from which full blocks are coded.
        """
        self._dimension = dimension
        self._folder = folder
        self._block_rows = block_rows
        self._coded_from = coded_from
        self._writer = threading.Lock()
        self._snapshots = threading.Lock()
        self._blocks: dict[int, Block] = {}
        self._places: dict[str, int] = {}
        self._next_block = 0
        self._worker: threading.Thread | None = None
        self._closing = False
        kept = tuple(self._kept(folder)) if folder else ()
        self._state = _State((), kept, self._new_block())
        with self._writer:
            self._look_after()

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def __len__(self) -> int:
        """How many keys are in it."""
        return len(self._places)

    def keys(self) -> Iterable[str]:
        """All keys at one moment, in no order."""
        with self._writer:
            return list(self._places)

    def vectors(self, keys: Sequence[str]) -> Floats:
        """The vectors of some keys; see VectorIndex.vectors."""
        found = np.empty((len(keys), self._dimension), dtype=np.float32)
        with self._writer:  # so that no row is forgotten meanwhile
            for place, key in enumerate(keys):
                block, row = self._place(key)
                found[place] = block.vectors[row]
        return found

    def add(self, keys: Sequence[str], vectors: Floats) -> None:
        """Put vectors into the gallery; see VectorIndex.add."""
        rows = checked_vectors(vectors, self._dimension)
        checked_keys(keys, len(rows))
        with self._writer:
            if any(key in self._places for key in keys):
                raise IndexKeyError("a key is in the index already")
            start = 0
            while start < len(keys):
                start += self._append(keys[start:], rows[start:])
            self._look_after()

    def remove(self, keys: Sequence[str]) -> None:
        """Take keys out of the gallery; see VectorIndex.remove."""
        checked_keys(keys, len(keys))
        with self._writer:
            for block, row in [self._place(key) for key in keys]:
                block.strike(row)
            for key in keys:
                del self._places[key]
            self._look_after()

    def search(self, probes: Floats, limit: int, floor: float = ANY_SIMILARITY) -> list[list[Hit]]:
        """The keys most similar to each probe; see VectorIndex.search."""
        if limit < 1:
            raise ValueError("limit is at least 1")
        return self._search(probes, limit, floor)

    def search_at(self, probes: Floats, threshold: float) -> list[list[Hit]]:
        """Everybody at or above the threshold; see VectorIndex.search_at."""
        return self._search(probes, None, threshold)

    def snapshot(self) -> None:
        """Keep every block that changed since it was kept last; see VectorIndex.snapshot."""
        if self._folder is None:
            return
        with self._snapshots:
            with self._writer:
                blocks = self._state.blocks()
            mapped = self._folder.keep(blocks)
            with self._writer:
                for block, vectors in mapped:
                    # What was the tail when it was written may have been filled up since, and is longer now.
                    if block is not self._state.tail and len(vectors) == len(block):
                        block.vectors, block.mapped = vectors, True

    def stats(self) -> IndexStats:
        """What it holds, and where."""
        state = self._state
        blocks = state.blocks()
        octets = 4 * self._dimension
        return IndexStats(
            rows=len(self._places),
            tombstones=sum(block.struck for block in blocks),
            vector_bytes=sum(octets * len(block) for block in blocks if not block.mapped),
            code_bytes=sum(run.code_bytes for run in state.runs),
            mapped_bytes=sum(octets * len(block) for block in blocks if block.mapped),
            disk_bytes=self._folder.size() if self._folder else 0,
            search="codes, rescored" if state.runs else "exact",
        )

    def settle(self) -> None:
        """Wait until nothing is left to be done in the background."""
        while (worker := self._worker) is not None:
            worker.join()

    def close(self) -> None:
        """End the work in the background."""
        self._closing = True
        self.settle()

    def _search(self, probes: Floats, limit: int | None, floor: float) -> list[list[Hit]]:
        probes = checked_vectors(probes, self._dimension)
        state = self._state
        # The tail's length is read before anything is scanned: a key removed and added again meanwhile is then
        # struck out where it was before it could be seen where it is now, and never found twice.
        rows = len(state.tail)
        best: list[Best] = [NOBODY] * len(probes)
        exact = (ExactScan(state.tail, rows), *(ExactScan(block, len(block)) for block in state.full))
        sources: tuple[Source, ...] = (*exact, *state.runs)
        for source in sources:
            if len(source):
                best = search_source(source, probes, limit, floor, best)
        return [
            [Hit(key, min(max(s, -1.0), 1.0)) for s, key in zip(each.similarities.tolist(), each.keys, strict=True)]
            for each in best
        ]

    def _place(self, key: str) -> tuple[Block, int]:
        place = self._places.get(key)
        if place is None:
            raise IndexKeyError("a key is not in the index")
        number, row = divmod(place, self._block_rows)
        return self._blocks[number], row

    def _append(self, keys: Sequence[str], rows: Floats) -> int:
        """Add as many as the tail has room for; how many."""
        if not self._state.tail.room:
            full = (*self._state.full, self._state.tail)
            self._state = _State(self._state.runs, full, self._new_block())
        tail = self._state.tail
        some = keys[: tail.room]
        first = tail.number * self._block_rows + len(tail)
        self._places.update(zip(some, range(first, first + len(some)), strict=True))
        tail.append(some, rows[: len(some)])
        return len(some)

    def _new_block(self) -> Block:
        return self._registered(Block(self._next_block, np.empty((self._block_rows, self._dimension), np.float32)))

    def _registered(self, block: Block) -> Block:
        self._blocks[block.number] = block
        self._next_block = max(self._next_block, block.number + 1)
        return block

    def _kept(self, folder: SnapshotFolder) -> Iterable[Block]:
        """The blocks of the last snapshot that are whole; a key that two of them have counts in the later one."""
        for name in reversed(folder.names(self._dimension)):
            try:
                block = folder.read(name, self._next_block, self._dimension, self._block_rows)
            except SnapshotDamagedError as error:
                log.error("index_snapshot_damaged", file=name, reason=str(error))
                continue
            first = block.number * self._block_rows
            places = {key: place for place, key in enumerate(block.keys_at(range(len(block))), first) if key}
            for key in places.keys() & self._places.keys():
                block.strike(places.pop(key) - first)
            self._places |= places
            yield self._registered(block)

    def _look_after(self) -> None:
        """Begin work in the background when there is some; with the writer's lock."""
        if self._worker is None and not self._closing and self._work():
            self._worker = threading.Thread(target=self._maintain, name="index", daemon=True)
            self._worker.start()

    def _maintain(self) -> None:
        while True:
            with self._writer:
                work = None if self._closing else self._work()
                if work is None:
                    self._worker = None
                    return
            old_runs, blocks = work
            self._rebuild(old_runs, blocks)

    def _work(self) -> tuple[list[CodedRun], list[Block]] | None:
        """Which runs are to be replaced, and with them which full blocks; None: nothing is to be done."""
        state = self._state
        for run in state.runs:
            if run.struck > _STRUCK_SHARE * len(run):
                return [run], []
        if state.full and len(self._places) >= self._coded_from:
            return self._merged(list(state.full))
        sparse = [block for block in state.full if block.struck > _STRUCK_SHARE * len(block)]
        return ([], sparse) if sparse else None

    def _merged(self, blocks: list[Block]) -> tuple[list[CodedRun], list[Block]]:
        """Full blocks to be coded, with the runs before them that are not much larger."""
        runs: list[CodedRun] = []
        size = len(blocks)
        for run in reversed(self._state.runs):
            if len(run.blocks) >= _RUN_GROWTH * size or len(run.blocks) + size > _LARGEST_RUN_BLOCKS:
                break
            runs.append(run)
            size += len(run.blocks)
        return runs, blocks[:_LARGEST_RUN_BLOCKS]

    def _rebuild(self, old_runs: list[CodedRun], full: list[Block]) -> None:
        """Drop struck rows of blocks where they are many, code what is to be coded, put it in the place of the old."""
        old = [*(block for run in old_runs for block in run.blocks), *full]
        sparse = [block for block in old if block.struck > _STRUCK_SHARE * len(block)]
        packed = self._packed(sparse)
        new = [block for block in old if block not in sparse] + packed
        coded = old_runs or len(self._places) >= self._coded_from
        run = CodedRun(new) if new and coded else None
        with self._writer:
            for block in packed:
                self._move_in(block, sparse)
            for block in sparse:
                del self._blocks[block.number]
            runs = tuple(each for each in self._state.runs if each not in old_runs)
            left = tuple(each for each in self._state.full if each not in full)
            self._state = _State((*runs, run) if run else runs, left if run else (*left, *new), self._state.tail)

    def _packed(self, sparse: list[Block]) -> list[Block]:
        """The living rows of some blocks in new ones; not in the table of places yet."""
        living = [block.living() for block in sparse]
        keys = [key for some, _ in living for key in some]
        if not keys:
            return []
        rows = np.concatenate([vectors for _, vectors in living])
        starts = range(0, len(keys), self._block_rows)
        with self._writer:
            numbers = range(self._next_block, self._next_block + len(starts))
            self._next_block = numbers.stop
        parts = [slice(start, start + self._block_rows) for start in starts]
        return [Block(number, rows[part].copy(), keys[part]) for number, part in zip(numbers, parts, strict=True)]

    def _move_in(self, block: Block, sparse: list[Block]) -> None:
        """Let a new block's rows be found by key; those that were removed while it was made are struck out of it."""
        from_numbers = {each.number for each in sparse}
        for row, key in enumerate(block.keys_at(range(len(block)))):
            place = self._places.get(key)
            if place is not None and place // self._block_rows in from_numbers:
                self._places[key] = block.number * self._block_rows + row
            else:
                block.strike(row)
        self._blocks[block.number] = block
