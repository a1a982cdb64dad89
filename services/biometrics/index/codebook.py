"""Four-bit codes of vectors: more of them where a gallery's own vectors differ most.

A product quantiser (H. Jégou, M. Douze, C. Schmid, TPAMI 2011) over the gallery's principal axes. Each code narrows
one axis down to a sixteenth; the next code goes to whichever axis then has the most left, so that an axis of large
variance is coded twice, its rest after the first time, and one of small variance not at all. Face vectors lie close to
few axes: with as many bits, the error is a fraction of that of codes in the vector's own axes (measured; decision 16).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.index.blocks import Block, Floats
from services.biometrics.index.runtime import faiss

_TRAINED_ON: Final = 20_000
_CENTROIDS: Final = 16
_LEFT: Final = 0.0095
"""Share of a Gaussian's variance that is left after four bits. Source: J. Max, IRE Trans. Inf. Theory 6, 1960."""
_STAGES: Final = 3


def codes_of(dimension: int) -> int | None:
    """Codes a vector: 7 for 8 dimensions, 192 at most; None where there are too few dimensions to gain by.

    Fewer are scanned in less time, but say so little that many more rows must be looked at to be sure of having
    everybody (measured at 128 dimensions with 84 to 128 codes, at 512 with 128 to 256).
    """
    return min(dimension * 7 // 8, 192) // 2 * 2 if dimension >= _CENTROIDS else None


class Codebook:
    """Axes and centroids trained on a gallery's own vectors."""

    def __init__(self, sample: Floats) -> None:
        """Train.

        Args:
            sample: float32 (n, dimension), unit norm, of all parts of the gallery; n >= 16.
        """
        faiss.omp_set_num_threads(1)
        self.mean: Floats = sample.mean(axis=0)
        centred = sample - self.mean
        variances, axes = np.linalg.eigh(centred.T @ centred / len(sample))
        stages = _allot(variances, codes_of(sample.shape[1]) or 2)
        self._axes: Floats = np.ascontiguousarray(axes[:, np.concatenate(stages)].astype(np.float32))
        self._edges = np.cumsum([0, *map(len, stages)]).tolist()
        self._quantisers: list[faiss.ProductQuantizer] = []
        self._again = [np.flatnonzero(np.isin(before, after)) for before, after in pairwise(stages)]
        self._train(centred @ self._axes)

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> "Codebook":
        """Trained on rows drawn evenly from blocks."""
        each = max(_CENTROIDS, _TRAINED_ON // len(blocks))
        drawn = [block.vectors[: len(block) : max(1, len(block) // each)] for block in blocks]
        sample = np.concatenate(drawn)
        return cls(np.ascontiguousarray(sample[np.einsum("ij,ij->i", sample, sample) > 0.5]))  # not the struck

    def encode(self, vectors: Floats) -> tuple[NDArray[np.uint8], Floats]:
        """Codes, uint8 (n, bytes), and what share of its own length each vector keeps, float32 (n,)."""
        faiss.omp_set_num_threads(1)
        projected = vectors @ self._axes
        codes, decoded = self._stagewise(projected - self.mean @ self._axes)
        return codes, np.einsum("ij,ij->i", decoded, projected) + vectors @ self.mean

    def probe(self, probes: Floats) -> tuple[Floats, Floats]:
        """Probes as the codes are scanned with, float32 (q, codes), and what is added to every score, (q, 1)."""
        return np.ascontiguousarray(probes @ self._axes), (probes @ self.mean)[:, np.newaxis]

    def packed(self, codes: NDArray[np.uint8]) -> "faiss.IndexPQFastScan":
        """Codes laid out for scanning."""
        count = self._edges[-1]
        plain = faiss.IndexPQ(count, count, 4, faiss.METRIC_INNER_PRODUCT)
        centroids = np.concatenate([faiss.vector_to_array(each.centroids) for each in self._quantisers])
        faiss.copy_array_to_vector(centroids, plain.pq.centroids)
        plain.is_trained = True
        plain.add_sa_codes(codes)
        return faiss.IndexPQFastScan(plain)  # type: ignore[arg-type]  # the stubs know the C++ signature only

    def _train(self, projected: Floats) -> None:
        for stage, (start, end) in enumerate(pairwise(self._edges)):
            quantiser = faiss.ProductQuantizer(end - start, end - start, 4)
            quantiser.cp.min_points_per_centroid = 1  # a small gallery is no reason to warn
            part = np.ascontiguousarray(projected[:, start:end])
            quantiser.train(part)
            self._quantisers.append(quantiser)
            if stage + 1 < len(self._edges) - 1:
                rest = part - _decoded(quantiser, quantiser.compute_codes(part))
                after = self._edges[stage + 2]
                projected[:, end:after] = rest[:, self._again[stage]]

    def _stagewise(self, projected: Floats) -> tuple[NDArray[np.uint8], Floats]:
        """Codes and what they stand for, column by column; columns of a later stage hold what the one before left."""
        codes, decoded = [], np.empty_like(projected)
        for stage, quantiser in enumerate(self._quantisers):
            start, end = self._edges[stage : stage + 2]
            part = np.ascontiguousarray(projected[:, start:end])
            codes.append(quantiser.compute_codes(part))
            decoded[:, start:end] = _decoded(quantiser, codes[-1])
            if stage + 1 < len(self._quantisers):
                rest = part - decoded[:, start:end]
                projected[:, end : self._edges[stage + 2]] = rest[:, self._again[stage]]
        return np.hstack(codes), decoded


def _decoded(quantiser: "faiss.ProductQuantizer", codes: NDArray[np.uint8]) -> Floats:
    values: Floats = quantiser.decode(codes)  # type: ignore[call-arg,func-returns-value,assignment]  # as above
    return values


def _allot(variances: NDArray[np.floating], count: int) -> list[NDArray[np.intp]]:
    """Axes that are coded once, those of them that are coded again, and so on; each stage of even length.

    A code goes where most of the variance is left. Codes are packed two to an octet, so a stage that would be odd is
    one longer or shorter.
    """
    left = np.maximum(np.asarray(variances, dtype=np.float64), 0)
    times = np.zeros(len(left), dtype=np.intp)
    for _ in range(count):
        axis = int(np.argmax(np.where(times < _STAGES, left, -1)))
        times[axis] += 1
        left[axis] *= _LEFT
    order = np.argsort(-np.asarray(variances), kind="stable")
    lengths = [int((times > stage).sum()) for stage in range(_STAGES)]
    while lengths[-1] == 0:
        lengths.pop()
    for stage in range(len(lengths) - 1, 0, -1):  # an odd stage gives its last code to the one before
        if lengths[stage] % 2:
            lengths[stage] -= 1
            lengths[stage - 1] += 1
    return [order[:length] for length in lengths if length]
