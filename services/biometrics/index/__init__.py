"""Who in a gallery is most like a probe: exact search over unit vectors, by opaque key."""

from services.biometrics.index.flat import FlatIndex
from services.biometrics.index.vectors import Hit, IndexKeyError, VectorIndex, VectorShapeError

__all__ = ["FlatIndex", "Hit", "IndexKeyError", "VectorIndex", "VectorShapeError"]
