"""Reading big-endian binary records of the biometric standards, never past their end."""

from collections.abc import Callable


class Octets:
    """A record, read from its start to its end.

    Args:
        data: the record.
        error: what is raised, with a sentence, when the record does not hold what it has to.
    """

    def __init__(self, data: bytes, error: Callable[[str], Exception]) -> None:
        self._data = data
        self._at = 0
        self._error = error

    @property
    def left(self) -> int:
        """Octets not yet read."""
        return len(self._data) - self._at

    def take(self, count: int, what: str) -> bytes:
        """The next `count` octets."""
        if count > self.left:
            raise self._error(f"the record ends in its {what}")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, count: int, what: str) -> int:
        """The next `count` octets as an unsigned number."""
        return int.from_bytes(self.take(count, what), "big")

    def expect(self, wanted: bytes, what: str) -> None:
        """Refuse other octets than these."""
        if self.take(len(wanted), what) != wanted:
            raise self._error(f"the {what} is another")

    def part(self, count: int, what: str) -> "Octets":
        """The next `count` octets as a record of their own."""
        return Octets(self.take(count, what), self._error)

    def finish(self, what: str) -> None:
        """Refuse octets that nothing accounts for."""
        if self.left:
            raise self._error(f"octets after the end of the {what}")
