"""Moves a gallery's faces to another model: embeds them again from their sealed images, while searches go on.

Vectors of different models are never compared. Until the last face is moved, the models of both sides are loaded and
every probe is embedded by each, so that a face is found whichever of them it has.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog
from prometheus_client import Gauge
from sqlalchemy import ColumnElement, func, select

from services.biometrics.encounters.enrolled import EnrolledEncounter
from services.biometrics.encounters.rows import UnknownEncounterError
from services.biometrics.encounters.store import EncounterStore
from services.biometrics.encounters.tables import EncounterRow, ItemRow, PersonRow
from services.biometrics.images import ImageRefusedError
from services.biometrics.tables import JobRow
from services.biometrics.templates.extraction import Extracted, Extractor, SampleNotUsableError
from services.biometrics.templates.features import FaceFeatures
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import BiometricData, BiometricSubType, BiometricType, PersonIds
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.db.jobs import enqueue

MOVE: Final = "move-faces"
"""Kind of the job; its subject is the id of the model that faces are moved to."""

_BATCH: Final = 20

log = structlog.get_logger(__name__)


class FacesNotMovedError(Exception):
    """Faces were left with their former model: tried again later."""


class _Kept(NamedTuple):
    """A face's sealed image, and what opens it."""

    seq: int
    ordinal: int
    sub_type: str | None
    model_id: str
    image: bytes
    person_id: str
    encounter_id: str
    member: str
    subject_key: bytes


class FaceMove:
    """The job, and the probes that searches need while it goes on.

    Args:
        database: the service's.
        ring: the member states' keys.
        store: writes what is moved.
        extractor: with the engines of all models that are loaded.
        left: where to show how many faces are left.
    """

    def __init__(
        self, database: Database, ring: KeyRing, store: EncounterStore, extractor: Extractor, left: Gauge
    ) -> None:
        self._database = database
        self._ring = ring
        self._store = store
        self._extractor = extractor
        self._left = left

    async def promise(self) -> None:
        """Promise the move, if there is anything to move and it is not promised yet."""
        count = await self.left()
        if not count:
            return
        log.warning("faces_are_moved_to_another_model", model=self._extractor.face_model, faces=count)
        promised = (JobRow.kind == MOVE) & (JobRow.subject == self._extractor.face_model) & (JobRow.state == "READY")
        async with self._database.write() as session:
            if await session.scalar(select(JobRow.id).where(promised).limit(1)) is None:
                enqueue(session, JobRow, MOVE, self._extractor.face_model)

    async def left(self) -> int:
        """How many faces have another model than the one in use, and an image to be embedded again."""
        async with self._database.read() as session:
            count = await session.scalar(select(func.count()).select_from(ItemRow).where(self._former())) or 0
        self._left.set(count)
        return count

    async def move(self, model_id: str) -> None:
        """Embed every face of another model again. Taken up where it was left off; a job's handler.

        Args:
            model_id: what was promised; nothing is done when another model is in use by now.

        Raises:
            FacesNotMovedError: some could not be moved.
        """
        if model_id != self._extractor.face_model:
            return
        after, moved = 0, 0
        while batch := await self._kept(self._former() & (ItemRow.seq > after)):
            for face in batch:
                moved += await self._move_one(face)
            after = batch[-1].seq
            log.info("faces_moved", moved=moved, left=await self.left())
        if left := await self.left():
            log.error("faces_could_not_be_moved", left=left)
            raise FacesNotMovedError
        self._extractor.forget_former_models()

    async def by_other_models(self, encounters: Sequence[EnrolledEncounter]) -> list[FaceFeatures]:
        """What the faces of a record give by the models that they were not enrolled with, while a move goes on."""
        if not self._extractor.former_models:
            return []
        seqs = [encounter.seq for encounter in encounters]
        faces = await self._kept(ItemRow.encounter_seq.in_(seqs), limit=None)
        found = [(face.model_id, await self._embed(face)) for face in faces]
        return [
            features
            for model_id, extracted in found
            if extracted is not None
            for features in (extracted.features, *extracted.by_former_models)
            if isinstance(features, FaceFeatures) and features.model_id != model_id
        ]

    async def _move_one(self, face: _Kept) -> bool:
        found = await self._embed(face)
        if found is None:
            return False
        ids = PersonIds(personId=face.person_id, encounterId=face.encounter_id)
        try:
            return await self._store.renew(ids, face.seq, found)
        except UnknownEncounterError:
            return False  # erased, or another person's by now: the next round sees

    async def _embed(self, face: _Kept) -> Extracted | None:
        """The face of a sealed image; None when the engines do not take it any more."""
        key = self._ring.subject(face.member, face.subject_key)
        seal = EncounterSeal(key, face.person_id, face.encounter_id)
        image = seal.open(f"item/{face.ordinal}/image", face.image)
        sub_type = BiometricSubType(face.sub_type) if face.sub_type else None
        item = BiometricData(biometricType=BiometricType.FACE, biometricSubType=sub_type, image=image)
        try:
            return await self._extractor.extract(item)
        except (SampleNotUsableError, ImageRefusedError) as error:
            log.warning("face_not_usable_by_another_model", item=face.seq, error=type(error).__name__)
            return None

    def _former(self) -> ColumnElement[bool]:
        return (
            (ItemRow.biometric_type == BiometricType.FACE.value)
            & (ItemRow.model_id != self._extractor.face_model)
            & ItemRow.image.is_not(None)
        )

    async def _kept(self, wanted: ColumnElement[bool], limit: int | None = _BATCH) -> list[_Kept]:
        is_face = (ItemRow.biometric_type == BiometricType.FACE.value) & ItemRow.image.is_not(None)
        query = (
            select(
                ItemRow.seq,
                ItemRow.ordinal,
                ItemRow.biometric_sub_type,
                ItemRow.model_id,
                ItemRow.image,
                EncounterRow.person_id,
                EncounterRow.encounter_id,
                PersonRow.member,
                PersonRow.subject_key,
            )
            .join(EncounterRow, EncounterRow.seq == ItemRow.encounter_seq)
            .join(PersonRow, PersonRow.person_id == EncounterRow.person_id)
            .where(wanted, is_face, ItemRow.model_id.is_not(None))
            .order_by(ItemRow.seq)
            .limit(limit)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        return [_Kept._make(row) for row in rows]
