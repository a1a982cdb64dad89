"""What writes to persons and encounters have in common: finding the rows they may touch."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload, undefer

from services.biometrics.encounters.tables import EncounterRow, ItemRow, PersonRow
from services.biometrics.ownership import Owner
from shared.contracts.osia import PersonIds


class UnknownPersonError(Exception):
    """There is no such person here."""


class UnknownEncounterError(Exception):
    """The person has no such encounter."""


class EncounterExistsError(Exception):
    """The person has an encounter of this id already; nothing was changed."""


class PersonTakenError(Exception):
    """The id stands for a person of another owner; nothing was changed."""


def identified(person_id: str, encounter_id: str) -> ColumnElement[bool]:
    """Both ids of an encounter."""
    return (EncounterRow.person_id == person_id) & (EncounterRow.encounter_id == encounter_id)


async def own_person(session: AsyncSession, person_id: str, owner: Owner) -> PersonRow:
    """A person to be changed, whom nobody else changes until the transaction ends.

    Raises:
        UnknownPersonError: no such person of this owner; another's is not told from none.
    """
    person = await session.get(PersonRow, person_id, with_for_update=True)
    if person is None or (person.member, person.organisation) != owner:
        raise UnknownPersonError("there is no such person here")
    return person


async def plain_encounter(session: AsyncSession, ids: PersonIds) -> EncounterRow:
    """An encounter by itself.

    Raises:
        UnknownEncounterError: the person has no such encounter.
    """
    row = await session.scalar(select(EncounterRow).where(identified(ids.personId, ids.encounterId)))
    if row is None:
        raise UnknownEncounterError("the person has no such encounter")
    return row


async def loaded_encounter(session: AsyncSession, ids: PersonIds) -> EncounterRow:
    """An encounter with its galleries and items, without images; raises as `plain_encounter`."""
    row = await plain_encounter(session, ids)
    await session.refresh(row, ["galleries", "items"])
    return row


async def encounters_to_move(session: AsyncSession, person_id: str, encounter_id: str | None) -> list[EncounterRow]:
    """One or all encounters of a person, with all that is theirs, oldest first.

    Raises:
        UnknownEncounterError: the person has no such encounter.
    """
    query = select(EncounterRow).where(EncounterRow.person_id == person_id)
    if encounter_id is not None:
        query = query.where(EncounterRow.encounter_id == encounter_id)
    whole = query.options(
        selectinload(EncounterRow.galleries), selectinload(EncounterRow.items).options(undefer(ItemRow.image))
    )
    rows = list((await session.scalars(whole.order_by(EncounterRow.seq))).all())
    if encounter_id is not None and not rows:
        raise UnknownEncounterError("the person has no such encounter")
    return rows


async def refuse_conflicts(session: AsyncSession, person_id: str, encounter_ids: Sequence[str]) -> None:
    """Raise EncounterExistsError when the person has an encounter of one of these ids."""
    taken = (EncounterRow.person_id == person_id) & EncounterRow.encounter_id.in_(encounter_ids)
    if await session.scalar(select(exists().where(taken))):
        raise EncounterExistsError("both persons have an encounter of this id; nothing was changed")


async def drop_if_empty(session: AsyncSession, person_id: str) -> None:
    """Erase a person, and the key, when no encounter is left."""
    if not await session.scalar(select(exists().where(EncounterRow.person_id == person_id))):
        await session.execute(delete(PersonRow).where(PersonRow.person_id == person_id))
