"""All that searches see, read when the service starts: of a million people, in seconds.

Columns instead of objects, thousands of encounters at a time. A sealed template is read only where the vector is not at
hand elsewhere: a table's pages with templates weigh fifty times what else is read here.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.encounters.records import enrolled_item
from services.biometrics.encounters.tables import EncounterGalleryRow, EncounterRow, ItemRow, PersonRow
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import BiometricType, EncounterStatus
from shared.crypto.sealing import KeyRing
from shared.db.database import Database

HasKept = Callable[[frozenset[str], str, str], bool]
"""Whether the vector of a face, by its galleries, model and key, is at hand where all these galleries' vectors are."""

_BATCH: Final = 10_000
_FACE: Final = BiometricType.FACE.value
_ASKED_AT_ONCE: Final = 10_000
"""A statement may have some 32,000 parameters."""


async def read_searched(
    database: Database, ring: KeyRing, models: frozenset[str], has_kept: HasKept | None = None
) -> AsyncIterator[list[EnrolledEncounter]]:
    """All ACTIVE encounters as searches see them, oldest first, some thousands at a time.

    Args:
        database: the service's.
        ring: the member states' keys.
        models: ids of the models in use; items of others are left out.
        has_kept: whose vectors are at hand elsewhere and need not be opened; asked when their turn comes.

    Raises:
        SealingError: a template was altered.
    """
    after = 0
    while True:
        async with database.read() as session:
            rows = await _encounters(session, after)
            if not rows:
                return
            seqs = rows[0][0], rows[-1][0]
            page = _Page(await _galleries(session, seqs), await _items(session, seqs, models), has_kept)
            sealed = await _sealed(session, page.wanted)
        yield page.encounters(rows, _opened(ring, sealed))
        after = seqs[1]


class _ItemColumns(NamedTuple):
    seq: int
    encounter_seq: int
    ordinal: int
    biometric_type: str
    biometric_sub_type: str | None
    instance: str | None
    model_id: str


class _SealedTemplate(NamedTuple):
    seq: int
    ordinal: int
    template: bytes | None
    person_id: str
    encounter_id: str
    member: str
    subject_key: bytes


_ENCOUNTERS: Final = EncounterRow.__table__.c
_PLACES: Final = EncounterGalleryRow.__table__.c
_ITEMS: Final = ItemRow.__table__.c
"""Columns by themselves: asked for through their classes, each row would take four times as long."""

_Galleries = frozenset[str]
_EncounterColumns = tuple[int, str, str]
_NOWHERE: Final[_Galleries] = frozenset()


class _Page:
    """Galleries and items of some encounters, by the encounter's number; and the items to be opened."""

    def __init__(
        self, galleries: dict[int, _Galleries], items: Sequence[_ItemColumns], has_kept: HasKept | None
    ) -> None:
        self._galleries = galleries
        self._items = items
        self.wanted = [
            item.seq
            for item in items
            if has_kept is None or not _is_kept(item, galleries.get(item.encounter_seq, _NOWHERE), has_kept)
        ]

    def encounters(self, rows: Sequence[_EncounterColumns], templates: Mapping[int, bytes]) -> list[EnrolledEncounter]:
        """As searches see them; whose template is not given is without."""
        items: dict[int, tuple[EnrolledItem, ...]] = {}
        for item in self._items:
            of_encounter = items.get(item.encounter_seq, ())
            items[item.encounter_seq] = (*of_encounter, enrolled_item(item, templates.get(item.seq, b"")))
        galleries = self._galleries
        return [
            EnrolledEncounter(seq, person_id, encounter_id, galleries.get(seq, _NOWHERE), items.get(seq, ()))
            for seq, person_id, encounter_id in rows
        ]


def _is_kept(item: _ItemColumns, galleries: _Galleries, has_kept: HasKept) -> bool:
    return item.biometric_type == _FACE and has_kept(galleries, item.model_id, str(item.seq))


def _opened(ring: KeyRing, sealed: Iterable[_SealedTemplate]) -> dict[int, bytes]:
    found = {}
    for each in sealed:
        if each.template is not None:
            seal = EncounterSeal(ring.subject(each.member, each.subject_key), each.person_id, each.encounter_id)
            found[each.seq] = seal.open(f"item/{each.ordinal}/template", each.template)
    return found


async def _encounters(session: AsyncSession, after: int) -> Sequence[_EncounterColumns]:
    query = select(*(_ENCOUNTERS[name] for name in ("seq", "person_id", "encounter_id")))
    query = query.where(_ENCOUNTERS.status == EncounterStatus.ACTIVE.value, _ENCOUNTERS.seq > after)
    return (await session.execute(query.order_by(_ENCOUNTERS.seq).limit(_BATCH))).all()


async def _galleries(session: AsyncSession, seqs: tuple[int, int]) -> dict[int, _Galleries]:
    seq = _PLACES.encounter_seq
    rows = await session.execute(select(seq, _PLACES.gallery).where(seq.between(*seqs)))
    found: dict[int, _Galleries] = {}
    for number, gallery in rows.all():
        found[number] = _with(found.get(number, _NOWHERE), gallery)
    return found


@cache
def _with(galleries: _Galleries, gallery: str) -> _Galleries:
    """One object for each set of galleries that is met: there are few, and a million encounters in them."""
    return galleries | {gallery}


async def _items(session: AsyncSession, seqs: tuple[int, int], models: frozenset[str]) -> list[_ItemColumns]:
    query = select(*(_ITEMS[name] for name in _ItemColumns._fields))
    query = query.where(_ITEMS.encounter_seq.between(*seqs), _ITEMS.model_id.in_(models))
    rows = await session.execute(query.order_by(_ITEMS.encounter_seq, _ITEMS.ordinal))
    return [_ItemColumns._make(row) for row in rows.all()]


async def _sealed(session: AsyncSession, wanted: Sequence[int]) -> list[_SealedTemplate]:
    person, key = (EncounterRow.person_id, EncounterRow.encounter_id), (PersonRow.member, PersonRow.subject_key)
    query = select(ItemRow.seq, ItemRow.ordinal, ItemRow.template, *person, *key)
    query = query.join(EncounterRow, EncounterRow.seq == ItemRow.encounter_seq).join(EncounterRow.person)
    found: list[_SealedTemplate] = []
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        rows = await session.execute(query.where(ItemRow.seq.in_(wanted[start : start + _ASKED_AT_ONCE])))
        found += [_SealedTemplate(*row) for row in rows]
    return found
