"""What is kept of a task, and how it is written down before it is sealed."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from shared.contracts.caller import Caller
from shared.crypto.sealing import SubjectKey


class Address(BaseModel):
    """Where a result goes, and what it answers."""

    model_config = ConfigDict(frozen=True)

    callback: str
    transaction_id: str


class RequestHead(BaseModel):
    """A request as it will be made again, less its body."""

    model_config = ConfigDict(frozen=True)

    caller: Caller
    method: str
    path: str
    query: list[tuple[str, str]]


@dataclass(frozen=True)
class KeptRequest:
    """A request that was taken."""

    head: RequestHead
    body: bytes

    def to_bytes(self) -> bytes:
        """One line of JSON, then the body as it came."""
        return self.head.model_dump_json().encode() + b"\n" + self.body

    @classmethod
    def from_bytes(cls, data: bytes) -> "KeptRequest":
        """What `to_bytes` wrote."""
        head, _, body = data.partition(b"\n")
        return cls(RequestHead.model_validate_json(head), body)


@dataclass(frozen=True)
class Result:
    """What is sent to the callback."""

    media: str
    content: bytes

    def to_bytes(self) -> bytes:
        """The media type on a line, then the content."""
        return self.media.encode() + b"\n" + self.content

    @classmethod
    def from_bytes(cls, data: bytes) -> "Result":
        """What `to_bytes` wrote."""
        media, _, content = data.partition(b"\n")
        return cls(media.decode(), content)


class TaskSeal:
    """Seals and opens the parts of one task.

    Args:
        key: the task's own, wrapped under the caller's member's.
        task_id: which task.
    """

    def __init__(self, key: SubjectKey, task_id: str) -> None:
        self._key = key
        self._owner = f"task/{task_id}"

    def seal(self, part: str, content: bytes) -> bytes:
        """Encrypt a part."""
        return self._key.seal(content, f"{self._owner}/{part}")

    def open(self, part: str, sealed: bytes) -> bytes:
        """Decrypt a part.

        Raises:
            SealingError: altered, or of another task.
        """
        return self._key.open(sealed, f"{self._owner}/{part}")
