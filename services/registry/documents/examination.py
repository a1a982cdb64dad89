"""Everything that a registration's papers are put through, in one go."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import delete

from services.registry.documents.chip import ChipReading, read_chip
from services.registry.documents.crosschecks import pages_signal, source_signal
from services.registry.documents.image_reader import DocumentImageError, ImageReader, PageZone
from services.registry.documents.lost import LostDocuments
from services.registry.documents.plausibility import date_signals, number_signal
from services.registry.documents.portraits import BITS, NearPortrait, PortraitShelf
from services.registry.documents.seal import SealReading, examine_seal
from services.registry.documents.statements import Statement, of_birth_record, of_typed, of_zone
from services.registry.documents.tables import AgencyCandidateRow, PortraitRow
from services.registry.documents.trust import DocumentTrust
from services.registry.documents.words import signal
from shared.contracts.registrations import RegistrationRequest, Signal, SignalCode, Strength, TravelDocument
from shared.db.database import Database
from shared.standards.dates import DateInterval
from shared.standards.mrz import Mrz, MrzFormatError, parse_mrz

_COMPARED: Final = 5
"""Registrations with the same picture whose faces are compared."""

AlikeFaces = Callable[[str, bytes], Awaitable[bool | None]]
"""Whether a picture shows the person on the document of that registration; None: nobody could tell."""


@dataclass(frozen=True)
class Examination:
    """What came of it.

    Attributes:
        request: with the zone that was read from the photo of the page, where none was sent.
        births: birth dates by source: chip, seal, birth_record.
        portrait: on the chip.
        missing: what could not be looked at, in words.
    """

    request: RegistrationRequest
    signals: tuple[Signal, ...]
    births: tuple[tuple[str, DateInterval], ...]
    portrait: bytes | None
    missing: tuple[str, ...]


@dataclass(frozen=True)
class _Papers:
    zone: Mrz | None
    page: PageZone | None
    chip: ChipReading
    seal: SealReading | None


class DocumentRoom:
    """Examines papers.

    Args:
        database: the registry's.
        key: of the digests.
        trust: certificates.
    """

    def __init__(self, database: Database, key: bytes, trust: DocumentTrust) -> None:
        self._database = database
        self._trust = trust
        self._images = ImageReader()
        self._lost = LostDocuments(database, key)
        self._portraits = PortraitShelf(database, key)

    async def examine(self, request: RegistrationRequest, today: date) -> Examination:
        """Look at every paper that was sent."""
        missing: list[str] = []
        document = request.document or TravelDocument()
        page = await self._page(document, missing)
        if page and document.mrz is None:
            document = document.model_copy(update={"mrz": page.text})
            request = request.model_copy(update={"document": document})
        papers = await asyncio.to_thread(self._read, document, page, today)
        missing += papers.chip.missing
        stated = _statements(request, papers, today)
        identity = _identity(request, papers)
        found = [
            *papers.chip.signals,
            *(papers.seal.signals if papers.seal else ()),
            *_contradictions(papers, stated, today),
            *date_signals(document, papers.zone or papers.chip.zone, _birth(stated), today),
            number_signal(identity),
            await self._lost.signal(identity),
        ]
        births = [(each.source, each.birth) for each in stated if each.birth and each.source not in {"typed", "mrz"}]
        signals = tuple(each for each in found if each)
        return Examination(request, signals, tuple(births), papers.chip.portrait, tuple(missing))

    async def portraits(
        self, registration: str, portraits: Sequence[bytes], same_person: Collection[str], alike: AlikeFaces
    ) -> tuple[list[Signal], list[str]]:
        """Whether a document's picture stands on the documents of others.

        Kept before it is looked for: of two registrations at the same time, at least one finds the other.

        Args:
            registration: whose documents they are on.
            portraits: of its documents.
            same_person: registrations that biometrics hold for this person's own: a picture may come again there.
            alike: compares the faces.

        Returns:
            The signal, if any, and what could not be looked at.
        """
        bits, missing = [], []
        for portrait in portraits:
            try:
                bits.append(await self._images.bits(portrait))
            except DocumentImageError:
                missing.append("document portrait: not compared with the pictures of other documents")
        await self._portraits.put(registration, bits)
        near = [each for each in await self._portraits.near(registration, bits) if each.registration not in same_person]
        return await self._reused(near[:_COMPARED], portraits, alike), missing

    async def place(self, registration: str, row: AgencyCandidateRow | None) -> None:
        """Remember which agency places the worker, and what figures about agencies need; None: no agency does."""
        async with self._database.write() as session:
            await session.execute(delete(AgencyCandidateRow).where(AgencyCandidateRow.registration == registration))
            if row is not None:
                session.add(row)

    async def forget(self, registration: str) -> None:
        """Erase what is kept of a registration here."""
        async with self._database.write() as session:
            for table in (PortraitRow, AgencyCandidateRow):
                await session.execute(delete(table).where(table.registration == registration))

    async def close(self) -> None:
        """End the process that opens images."""
        await self._images.close()

    async def _page(self, document: TravelDocument, missing: list[str]) -> PageZone | None:
        if document.page is None:
            return None
        try:
            page = await self._images.zone(document.page)
        except DocumentImageError:
            missing.append("page: the image cannot be opened")
            return None
        if page is None:
            missing.append("page: no machine-readable zone was found")
        return page

    def _read(self, document: TravelDocument, page: PageZone | None, today: date) -> _Papers:
        chip = read_chip(document.chip, self._trust.authorities, today) if document.chip else ChipReading()
        seal = examine_seal(document.seal, self._trust.seal_signers) if document.seal else None
        return _Papers(_parsed(document.mrz), page, chip, seal)

    async def _reused(
        self, near: Sequence[NearPortrait], portraits: Sequence[bytes], alike: AlikeFaces
    ) -> list[Signal]:
        if not near:
            return []
        same = {each.registration: await alike(each.registration, portraits[0]) for each in near}
        kept = [each for each in near if same[each.registration] is not False]  # alike in light, another face
        if not kept:
            return []
        agree = any(same[each.registration] for each in kept)
        return [
            signal(
                SignalCode.PORTRAIT_REUSED,
                Strength.STRONG if agree else Strength.MEDIUM,
                registrations=[each.registration for each in kept],
                bits_apart=kept[0].distance,
                of_bits=BITS,
                faces_agree=agree,
            )
        ]


def _parsed(text: str | None) -> Mrz | None:
    if text is None:
        return None
    try:
        return parse_mrz(text)
    except MrzFormatError:
        return None  # told as MRZ_UNREADABLE


def _statements(request: RegistrationRequest, papers: _Papers, today: date) -> list[Statement]:
    """What was typed first, then what each paper states."""
    zones = {"mrz": papers.zone, "chip": papers.chip.zone, "seal": papers.seal.zone if papers.seal else None}
    stated = [of_typed(request), *(of_zone(source, zone, today) for source, zone in zones.items() if zone)]
    return [*stated, *([of_birth_record(request.birth_record)] if request.birth_record else [])]


def _contradictions(papers: _Papers, stated: Sequence[Statement], today: date) -> list[Signal | None]:
    """Each source against those before it, so that a contradiction is told once. Zone against typed: elsewhere."""
    codes = {
        "chip": (SignalCode.CHIP_DATA_MISMATCH, papers.chip.genuine),
        "seal": (SignalCode.SEAL_DATA_MISMATCH, papers.seal is not None and papers.seal.genuine),
        "birth_record": (SignalCode.BIRTH_RECORD_MISMATCH, False),
    }
    found = [
        source_signal(codes[one.source][0], one, stated[:at], genuine=codes[one.source][1])
        for at, one in enumerate(stated)
        if one.source in codes
    ]
    seen = _parsed(papers.page.text) if papers.page else None
    if papers.page and papers.zone and seen:
        one, other = of_zone("mrz", papers.zone, today), of_zone("page", seen, today)
        found.append(pages_signal(one, other, papers.page.settled))
    return found


def _birth(stated: Sequence[Statement]) -> DateInterval | None:
    return next((each.birth for each in reversed(stated[:3]) if each.birth), None)


def _identity(request: RegistrationRequest, papers: _Papers) -> tuple[str, str] | None:
    zone = papers.zone or papers.chip.zone
    if zone is not None:
        return zone.issuer, "".join(zone.document_number.split())
    document = request.document
    issuer = document and (document.issuer or request.nationality)
    number = of_typed(request).number
    return (issuer, number) if issuer and number else None
