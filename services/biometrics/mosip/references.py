"""The records that an owner's messages are about: its persons, and those of them in its gallery."""

import hashlib
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from services.biometrics.encounters.tables import EncounterGalleryRow, EncounterRow, PersonRow
from services.biometrics.ownership import Owner
from shared.db.database import Database


def gallery_of(owner: Owner) -> str:
    """The gallery that an owner's inserts go into: one for each organisation, so that its searches find its own."""
    return f"mosip:{hashlib.sha256('/'.join(owner).encode()).hexdigest()[:24]}"


class References:
    """Looks at which records are there.

    Args:
        database: the service's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_taken(self, reference: str) -> bool:
        """Whether the id stands for a person, whoever's."""
        return bool(await self._scalar(select(exists().where(PersonRow.person_id == reference))))

    async def count(self, owner: Owner) -> int:
        """How many records an owner has in its gallery."""
        return int(await self._scalar(select(func.count()).select_from(PersonRow).where(_inserted_by(owner))) or 0)

    async def among(self, owner: Owner, references: Collection[str]) -> frozenset[str]:
        """Those of some ids that stand for the owner's records."""
        query = select(PersonRow.person_id).where(_inserted_by(owner), PersonRow.person_id.in_(references))
        async with self._database.read() as session:
            return frozenset((await session.scalars(query)).all())

    async def _scalar(self, query: Select[Any]) -> Any:
        async with self._database.read() as session:
            return await session.scalar(query)


def _inserted_by(owner: Owner) -> ColumnElement[bool]:
    mine = (PersonRow.member == owner.member) & (PersonRow.organisation == owner.organisation)
    in_gallery = exists().where(
        EncounterRow.person_id == PersonRow.person_id,
        EncounterGalleryRow.encounter_seq == EncounterRow.seq,
        EncounterGalleryRow.gallery == gallery_of(owner),
    )
    return mine & in_gallery
