"""Between the standard's encounter and the rows it is kept in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pydantic import TypeAdapter

from services.biometrics.encounters.enrolled import EnrolledEncounter, EnrolledItem
from services.biometrics.encounters.tables import EncounterGalleryRow, EncounterRow, ItemRow
from services.biometrics.refusals import NotHeldHereError, NotSupportedError, RefusedRequestError
from services.biometrics.templates.extraction import Extracted
from services.biometrics.templates.features import read_features, without_vector
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import (
    ALL_GALLERIES,
    BiometricData,
    BiometricSubType,
    BiometricType,
    Encounter,
    EncounterStatus,
)

_DESCRIPTION = TypeAdapter(BiometricData)


def check_encounter(encounter: Encounter, encounter_id: str | None) -> None:
    """Refuse what this service must not know, does not do, or cannot make sense of.

    Args:
        encounter: of the request.
        encounter_id: of the request's path; None when the id is to be made here.

    Raises:
        NotHeldHereError: names, birth dates or circumstances.
        NotSupportedError: encrypted or signed parts.
        RefusedRequestError: the gallery ALL, or an id that is not the path's.
    """
    if encounter.biographicData or encounter.contextualData:
        raise NotHeldHereError("biographicData and contextualData are not held here: opaque ids only")
    if encounter.encryption or encounter.integrity:
        raise NotSupportedError("encryption and integrity are not supported yet")
    if ALL_GALLERIES in encounter.galleries:
        raise RefusedRequestError("galleries: ALL stands for every gallery and cannot be one")
    if encounter.encounterId is not None and encounter.encounterId != encounter_id:
        raise RefusedRequestError("encounterId is read-only: the path gives it, or it is made here")


def encounter_row(
    seal: EncounterSeal, ids: tuple[str, str], encounter: Encounter, extracted: Sequence[Extracted | None], at: datetime
) -> EncounterRow:
    """The rows of a new encounter.

    Args:
        seal: of this encounter.
        ids: person id and encounter id.
        encounter: of the request.
        extracted: one a biometric item.
        at: now.
    """
    row = EncounterRow(
        person_id=ids[0],
        encounter_id=ids[1],
        created_at=at,
        galleries=gallery_rows(encounter.galleries),
        items=item_rows(seal, encounter, extracted),
    )
    write_over(seal, row, encounter, encounter.createdDate or at)
    return row


def write_over(seal: EncounterSeal, row: EncounterRow, encounter: Encounter, at: datetime) -> None:
    """Put what an encounter says of itself into its row; its galleries and items have their own.

    Args:
        seal: of this encounter.
        row: with its ids and the instant of its creation.
        encounter: of the request; its dates, where it gives them, count.
        at: when it was updated, unless the encounter says so.
    """
    row.status, row.encounter_type = encounter.status.value, encounter.encounterType
    row.created_at = encounter.createdDate or row.created_at
    row.updated_at = encounter.updatedDate or at
    row.client_data = seal.seal_some("client-data", encounter.clientData)


def gallery_rows(galleries: Sequence[str], encounter_seq: int | None = None) -> list[EncounterGalleryRow]:
    """Where an encounter is searched."""
    return [EncounterGalleryRow(gallery=gallery, encounter_seq=encounter_seq) for gallery in sorted(galleries)]


def item_rows(
    seal: EncounterSeal,
    encounter: Encounter,
    extracted: Sequence[Extracted | None],
    encounter_seq: int | None = None,
) -> list[ItemRow]:
    """The rows of an encounter's biometric items, in their order."""
    items = enumerate(zip(encounter.biometricData, extracted, strict=True))
    rows = [_item_row(seal, ordinal, item, found) for ordinal, (item, found) in items]
    for row in rows:
        row.encounter_seq = encounter_seq  # type: ignore[assignment]  # None: the relationship sets it
    return rows


