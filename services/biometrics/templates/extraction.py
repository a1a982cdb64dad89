"""From a biometric item of a request to features, or to the reason why not."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from services.biometrics.face import FaceNotUsableError
from services.biometrics.fingerprint.calibration import FOREIGN_MCC16B_1
from services.biometrics.fingerprint.minutiae import FingerNotUsableError
from services.biometrics.fingerprint.records import minutiae_from_record
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.images import ImageRefusedError, Refusal, open_photo, open_print
from services.biometrics.refusals import NotSupportedError, NotUsableError
from services.biometrics.templates.engines import Engines, EngineThreads
from services.biometrics.templates.features import (
    FINGER_POSITIONS,
    FaceFeatures,
    Features,
    FingerFeatures,
    known_position,
)
from services.biometrics.templates.recent import RecentSamples
from shared.contracts.osia import BiometricData, BiometricSubType, BiometricType
from shared.standards.iso19794_2 import MinutiaeRecordError, RecordFormat

FACE_QUALITY: Final = "LINDUNG_FACE_1"
"""0..100: the weakest of the elements of ISO/IEC 29794-5 that the face engine measures."""

FINGER_QUALITY: Final = "LINDUNG_FINGER_1"
"""0..100: confidence and number of the minutiae; not NFIQ 2."""

_SUB_TYPES: Final = {
    BiometricType.FACE: frozenset({None, BiometricSubType.UNKNOWN, BiometricSubType.PORTRAIT}),
    BiometricType.FINGER: frozenset({None, BiometricSubType.UNKNOWN}) | FINGER_POSITIONS,
}


class SampleNotUsableError(Exception):
    """The image or template cannot be used.

    Attributes:
        reason: stable code of the intake or the engine, such as NO_FACE or DAMAGED.
        detail: a sentence without image content; may be empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, eq=False)
class Extracted:
    """What an image or a template gave.

    Attributes:
        features: what is compared.
        quality: 0..100, more is better; None of a template, which another extractor made.
        quality_format: on which scale; None with it.
        notes: what was poor.
        by_former_models: the same face by the models that others in the gallery still have.
    """

    features: Features
    quality: int | None
    quality_format: str | None
    notes: tuple[str, ...] = ()
    by_former_models: tuple[FaceFeatures, ...] = ()


def check_supported(item: BiometricData) -> None:
    """Refuse what would otherwise be passed over in silence.

    Raises:
        NotSupportedError: a template of another format, a reference, an encrypted or signed part, or a modality
            without an engine.
        NotUsableError: neither an image, nor a template, nor a word on what is missing.
    """
    for name in ("templateRef", "imageRef", "encryption", "integrity"):
        if getattr(item, name):
            raise NotSupportedError(f"{name} is not supported yet; send the image itself")
    if item.template is not None and not _is_readable_template(item):
        raise NotSupportedError(f"template: only of a FINGER, with a templateFormat of {', '.join(RecordFormat)}")
    if not has_sample(item) and not item.missing:
        raise NotUsableError("neither an image, nor a template, nor what is missing")
    if has_sample(item) and item.biometricSubType not in _SUB_TYPES.get(item.biometricType, ()):
        named = item.biometricSubType or "no sub-type"
        raise NotSupportedError(f"no engine here compares {item.biometricType} with {named} yet")


def has_sample(item: BiometricData) -> bool:
    """Whether there is anything to compare: an image, or a template in its place."""
    return item.image is not None or item.template is not None


def _is_readable_template(item: BiometricData) -> bool:
    return item.biometricType is BiometricType.FINGER and item.templateFormat in set(RecordFormat)


class Extractor:
    """Extracts with the engines, in their threads."""

    def __init__(self, engines: Engines, threads: EngineThreads) -> None:
        self._engines = engines
        self._threads = threads
        self._former = engines.former
        self._recent: RecentSamples[Extracted] = RecentSamples()

    @property
    def face_model(self) -> str:
        """The model that faces are enrolled with."""
        return self._engines.face.model_id

    @property
    def former_models(self) -> frozenset[str]:
        """Models that faces are also embedded by, because not everybody is moved to the new one yet."""
        return frozenset(engine.model_id for engine in self._former)

    def forget_former_models(self) -> None:
        """Say that nobody has a vector of a former model any more."""
        self._former = ()

    async def extract(self, item: BiometricData) -> Extracted:
        """The features of one item that has an image or a template and is supported; an image goes before.

        Raises:
            SampleNotUsableError: it cannot be used.
        """
        work = self._face if item.biometricType is BiometricType.FACE else self._finger
        return await self._recent.get(item, lambda: self._threads.run(partial(_with_reason, work, item)))

    async def extract_all(self, items: Sequence[BiometricData], field: str = "biometricData") -> list[Extracted | None]:
        """The features of each item; None where an item only says what is missing.

        Args:
            items: of one request.
            field: where they stand in it, to name the one that is refused.

        Raises:
            RefusedRequestError: the first item that cannot be taken, by its place.
        """
        for place, item in enumerate(items):
            _check_at(f"{field}/{place}", item)
        results = await asyncio.gather(*(self._maybe(item) for item in items), return_exceptions=True)
        return [_result_at(f"{field}/{place}", result) for place, result in enumerate(results)]

    async def _maybe(self, item: BiometricData) -> Extracted | None:
        return await self.extract(item) if has_sample(item) else None

    def _face(self, item: BiometricData) -> Extracted:
        photo = open_photo(item.image or b"")
        sample = self._engines.face.sample(photo)
        features = FaceFeatures(self._engines.face.model_id, sample.embedding)
        former = tuple(FaceFeatures(each.model_id, each.sample(photo).embedding) for each in self._former)
        return Extracted(features, sample.quality, FACE_QUALITY, sample.notes, former)

    def _finger(self, item: BiometricData) -> Extracted:
        if item.image is None:
            return self._finger_template(item)
        image = open_print(item.image, dpi=item.resolution)
        template = self._engines.finger.extract(image.pixels, image.dpi)
        position = known_position(item.biometricSubType)
        features = FingerFeatures(self._engines.finger.model_id, position, template)
        return Extracted(features, template.quality, FINGER_QUALITY)

    def _finger_template(self, item: BiometricData) -> Extracted:
        minutiae = minutiae_from_record(item.template or b"", RecordFormat(item.templateFormat or ""))
        position = known_position(item.biometricSubType)
        features = FingerFeatures(FOREIGN_MCC16B_1.model_id, position, FingerTemplate.of(minutiae))
        return Extracted(features, quality=None, quality_format=None)


def _check_at(place: str, item: BiometricData) -> None:
    try:
        check_supported(item)
    except (NotSupportedError, NotUsableError) as error:
        raise type(error)(f"{place}: {error}") from error


def _result_at(place: str, result: Extracted | BaseException | None) -> Extracted | None:
    if isinstance(result, SampleNotUsableError):
        raise NotUsableError(f"{place}: {result}") from result
    if isinstance(result, BaseException):
        raise result
    return result


def _with_reason(work: Callable[[BiometricData], Extracted], item: BiometricData) -> Extracted:
    try:
        return work(item)
    except ImageRefusedError as error:
        raise SampleNotUsableError(error.reason.value, error.detail) from error
    except FaceNotUsableError as error:
        raise SampleNotUsableError(error.reason.value) from error
    except MinutiaeRecordError as error:
        raise SampleNotUsableError(Refusal.DAMAGED.value, str(error)) from error
    except FingerNotUsableError as error:
        raise SampleNotUsableError(error.reason) from error
