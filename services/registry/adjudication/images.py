"""Images of a case: looked at one by one through a door of their own, by whoever has the case in hand."""

from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.casefile import CaseFile, CaseUnknownError, add_event, open_file
from services.registry.adjudication.people import Reviewer
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from shared.contracts.adjudication import ImageView
from shared.contracts.registrations import FingerCapture, RegistrationRequest
from shared.db.database import Database, now

_KINDS: Final = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"BM": "image/bmp",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
    b"\x00\x00\x00\x0cjP": "image/jp2",
    b"\xff\xa0": "image/x-wsq",
}
_PHOTO: Final = "photo"
_PORTRAIT: Final = "portrait"


class ShownImage(NamedTuple):
    """An image, and of which kind it is."""

    content: bytes
    media_type: str


def images_of(case_id: str, registration_id: str, packet: RegistrationRequest) -> list[ImageView]:
    """Which images a registration has, where they are looked at, and why one is not there."""
    at = f"/v1/adjudications/{case_id}/images/{registration_id}/"
    shown = [ImageView(what=what, address=f"{at}{what}") for what in _captured(packet)]
    if packet.photo is None:
        why = packet.no_biometrics.value if packet.no_biometrics else "not captured"
        shown.insert(0, ImageView(what=_PHOTO, address=None, why_not=why))
    missing = ((finger.position, finger.exception) for finger in packet.fingers if finger.exception)
    return shown + [ImageView(what=position.value, address=None, why_not=why.value) for position, why in missing]


class CaseImages:
    """Opens images from sealed packets, and writes each look down.

    Args:
        database: the registry's.
        store: registrations.
    """

    def __init__(self, database: Database, store: RegistrationStore) -> None:
        self._database = database
        self._store = store

    async def image(self, reviewer: Reviewer, case_id: str, registration_id: str, what: str) -> ShownImage:
        """One image of one of a case's records.

        Raises:
            CaseUnknownError: no such case for this reviewer, the case is not in their hands, it is not about that
                record, the record is another member's, or it has no such image.
        """
        async with self._database.write() as session:
            file = await self._in_hand(session, reviewer, case_id)
            content = _captured(await self._look(session, reviewer, file, registration_id, what))[what]
        return ShownImage(content, _kind(content))

    async def fingers(
        self, reviewer: Reviewer, case_id: str, registration_id: str, what: str
    ) -> tuple[FingerCapture, FingerCapture]:
        """The same finger of the record that a case is about, and of another; two looks.

        Raises:
            CaseUnknownError: as `image`, of either record.
        """
        async with self._database.write() as session:
            file = await self._in_hand(session, reviewer, case_id)
            ids = (file.registration.id, registration_id)
            packets = [await self._look(session, reviewer, file, each, what) for each in ids]
        one, other = ([each for each in packet.fingers if each.position == what] for packet in packets)
        if not one or not other:
            raise CaseUnknownError
        return one[0], other[0]

    async def _in_hand(self, session: AsyncSession, reviewer: Reviewer, case_id: str) -> CaseFile:
        file = await open_file(session, self._store, reviewer, case_id)
        seat = file.seat_of(reviewer)
        if seat is None or seat.finding is not None or seat.expires_at <= now():
            raise CaseUnknownError
        return file

    async def _look(
        self, session: AsyncSession, reviewer: Reviewer, file: CaseFile, registration_id: str, what: str
    ) -> RegistrationRequest:
        """Write a look down, and open the packet that it is at."""
        if registration_id not in {file.registration.id, *file.others}:
            raise CaseUnknownError
        row, packet = await self._store.packet(registration_id)
        if not _is_members(row, reviewer) or what not in _captured(packet):
            raise CaseUnknownError
        step = ("IMAGE", reviewer.name, now())
        told = {"registration": registration_id, "what": what}
        await add_event(session, self._store, (file.case, file.registration), step, told)
        return packet


def _captured(packet: RegistrationRequest) -> dict[str, bytes]:
    found = {_PHOTO: packet.photo, _PORTRAIT: packet.document.portrait if packet.document else None}
    found |= {finger.position.value: finger.image for finger in packet.fingers}
    return {what: content for what, content in found.items() if content is not None}


def _is_members(row: RegistrationRow, reviewer: Reviewer) -> bool:
    return row.member == reviewer.member


def _kind(content: bytes) -> str:
    return next((kind for mark, kind in _KINDS.items() if content.startswith(mark)), "application/octet-stream")
