"""Rotation of the members' keys in a ring's file: a new one in front, and the old ones out when nothing needs them.

Subject keys are wrapped anew elsewhere (shared/db/rewrapping.py); how it all goes together: docs/adr/0014.
"""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.crypto.ringfile import mend, overwrite_ring_file, read_ring_file

_Ring = dict[str, list[dict[str, Any]]]


class RotationBusyError(Exception):
    """Another process rotates keys of this folder."""


@dataclass(frozen=True)
class Begun:
    """A rotation under way.

    Attributes:
        kid: the new key's id, the same for every member.
        resumed: whether an earlier run had put it there.
    """

    kid: str
    resumed: bool


class RingFile:
    """A key ring's file, to be changed. Only inside `rotating`.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, at: datetime) -> Begun:
        """Put a fresh key before every member's others; or find the one whose rotation was not finished.

        Args:
            at: now; remembered with the key.

        Raises:
            OSError: the file cannot be read or written.
            ValueError: it is not a key ring.
        """
        ring = self._read()
        newest = [entries[0] for entries in ring.values()]
        if newest and all(entry.get("rotating") for entry in newest):
            return Begun(str(newest[0]["kid"]), resumed=True)
        kid = _next_kid(ring)
        for entries in ring.values():
            entries.insert(0, {"kid": kid, "key": _secret(), "made": at.isoformat(), "rotating": True})
        self._write(ring)
        return Begun(kid, resumed=False)

    def finish(self) -> None:
        """Say that nothing is wrapped by an old key any more; raises as `begin`."""
        ring = self._read()
        for entries in ring.values():
            entries[0].pop("rotating", None)
        self._write(ring)

    def made_at(self) -> datetime | None:
        """When the youngest of the newest keys was made; None of a first key, which does not say."""
        made = [entries[0].get("made") for entries in self._read().values()]
        return max((datetime.fromisoformat(each) for each in made if each), default=None)

    def drop(self, kids: Collection[tuple[str, str]]) -> None:
        """Take keys out, for ever; a member's newest stays. Raises as `begin`.

        Args:
            kids: member and id.
        """
        ring = self._read()
        for member, entries in ring.items():
            entries[1:] = [entry for entry in entries[1:] if (member, entry["kid"]) not in kids]
        self._write(ring)

    def _read(self) -> _Ring:
        document: _Ring = json.loads(read_ring_file(self._path))
        return document

    def _write(self, ring: _Ring) -> None:
        overwrite_ring_file(self._path, json.dumps(ring, indent=1))


@contextmanager
def rotating(path: Path) -> Iterator[RingFile]:
    """Be the only one that changes a ring; what a power cut left of an earlier change is mended first.

    Raises:
        RotationBusyError: somebody else does.
        OSError: the folder cannot be opened, or not written.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mend(path)
        yield RingFile(path)
    except BlockingIOError as error:
        raise RotationBusyError("another process rotates these keys") from error
    finally:
        os.close(folder)


def _next_kid(ring: _Ring) -> str:
    numbers = [int(entry["kid"]) for entries in ring.values() for entry in entries if str(entry["kid"]).isdecimal()]
    return str(max(numbers, default=0) + 1)


def _secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
