"""Rows of a gallery in blocks: filled once, struck out row by row, never moved; and their exact scan."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.index.runtime import faiss

BLOCK_ROWS: Final = 16_384
"""32 MB at 512 dimensions: what is sealed, mapped and rewritten as a whole."""

_FEW_PROBES: Final = 3
"""Up to so many, a scan for each takes less time than a product of matrices with its selection (measured)."""

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


class Block:
    """Up to a fixed number of rows. The writer fills rows and only then counts them: a search sees whole rows.

    Attributes:
        number: of this block in its index, never given again.
        vectors: float32 (most, dimension); zeros where a row is struck out, unless mapped from a file.
        struck: how many rows are struck out.
        mapped: whether the vectors are mapped from a file, read-only.
    """

    def __init__(self, number: int, vectors: Floats, keys: Sequence[str] = (), *, mapped: bool = False) -> None:
        """A block with the rows that it has from the start; a row of the key "" is struck out."""
        self.number = number
        self.vectors = vectors
        self.mapped = mapped
        self.struck = sum(not key for key in keys)
        self._keys = list(keys)

    def __len__(self) -> int:
        """Rows, with those struck out."""
        return len(self._keys)

    @property
    def room(self) -> int:
        """Rows that are left."""
        return len(self.vectors) - len(self._keys)

    @property
    def version(self) -> tuple[int, int]:
        """Another after every row that is added or struck out."""
        return len(self._keys), self.struck

    def append(self, keys: Sequence[str], vectors: Floats) -> int:
        """Store rows, no more than there is room for; the number of the first."""
        start = len(self._keys)
        self.vectors[start : start + len(keys)] = vectors
        self._keys.extend(keys)
        return start

    def strike(self, row: int) -> None:
        """Make searches pass over a row, and forget its vector."""
        self._keys[row] = ""
        self.struck += 1
        if not self.mapped:
            self.vectors[row] = 0.0

    def key(self, row: int) -> str:
        """The key of a row; "" where struck out by now."""
        return self._keys[row]

    def keys_at(self, rows: Sequence[int]) -> list[str]:
        """Keys of some rows; "" where struck out by now."""
        keys = self._keys
        return [keys[row] for row in rows]

    def content(self) -> tuple[list[str], Floats]:
        """Keys ("" where struck out) and vectors (zeros there) of all rows, as a copy."""
        vectors = np.array(self.vectors[: len(self._keys)])
        keys = self._keys[: len(vectors)]  # read after the vectors: what has a key now was not zeroed then
        vectors[[row for row, key in enumerate(keys) if not key]] = 0.0
        return keys, vectors

    def living(self) -> tuple[list[str], Floats]:
        """Keys and vectors of the rows not struck out, as a copy."""
        keys, vectors = self.content()
        rows = [row for row, key in enumerate(keys) if key]
        return [keys[row] for row in rows], vectors[rows]


class ExactScan:
    """The first rows of a block, compared with every probe."""

    def __init__(self, block: Block, rows: int) -> None:
        """What a search sees of a block that it found `rows` long."""
        self._block = block
        self._rows = rows
        self._rounding = rounding(block.vectors.shape[1])

    def __len__(self) -> int:
        """Rows that are scanned."""
        return self._rows

    def nearest(self, probes: Floats, count: int) -> tuple[Floats, Rows]:
        """What the similarity of the best rows is at most, and the rows, best first: float32 and int64 (q, count)."""
        vectors = self._block.vectors[: self._rows]
        if len(probes) > _FEW_PROBES:
            scores, rows = faiss.knn(probes, vectors, count, metric=faiss.METRIC_INNER_PRODUCT)
            return scores + self._rounding, rows
        every = np.empty((len(probes), self._rows), dtype=np.float32)
        for probe, scores in zip(probes, every, strict=True):
            faiss.fvec_inner_products_ny(  # type: ignore[attr-defined]  # made by SWIG, unknown to faiss's own stubs
                faiss.swig_ptr(scores), faiss.swig_ptr(probe), faiss.swig_ptr(vectors), len(probe), self._rows
            )
        scores, rows = _best(every, count)
        return scores + self._rounding, rows

    def vectors_at(self, rows: Rows) -> Floats:
        """Vectors of some rows, as a copy."""
        found: Floats = self._block.vectors[rows]
        return found

    def keys_at(self, rows: Rows) -> list[str]:
        """Keys of some rows; "" where struck out by now."""
        return self._block.keys_at(rows.tolist())

    def exact_parts(self) -> "list[ExactScan]":
        """Itself."""
        return [self]


def rounding(dimension: int) -> float:
    """The most by which a sum of products of two unit vectors in single precision is off.

    Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms (2002), section 3.1, doubled for fused and
    blocked sums, with the norm's own tolerance.
    """
    return dimension * 2.0**-23


def _best(scores: Floats, count: int) -> tuple[Floats, Rows]:
    chosen = np.argpartition(scores, -count, axis=1)[:, -count:] if count < scores.shape[1] else np.argsort(scores)
    order = np.argsort(-np.take_along_axis(scores, chosen, 1), axis=1)
    rows = np.take_along_axis(chosen, order, 1)
    return np.take_along_axis(scores, rows, 1), rows.astype(np.int64)
