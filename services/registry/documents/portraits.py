"""Portraits of documents, found again when the same picture comes on another document.

Kept are 256 bits of each picture, their places exchanged and some of them turned by a key: whoever takes the table can
tell that two pictures are alike, as the registry can, but not what they show, nor look a picture of their own up.
"""

import hashlib
import hmac
import random
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select

from services.registry.documents.tables import PortraitRow
from shared.db.database import Database

BITS: Final = 256
NEAR: Final = 30
"""Bits, of 256, by which two files of one picture may differ.

Measured on 57 portraits of Labeled Faces in the Wild: pictures of different people differ by 70 bits or more (116 at
the median), one picture in another size, light or compression by 26 at most; cut by 5 % of its width it is lost.
"""
_MOST: Final = 10


@dataclass(frozen=True)
class NearPortrait:
    """A registration whose document shows the same picture, and by how many bits of 256 the two files differ."""

    registration: str
    distance: int


class PortraitShelf:
    """Keeps the pictures' bits in the database, and in memory for the search.

    Args:
        database: the registry's.
        key: of the digests.
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        secret = hmac.new(key, b"portrait bits", hashlib.sha512).digest()
        self._mask = int.from_bytes(secret[:32], "big")
        self._places = list(range(BITS))
        random.Random(secret[32:]).shuffle(self._places)  # noqa: S311  the key decides, not chance
        self._seen = 0
        self._owners: list[str] = []
        self._bits = np.empty((0, BITS // 64), dtype=np.uint64)

    async def put(self, registration: str, portraits: list[int]) -> None:
        """Keep a registration's pictures, in place of what was kept of it before."""
        rows = [PortraitRow(registration=registration, bits=self._hidden(bits)) for bits in portraits]
        async with self._database.write() as session:
            await session.execute(delete(PortraitRow).where(PortraitRow.registration == registration))
            session.add_all(rows)

    async def near(self, registration: str, portraits: list[int]) -> list[NearPortrait]:
        """Other registrations with the same picture, nearest first, ten at most."""
        await self._refresh()
        distance: dict[str, int] = {}
        for bits in portraits:
            wanted = np.frombuffer(self._hidden(bits), dtype=np.uint64)
            apart = np.bitwise_count(self._bits ^ wanted).sum(axis=1)
            for at in np.flatnonzero(apart <= NEAR):
                owner = self._owners[at]
                distance[owner] = min(distance.get(owner, BITS), int(apart[at]))
        distance.pop(registration, None)
        nearest = sorted(distance, key=lambda owner: (distance[owner], owner))[:_MOST]
        return await self._still_kept(nearest, distance)

    async def _still_kept(self, owners: list[str], distance: dict[str, int]) -> list[NearPortrait]:
        query = select(PortraitRow.registration).where(PortraitRow.registration.in_(owners))
        async with self._database.read() as session:
            kept = set((await session.scalars(query)).all())
        return [NearPortrait(owner, distance[owner]) for owner in owners if owner in kept]

    async def _refresh(self) -> None:
        query = select(PortraitRow).where(PortraitRow.seq > self._seen).order_by(PortraitRow.seq)
        async with self._database.read() as session:
            rows = [row for row in await session.scalars(query) if row.seq > self._seen]
        rows = [row for row in rows if row.seq > self._seen]  # another check may have read them meanwhile
        if not rows:
            return
        new: NDArray[np.uint64] = np.frombuffer(b"".join(row.bits for row in rows), dtype=np.uint64)
        self._bits = np.concatenate([self._bits, new.reshape(-1, BITS // 64)])
        self._owners += [row.registration for row in rows]
        self._seen = rows[-1].seq

    def _hidden(self, bits: int) -> bytes:
        moved = sum((bits >> place & 1) << at for at, place in enumerate(self._places))
        return (moved ^ self._mask).to_bytes(BITS // 8, "big")
