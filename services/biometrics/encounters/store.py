"""Writes and erases encounters: first the table as a whole, then the memory that searches see, then the answer."""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.biometrics.encounters.enrolled import SearchMemory
from services.biometrics.encounters.records import encounter_row, read_enrolled
from services.biometrics.encounters.tables import EncounterRow, PersonRow
from services.biometrics.templates.extraction import Extracted
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import Encounter, EncounterStatus, PersonIds
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now

Result = TypeVar("Result")


class UnknownPersonError(Exception):
    """There is no such person here."""


class UnknownEncounterError(Exception):
    """The person has no such encounter."""


class EncounterExistsError(Exception):
    """The person has an encounter of this id already; nothing was changed."""


class EncounterStore:
    """All writing to persons and encounters. The only writer of its tables and of the search memory.

    Two writes to one person wait for each other, so that table and memory change in the same order. A write goes on
    to its end when its caller has gone away: the memory never misses what the table holds.

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
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def create(
        self,
        encounter: Encounter,
        extracted: Sequence[Extracted | None],
        member: str,
        person_id: str | None = None,
        encounter_id: str | None = None,
    ) -> PersonIds:
        """Keep an encounter, of a new person or one that is there; ids that are not given are made.

        Args:
            encounter: checked (`check_encounter`).
            extracted: one a biometric item.
            member: whose key wraps the key of a new person.
            person_id: opaque.
            encounter_id: opaque, unique within the person.

        Returns:
            Both ids. Every search from now on finds the encounter, if it is ACTIVE.

        Raises:
            EncounterExistsError: the person has it already.
            MemberKeyMissingError: this deployment has no key for the member.
        """
        ids = person_id or secrets.token_hex(16), encounter_id or secrets.token_hex(16)
        return await self._to_the_end(ids[0], self._create(ids, encounter, extracted, member))

    async def delete(self, person_id: str, encounter_id: str) -> None:
        """Erase an encounter; with the last one the person and their key.

        Raises:
            UnknownPersonError: no such person.
            UnknownEncounterError: no such encounter.
        """
        await self._to_the_end(person_id, self._delete(person_id, encounter_id))

    async def delete_person(self, person_id: str) -> None:
        """Erase a person, their key and all their encounters.

        Raises:
            UnknownPersonError: no such person.
        """
        await self._to_the_end(person_id, self._delete_person(person_id))

    async def close(self) -> None:
        """Wait for the writes under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _to_the_end(self, person_id: str, work: Coroutine[Any, Any, Result]) -> Result:
        async def in_turn() -> Result:
            async with self._locks.setdefault(person_id, asyncio.Lock()):
                return await work

        task = asyncio.create_task(in_turn())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _create(
        self, ids: tuple[str, str], encounter: Encounter, extracted: Sequence[Extracted | None], member: str
    ) -> PersonIds:
        async with self._database.write() as session:
            person = await self._person_to_write(session, ids[0], member)
            if await session.scalar(select(exists().where(_is(*ids)))):
                raise EncounterExistsError("the person has an encounter of this id already; nothing was changed")
            seal = EncounterSeal(self._ring.subject(person.member, person.subject_key), *ids)
            row = encounter_row(seal, ids, encounter, extracted, now())
            session.add(row)
            await session.flush()
            enrolled = read_enrolled(seal, row, self._models)
        if encounter.status is EncounterStatus.ACTIVE:
            await asyncio.to_thread(self._memory.add, enrolled)
        return PersonIds(personId=ids[0], encounterId=ids[1])

    async def _person_to_write(self, session: AsyncSession, person_id: str, member: str) -> PersonRow:
        person = await session.get(PersonRow, person_id, with_for_update=True)
        if person is None:
            key = self._ring.new_subject_key(member)
            person = PersonRow(person_id=person_id, member=member, subject_key=key, created_at=now())
            session.add(person)
            await session.flush()
        return person

    async def _delete(self, person_id: str, encounter_id: str) -> None:
        async with self._database.write() as session:
            await _require_person(session, person_id)
            seq = await session.scalar(select(EncounterRow.seq).where(_is(person_id, encounter_id)))
            if seq is None:
                raise UnknownEncounterError("the person has no such encounter")
            await session.execute(delete(EncounterRow).where(EncounterRow.seq == seq))
            if not await session.scalar(select(exists().where(EncounterRow.person_id == person_id))):
                await session.execute(delete(PersonRow).where(PersonRow.person_id == person_id))
        await asyncio.to_thread(self._memory.remove, seq)

    async def _delete_person(self, person_id: str) -> None:
        async with self._database.write() as session:
            await _require_person(session, person_id)
            seqs = (await session.scalars(select(EncounterRow.seq).where(EncounterRow.person_id == person_id))).all()
            await session.execute(delete(PersonRow).where(PersonRow.person_id == person_id))
        for seq in seqs:
            await asyncio.to_thread(self._memory.remove, seq)


async def _require_person(session: AsyncSession, person_id: str) -> None:
    if await session.get(PersonRow, person_id, with_for_update=True) is None:
        raise UnknownPersonError("there is no such person here")


def _is(person_id: str, encounter_id: str) -> ColumnElement[bool]:
    return (EncounterRow.person_id == person_id) & (EncounterRow.encounter_id == encounter_id)
