"""Chimeric people: the face of one person with two fingers of another, compared item by item before anything is fused.

Every figure that is used is that of a real comparison. A face person borrows two fingers of one database (one kind of
scanner); 40 fingers serve hundreds of faces, so each search has a gallery of its own, in which nobody else has the
probe's face or either of its fingers. The crowd in it are chimeras too: a face of another person with prints of two
other fingers of that database, drawn anew for each of its members.

What that keeps: the whole distribution of each modality's scores, and that they are independent. What it leaves out:
that a poor capture of the face and of the fingers may come together, and that a crowd of 100,000 has more different
faces than the folder; the highest face score of a search is that of the people who are there. Embeddings made by
resampling real ones would fill that gap only in appearance: measured on LFW with dlib-resnet-v1, a Gaussian of the
same mean and covariance has a fifth of the strangers at the threshold for FMR 1e-3 and a fortieth at 1e-4.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evaluation.extraction import Extracted, Progress
from services.biometrics.evaluation.folders import EmptyFolderError, Photo, Print
from services.biometrics.evaluation.peers import PrintComparer
from services.biometrics.evidence import Calibration

MIN_FINGERS: Final = 4
"""Of a database: the probe's two, and two others."""

Bans = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Faces:
    """Evidence of each probe photo for each enrolled person.

    Attributes:
        bans: float32 (probes, people); a person's first photo is enrolled, the others are probes.
        person: (probes,), whose photo it is.
    """

    bans: Bans
    person: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Fingers:
    """Evidence of each print of a database for each other.

    Attributes:
        bans: float32 (fingers, impressions, fingers, impressions). A finger with fewer impressions repeats them.
        counts: (fingers,), impressions there are.
    """

    bans: Bans
    counts: NDArray[np.intp]


