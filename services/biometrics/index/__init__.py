"""Who in a gallery is most like a probe: exact search over unit vectors, by opaque key; and distances of bit codes."""

from services.biometrics.index.batching import BatchedIndex
from services.biometrics.index.embedded import EmbeddedIndex
from services.biometrics.index.hamming import hamming_distances
from services.biometrics.index.snapshots import SnapshotDamagedError, SnapshotFolder
from services.biometrics.index.vectors import (
    ANY_SIMILARITY,
    Hit,
    IndexKeyError,
    IndexStats,
    IndexUnavailableError,
    VectorIndex,
    VectorShapeError,
)

__all__ = [
    "ANY_SIMILARITY",
    "BatchedIndex",
    "EmbeddedIndex",
    "Hit",
    "IndexKeyError",
    "IndexStats",
    "IndexUnavailableError",
    "SnapshotDamagedError",
    "SnapshotFolder",
    "VectorIndex",
    "VectorShapeError",
    "hamming_distances",
]
