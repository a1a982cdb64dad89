"""Sealing of what is kept of an encounter, with the key of the person it belongs to."""

from shared.crypto.sealing import SubjectKey


class EncounterSeal:
    """Seals and opens the parts of one encounter; a part moved to another place does not open.

    Args:
        key: the person's, open.
        person_id: whose encounter.
        encounter_id: which.
    """

    def __init__(self, key: SubjectKey, person_id: str, encounter_id: str) -> None:
        self._key = key
        self._owner = f"person/{person_id}/encounter/{encounter_id}"

    def seal(self, part: str, content: bytes) -> bytes:
        """Encrypt a part, such as `client-data` or `item/0/image`."""
        return self._key.seal(content, f"{self._owner}/{part}")

    def open(self, part: str, sealed: bytes) -> bytes:
        """Decrypt a part.

        Raises:
            SealingError: altered, moved, or of a person whose key is another.
        """
        return self._key.open(sealed, f"{self._owner}/{part}")

    def seal_some(self, part: str, content: bytes | None) -> bytes | None:
        """Encrypt a part that may be absent."""
        return None if content is None else self.seal(part, content)

    def open_some(self, part: str, sealed: bytes | None) -> bytes | None:
        """Decrypt a part that may be absent; raises as `open`."""
        return None if sealed is None else self.open(part, sealed)
