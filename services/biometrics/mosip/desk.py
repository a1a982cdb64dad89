"""What the six messages do, by the rooms that serve OSIA: their extraction, their store and their searches."""

import asyncio
from collections.abc import Sequence
from typing import Final

from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.encounters.rows import (
    EncounterExistsError,
    PersonTakenError,
    UnknownEncounterError,
    UnknownPersonError,
)
from services.biometrics.encounters.store import EncounterStore
from services.biometrics.identify.fusion import candidate_threshold
from services.biometrics.identify.probes import items_of
from services.biometrics.identify.routes import Searching
from services.biometrics.images import Refusal
from services.biometrics.mosip.arrivals import Arrivals
from services.biometrics.mosip.cbeff import read_cbeff
from services.biometrics.mosip.fetching import ShareFetcher
from services.biometrics.mosip.items import items_of_blocks
from services.biometrics.mosip.messages import Message
from services.biometrics.mosip.references import References, gallery_of
from services.biometrics.mosip.refusals import CbeffError, MosipRefusedError
from services.biometrics.ownership import Owner
from services.biometrics.refusals import NotSupportedError, NotUsableError, RefusedRequestError
from services.biometrics.templates.extraction import SampleNotUsableError
from services.biometrics.templates.features import Features
from shared.contracts.mosip import FailureReason
from shared.contracts.osia import BiometricData, Candidate, Encounter, EncounterStatus, Filter

ENCOUNTER_ID: Final = "mosip"
"""Of the one encounter that an insert makes: two inserts of one id cannot both succeed."""

_ENCOUNTER_TYPE: Final = "mosip.abis.insert"
_SEARCHED: Final = 1_000
"""Candidates that are looked at before those are taken that may be answered."""


class MosipDesk:
    """Serves messages. Every method raises MosipRefusedError.

    Args:
        store: writes.
        reader: reads.
        searching: extracts and searches.
        references: which records there are.
        fetcher: gets documents.
        arrivals: the messages under way.
        target_fpir: the deployment's.
    """

    def __init__(
        self,
        store: EncounterStore,
        reader: EncounterReader,
        searching: Searching,
        references: References,
        fetcher: ShareFetcher,
        arrivals: Arrivals,
        target_fpir: float,
    ) -> None:
        self._store = store
        self._reader = reader
        self._searching = searching
        self._references = references
        self._fetcher = fetcher
        self._arrivals = arrivals
        self._target_fpir = target_fpir

    async def insert(self, message: Message, owner: Owner) -> None:
        """Enrol a record under its id, without any search."""
        reference = message.reference or ""
        if await self._references.is_taken(reference):
            raise MosipRefusedError(FailureReason.REFERENCE_EXISTS)
        items = await self._fetched(message.url or "")
        try:
            extracted = await self._searching.extractor.extract_all(items)
            await self._store.create(_encounter(items, owner), extracted, owner, reference, ENCOUNTER_ID)
        except (EncounterExistsError, PersonTakenError) as error:
            raise MosipRefusedError(FailureReason.REFERENCE_EXISTS) from error
        except RefusedRequestError as error:
            raise _refusal(error) from error

    async def identify(self, message: Message, owner: Owner) -> list[Candidate]:
        """The owner's records that may be of the same person, strongest first; never the one that is asked about."""
        await self._arrivals.earlier_inserts(owner)
        try:
            probe = await self._probe(message, owner)
        except RefusedRequestError as error:
            raise _refusal(error) from error
        threshold = await self._threshold(message, owner)
        found = await self._searching.identify(gallery_of(owner), probe, threshold, _SEARCHED, message.reference)
        mine = await self._references.among(owner, [each.personId for each in found])
        wanted = mine if message.gallery is None else mine & message.gallery
        return [each for each in found if each.personId in wanted][: message.most]

    async def delete(self, message: Message, owner: Owner) -> None:
        """Erase a record and its key."""
        try:
            await self._store.delete_person(message.reference or "", owner)
        except UnknownPersonError as error:
            raise MosipRefusedError(FailureReason.REFERENCE_UNKNOWN) from error

    async def count(self, owner: Owner) -> int:
        """How many records the owner has."""
        return await self._references.count(owner)

    async def _probe(self, message: Message, owner: Owner) -> list[Features]:
        if message.reference is None:
            items = await self._fetched(message.url or "")
            return [item.features for item in await items_of(self._searching.extractor, items, "biometricData")]
        try:
            encounters = await self._reader.probe(message.reference, owner)
        except (UnknownPersonError, UnknownEncounterError) as error:
            raise MosipRefusedError(FailureReason.REFERENCE_UNKNOWN) from error
        return await self._searching.record(Filter(), encounters)

    async def _threshold(self, message: Message, owner: Owner) -> float:
        """The score that keeps the share of false answers, in as many records as may be answered."""
        persons = await self._references.count(owner) if message.gallery is None else len(message.gallery)
        return candidate_threshold(persons, message.fpir or self._target_fpir)

    async def _fetched(self, url: str) -> list[BiometricData]:
        document = await self._fetcher.fetch(url)
        return items_of_blocks(await asyncio.to_thread(read_cbeff, document))


def _encounter(items: Sequence[BiometricData], owner: Owner) -> Encounter:
    return Encounter(
        status=EncounterStatus.ACTIVE,
        encounterType=_ENCOUNTER_TYPE,
        galleries=[gallery_of(owner)],
        biometricData=list(items),
    )


def _refusal(error: RefusedRequestError) -> MosipRefusedError:
    """What the rooms refuse, in MOSIP's numbers: what cannot be read is bad CBEFF, what is poor is bad quality."""
    cause = error.__cause__
    unreadable = isinstance(cause, SampleNotUsableError) and cause.reason in set(Refusal)
    if unreadable or isinstance(error, NotSupportedError):
        return CbeffError(str(error))
    if isinstance(error, NotUsableError):
        return MosipRefusedError(FailureReason.QUALITY, str(error))
    return MosipRefusedError(FailureReason.UNEXPECTED, str(error))