@dataclass(frozen=True)
class Borrowed:
    """The fingers of one search: of which database, which two, and which impression is enrolled and which searched."""

    database: int
    fingers: tuple[int, int]
    enrolled: tuple[int, int]
    searched: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Bans of a search: for the mate and for the crowd, by face, one finger and the other."""

    mate: tuple[float, float, float]
    crowd: tuple[Bans, Bans, Bans]


@dataclass(frozen=True, eq=False)
class Pools:
    """All that a search's strangers can be made of.

    Attributes:
        mate: bans by face, one finger and the other.
        face: float32 (people,), bans of the other faces.
        fingers: two float32 (fingers, impressions): bans of the probe's fingers for those of others.
    """

    mate: tuple[float, float, float]
    face: Bans
    fingers: tuple[Bans, Bans]


def bans_of(calibration: Calibration, scores: NDArray[Any]) -> Bans:
    """`Calibration.bans_of` in single precision."""
    return calibration.bans_of(scores).astype(np.float32)


def compare_faces(extracted: Extracted[Photo, NDArray[np.float32]], calibration: Calibration) -> Faces:
    """Every further photo of a person against everybody's first.

    Raises:
        EmptyFolderError: nobody has a second photo, or there is only one person.
    """
    vectors = np.stack(extracted.samples)
    _, first, owner = np.unique([each.person for each in extracted.sources], return_index=True, return_inverse=True)
    probes = np.setdiff1d(np.arange(len(owner)), first)
    if not len(probes) or len(first) < 2:
        raise EmptyFolderError("two people with a usable photo are needed, one of them with two")
    return Faces(bans_of(calibration, vectors[probes] @ vectors[first].T), owner[probes].astype(np.intp))


def compare_fingers(
    engine: PrintComparer, extracted: Extracted[Print, Any], calibration: Calibration, came: Progress
) -> list[Fingers]:
    """Every print against every other of its database.

    Raises:
        EmptyFolderError: no database has MIN_FINGERS with two impressions.
    """
    databases: defaultdict[str, defaultdict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for source, template in zip(extracted.sources, extracted.samples, strict=True):
        databases[source.database][source.finger].append(template)
    usable = [[prints for prints in each.values() if len(prints) > 1] for each in databases.values()]
    found = [_compare(engine, fingers, calibration, came) for fingers in usable if len(fingers) >= MIN_FINGERS]
    if not found:
        raise EmptyFolderError(f"no database has {MIN_FINGERS} fingers with two usable impressions")
    return found


def _compare(
    engine: PrintComparer, fingers: Sequence[Sequence[Any]], calibration: Calibration, came: Callable[[], None]
) -> Fingers:
    templates = [template for prints in fingers for template in prints]
    scores = np.zeros((len(templates), len(templates)))
    for one in range(len(templates)):
        for other in range(one):
            scores[one, other] = scores[other, one] = engine.compare(templates[one], templates[other])
            came()
    counts = np.array([len(prints) for prints in fingers])
    ends = np.cumsum(counts)
    place = (ends - counts)[:, None] + np.arange(counts.max()) % counts[:, None]
    square = bans_of(calibration, scores)[np.ix_(place.ravel(), place.ravel())]
    return Fingers(square.reshape(*place.shape, *place.shape), counts)


class Crowd:
    """Whom each search meets besides the mate, and the fingers that each probe borrows.

    Args:
        faces: of all probes.
        databases: of fingers.
        size: how many people in the crowd; the first of them have everybody's face once.
        searches: how many in all; each photo is searched equally often, each time with fingers borrowed anew.
        seed: of the draw.
    """

    def __init__(self, faces: Faces, databases: Sequence[Fingers], size: int, searches: int, seed: int) -> None:
        self._faces = faces
        self._databases = databases
        rng = np.random.default_rng(seed)
        others = faces.bans.shape[1] - 1
        self._face = np.concatenate([np.arange(others), rng.integers(0, others, max(size - others, 0))])[:size]
        self._prints = [self._draw_prints(each, size, rng) for each in databases]
        self.probes = np.arange(searches) % len(faces.person)
        self.borrowed = [self._borrow(rng) for _ in self.probes]

    def __len__(self) -> int:
        return len(self.probes)

    def evidence(self, search: int) -> Evidence:
        """All comparisons of a search."""
        pools = self.pools(search)
        one, other = self._prints[self.borrowed[search].database]
        first, second = (each.ravel() for each in pools.fingers)
        return Evidence(pools.mate, (pools.face[self._face], first[one], second[other]))

    def pools(self, search: int) -> Pools:
        """What a search's mate is, and what its crowd is drawn from."""
        probe, borrowed = self.probes[search], self.borrowed[search]
        own, row = int(self._faces.person[probe]), self._faces.bans[probe]
        database = self._databases[borrowed.database]
        prints = [database.bans[f, s] for f, s in zip(borrowed.fingers, borrowed.searched, strict=True)]
        mine = [float(each[f, e]) for each, f, e in zip(prints, borrowed.fingers, borrowed.enrolled, strict=True)]
        first, second = (np.delete(each, borrowed.fingers, axis=0) for each in prints)
        return Pools((float(row[own]), mine[0], mine[1]), np.delete(row, own), (first, second))

    @staticmethod
    def _draw_prints(database: Fingers, size: int, rng: np.random.Generator) -> tuple[NDArray[np.intp], ...]:
        """Two different fingers for each member, of all but two of the database, and an impression of each."""
        fingers, impressions = len(database.counts) - 2, database.bans.shape[1]
        one = rng.integers(0, fingers, size)
        other = (one + 1 + rng.integers(0, fingers - 1, size)) % fingers
        return tuple(each * impressions + rng.integers(0, impressions, size) for each in (one, other))

    def _borrow(self, rng: np.random.Generator) -> Borrowed:
        number = int(rng.integers(len(self._databases)))
        counts = self._databases[number].counts
        one, other = rng.choice(len(counts), 2, replace=False).tolist()
        drawn = [rng.choice(counts[finger], 2, replace=False).tolist() for finger in (one, other)]
        return Borrowed(number, (one, other), (drawn[0][0], drawn[1][0]), (drawn[0][1], drawn[1][1]))
