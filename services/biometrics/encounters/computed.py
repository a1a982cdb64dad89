"""What was computed from an encounter's items: templates and qualities, in the formats that can be asked for."""

from dataclasses import dataclass
from typing import Final

from services.biometrics.encounters.tables import EncounterRow, ItemRow
from services.biometrics.fingerprint.records import record_from_minutiae
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.refusals import NotSupportedError
from services.biometrics.templates.extraction import FACE_QUALITY, FINGER_QUALITY
from services.biometrics.templates.features import known_position
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import BiometricComputedData, BiometricSubType, BiometricType
from shared.standards.iso19794_2 import RecordFormat

FACE_TEMPLATE: Final = "LINDUNG_FACE_VECTOR_1"
"""A face's embedding: little-endian float32, unit norm; `algorithm` says of which model."""

FINGER_TEMPLATE: Final = "LINDUNG_MCC_1"
"""A print's minutiae with their cylinders, as they are kept."""

_VENDOR: Final = "Lindung"
_TEMPLATES: Final = {
    BiometricType.FACE: (FACE_TEMPLATE,),
    BiometricType.FINGER: (FINGER_TEMPLATE, *(form.value for form in RecordFormat)),
}
"""What can be written of each modality; the first unless another is asked for."""
_QUALITIES: Final = {BiometricType.FACE: FACE_QUALITY, BiometricType.FINGER: FINGER_QUALITY}


class UnknownBiometricsError(Exception):
    """The encounter has no biometric item of the kind that is asked for."""


@dataclass(frozen=True)
class Wanted:
    """Which items, and in which formats; None: any."""

    biometric_type: BiometricType | None
    sub_type: BiometricSubType | None
    instance: str | None
    template_format: str | None
    quality_format: str | None

    def check(self) -> None:
        """Refuse formats that nothing is written in.

        Raises:
            NotSupportedError: such a format.
        """
        formats = [form for forms in _TEMPLATES.values() for form in forms]
        if self.template_format not in {None, *formats}:
            raise NotSupportedError(f"templateFormat: one of {', '.join(formats)}")
        if self.quality_format not in {None, *_QUALITIES.values()}:
            raise NotSupportedError(f"qualityFormat: {' or '.join(_QUALITIES.values())}")

    def asks_for(self, row: ItemRow) -> bool:
        """Whether an item is of the kind that is asked for."""
        return (
            self.biometric_type in {None, row.biometric_type}
            and self.sub_type in {None, row.biometric_sub_type}
            and self.instance in {None, row.instance}
        )


def computed_data(seal: EncounterSeal, row: EncounterRow, wanted: Wanted) -> list[BiometricComputedData]:
    """What was computed from the items that are asked for; items without a template, or not in the format, are not
    in it.

    Raises:
        NotSupportedError: a format that nothing is written in.
        UnknownBiometricsError: the encounter has no such item.
        SealingError: a template was altered.
    """
    wanted.check()
    items = [item for item in row.items if wanted.asks_for(item)]
    if not items:
        raise UnknownBiometricsError("the encounter has no such biometric item")
    found = [_computed(seal, item, wanted) for item in items if item.template is not None]
    return [each for each in found if each is not None]


def _computed(seal: EncounterSeal, row: ItemRow, wanted: Wanted) -> BiometricComputedData | None:
    kind = BiometricType(row.biometric_type)
    form, quality_format = wanted.template_format or _TEMPLATES[kind][0], _QUALITIES[kind]
    if form not in _TEMPLATES[kind]:
        return None
    graded = wanted.quality_format in {None, quality_format} and row.quality is not None
    kept = seal.open_some(f"item/{row.ordinal}/template", row.template) or b""
    sub_type = BiometricSubType(row.biometric_sub_type) if row.biometric_sub_type else None
    return BiometricComputedData(
        biometricType=kind,
        biometricSubType=sub_type,
        instance=row.instance,
        template=kept if form == _TEMPLATES[kind][0] else _record(kept, sub_type, row.quality, RecordFormat(form)),
        templateFormat=form,
        quality=row.quality if graded else None,
        qualityFormat=quality_format if graded else None,
        algorithm=row.model_id,
        vendor=_VENDOR,
    )


def _record(kept: bytes, sub_type: BiometricSubType | None, quality: int | None, form: RecordFormat) -> bytes:
    minutiae = FingerTemplate.from_bytes(kept).minutiae
    return record_from_minutiae(minutiae, known_position(sub_type), form, quality)
