"""Each cylinder as a short vector: what a large gallery is searched by before prints are compared.

A linear projection of the cylinder's bits that was learned (see `learning`) so that a minutia found again keeps its
place while different minutiae spread, then brought to unit length.
"""

import base64
import json
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.cylinders import BIT_WORDS, DISC, SECTIONS, Cylinders
from services.biometrics.index.runtime import faiss

DIMENSION: Final = 64
LISTS: Final = 256
"""Coarse cells; a search looks into PROBED of them."""
PROBED: Final = 32
SUBSPACES: Final = 32
CODE_BITS: Final = 4
BITS: Final = SECTIONS * int(DISC.sum())
LEARNED: Final = Path(__file__).with_name("descriptors.json")
_ON_DISC: Final = np.tile(DISC, SECTIONS)


@dataclass(frozen=True, eq=False)
class Codes:
    """Descriptors, coded.

    Attributes:
        lists: uint8 (m,), the coarse cell of each.
        octets: uint8 (m, 16), the product quantizer's centroids, two a byte.
    """

    lists: NDArray[np.uint8]
    octets: NDArray[np.uint8]

    @staticmethod
    def joined(parts: "list[Codes]") -> "Codes":
        """Many one after the other; a copy."""
        return Codes(np.concatenate([part.lists for part in parts]), np.concatenate([part.octets for part in parts]))


@dataclass(frozen=True, eq=False)
class Projection:
    """What was learned.

    Attributes:
        weights: float32 (BITS, DIMENSION).
        offset: float32 (DIMENSION,), subtracted after projection.
        lists: float32 (LISTS, DIMENSION), centres of the coarse cells.
        centroids: float32 (SUBSPACES, 16, DIMENSION / SUBSPACES), of the product quantizer.
    """

    weights: NDArray[np.float32]
    offset: NDArray[np.float32]
    lists: NDArray[np.float32]
    centroids: NDArray[np.float32]

    @cached_property
    def _on_grid(self) -> NDArray[np.float32]:
        """The weights with a row for each cell of the grid: no bits have to be picked out."""
        weights = np.zeros((len(_ON_DISC), DIMENSION), dtype=np.float32)
        weights[_ON_DISC] = self.weights
        return weights

    def describe(self, cylinders: Cylinders) -> NDArray[np.float32]:
        """float32 (m, DIMENSION), unit norm, of m cylinders."""
        bits = _bits(cylinders).astype(np.float32)
        vectors = bits @ self._on_grid  # then to unit length: cheaper than to bring the bits to it
        vectors /= np.sqrt(np.maximum(cylinders.ones, 1), dtype=np.float32)[:, None]
        vectors -= self.offset
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-6))
        return vectors

    def encode(self, cylinders: Cylinders) -> "Codes":
        """The codes of m cylinders."""
        vectors = self.describe(cylinders)
        _, nearest = faiss.knn(vectors, self.lists, 1)
        return Codes(nearest[:, 0].astype(np.uint8), self._quantizer.compute_codes(vectors))

    def inverted(self, codes: "Codes") -> "faiss.IndexIVFPQFastScan":
        """What descriptors are searched in; the minutiae are numbered in the order of the codes.

        It is made of all codes at once: merging such indexes writes past their memory (faiss-cpu 1.15.1).
        """
        cells = faiss.IndexFlatL2(DIMENSION)
        cells.add(self.lists)
        plain = faiss.IndexIVFPQ(cells, DIMENSION, LISTS, SUBSPACES, CODE_BITS)
        plain.by_residual = False
        faiss.copy_array_to_vector(self.centroids.ravel(), plain.pq.centroids)
        plain.is_trained = True
        lists: Any = plain.invlists
        order = np.argsort(codes.lists, kind="stable")
        ends = np.searchsorted(codes.lists[order], np.arange(LISTS + 1))
        for number, (start, end) in enumerate(pairwise(ends.tolist())):
            if end > start:
                rows = order[start:end].astype(np.int64)
                octets = np.ascontiguousarray(codes.octets[rows])
                lists.add_entries(number, end - start, faiss.swig_ptr(rows), faiss.swig_ptr(octets))
        plain.ntotal = len(order)
        packed = faiss.IndexIVFPQFastScan(plain)
        plain.reset()  # its lists are packed; faiss keeps it alive for its cells
        packed.nprobe = PROBED
        return packed

    @cached_property
    def _quantizer(self) -> "faiss.ProductQuantizer":
        quantizer = faiss.ProductQuantizer(DIMENSION, SUBSPACES, CODE_BITS)
        faiss.copy_array_to_vector(self.centroids.ravel(), quantizer.centroids)
        return quantizer

    def to_json(self) -> str:
        """Each array in steps of a hundred and twenty-seventh of its largest value: a few lines instead of numbers."""
        return json.dumps({name: _packed(getattr(self, name)) for name in self.__dataclass_fields__}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Projection":
        """What `to_json` wrote."""
        return cls(**{name: _unpacked(entry) for name, entry in json.loads(text).items()})


@cache
def learned() -> Projection:
    """The projection that comes with the program."""
    return Projection.from_json(LEARNED.read_text())


def unit_bits(cylinders: Cylinders) -> NDArray[np.float32]:
    """The bits of each cylinder on the disc, as a vector of unit length: float32 (m, BITS)."""
    bits = _bits(cylinders)[:, _ON_DISC].astype(np.float32)
    bits /= np.sqrt(np.maximum(cylinders.ones, 1), dtype=np.float32)[:, None]
    return bits


def _bits(cylinders: Cylinders) -> NDArray[np.uint8]:
    octets = np.ascontiguousarray(cylinders.bits.astype("<u8", copy=False)).view(np.uint8)
    return np.unpackbits(octets, axis=1, count=64 * BIT_WORDS, bitorder="little")


def _packed(values: NDArray[np.float32]) -> dict[str, Any]:
    step = float(np.abs(values).max()) / 127
    steps = np.rint(values / step).astype(np.int8)
    return {"shape": values.shape, "step": step, "steps": base64.b64encode(steps.tobytes()).decode("ascii")}


def _unpacked(entry: dict[str, Any]) -> NDArray[np.float32]:
    steps = np.frombuffer(base64.b64decode(entry["steps"]), dtype=np.int8).reshape(entry["shape"])
    return steps.astype(np.float32) * np.float32(entry["step"])
