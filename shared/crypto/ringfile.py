"""The file of a key ring: read while others write it, written in place and never lost.

A container sees a mounted secret as the file that it was when the container started: a file that is renamed into its
place would stay unseen. So the ring is overwritten where it is. Whoever reads holds a shared lock, whoever writes an
exclusive one, so that nobody reads half of it; and a whole copy lies beside it (`NAME.next`) until the overwriting is
done, from which the next writer mends what a power cut left.
"""

import fcntl
import os
from pathlib import Path
from typing import NamedTuple


class Stamp(NamedTuple):
    """What changes when a file does."""

    inode: int
    size: int
    written_ns: int


def stamp_of(path: Path) -> Stamp:
    """A file's stamp, without reading it.

    Raises:
        OSError: there is no such file.
    """
    found = path.stat()
    return Stamp(found.st_ino, found.st_size, found.st_mtime_ns)


def read_ring_file(path: Path) -> str:
    """The whole text, never one that is being written.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not text.
    """
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        return file.read().decode()


def overwrite_ring_file(path: Path, text: str) -> None:
    """Put another text in a ring's place; mode 0600. A crash leaves the old text, or one that `mend` completes.

    Raises:
        OSError: the file, or its folder, cannot be written.
    """
    copy = _copy_of(path)
    write_durably(copy, text.encode())
    _overwrite(path, text.encode())
    copy.unlink()


def mend(path: Path) -> bool:
    """Complete an overwriting that was cut off; True when there was one.

    Raises:
        OSError: the file, or its folder, cannot be written.
    """
    copy = _copy_of(path)
    if not copy.exists():
        return False
    _overwrite(path, copy.read_bytes())
    copy.unlink()
    return True


def write_durably(path: Path, content: bytes) -> None:
    """A file of mode 0600, durable and whole: a crash leaves the old file or the new one, never half of one."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _copy_of(path: Path) -> Path:
    return path.with_name(path.name + ".next")


def _overwrite(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.fchmod(file.fileno(), 0o600)
        os.pwrite(file.fileno(), content, 0)
        file.truncate(len(content))
        os.fsync(file.fileno())
