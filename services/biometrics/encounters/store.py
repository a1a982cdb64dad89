"""Writes and erases encounters: first the table as a whole, then the memory that searches see, then the answer."""

import asyncio
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.biometrics.encounters.enrolled import EnrolledEncounter, SearchMemory
from services.biometrics.encounters.records import (
    encounter_row,
    gallery_rows,
    item_rows,
    read_enrolled,
    reseal,
    write_over,
)
from services.biometrics.encounters.rows import (
    EncounterExistsError,
    PersonTakenError,
    UnknownPersonError,
    drop_if_empty,
    encounters_to_move,
    identified,
    loaded_encounter,
    own_person,
    plain_encounter,
    refuse_conflicts,
)
from services.biometrics.encounters.tables import EncounterGalleryRow, EncounterRow, ItemRow, PersonRow
from services.biometrics.encounters.turns import Turns
from services.biometrics.ownership import Owner
from services.biometrics.tasks.effects import note_effect
from services.biometrics.templates.extraction import Extracted
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import Encounter, EncounterStatus, PersonIds
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now


class EncounterStore:
    """All writing to persons and encounters. The only writer of its tables and of the search memory.

    Two writes to one person wait for each other, so that table and memory change in the same order. A write goes on
    to its end when its caller has gone away: the memory never misses what the table holds. An owner's write touches
    that owner's persons only; another's is as unknown as none.

    Args:
        database: the service's.
        ring: the member states' keys.
        memory: what searches see.
        models: ids of the models in use.
    """

    def __init__(self, database: Database, ring: KeyRing, memory: SearchMemory, models: frozenset[str]) -> None:
        self._database = database
        self._ring = ring
        self._memory = memory
        self._models = models
        self._turns = Turns()

    async def create(
        self,
        encounter: Encounter,
        extracted: Sequence[Extracted | None],
        owner: Owner,
        person_id: str | None = None,
        encounter_id: str | None = None,
    ) -> PersonIds:
        """Keep an encounter, of a new person or one that is there; ids that are not given are made.

        Args:
            encounter: checked (`check_encounter`).
            extracted: one a biometric item.
            owner: of the person; its member's key wraps the key of a new one.
            person_id: opaque.
            encounter_id: opaque, unique within the person.

        Returns:
            Both ids. Every search from now on finds the encounter, if it is ACTIVE.

        Raises:
            EncounterExistsError: the person has it already.
            PersonTakenError: the person is another owner's.
            MemberKeyMissingError: this deployment has no key for the member.
        """
        ids = person_id or secrets.token_hex(16), encounter_id or secrets.token_hex(16)
        return await self._turns.take({ids[0]}, self._create(ids, encounter, extracted, owner))

    async def update(
        self, ids: PersonIds, encounter: Encounter, extracted: Sequence[Extracted | None], owner: Owner
    ) -> None:
        """Put another content in the place of an encounter's.

        Args:
            ids: of an encounter that is there.
            encounter: checked (`check_encounter`).
            extracted: one a biometric item.
            owner: of the person.

        Raises:
            UnknownPersonError, UnknownEncounterError: there is none; nothing was changed.
        """
        await self._turns.take({ids.personId}, self._update(ids, encounter, extracted, owner))

    async def set_status(self, ids: PersonIds, status: EncounterStatus, owner: Owner) -> None:
        """Say whether searches find an encounter; raises as `update`."""
        await self._turns.take({ids.personId}, self._set_status(ids, status, owner))

    async def set_galleries(self, ids: PersonIds, galleries: Sequence[str], owner: Owner) -> None:
        """Say in which galleries an encounter is; raises as `update`.

        Args:
            ids: of the encounter.
            galleries: at least one, none twice.
            owner: of the person.
        """
        await self._turns.take({ids.personId}, self._set_galleries(ids, galleries, owner))

    async def merge(self, target: str, source: str, owner: Owner) -> None:
        """Give all encounters of one person to another; the first is no more.

        Raises:
            UnknownPersonError: one of them is not there.
            EncounterExistsError: both have an encounter of the same id; nothing was changed.
        """
        await self._turns.take({target, source}, self._hand_over(target, source, None, owner))

    async def move(self, target: str, source: PersonIds, owner: Owner) -> None:
        """Give one encounter of a person to another; with the last one the first person is no more.

        Raises:
            UnknownPersonError, UnknownEncounterError: one of them is not there.
            EncounterExistsError: the other has an encounter of this id; nothing was changed.
        """
        work = self._hand_over(target, source.personId, source.encounterId, owner)
        await self._turns.take({target, source.personId}, work)

    async def delete(self, person_id: str, encounter_id: str, owner: Owner) -> None:
        """Erase an encounter; with the last one the person and their key.

        Raises:
            UnknownPersonError: no such person.
            UnknownEncounterError: no such encounter.
        """
        await self._turns.take({person_id}, self._delete(person_id, encounter_id, owner))

    async def delete_person(self, person_id: str, owner: Owner) -> None:
        """Erase a person, their key and all their encounters.

        Raises:
            UnknownPersonError: no such person.
        """
        await self._turns.take({person_id}, self._delete_person(person_id, owner))

    async def renew(self, ids: PersonIds, item_seq: int, found: Extracted) -> bool:
        """Put another model's features in the place of an item's, and into the memory.

        Args:
            ids: of the encounter.
            item_seq: which item.
            found: what its image gave.

        Returns:
            False when the item is no longer there.

        Raises:
            UnknownEncounterError: the person has no such encounter.
        """
        return await self._turns.take({ids.personId}, self._renew(ids, item_seq, found))

    async def close(self) -> None:
        """Wait for the writes under way."""
        await self._turns.wait()

    async def _create(
        self, ids: tuple[str, str], encounter: Encounter, extracted: Sequence[Extracted | None], owner: Owner
    ) -> PersonIds:
        written = PersonIds(personId=ids[0], encounterId=ids[1])
        async with self._database.write() as session:
            person = await self._person_to_write(session, ids[0], owner)
            if await session.scalar(select(exists().where(identified(*ids)))):
                raise EncounterExistsError("the person has an encounter of this id already; nothing was changed")
            seal = self._seal(person, ids[1])
            row = encounter_row(seal, ids, encounter, extracted, now())
            session.add(row)
            await session.flush()
            enrolled = read_enrolled(seal, row, self._models)
            await note_effect(session, written)
        if encounter.status is EncounterStatus.ACTIVE:
            await asyncio.to_thread(self._memory.add, enrolled)
        return written

    async def _person_to_write(self, session: AsyncSession, person_id: str, owner: Owner) -> PersonRow:
        if await session.get(PersonRow, person_id) is None:
            member, organisation = owner
            key = self._ring.new_subject_key(member)
            session.add(
                PersonRow(
                    person_id=person_id, member=member, organisation=organisation, subject_key=key, created_at=now()
                )
            )
            await session.flush()
        try:
            return await own_person(session, person_id, owner)
        except UnknownPersonError as error:
            raise PersonTakenError("the id of the person is taken; nothing was changed") from error

    async def _update(
        self, ids: PersonIds, encounter: Encounter, extracted: Sequence[Extracted | None], owner: Owner
    ) -> None:
        async with self._database.write() as session:
            person = await own_person(session, ids.personId, owner)
            seal = self._seal(person, ids.encounterId)
            row = await plain_encounter(session, ids)
            await session.execute(delete(EncounterGalleryRow).where(EncounterGalleryRow.encounter_seq == row.seq))
            await session.execute(delete(ItemRow).where(ItemRow.encounter_seq == row.seq))
            write_over(seal, row, encounter, now())
            session.add_all(gallery_rows(encounter.galleries, row.seq))
            session.add_all(item_rows(seal, encounter, extracted, row.seq))
            await session.flush()
            row = await loaded_encounter(session, ids)
            await note_effect(session, ids)
            enrolled = read_enrolled(seal, row, self._models)
        await self._show(row, enrolled)

    async def _set_status(self, ids: PersonIds, status: EncounterStatus, owner: Owner) -> None:
        async with self._database.write() as session:
            person = await own_person(session, ids.personId, owner)
            row = await loaded_encounter(session, ids)
            row.status, row.updated_at = status.value, now()
            enrolled = read_enrolled(self._seal(person, ids.encounterId), row, self._models)
            await note_effect(session)
        await self._show(row, enrolled)

    async def _set_galleries(self, ids: PersonIds, galleries: Sequence[str], owner: Owner) -> None:
        async with self._database.write() as session:
            person = await own_person(session, ids.personId, owner)
            row = await plain_encounter(session, ids)
            await session.execute(delete(EncounterGalleryRow).where(EncounterGalleryRow.encounter_seq == row.seq))
            session.add_all(gallery_rows(galleries, row.seq))
            row.updated_at = now()
            await session.flush()
            row = await loaded_encounter(session, ids)
            enrolled = read_enrolled(self._seal(person, ids.encounterId), row, self._models)
            await note_effect(session)
        await self._show(row, enrolled)

    async def _hand_over(self, target: str, source: str, encounter_id: str | None, owner: Owner) -> None:
        async with self._database.write() as session:
            persons = {name: await own_person(session, name, owner) for name in sorted({target, source})}
            rows = await encounters_to_move(session, source, encounter_id)
            await refuse_conflicts(session, target, [row.encounter_id for row in rows])
            shown = []
            for row in rows:
                new = self._seal(persons[target], row.encounter_id)
                reseal(row, self._seal(persons[source], row.encounter_id), new)
                row.person_id = target
                shown.append((row, read_enrolled(new, row, self._models)))
            await session.flush()
            await drop_if_empty(session, source)
            await note_effect(session)
        for row, enrolled in shown:
            await self._show(row, enrolled)

    async def _renew(self, ids: PersonIds, item_seq: int, found: Extracted) -> bool:
        async with self._database.write() as session:
            person = await session.get(PersonRow, ids.personId, with_for_update=True)
            row = await loaded_encounter(session, ids)
            item = next((each for each in row.items if each.seq == item_seq), None)
            if item is None or person is None:
                return False
            seal = self._seal(person, ids.encounterId)
            item.model_id, item.quality = found.features.model_id, found.quality
            item.template = seal.seal(f"item/{item.ordinal}/template", found.features.to_bytes())
            enrolled = read_enrolled(seal, row, self._models)
        await self._show(row, enrolled)
        return True

    async def _show(self, row: EncounterRow, enrolled: EnrolledEncounter) -> None:
        """Let searches see an encounter as it is now."""
        if row.status == EncounterStatus.ACTIVE:
            await asyncio.to_thread(self._memory.replace, enrolled)
        else:
            await asyncio.to_thread(self._memory.remove, row.seq)

    async def _delete(self, person_id: str, encounter_id: str, owner: Owner) -> None:
        async with self._database.write() as session:
            await own_person(session, person_id, owner)
            row = await plain_encounter(session, PersonIds(personId=person_id, encounterId=encounter_id))
            await session.execute(delete(EncounterRow).where(EncounterRow.seq == row.seq))
            await drop_if_empty(session, person_id)
            await note_effect(session)
        await asyncio.to_thread(self._memory.remove, row.seq)

    async def _delete_person(self, person_id: str, owner: Owner) -> None:
        async with self._database.write() as session:
            await own_person(session, person_id, owner)
            seqs = (await session.scalars(select(EncounterRow.seq).where(EncounterRow.person_id == person_id))).all()
            await session.execute(delete(PersonRow).where(PersonRow.person_id == person_id))
            await note_effect(session)
        for seq in seqs:
            await asyncio.to_thread(self._memory.remove, seq)

    def _seal(self, person: PersonRow, encounter_id: str) -> EncounterSeal:
        return EncounterSeal(self._ring.subject(person.member, person.subject_key), person.person_id, encounter_id)
