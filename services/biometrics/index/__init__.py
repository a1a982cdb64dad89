"""Who in a gallery is most like a probe: exact search over unit vectors, by opaque key; and distances of bit codes."""

from services.biometrics.index.flat import FlatIndex
from services.biometrics.index.hamming import hamming_distances
from services.biometrics.index.vectors import Hit, IndexKeyError, VectorIndex, VectorShapeError

__all__ = ["FlatIndex", "Hit", "IndexKeyError", "VectorIndex", "VectorShapeError", "hamming_distances"]
