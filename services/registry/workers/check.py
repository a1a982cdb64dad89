"""The checks of one registration: durable work, done again from the start when it was interrupted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog

from services.registry.workers.age import BirthClaim, age_signals
from services.registry.workers.biometrics import BiometricSearch, BiometricsRefusedError, captured_items, photo_item
from services.registry.workers.documents import read_document
from services.registry.workers.findings import number_reused, other_identity, portrait_mismatch
from services.registry.workers.particulars import Particulars, differences, relation
from services.registry.workers.store import Conclusion, RegistrationStore
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.views import Record, address
from shared.contracts.osia import Candidate
from shared.contracts.registrations import (
    RegistrationCandidate,
    RegistrationRequest,
    Signal,
    SignalCode,
)
from shared.standards.ages import AgeRule

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Likeness:
    """Candidates as told to a reader, their records, and whether there was anything to search with."""

    told: list[RegistrationCandidate]
    records: list[Record]
    searched: bool


class RegistrationCheck:
    """Compares a registration with biometrics, documents and age rules, and keeps what a human should look at.

    Args:
        store: registrations.
        search: the biometric service.
        rules: minimum ages.
        today: the present day.
    """

    def __init__(
        self, store: RegistrationStore, search: BiometricSearch, rules: tuple[AgeRule, ...], today: Callable[[], date]
    ) -> None:
        self._store = store
        self._search = search
        self._rules = rules
        self._today = today

    async def run(self, registration_id: str) -> None:
        """Check one registration and keep the result.

        The person is put into the gallery before it is searched: of two registrations of one person at the same
        time, at least one finds the other.

        Raises:
            ServiceUnavailableError: the biometric service is away; to be tried again.
        """
        row, request = await self._store.packet(registration_id)
        missing: list[str] = []
        likeness = await self._identify(row, request, missing)
        today = self._today()
        reading = read_document(request, today)
        own = BirthClaim("typed", stated(request, today).birth)
        claims = [own, *([BirthClaim("mrz", reading.birth)] if reading.birth else [])]
        claims += [BirthClaim(record.id, record.particulars.birth) for record in likeness.records]
        claims += await self._sealed_claims(likeness.records, today)
        identity = other_identity(likeness.told)
        signals = [
            *([identity] if identity else []),
            *reading.signals,
            *await self._reuse(row, reading.identity, likeness),
            *await self._portrait(row.member, request, missing),
            *age_signals(claims, request.nationality, request.placement, today, self._rules),
        ]
        child = any(signal.code is SignalCode.CHILD_POSSIBLE for signal in signals)
        again = [record.id for record in likeness.records if child and not record.child_sealed]  # seals them too
        await self._store.conclude(row, Conclusion(address(signals), likeness.told, missing, child, again))

    async def _identify(self, row: RegistrationRow, request: RegistrationRequest, missing: list[str]) -> _Likeness:
        missing += [f"{finger.position}: {finger.exception}" for finger in request.fingers if finger.exception]
        items = await self._usable(row.member, request, missing)
        if not any("image" in item for item in items):
            missing.append("biometrics: none captured")
            return _Likeness([], [], searched=False)
        try:
            await self._search.enrol(row.member, row.person_id, items)
            found = await self._search.identify(row.member, row.person_id)
        except BiometricsRefusedError:  # each item could be used by itself: a fault of ours, and no reason to wait
            log.error("biometrics_refused")
            missing.append("biometrics: refused by the service; not searched")
            return _Likeness([], [], searched=False)
        records = await self._store.by_persons([candidate.personId for candidate in found])
        own = stated(request, self._today())
        known = [(candidate, records[candidate.personId]) for candidate in found if candidate.personId in records]
        told = [_tell(candidate, record, own) for candidate, record in known]
        return _Likeness(told, [record for _, record in known], searched=True)

    async def _usable(self, member: str, request: RegistrationRequest, missing: list[str]) -> list[dict[str, Any]]:
        """What can be enrolled. A desk is told at once of what cannot; this is for when nobody could look then."""
        items = captured_items(request)
        problems = await self._search.problems(member, [item for item in items if "image" in item.data])
        missing += [
            f"{problem.pointer.removeprefix('/body/')}: {problem.detail}; capture again" for problem in problems
        ]
        unusable = {problem.pointer for problem in problems}
        return [item.data for item in items if item.pointer not in unusable]

    async def _sealed_claims(self, records: list[Record], today: date) -> list[BirthClaim]:
        """What the documents of sealed registrations of this person say: coming again without it undoes no seal."""
        claims = []
        for record in records:
            if record.child_sealed:
                _, earlier = await self._store.packet(record.id)
                birth = read_document(earlier, today).birth
                claims += [BirthClaim(record.id, birth)] if birth else []
        return claims

    async def _reuse(self, row: RegistrationRow, identity: tuple[str, str] | None, likeness: _Likeness) -> list[Signal]:
        if identity is None:
            return []
        same = {record.id for record in likeness.records}
        others = [record.id for record in await self._store.with_document(identity, row.id) if record.id not in same]
        return [number_reused(others, compared=likeness.searched)] if others else []

    async def _portrait(self, member: str, request: RegistrationRequest, missing: list[str]) -> list[Signal]:
        portrait = request.document.portrait if request.document else None
        if portrait is None or request.photo is None:
            return []
        try:
            result = await self._search.verify(member, photo_item(portrait), photo_item(request.photo))
        except BiometricsRefusedError:
            missing.append("document portrait: could not be compared with the photo")
            return []
        comparison = [detail.model_dump(mode="json", exclude_none=True) for detail in result.scores or []]
        return [] if result.decision else [portrait_mismatch({"scores": comparison})]


def stated(request: RegistrationRequest, today: date) -> Particulars:
    """What the request says of the worker; the document's number as its zone has it, where that can be read."""
    return Particulars(
        name=request.name,
        native_name=request.native_name,
        born=request.born,
        sex=request.sex,
        nationality=request.nationality,
        document=read_document(request, today).identity,
    )


def _tell(candidate: Candidate, record: Record, own: Particulars) -> RegistrationCandidate:
    found = differences(own, record.particulars)
    return RegistrationCandidate(
        registration=record.id,
        score=candidate.score,
        relation=relation(found),
        differences=found,
        scores=[detail.model_dump(mode="json", exclude_none=True) for detail in candidate.scores or []],
    )
