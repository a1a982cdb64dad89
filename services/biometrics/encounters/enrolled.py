"""An encounter as searches see it."""

from typing import NamedTuple, Protocol

from services.biometrics.templates.features import Features
from shared.contracts.osia import BiometricSubType


class EnrolledItem(NamedTuple):
    """One biometric item that can be compared.

    Attributes:
        key: opaque, of this item alone.
        features: what is compared.
        sub_type: as it was sent.
        instance: as it was sent.
    """

    key: str
    features: Features
    sub_type: BiometricSubType | None
    instance: str | None


class EnrolledEncounter(NamedTuple):
    """An encounter with its comparable items.

    Attributes:
        seq: grows with every encounter written.
        person_id: whose.
        encounter_id: unique within the person.
        galleries: where it is searched.
        items: may be empty.
    """

    seq: int
    person_id: str
    encounter_id: str
    galleries: frozenset[str]
    items: tuple[EnrolledItem, ...]


class SearchMemory(Protocol):
    """What must hear of every encounter that begins or ceases to be searched. Called from worker threads."""

    def add(self, encounter: EnrolledEncounter) -> None:
        """From its return on, every search finds the encounter."""

    def replace(self, encounter: EnrolledEncounter) -> None:
        """From its return on, searches find the encounter as it is now; during it, as it was or as it is."""

    def remove(self, seq: int) -> None:
        """From its return on, no search finds it; nothing happens when it was not there."""
