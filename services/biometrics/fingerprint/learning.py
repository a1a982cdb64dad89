"""Learns the descriptors' projection from prints of known fingers: `python -m ...fingerprint.learning FOLDER`.

Where LSS-R says how two impressions of a finger lie on each other, the minutiae that then meet are the same ones. How
their cylinders differ is noise; how cylinders of many prints differ is what tells fingers apart. The directions with
most of the second for each part of the first are kept (linear discriminant analysis, within the leading principal
components). The impressions' own spread and that of prints made of them train the quantizers.

The projection that comes with the program was learned on fingers 101 to 105 of FVC2002 DB1..DB4 set B: those that
evidence is calibrated on, and that no figure of the search is given for.
"""

import argparse
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from PIL import Image

from services.biometrics.fingerprint.comparison import Relations, borne_out, compare, similarities
from services.biometrics.fingerprint.cylinders import Cylinders
from services.biometrics.fingerprint.descriptors import (
    CODE_BITS,
    DIMENSION,
    LEARNED,
    LISTS,
    SUBSPACES,
    Projection,
    unit_bits,
)
from services.biometrics.fingerprint.engine import LeaderMccEngine
from services.biometrics.fingerprint.minutiae import FingerNotUsableError
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.fingerprint.warping import another_finger
from services.biometrics.index.runtime import faiss

FINGERS: Final = range(101, 106)
DPI: Final = {"DB2_B": 569}
COMPONENTS: Final = 256
SURE_SCORE: Final = 0.06
"""LSS-R of two impressions below which how they lie on each other is not known well enough."""
MEET_PX, MEET_RAD = 14.0, 0.5
NOISE_FLOOR: Final = 0.02
"""Part of the mean noise that every component is taken to have at least."""
MADE: Final = 20
"""Prints made of each print."""
_Floats = NDArray[np.float32]


def learn(fingers: Sequence[Sequence[FingerTemplate]], seed: int = 1, made: int = MADE) -> Projection:
    """The projection for prints like these.

    Args:
        fingers: at least two impressions of each of many fingers.
        seed: of what is made of them.
        made: prints made of each.
    """
    crowd = unit_bits(Cylinders.joined(list(_crowd(fingers, np.random.default_rng(seed), made))))
    noise = np.concatenate([each for finger in fingers for each in _differences(finger)])
    mean = crowd.mean(axis=0)
    weights = _discriminant(crowd - mean, noise).astype(np.float32)
    projection = Projection(weights, mean @ weights, np.empty(0, np.float32), np.empty(0, np.float32))
    vectors = (crowd @ weights) - projection.offset
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Projection(weights, projection.offset, *_quantizers(vectors, seed))


def _crowd(fingers: Sequence[Sequence[FingerTemplate]], rng: np.random.Generator, made: int) -> Iterator[Cylinders]:
    for print_ in (each for finger in fingers for each in finger):
        yield print_.cylinders
        for _ in range(made):
            try:
                yield FingerTemplate.of(another_finger(print_.minutiae, rng)).cylinders
            except FingerNotUsableError:
                continue  # too little of a small print was left


def _differences(impressions: Sequence[FingerTemplate]) -> Iterator[_Floats]:
    """How the cylinders of the same minutiae differ, float32 (n, BITS), for each two impressions."""
    for one, other in combinations([each.cylinders for each in impressions], 2):
        if compare(one, other) >= SURE_SCORE:
            rows, columns = _meeting(one, other)
            yield unit_bits(one)[rows] - unit_bits(other)[columns]


def _meeting(one: Cylinders, other: Cylinders) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Minutiae that lie on each other, mutually nearest, once the other print is moved as the best pairs say."""
    rows, columns, _ = borne_out(Relations.of(one), other, similarities(one, other))
    here, there = _points(one), _points(other)
    turn, centre, moved_to = _rigid(there[columns], here[rows])
    apart = np.abs(here[:, None] - ((there - centre) * turn + moved_to))
    askew = np.angle(np.exp(1j * (one.direction[:, None] - other.direction.astype(np.float64))) / turn)
    apart[np.abs(askew) > MEET_RAD] = np.inf
    nearest = (apart == apart.min(axis=0)) & (apart == apart.min(axis=1, keepdims=True))
    met, there_met = np.nonzero(nearest & (apart < MEET_PX))
    return met, there_met


def _points(print_: Cylinders) -> NDArray[np.complex128]:
    return print_.x.astype(np.float64) - 1j * print_.y  # y upwards, as the directions turn


def _rigid(
    points: NDArray[np.complex128], onto: NDArray[np.complex128]
) -> tuple[np.complex128, np.complex128, np.complex128]:
    """The turn (as a number of modulus 1) and the two centres that bring points onto others, by least squares."""
    centre, moved_to = points.mean(), onto.mean()
    turn = np.vdot(points - centre, onto - moved_to)
    return turn / max(abs(turn), 1e-9), centre, moved_to


def _discriminant(crowd: _Floats, noise: _Floats) -> NDArray[np.float64]:
    """float64 (BITS, DIMENSION): most spread of the crowd for each part of noise, in which noise is 1 everywhere."""
    principal = np.linalg.eigh(np.cov(crowd.T))[1][:, : -COMPONENTS - 1 : -1]
    spread, wrong = np.cov((crowd @ principal).T), noise @ principal
    within = wrong.T @ wrong / (2 * len(wrong))
    within += NOISE_FLOOR * np.trace(within) / COMPONENTS * np.eye(COMPONENTS)
    directions = scipy.linalg.eigh(spread, within)[1][:, : -DIMENSION - 1 : -1]
    return np.asarray(principal @ directions, dtype=np.float64)


def _quantizers(vectors: _Floats, seed: int) -> tuple[_Floats, _Floats]:
    """Centres of the coarse cells and of the product quantizer."""
    clusters = faiss.Kmeans(DIMENSION, LISTS, niter=10, seed=seed)
    clusters.train(vectors)
    quantizer = faiss.ProductQuantizer(DIMENSION, SUBSPACES, CODE_BITS)
    quantizer.train(vectors)
    centroids = faiss.vector_to_array(quantizer.centroids)
    return np.asarray(clusters.centroids), centroids.reshape(SUBSPACES, 1 << CODE_BITS, DIMENSION // SUBSPACES)


def read_fingers(folder: Path, numbers: Sequence[int]) -> list[list[FingerTemplate]]:
    """The impressions of some fingers of each database of FVC2002 that is in a folder."""
    engine = LeaderMccEngine()
    fingers: dict[tuple[str, int], list[FingerTemplate]] = {}
    for path in sorted(folder.glob("DB*/*_*.png")):
        number = int(path.stem.split("_")[0])
        if number in numbers:
            grey = np.asarray(Image.open(path).convert("L"))
            print_ = engine.extract(grey, DPI.get(path.parent.name, 500))
            fingers.setdefault((path.parent.name, number), []).append(print_)
    return list(fingers.values())


def main() -> None:
    """Learn, and write what was learned where the program reads it."""
    parser = argparse.ArgumentParser(description="Learn the descriptors that fingers are searched by.")
    parser.add_argument("folder", type=Path, help="FVC2002, with DB1_B to DB4_B")
    parser.add_argument("--output", type=Path, default=LEARNED)
    given = parser.parse_args()
    given.output.write_text(learn(read_fingers(given.folder, FINGERS)).to_json())


if __name__ == "__main__":
    main()
