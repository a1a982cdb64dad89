"""The receipts that the gateway gave: references and registration numbers, nothing about a person."""

import os
from collections import deque
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.contracts.packets import PacketReceipt

_KEPT: Final = 5_000
"""Lines after which the older half goes."""


class ReceiptLine(BaseModel):
    """One line of the book. `packet` is first, so that a line is known by it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    packet: str
    reference: str | None
    registration: str
    left_out: list[str] = []


class ReceiptBook:
    """A file of JSON lines, appended to.

    A line may come twice (a kill between writing it and forgetting the packet); half a line, cut by a power cut, is
    read over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = len(self._lines())

    def add(self, receipt: PacketReceipt) -> None:
        """Write one down, durably.

        Raises:
            OSError: the disk is full or failed.
        """
        line = ReceiptLine(
            packet=str(receipt.packet),
            reference=receipt.reference,
            registration=receipt.registration,
            left_out=receipt.left_out,
        )
        if self._count >= _KEPT:
            self._shorten()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, b"\n" + line.model_dump_json().encode())  # its own line, whatever was cut before it
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._count += 1

    def find(self, reference: str) -> ReceiptLine | None:
        """The receipt for a reference, once the gateway has given it."""
        return next((line for line in reversed(self._lines()) if line.reference == reference), None)

    def newest(self, count: int) -> list[ReceiptLine]:
        """The last ones, newest first, each once."""
        found: dict[str, ReceiptLine] = {}
        for line in reversed(self._lines()):
            found.setdefault(line.packet, line)
            if len(found) == count:
                break
        return list(found.values())

    def _lines(self) -> list[ReceiptLine]:
        if not self._path.exists():
            return []
        lines = []
        for text in self._path.read_bytes().splitlines():
            try:
                lines.append(ReceiptLine.model_validate_json(text))
            except ValidationError:
                continue
        return lines

    def _shorten(self) -> None:
        kept = deque(self._lines(), maxlen=_KEPT // 2)
        draft = self._path.with_suffix(".new")
        draft.write_text("".join(f"\n{line.model_dump_json()}" for line in kept), encoding="utf-8")
        draft.replace(self._path)
        self._count = len(kept)
