"""What searches see: every ACTIVE encounter, in memory, by gallery. A pure function of the table."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from threading import Lock
from typing import NamedTuple, cast

from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.fingerprint.gallery import FingerGallery
from services.biometrics.identify.face_shelves import FaceShelf, FaceShelves, in_memory
from services.biometrics.identify.population import Population
from services.biometrics.templates.features import FaceFeatures, Features, FingerFeatures, without_vector
from shared.contracts.osia import ALL_GALLERIES, BiometricSubType


class _FingerShelf(NamedTuple):
    gallery: str
    comparer: str
    position: BiometricSubType | None


_Place = tuple[FaceShelf | _FingerShelf, str]
_Places = dict[_Place, Features]
_ByShelf = defaultdict[FaceShelf | _FingerShelf, dict[str, Features]]


class Galleries:
    """Faces by gallery and model; prints by gallery, model and finger.

    Any number of threads may search while others add and remove: the two kinds of index see to that, and the lock
    keeps the tables here in step with them. What `add` has returned from, every later search finds.
    """

    def __init__(self, faces: FaceShelves | None = None) -> None:
        """Nobody is in it yet.

        Args:
            faces: where face vectors are; None: in memory only.
        """
        self._lock = Lock()
        self._faces = faces or FaceShelves(in_memory)
        self._fingers: dict[_FingerShelf, FingerGallery] = {}
        self._of_item: dict[str, EnrolledEncounter] = {}
        self._encounters: dict[int, EnrolledEncounter] = {}
        self._of_person: dict[str, tuple[EnrolledEncounter, ...]] = {}
        self._population = Population()

    def __len__(self) -> int:
        return len(self._encounters)

    def add(self, encounter: EnrolledEncounter) -> None:
        """Let searches find an encounter."""
        self.add_all([encounter])

    def add_all(self, encounters: Iterable[EnrolledEncounter]) -> None:
        """Let searches find many encounters; quicker than one by one."""
        with self._lock:
            arriving: _ByShelf = defaultdict(dict)
            for encounter in encounters:
                self._remember(encounter)
                for item in encounter.items:
                    for gallery in encounter.galleries:
                        arriving[_shelf(gallery, item.features)][item.key] = item.features
            self._shelve(arriving)

    def replace(self, encounter: EnrolledEncounter) -> None:
        """Let searches find an encounter as it is now, in the place of how it was. What is in both is never away."""
        with self._lock:
            old = self._encounters.get(encounter.seq)
            before, after = (_places(old) if old else {}), _places(encounter)
            self._remember(encounter)
            arriving: _ByShelf = defaultdict(dict)
            for shelf, key in after.keys() - before.keys():
                arriving[shelf][key] = after[shelf, key]
            self._shelve(arriving)
            self._take_out(before.keys() - after.keys())
            if old is not None:
                self._forget(old, encounter)

    def remove(self, seq: int) -> None:
        """Let no search find an encounter; nothing happens when it is not here."""
        with self._lock:
            encounter = self._encounters.pop(seq, None)
            if encounter is not None:
                self._population.change(encounter, None)
                self._forget(encounter)
                self._take_out(_places(encounter))

    def nearest(self, gallery: str, probe: Features, limit: int, floor: float = -1.0) -> list[tuple[str, float]]:
        """Items of a gallery that are most like a probe's item.

        Args:
            gallery: ALL for every one.
            probe: a finger of known position is searched among the same fingers and those of unknown position.
            limit: how many at most from each shelf.
            floor: score that a face reaches; the higher, the less work it is to be sure of everybody.

        Returns:
            (item key, score on the comparer's own scale), in no order.
        """
        if isinstance(probe, FaceFeatures):
            return [
                (hit.key, hit.similarity)
                for shelf in self._faces.shelves()
                if shelf.model_id == probe.model_id and _covers(gallery, shelf.gallery)
                for hit in self._faces.nearest(shelf, probe.vector, limit, floor)
            ]
        prints = self._finger_galleries(gallery, probe.comparer, probe.position)
        return [found for each in prints for found in each.search(probe.template, limit)]

    def item(self, key: str) -> tuple[EnrolledEncounter, EnrolledItem] | None:
        """An item by its key, with its encounter; None when it has just been removed."""
        encounter = self._of_item.get(key)
        return None if encounter is None else (encounter, next(item for item in encounter.items if item.key == key))

    def persons(self, gallery: str) -> int:
        """How many persons are in a gallery; ALL for all of them."""
        with self._lock:
            return len(self._of_person) if gallery == ALL_GALLERIES else self._population.persons(gallery)

    def settle(self) -> None:
        """Wait until all prints that were added are coded for large searches, and nothing is left to be done."""
        for prints in self._all_fingers():
            prints.settle()

    def finger_stats(self) -> dict[str, int]:
        """How many prints there are, and the bytes that they and their codes take, without Python's own."""
        prints = self._all_fingers()
        return {"prints": sum(map(len, prints)), "octets": sum(each.octets for each in prints)}

    def of_person(self, gallery: str, person_id: str) -> list[EnrolledEncounter]:
        """A person's encounters in a gallery, oldest first."""
        with self._lock:
            encounters = sorted(self._of_person.get(person_id, ()), key=lambda each: each.seq)
        return [self._with_vectors(each) for each in encounters if gallery in {ALL_GALLERIES, *each.galleries}]

    def has_kept(self, galleries: Iterable[str], model_id: str, key: str) -> bool:
        """Whether the vector of a face was kept where these galleries' vectors are, while they are loaded."""
        return self._faces.has_kept(galleries, model_id, key)

    def complete(self) -> None:
        """Say that everything of the table was added."""
        with self._lock:
            self._faces.complete()

    def _with_vectors(self, encounter: EnrolledEncounter) -> EnrolledEncounter:
        """With what is compared of each item; without those that have just been removed."""
        shelf_of = next(iter(encounter.galleries), "")
        items = []
        for item in encounter.items:
            features: Features | None = item.features
            if isinstance(features, FaceFeatures):
                features = self._faces.face(FaceShelf(shelf_of, features.model_id), item.key)
            if features is not None:
                items.append(item._replace(features=features))
        return encounter._replace(items=tuple(items))

    def _remember(self, encounter: EnrolledEncounter) -> None:
        encounter = _light(encounter)
        old = self._encounters.get(encounter.seq)
        self._population.change(old, encounter)
        self._encounters[encounter.seq] = encounter
        others = self._of_person.get(encounter.person_id, ())
        if old is not None:
            others = tuple(each for each in others if each is not old)
        self._of_person[encounter.person_id] = (*others, encounter)
        for item in encounter.items:
            self._of_item[item.key] = encounter

    def _forget(self, old: EnrolledEncounter, new: EnrolledEncounter | None = None) -> None:
        kept = {item.key for item in new.items} if new else set()
        for item in old.items:
            if item.key not in kept:
                del self._of_item[item.key]
        if new is None or new.person_id != old.person_id:
            left = tuple(each for each in self._of_person[old.person_id] if each is not old)
            if left:
                self._of_person[old.person_id] = left
            else:
                del self._of_person[old.person_id]

    def _shelve(self, arriving: _ByShelf) -> None:
        for shelf, some in arriving.items():
            if isinstance(shelf, FaceShelf):
                self._faces.add(shelf, cast("dict[str, FaceFeatures]", some))
            else:
                prints = cast("dict[str, FingerFeatures]", some)
                templates = ((key, each.template) for key, each in prints.items())
                self._fingers.setdefault(shelf, FingerGallery()).add_all(templates)

    def _take_out(self, places: Iterable[_Place]) -> None:
        faces: dict[FaceShelf, list[str]] = defaultdict(list)
        for shelf, key in places:
            if isinstance(shelf, FaceShelf):
                faces[shelf].append(key)
            else:
                self._fingers[shelf].remove(key)
                if not len(self._fingers[shelf]):
                    del self._fingers[shelf]
        for face_shelf, keys in faces.items():
            self._faces.remove(face_shelf, keys)

    def _all_fingers(self) -> list[FingerGallery]:
        with self._lock:
            return list(self._fingers.values())

    def _finger_galleries(self, gallery: str, comparer: str, position: BiometricSubType | None) -> list[FingerGallery]:
        with self._lock:
            shelves = list(self._fingers.items())
        return [
            prints
            for shelf, prints in shelves
            if shelf.comparer == comparer
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


def _shelf(gallery: str, features: Features) -> FaceShelf | _FingerShelf:
    if isinstance(features, FaceFeatures):
        return _face_shelf(gallery, features.model_id)
    return _FingerShelf(gallery, features.comparer, features.position)


_face_shelf = cache(FaceShelf)


def _light(encounter: EnrolledEncounter) -> EnrolledEncounter:
    """Without face vectors: the index holds them, once."""
    for item in encounter.items:
        if isinstance(item.features, FaceFeatures) and len(item.features.vector):
            return encounter._replace(items=tuple(_without_vector(each) for each in encounter.items))
    return encounter


def _without_vector(item: EnrolledItem) -> EnrolledItem:
    face = isinstance(item.features, FaceFeatures)
    return item._replace(features=without_vector(item.features.model_id)) if face else item


def _covers(wanted: str, gallery: str) -> bool:
    return wanted in {ALL_GALLERIES, gallery}
