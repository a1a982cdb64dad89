"""The checks of one registration: durable work, done again from the start when it was interrupted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import structlog

from services.registry.documents.examination import DocumentRoom, Examination
from services.registry.workers.age import BirthClaim, age_signals, looks_young
from services.registry.workers.biometrics import (
    BiometricSearch,
    BiometricsRefusedError,
    Item,
    captured_items,
    photo_item,
)
from services.registry.workers.documents import read_document, stated_births
from services.registry.workers.findings import number_reused, other_identity, portrait_mismatch
from services.registry.workers.particulars import Particulars, differences, relation
from services.registry.workers.placed import candidate_row
from services.registry.workers.store import Conclusion, RegistrationStore, RegistrationUnknownError
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.views import Record, address
from shared.contracts.osia import Candidate
from shared.contracts.registrations import (
    NoBiometrics,
    RegistrationCandidate,
    RegistrationRequest,
    Relation,
    Signal,
    SignalCode,
)
from shared.contracts.terms import ContractTerms
from shared.standards.ages import AgeRule
from shared.standards.placement_fees import load_fee_rules

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
        documents: examines papers.
        rules: minimum ages.
        today: the present day.
        estimates_ages: whether a face that looks young is a reason to ask for a birth record.
    """

    def __init__(
        self,
        store: RegistrationStore,
        search: BiometricSearch,
        documents: DocumentRoom,
        rules: tuple[AgeRule, ...],
        today: Callable[[], date],
        *,
        estimates_ages: bool = False,
    ) -> None:
        self._store = store
        self._search = search
        self._documents = documents
        self._rules = rules
        self._fees = load_fee_rules()
        self._today = today
        self._estimates_ages = estimates_ages

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
        examined = await self._documents.examine(request, today)
        request = examined.request
        missing += examined.missing
        reading = read_document(request, today)
        claims = [BirthClaim("typed", stated(request, today).birth)]
        claims += [BirthClaim(*birth) for birth in dict([*stated_births(request, today), *examined.births]).items()]
        claims += [BirthClaim(record.id, record.particulars.birth) for record in likeness.records]
        claims += await self._sealed_claims(likeness.records, today)
        identity = other_identity(likeness.told)
        signals = [
            *([identity] if identity else []),
            *reading.signals,
            *examined.signals,
            *await self._reuse(row, stated(request, today), likeness),
            *await self._portraits(row, examined, likeness, missing),
            *age_signals(claims, request.nationality, request.placement, today, self._rules),
            *await self._look(row.member, request, missing),
        ]
        child = any(signal.code is SignalCode.CHILD_POSSIBLE for signal in signals)
        again = [record.id for record in likeness.records if child and not record.child_sealed]  # seals them too
        promised = await self._promised(row, request, likeness)
        placed = candidate_row(row.id, request, promised, self._store.digest, self._rules, self._fees)
        await self._documents.place(row.id, placed)
        conclusion = Conclusion(address(signals), likeness.told, missing, child, again, reading.identity)
        await self._store.conclude(row, conclusion)

    async def _identify(self, row: RegistrationRow, request: RegistrationRequest, missing: list[str]) -> _Likeness:
        missing += [f"{finger.position}: {finger.exception}" for finger in request.fingers if finger.exception]
        try:
            if not await self._enrol(row, request, missing):
                missing.append(_not_captured(request))
                return _Likeness([], [], searched=False)
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

    async def _enrol(self, row: RegistrationRow, request: RegistrationRequest, missing: list[str]) -> bool:
        """Put into the gallery what was captured; False when nothing was that can be used.

        A desk is told at once of what cannot be used: only when nobody could look then is something refused here.
        """
        items = captured_items(request)
        try:
            return await self._enrol_these(row, items)
        except BiometricsRefusedError:
            problems = await self._search.problems(row.member, [item for item in items if "image" in item.data])
        missing += [
            f"{problem.pointer.removeprefix('/body/')}: {problem.detail}; capture again" for problem in problems
        ]
        unusable = {problem.pointer for problem in problems}
        return await self._enrol_these(row, [item for item in items if item.pointer not in unusable])

    async def _enrol_these(self, row: RegistrationRow, items: list[Item]) -> bool:
        if not any("image" in item.data for item in items):
            return False
        await self._search.enrol(row.member, row.person_id, [item.data for item in items])
        return True

    async def _sealed_claims(self, records: list[Record], today: date) -> list[BirthClaim]:
        """What the documents of sealed registrations of this person say: coming again without it undoes no seal."""
        claims = []
        for record in records:
            if record.child_sealed:
                _, earlier = await self._store.packet(record.id)
                claims += [BirthClaim(record.id, birth) for _, birth in stated_births(earlier, today)]
        return claims

    async def _promised(
        self, row: RegistrationRow, request: RegistrationRequest, likeness: _Likeness
    ) -> ContractTerms | None:
        """The terms of this person's earlier registration for the same agency: what was agreed before departure."""
        if request.placement is None or request.placement.terms is None:
            return None
        same = {told.registration for told in likeness.told if told.relation is Relation.RE_REGISTRATION}
        earlier = [each for each in likeness.records if each.id in same and each.created_at < row.created_at]
        for record in sorted(earlier, key=lambda record: record.created_at):
            try:
                placement = (await self._store.packet(record.id))[1].placement
            except RegistrationUnknownError:  # withdrawn meanwhile
                continue
            if placement and placement.terms and placement.agency == request.placement.agency:
                return placement.terms
        return None

    async def _look(self, member: str, request: RegistrationRequest, missing: list[str]) -> list[Signal]:
        """Whether the face looks so young that a birth record is asked for; not where one was shown.

        Also of a registration that papers seal: a young face without the signal would tell that it is sealed.
        """
        if not self._estimates_ages or request.photo is None or request.birth_record is not None:
            return []
        try:
            signal = looks_young(await self._search.estimate_age(member, request.photo))
        except BiometricsRefusedError:
            missing.append("age by the face: not estimated")
            return []
        missing += ["birth record: not shown; ask for one"] if signal else []
        return [signal] if signal else []

    async def _reuse(self, row: RegistrationRow, own: Particulars, likeness: _Likeness) -> list[Signal]:
        """Whether the document's number stands on somebody else's registration, in this register."""
        if own.document is None:
            return []
        same = {record.id for record in likeness.records}
        others = await self._store.with_document(own.document, row.id)
        differing = {each.id: differences(own, each.particulars) for each in others if each.id not in same}
        return [number_reused(differing, compared=likeness.searched)] if differing else []

    async def _portraits(
        self, row: RegistrationRow, examined: Examination, likeness: _Likeness, missing: list[str]
    ) -> list[Signal]:
        """The portraits on page and chip against the live photo, and against the pictures on other documents."""
        document, photo = examined.request.document, examined.request.photo
        given = {"page": document.portrait if document else None, "chip": examined.portrait}
        portraits = {place: portrait for place, portrait in given.items() if portrait is not None}
        signals = await self._against_photo(row.member, portraits, photo, missing) if photo else []
        same_person = [record.id for record in likeness.records]
        reused, unseen = await self._documents.portraits(
            row.id, list(portraits.values()), same_person, partial(self._shows_bearer_of, row.member)
        )
        missing += unseen
        return signals + reused

    async def _against_photo(
        self, member: str, portraits: Mapping[str, bytes], photo: bytes, missing: list[str]
    ) -> list[Signal]:
        failed: list[str] = []
        scores: list[dict[str, Any]] = []
        for place, portrait in portraits.items():
            try:
                result = await self._search.verify(member, photo_item(portrait), photo_item(photo))
            except BiometricsRefusedError:
                missing.append(f"document portrait ({place}): could not be compared with the photo")
                continue
            if not result.decision:
                failed.append(place)
                scores += [detail.model_dump(mode="json", exclude_none=True) for detail in result.scores or []]
        return [portrait_mismatch({"scores": scores, "portraits": failed})] if failed else []

    async def _shows_bearer_of(self, member: str, registration_id: str, portrait: bytes) -> bool | None:
        """Whether a picture shows the face on the document of another registration."""
        try:
            _, other = await self._store.packet(registration_id)
            shown = other.document and other.document.portrait
            if not shown:
                return None
            return (await self._search.verify(member, photo_item(portrait), photo_item(shown))).decision
        except (BiometricsRefusedError, RegistrationUnknownError):
            return None


def _not_captured(request: RegistrationRequest) -> str:
    """Why there are neither face nor fingers, as far as the desk said so."""
    refused = request.notice is not None and not request.notice.biometrics_agreed
    reason = request.no_biometrics or (NoBiometrics.REFUSED if refused else None)
    return f"biometrics: none captured ({reason.value})" if reason else "biometrics: none captured"


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
        contradiction=(candidate.others or {}).get("contradiction", []),
    )
