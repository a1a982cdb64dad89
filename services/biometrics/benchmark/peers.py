"""What is measured: our index, and faiss's usual ones at their usual settings, behind one face."""

from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from services.biometrics.benchmark.likenesses import Floats
from services.biometrics.index.embedded import EmbeddedIndex
from services.biometrics.index.runtime import faiss

_ADDED_AT_ONCE: Final = 16_384
_HNSW_LINKS: Final = 32
_TRAINING_ROWS_A_LIST: Final = 40


class Engine(Protocol):
    """An index over rows 0 to n - 1, with its name and settings."""

    name: str

    def build(self, vectors: Floats) -> None:
        """Take in all vectors; ready for searches afterwards."""

    def nearest(self, probes: Floats, limit: int) -> NDArray[np.int64]:
        """Rows most like each probe: int64 (q, limit), -1 where there are fewer."""

    def sizes(self) -> dict[str, int]:
        """Bytes in memory of the vectors themselves, and of what is kept besides."""


class Ours:
    """The index of the product, through the contract that the product uses."""

    name = "lindung embedded"

    def __init__(self, index: EmbeddedIndex, threshold: float) -> None:
        """An empty index, to be asked for whom the product asks: the nearest at or above a threshold."""
        self.index = index
        self.threshold = threshold

    def build(self, vectors: Floats) -> None:
        """Add block by block, and wait until what is made of it in the background is made."""
        for start in range(0, len(vectors), _ADDED_AT_ONCE):
            some = vectors[start : start + _ADDED_AT_ONCE]
            self.index.add([str(row) for row in range(start, start + len(some))], some)
        self.index.settle()

    def nearest(self, probes: Floats, limit: int) -> NDArray[np.int64]:
        """See Engine.nearest."""
        found = np.full((len(probes), limit), -1, dtype=np.int64)
        for row, hits in zip(found, self.index.search(probes, limit, self.threshold), strict=True):
            row[: len(hits)] = [int(hit.key) for hit in hits]
        return found

    def sizes(self) -> dict[str, int]:
        """See Engine.sizes."""
        stats = self.index.stats()
        return {"raw": stats.vector_bytes, "besides": stats.code_bytes}


class FaissEngine:
    """One of faiss's indexes, by cosine, in one thread."""

    def __init__(self, name: str, index: Any, training_rows: int = 0) -> None:
        self.name = name
        self._index = index
        self._training_rows = training_rows
        self._raw = 0

    def build(self, vectors: Floats) -> None:
        """Train where that is needed, and add."""
        if self._training_rows:
            self._index.train(vectors[: self._training_rows])
        self._index.add(vectors)
        self._raw = vectors.nbytes

    def nearest(self, probes: Floats, limit: int) -> NDArray[np.int64]:
        """See Engine.nearest."""
        found: NDArray[np.int64] = self._index.search(probes, limit)[1]
        return found

    def sizes(self) -> dict[str, int]:
        """See Engine.sizes."""
        return {"raw": self._raw, "besides": _serialized(self._index) - self._raw}


def flat(dimension: int) -> FaissEngine:
    """Every vector compared: the truth for the others."""
    return FaissEngine("faiss Flat", faiss.IndexFlatIP(dimension))


def hnsw(dimension: int) -> FaissEngine:
    """A graph; efConstruction 40 as faiss sets it, efSearch 64."""
    index = faiss.IndexHNSWFlat(dimension, _HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efSearch = 64
    return FaissEngine("faiss HNSW32, ef 64", index)


def inverted_lists(dimension: int, rows: int) -> FaissEngine:
    """Cells around centroids: one for a thousand rows, the root of their number searched. Source: pgvector's README."""
    lists = max(rows // 1_000, 16)
    index: Any = faiss.index_factory(dimension, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
    index.nprobe = round(lists**0.5)
    index.cp.niter = 10
    return FaissEngine(f"faiss IVF{lists}, nprobe {index.nprobe}", index, _TRAINING_ROWS_A_LIST * lists)


def _serialized(index: Any) -> int:
    """Bytes of an index as faiss writes it, without keeping them: what it holds in memory, but for its allocator."""
    written = 0

    def count(block: bytes) -> int:
        nonlocal written
        written += len(block)
        return len(block)

    faiss.write_index(index, faiss.PyCallbackIOWriter(count))  # type: ignore[attr-defined]  # unknown to its stubs
    return written
