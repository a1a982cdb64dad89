"""The packets that the gateway does not have yet: one sealed file each, in the order in which they were made.

A packet is in the outbox from the moment its file has its name; before that (a power cut, a full disk) it never was.
It leaves when the gateway has given its receipt. Nothing here can be read without the gateway's private key.
Decision: docs/adr/0035.
"""

import errno
import os
import re
import shutil
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from services.desk.queue.receipts import ReceiptBook
from shared.contracts.packets import PacketReceipt

_NAME: Final = re.compile(r"^(\d{12})-([0-9a-f-]{36})\.packet$")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_USUAL_BYTES: Final = 600_000
"""A packet's size before there was one: a photo, a page and two prints."""


class OutboxFullError(Exception):
    """There is no room for another packet; what is in the outbox is untouched."""


@dataclass(frozen=True)
class Waiting:
    """One packet in the outbox."""

    number: int
    packet: UUID
    path: Path


@dataclass(frozen=True)
class Refused:
    """A packet that the gateway will never take: its code for why, and when it was packed, by this PC's clock."""

    packet: str
    reason: str
    packed: datetime


@dataclass(frozen=True)
class Room:
    """How full the outbox is.

    Attributes:
        waiting: packets not sent yet.
        refused: packets that the gateway will not take.
        oldest_s: age of the oldest that waits; 0 when none does.
        bytes_free: on the disk.
        fits: about how many more packets there is room for.
    """

    waiting: int
    refused: int
    oldest_s: float
    bytes_free: int
    fits: int


class Outbox:
    """A folder of sealed packets.

    Args:
        folder: of the desk; made with mode 0700.
        keep_free: octets that stay free on the disk: the desk is not what fills it.
    """

    def __init__(self, folder: Path, keep_free: int) -> None:
        self._queue, self._refused = folder / "queue", folder / "refused"
        for each in (folder, self._queue, self._refused):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.receipts = ReceiptBook(folder / "receipts.jsonl")
        self._keep_free = keep_free
        self._lock = threading.Lock()
        for draft in self._queue.glob("*.new"):
            draft.unlink()  # half a packet: nobody was told that it was kept
        self._next = max((each.number for each in self.waiting()), default=0) + 1

    def put(self, packet: UUID, sealed: bytes) -> Waiting:
        """Keep a packet; when this returns, it outlives a power cut.

        Raises:
            OutboxFullError: it does not fit; nothing was changed.
            OSError: the disk failed otherwise; nothing was changed.
        """
        with self._lock:
            if self._free() - len(sealed) < self._keep_free:
                raise OutboxFullError("the disk is nearly full")
            path = self._queue / f"{self._next:012}-{packet}.packet"
            try:
                _write(path, sealed)
            except OSError as error:
                path.with_suffix(".new").unlink(missing_ok=True)
                if error.errno in _FULL:
                    raise OutboxFullError("the disk is full") from error
                raise
            self._next += 1
            return Waiting(self._next - 1, packet, path)

    def waiting(self) -> list[Waiting]:
        """All that is to be sent, oldest first."""
        return _listed(self._queue)

    def sent(self, waiting: Waiting, receipt: PacketReceipt) -> None:
        """Forget a packet that the gateway has.

        The receipt is written down first; on a full disk the packet goes first, since only that makes room.
        """
        with self._lock:
            try:
                self.receipts.add(receipt)
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                self._remove(waiting)
                self.receipts.add(receipt)
            else:
                self._remove(waiting)

    def refuse(self, waiting: Waiting, reason: str) -> None:
        """Put a packet aside that the gateway will never take, so that those behind it go on."""
        with self._lock:
            code = re.sub(r"[^A-Za-z0-9-]+", "-", reason)[:60] or "unknown"
            waiting.path.rename(self._refused / f"{waiting.path.stem}.{code}")
            _sync(self._refused)
            _sync(self._queue)

    def refused(self) -> list[Refused]:
        """What was put aside, oldest first."""
        found = ((path, path.stat().st_mtime) for path in sorted(self._refused.iterdir()))
        return [Refused(path.stem[13:], path.suffix[1:], datetime.fromtimestamp(packed, UTC)) for path, packed in found]

    def room(self) -> Room:
        """How full it is, for the officer."""
        waiting, free = self.waiting(), self._free()
        sizes = [each.path.stat().st_size for each in waiting[-50:] if each.path.exists()]
        usual = max(sum(sizes) // len(sizes), 1) if sizes else _USUAL_BYTES
        oldest = max(0.0, time.time() - waiting[0].path.stat().st_mtime) if waiting else 0.0
        fits = max(0, free - self._keep_free) // usual
        return Room(len(waiting), len(list(self._refused.iterdir())), oldest, free, fits)

    def newest(self) -> float | None:
        """When the newest waiting packet was written, by this PC's clock."""
        waiting = self.waiting()
        return waiting[-1].path.stat().st_mtime if waiting else None

    def _free(self) -> int:
        return shutil.disk_usage(self._queue).free

    def _remove(self, waiting: Waiting) -> None:
        waiting.path.unlink(missing_ok=True)
        _sync(self._queue)


def _listed(folder: Path) -> list[Waiting]:
    found = ((path, _NAME.match(path.name)) for path in folder.iterdir())
    return sorted((Waiting(int(name[1]), UUID(name[2]), path) for path, name in found if name), key=lambda w: w.number)


def _write(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """A name in a folder is durable only when the folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
