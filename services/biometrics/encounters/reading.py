"""Reads encounters: for the standard's answers, as probes, and all of them when the service starts."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import joinedload, selectinload, undefer

from services.biometrics.encounters.enrolled import EnrolledEncounter
from services.biometrics.encounters.records import read_encounter, read_enrolled
from services.biometrics.encounters.rows import UnknownEncounterError, UnknownPersonError
from services.biometrics.encounters.searched import HasKept, read_searched
from services.biometrics.encounters.tables import EncounterGalleryRow, EncounterRow, ItemRow, PersonRow
from services.biometrics.ownership import Owner
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import ALL_GALLERIES, BiometricType, Encounter, EncounterStatus, PersonIds
from shared.crypto.sealing import KeyRing
from shared.db.database import Database


class EncounterReader:
    """All reading of persons and encounters.

    Args:
        database: the service's.
        ring: the member states' keys.
        models: ids of the models in use; features of others are not read.
    """

    def __init__(self, database: Database, ring: KeyRing, models: frozenset[str]) -> None:
        self._database = database
        self._ring = ring
        self._models = models

    async def read(self, person_id: str, encounter_id: str, owner: Owner) -> Encounter:
        """One encounter, images included.

        Raises:
            UnknownPersonError: no such person.
            UnknownEncounterError: no such encounter.
        """
        rows = await self._rows(owner, person_id, encounter_id, images=True)
        return read_encounter(self._seal(rows[0]), rows[0])

    async def read_all(self, person_id: str, owner: Owner) -> list[Encounter]:
        """All encounters of a person, oldest first.

        Raises:
            UnknownPersonError: no such person.
        """
        rows = await self._rows(owner, person_id, None, images=True)
        return [read_encounter(self._seal(row), row) for row in rows]

    async def probe(self, person_id: str, owner: Owner, encounter_id: str | None = None) -> list[EnrolledEncounter]:
        """What a search for a person, or for one encounter, is made with.

        Args:
            person_id: whose.
            owner: who asks.
            encounter_id: which, whatever its status; None: all that are ACTIVE.

        Raises:
            UnknownPersonError: no such person.
            UnknownEncounterError: no such encounter.
        """
        rows = await self._rows(owner, person_id, encounter_id)
        wanted = [row for row in rows if encounter_id or row.status == EncounterStatus.ACTIVE]
        return [read_enrolled(self._seal(row), row, self._models) for row in wanted]

    async def computed(self, person_id: str, encounter_id: str, owner: Owner) -> tuple[EncounterSeal, EncounterRow]:
        """An encounter's row with its items, images left where they are, and what opens their templates.

        Raises:
            UnknownPersonError: no such person.
            UnknownEncounterError: no such encounter.
        """
        row = (await self._rows(owner, person_id, encounter_id))[0]
        return self._seal(row), row

    async def searched(self, has_kept: HasKept | None = None) -> AsyncIterator[list[EnrolledEncounter]]:
        """All ACTIVE encounters as searches see them, oldest first, some thousands at a time.

        Args:
            has_kept: whose vectors are at hand elsewhere and need not be opened; asked when their turn comes.
        """
        async for encounters in read_searched(self._database, self._ring, self._models, has_kept):
            yield encounters

    async def left_out(self) -> int:
        """How many items of ACTIVE encounters have features of a model that is not in use: no search finds them."""
        active = EncounterRow.status == EncounterStatus.ACTIVE.value
        query = select(func.count()).select_from(ItemRow).join(EncounterRow, EncounterRow.seq == ItemRow.encounter_seq)
        async with self._database.read() as session:
            return await session.scalar(query.where(active, ItemRow.model_id.not_in(self._models))) or 0

    async def face_keys(self) -> list[tuple[str, str, int]]:
        """Gallery, model and item number of every face that searches find."""
        query = (
            select(EncounterGalleryRow.gallery, ItemRow.model_id, ItemRow.seq)
            .join(EncounterRow, EncounterRow.seq == EncounterGalleryRow.encounter_seq)
            .join(ItemRow, ItemRow.encounter_seq == EncounterRow.seq)
            .where(EncounterRow.status == EncounterStatus.ACTIVE.value, ItemRow.model_id.in_(self._models))
            .where(ItemRow.biometric_type == BiometricType.FACE.value)
        )
        async with self._database.read() as session:
            return [(gallery, model_id or "", seq) for gallery, model_id, seq in await session.execute(query)]

    async def face_models(self) -> set[str]:
        """Ids of all models that faces were enrolled with."""
        query = select(ItemRow.model_id).where(ItemRow.biometric_type == BiometricType.FACE.value).distinct()
        async with self._database.read() as session:
            return {model_id for model_id in await session.scalars(query) if model_id}

    async def galleries(self) -> list[str]:
        """Every gallery that an encounter is in, by name."""
        query = select(EncounterGalleryRow.gallery).distinct().order_by(EncounterGalleryRow.gallery)
        async with self._database.read() as session:
            return list((await session.scalars(query)).all())

    async def has_gallery(self, gallery: str) -> bool:
        """Whether any encounter is in it; ALL is always there."""
        query = select(exists().where(EncounterGalleryRow.gallery == gallery))
        async with self._database.read() as session:
            return gallery == ALL_GALLERIES or bool(await session.scalar(query))

    async def has_person(self, gallery: str, person_id: str) -> bool:
        """Whether the person has an encounter in the gallery."""
        query = select(exists().where(_in_gallery(gallery), EncounterRow.person_id == person_id))
        async with self._database.read() as session:
            return bool(await session.scalar(query))

    async def content(self, gallery: str, owner: Owner, offset: int, limit: int) -> list[PersonIds]:
        """Which of an owner's persons are in a gallery, oldest encounter first."""
        mine = (PersonRow.member == owner.member) & (PersonRow.organisation == owner.organisation)
        query = select(EncounterRow.person_id, EncounterRow.encounter_id).join(EncounterRow.person)
        query = query.where(_in_gallery(gallery), mine)
        async with self._database.read() as session:
            rows = await session.execute(query.order_by(EncounterRow.seq).offset(offset).limit(limit))
            return [PersonIds(personId=person, encounterId=encounter) for person, encounter in rows]

    def _seal(self, row: EncounterRow) -> EncounterSeal:
        key = self._ring.subject(row.person.member, row.person.subject_key)
        return EncounterSeal(key, row.person_id, row.encounter_id)

    async def _rows(
        self, owner: Owner, person_id: str, encounter_id: str | None, *, images: bool = False
    ) -> Sequence[EncounterRow]:
        query = _with_person(select(EncounterRow), images=images).where(EncounterRow.person_id == person_id)
        if encounter_id is not None:
            query = query.where(EncounterRow.encounter_id == encounter_id)
        async with self._database.read() as session:
            person = await session.get(PersonRow, person_id)
            if person is None or (person.member, person.organisation) != owner:
                raise UnknownPersonError("there is no such person here")
            rows = (await session.scalars(query.order_by(EncounterRow.seq))).all()
        if not rows:
            raise UnknownEncounterError("the person has no such encounter")
        return rows


def _with_person(query: Select[EncounterRow], *, images: bool = False) -> Select[EncounterRow]:
    items = selectinload(EncounterRow.items)
    if images:
        items = items.options(undefer(ItemRow.image))
    return query.options(joinedload(EncounterRow.person), selectinload(EncounterRow.galleries), items)


def _in_gallery(gallery: str) -> ColumnElement[bool]:
    here = EncounterGalleryRow.encounter_seq == EncounterRow.seq
    if gallery != ALL_GALLERIES:
        here &= EncounterGalleryRow.gallery == gallery
    return exists().where(here)
