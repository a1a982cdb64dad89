"""What searches see: every ACTIVE encounter, in memory, by gallery. A pure function of the table."""

from collections import defaultdict
from collections.abc import Iterable
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.fingerprint.gallery import FingerGallery
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.index import FlatIndex, VectorIndex
from services.biometrics.templates.features import FaceFeatures, Features
from shared.contracts.osia import ALL_GALLERIES, BiometricSubType


class _FaceShelf(NamedTuple):
    gallery: str
    model_id: str


class _FingerShelf(NamedTuple):
    gallery: str
    model_id: str
    position: BiometricSubType | None


Shelf = TypeVar("Shelf", _FaceShelf, _FingerShelf)


class Galleries:
    """Faces by gallery and model; prints by gallery, model and finger.

    Any number of threads may search while others add and remove: the two kinds of index see to that, and the lock
    keeps the tables here in step with them. What `add` has returned from, every later search finds.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._faces: dict[_FaceShelf, VectorIndex] = {}
        self._fingers: dict[_FingerShelf, FingerGallery] = {}
        self._items: dict[str, tuple[EnrolledEncounter, EnrolledItem]] = {}
        self._encounters: dict[int, EnrolledEncounter] = {}
        self._of_person: dict[str, dict[int, EnrolledEncounter]] = {}

    def __len__(self) -> int:
        return len(self._encounters)

    def add(self, encounter: EnrolledEncounter) -> None:
        """Let searches find an encounter."""
        self.add_all([encounter])

    def add_all(self, encounters: Iterable[EnrolledEncounter]) -> None:
        """Let searches find many encounters; quicker than one by one."""
        with self._lock:
            prints: dict[_FingerShelf, list[tuple[str, FingerTemplate]]] = defaultdict(list)
            for encounter in encounters:
                self._encounters[encounter.seq] = encounter
                self._of_person.setdefault(encounter.person_id, {})[encounter.seq] = encounter
                for item in encounter.items:
                    self._items[item.key] = encounter, item
                    self._shelve(encounter, item, prints)
            for shelf, some in prints.items():
                self._fingers.setdefault(shelf, FingerGallery()).add_all(some)

    def remove(self, seq: int) -> None:
        """Let no search find an encounter; nothing happens when it is not here."""
        with self._lock:
            encounter = self._encounters.pop(seq, None)
            if encounter is None:
                return
            of_person = self._of_person[encounter.person_id]
            del of_person[seq]
            if not of_person:
                del self._of_person[encounter.person_id]
            for item in encounter.items:
                del self._items[item.key]
                self._unshelve(encounter, item)

    def nearest(self, gallery: str, probe: Features, limit: int) -> list[tuple[str, float]]:
        """Items of a gallery that are most like a probe's item.

        Args:
            gallery: ALL for every one.
            probe: a finger of known position is searched among the same fingers and those of unknown position.
            limit: how many at most from each shelf.

        Returns:
            (item key, score on the comparer's own scale), in no order.
        """
        if isinstance(probe, FaceFeatures):
            return [
                (hit.key, hit.similarity)
                for index in self._face_indexes(gallery, probe.model_id)
                for hit in index.search(probe.vector, limit)
            ]
        prints = self._finger_galleries(gallery, probe.model_id, probe.position)
        return [found for each in prints for found in each.search(probe.template, limit)]

    def item(self, key: str) -> tuple[EnrolledEncounter, EnrolledItem] | None:
        """An item by its key, with its encounter; None when it has just been removed."""
        return self._items.get(key)

    def of_person(self, gallery: str, person_id: str) -> list[EnrolledEncounter]:
        """A person's encounters in a gallery, oldest first."""
        with self._lock:
            encounters = sorted(self._of_person.get(person_id, {}).items())
        return [each for _, each in encounters if gallery in {ALL_GALLERIES, *each.galleries}]

    def _shelve(
        self,
        encounter: EnrolledEncounter,
        item: EnrolledItem,
        prints: dict[_FingerShelf, list[tuple[str, FingerTemplate]]],
    ) -> None:
        features = item.features
        for gallery in encounter.galleries:
            if isinstance(features, FaceFeatures):
                shelf = _FaceShelf(gallery, features.model_id)
                self._faces.setdefault(shelf, FlatIndex(len(features.vector))).add(item.key, features.vector)
            else:
                prints[_FingerShelf(gallery, features.model_id, features.position)].append(
                    (item.key, features.template)
                )

    def _unshelve(self, encounter: EnrolledEncounter, item: EnrolledItem) -> None:
        features = item.features
        for gallery in encounter.galleries:
            if isinstance(features, FaceFeatures):
                _take_out(self._faces, _FaceShelf(gallery, features.model_id), item.key)
            else:
                _take_out(self._fingers, _FingerShelf(gallery, features.model_id, features.position), item.key)

    def _face_indexes(self, gallery: str, model_id: str) -> list[VectorIndex]:
        with self._lock:
            shelves = list(self._faces.items())
        return [index for shelf, index in shelves if shelf.model_id == model_id and _covers(gallery, shelf.gallery)]

    def _finger_galleries(self, gallery: str, model_id: str, position: BiometricSubType | None) -> list[FingerGallery]:
        with self._lock:
            shelves = list(self._fingers.items())
        return [
            prints
            for shelf, prints in shelves
            if shelf.model_id == model_id
            and _covers(gallery, shelf.gallery)
            and (position is None or shelf.position in {None, position})
        ]


def _take_out(shelves: dict[Shelf, Any], shelf: Shelf, key: str) -> None:
    shelves[shelf].remove(key)
    if not len(shelves[shelf]):
        del shelves[shelf]


def _covers(wanted: str, gallery: str) -> bool:
    return wanted in {ALL_GALLERIES, gallery}
