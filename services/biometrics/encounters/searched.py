"""All that searches see, read when the service starts: of a million people, in seconds.

Columns instead of objects, thousands of encounters at a time. A sealed template is read only where the vector is not at
hand elsewhere: a table's pages with templates weigh fifty times what else is read here.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.biometrics.encounters.enrolled import EnrolledEncounter
from services.biometrics.encounters.records import enrolled_item
from services.biometrics.encounters.tables import EncounterGalleryRow, EncounterRow, ItemRow, PersonRow
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import BiometricType, EncounterStatus
from shared.crypto.sealing import KeyRing
from shared.db.database import Database

HasKept = Callable[[frozenset[str], str, str], bool]
"""Whether the vector of a face, by its galleries, model and key, is at hand where all these galleries' vectors are."""

_BATCH: Final = 2_000
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


_EncounterColumns = tuple[int, str, str]
_NOWHERE: Final[frozenset[str]] = frozenset()


class _Page:
    """Galleries and items of some encounters, by the encounter's number; and the items to be opened."""

    def __init__(
        self, galleries: dict[int, frozenset[str]], items: dict[int, list[_ItemColumns]], has_kept: HasKept | None
    ) -> None:
        self._galleries = galleries
        self._items = items
        self.wanted = [
            item.seq
            for seq, some in items.items()
            for item in some
            if has_kept is None or not _is_kept(item, galleries.get(seq, _NOWHERE), has_kept)
        ]

    def encounters(self, rows: Sequence[_EncounterColumns], templates: dict[int, bytes]) -> list[EnrolledEncounter]:
        """As searches see them; whose template is not given is without."""
        found = []
        for seq, person_id, encounter_id in rows:
            items = tuple(enrolled_item(item, templates.get(item.seq, b"")) for item in self._items.get(seq, ()))
            galleries = self._galleries.get(seq, _NOWHERE)
            found.append(EnrolledEncounter(seq, person_id, encounter_id, galleries, items))
        return found


def _is_kept(item: _ItemColumns, galleries: frozenset[str], has_kept: HasKept) -> bool:
    return item.biometric_type == BiometricType.FACE.value and has_kept(galleries, item.model_id, str(item.seq))


def _opened(ring: KeyRing, sealed: Iterable[_SealedTemplate]) -> dict[int, bytes]:
    found = {}
    for each in sealed:
        if each.template is not None:
            seal = EncounterSeal(ring.subject(each.member, each.subject_key), each.person_id, each.encounter_id)
            found[each.seq] = seal.open(f"item/{each.ordinal}/template", each.template)
    return found


async def _encounters(session: AsyncSession, after: int) -> Sequence[_EncounterColumns]:
    query = select(EncounterRow.seq, EncounterRow.person_id, EncounterRow.encounter_id)
    query = query.where(EncounterRow.status == EncounterStatus.ACTIVE.value, EncounterRow.seq > after)
    return (await session.execute(query.order_by(EncounterRow.seq).limit(_BATCH))).all()


async def _galleries(session: AsyncSession, seqs: tuple[int, int]) -> dict[int, frozenset[str]]:
    seq = EncounterGalleryRow.encounter_seq
    rows = await session.execute(select(seq, EncounterGalleryRow.gallery).where(seq.between(*seqs)))
    names = defaultdict(list)
    for number, gallery in rows:
        names[number].append(gallery)
    same: dict[tuple[str, ...], frozenset[str]] = {}
    return {number: same.setdefault(tuple(some), frozenset(some)) for number, some in names.items()}


async def _items(session: AsyncSession, seqs: tuple[int, int], models: frozenset[str]) -> dict[int, list[_ItemColumns]]:
    columns = [getattr(ItemRow, name) for name in _ItemColumns._fields]
    query = select(*columns).where(ItemRow.encounter_seq.between(*seqs), ItemRow.model_id.in_(models))
    found = defaultdict(list)
    for row in await session.execute(query.order_by(ItemRow.encounter_seq, ItemRow.ordinal)):
        item = _ItemColumns(*row)
        found[item.encounter_seq].append(item)
    return found


async def _sealed(session: AsyncSession, wanted: Sequence[int]) -> list[_SealedTemplate]:
    person, key = (EncounterRow.person_id, EncounterRow.encounter_id), (PersonRow.member, PersonRow.subject_key)
    query = select(ItemRow.seq, ItemRow.ordinal, ItemRow.template, *person, *key)
    query = query.join(EncounterRow, EncounterRow.seq == ItemRow.encounter_seq).join(EncounterRow.person)
    found: list[_SealedTemplate] = []
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        rows = await session.execute(query.where(ItemRow.seq.in_(wanted[start : start + _ASKED_AT_ONCE])))
        found += [_SealedTemplate(*row) for row in rows]
    return found
