"""How many persons each gallery holds: what a false positive rate of searches is counted on."""

from collections import defaultdict

from services.biometrics.encounters.enrolled import EnrolledEncounter


class Population:
    """Counts persons by gallery as their encounters come and go. Not thread-safe by itself."""

    def __init__(self) -> None:
        self._encounters: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def persons(self, gallery: str) -> int:
        """Persons with an encounter in a gallery; 0 for one that is not known."""
        return len(self._encounters.get(gallery, ()))

    def change(self, old: EnrolledEncounter | None, new: EnrolledEncounter | None) -> None:
        """Count an encounter as it is now, in the place of how it was; None: it was, or is, not there."""
        if new is not None:
            for gallery in new.galleries:
                of_gallery = self._encounters[gallery]
                of_gallery[new.person_id] = of_gallery.get(new.person_id, 0) + 1
        if old is not None:
            for gallery in old.galleries:
                self._leave(gallery, old.person_id)

    def _leave(self, gallery: str, person_id: str) -> None:
        of_gallery = self._encounters[gallery]
        of_gallery[person_id] -= 1
        if not of_gallery[person_id]:
            del of_gallery[person_id]
        if not of_gallery:
            del self._encounters[gallery]
