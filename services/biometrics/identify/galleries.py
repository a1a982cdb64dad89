"""What searches see: every ACTIVE encounter, in memory, by gallery. A pure function of the table."""

from collections import defaultdict
from collections.abc import Iterable
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.fingerprint.gallery import FingerGallery
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.index import FlatIndex, VectorIndex
from services.biometrics.templates.features import FaceFeatures, Features, FingerFeatures
from shared.contracts.osia import ALL_GALLERIES, BiometricSubType


class _FaceShelf(NamedTuple):
    gallery: str
    model_id: str


class _FingerShelf(NamedTuple):
    gallery: str
    model_id: str
    position: BiometricSubType | None


Shelf = TypeVar("Shelf", _FaceShelf, _FingerShelf)
_Place = tuple[_FaceShelf | _FingerShelf, str]
_Places = dict[_Place, Features]


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
            places: _Places = {}
            for encounter in encounters:
                self._remember(encounter)
                places |= _places(encounter)
            self._shelve(places)

    def replace(self, encounter: EnrolledEncounter) -> None:
        """Let searches find an encounter as it is now, in the place of how it was. What is in both is never away."""
        with self._lock:
            old = self._encounters.get(encounter.seq)
            before, after = (_places(old) if old else {}), _places(encounter)
            self._remember(encounter)
            self._shelve({place: after[place] for place in after.keys() - before.keys()})
            self._take_out(before.keys() - after.keys())
            if old is not None:
                self._forget(old, encounter)

    def remove(self, seq: int) -> None:
        """Let no search find an encounter; nothing happens when it is not here."""
        with self._lock:
            encounter = self._encounters.pop(seq, None)
            if encounter is not None:
                self._forget(encounter)
                self._take_out(_places(encounter))

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

    def _remember(self, encounter: EnrolledEncounter) -> None:
        self._encounters[encounter.seq] = encounter
        self._of_person.setdefault(encounter.person_id, {})[encounter.seq] = encounter
        self._items.update({item.key: (encounter, item) for item in encounter.items})

    def _forget(self, old: EnrolledEncounter, new: EnrolledEncounter | None = None) -> None:
        kept = {item.key for item in new.items} if new else set()
        for item in old.items:
            if item.key not in kept:
                del self._items[item.key]
        if new is None or new.person_id != old.person_id:
            of_person = self._of_person[old.person_id]
            del of_person[old.seq]
            if not of_person:
                del self._of_person[old.person_id]

    def _shelve(self, places: _Places) -> None:
        prints: dict[_FingerShelf, list[tuple[str, FingerTemplate]]] = defaultdict(list)
        for (shelf, key), features in places.items():
            if isinstance(shelf, _FaceShelf) and isinstance(features, FaceFeatures):
                self._faces.setdefault(shelf, FlatIndex(len(features.vector))).add(key, features.vector)
            elif isinstance(shelf, _FingerShelf) and isinstance(features, FingerFeatures):
                prints[shelf].append((key, features.template))
        for finger_shelf, some in prints.items():
            self._fingers.setdefault(finger_shelf, FingerGallery()).add_all(some)

    def _take_out(self, places: Iterable[_Place]) -> None:
        for shelf, key in places:
            if isinstance(shelf, _FaceShelf):
                _remove(self._faces, shelf, key)
            else:
                _remove(self._fingers, shelf, key)

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


def _places(encounter: EnrolledEncounter) -> _Places:
    """Where each item of an encounter stands."""
    return {
        (_shelf(gallery, item.features), item.key): item.features
        for item in encounter.items
        for gallery in encounter.galleries
    }


def _shelf(gallery: str, features: Features) -> _FaceShelf | _FingerShelf:
    if isinstance(features, FaceFeatures):
        return _FaceShelf(gallery, features.model_id)
    return _FingerShelf(gallery, features.model_id, features.position)


def _remove(shelves: dict[Shelf, Any], shelf: Shelf, key: str) -> None:
    shelves[shelf].remove(key)
    if not len(shelves[shelf]):
        del shelves[shelf]


def _covers(wanted: str, gallery: str) -> bool:
    return wanted in {ALL_GALLERIES, gallery}