def reseal(row: EncounterRow, old: EncounterSeal, new: EncounterSeal) -> None:
    """Seal everything of an encounter anew, for another person's key.

    Args:
        row: with its items and their images.
        old: of the encounter as it was.
        new: of the encounter as it will be.

    Raises:
        SealingError: a part was altered.
    """
    row.client_data = new.seal_some("client-data", old.open_some("client-data", row.client_data))
    for item in row.items:
        place = f"item/{item.ordinal}"
        item.description = new.seal(f"{place}/description", old.open(f"{place}/description", item.description))
        item.image = new.seal_some(f"{place}/image", old.open_some(f"{place}/image", item.image))
        item.template = new.seal_some(f"{place}/template", old.open_some(f"{place}/template", item.template))


def _item_row(seal: EncounterSeal, ordinal: int, item: BiometricData, found: Extracted | None) -> ItemRow:
    described = item.model_copy(update={"image": None})
    row = ItemRow(
        ordinal=ordinal,
        biometric_type=item.biometricType.value,
        biometric_sub_type=item.biometricSubType and item.biometricSubType.value,
        instance=item.instance,
        description=seal.seal(f"item/{ordinal}/description", _DESCRIPTION.dump_json(described, exclude_none=True)),
        image=seal.seal_some(f"item/{ordinal}/image", item.image),
    )
    if found is not None:
        row.model_id, row.quality = found.features.model_id, found.quality
        row.template = seal.seal(f"item/{ordinal}/template", found.features.to_bytes())
    return row


def read_encounter(seal: EncounterSeal, row: EncounterRow) -> Encounter:
    """The standard's encounter, images included.

    Raises:
        SealingError: a part was altered.
    """
    return Encounter(
        encounterId=row.encounter_id,
        status=EncounterStatus(row.status),
        encounterType=row.encounter_type,
        createdDate=row.created_at,
        updatedDate=row.updated_at,
        galleries=[gallery.gallery for gallery in row.galleries],
        clientData=seal.open_some("client-data", row.client_data),
        biometricData=[_read_item(seal, item) for item in row.items],
    )


def _read_item(seal: EncounterSeal, row: ItemRow) -> BiometricData:
    described = _DESCRIPTION.validate_json(seal.open(f"item/{row.ordinal}/description", row.description))
    return described.model_copy(update={"image": seal.open_some(f"item/{row.ordinal}/image", row.image)})


def read_enrolled(seal: EncounterSeal, row: EncounterRow, models: frozenset[str]) -> EnrolledEncounter:
    """The encounter as searches see it; items of other models than these are left out.

    Args:
        seal: of this encounter.
        row: with galleries and items.
        models: ids of the models in use.

    Raises:
        SealingError: a template was altered.
    """
    galleries = frozenset(gallery.gallery for gallery in row.galleries)
    items = tuple(
        enrolled_item(item, seal.open_some(f"item/{item.ordinal}/template", item.template) or b"")
        for item in row.items
        if item.model_id in models
    )
    return EnrolledEncounter(row.seq, row.person_id, row.encounter_id, galleries, items)


class ItemHead(Protocol):
    """What an item's row says openly."""

    @property
    def seq(self) -> int: ...
    @property
    def biometric_type(self) -> str: ...
    @property
    def biometric_sub_type(self) -> str | None: ...
    @property
    def instance(self) -> str | None: ...
    @property
    def model_id(self) -> str | None: ...


def enrolled_item(row: ItemHead, template: bytes) -> EnrolledItem:
    """An item as searches see it.

    Args:
        row: what is not sealed of it.
        template: opened; empty where the vector is at hand elsewhere.
    """
    sub_type, model_id = (
        BiometricSubType(row.biometric_sub_type) if row.biometric_sub_type else None,
        row.model_id or "",
    )
    if not template and row.biometric_type == BiometricType.FACE.value:
        return EnrolledItem(str(row.seq), without_vector(model_id), sub_type, row.instance)
    features = read_features(BiometricType(row.biometric_type), sub_type, model_id, template)
    return EnrolledItem(str(row.seq), features, sub_type, row.instance)
