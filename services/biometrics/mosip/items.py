"""From the blocks of a CBEFF document to biometric items as the engines take them."""

from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError

from services.biometrics.mosip.cbeff import Block, BlockType
from services.biometrics.mosip.refusals import CbeffError
from shared.contracts.osia import BiometricData, BiometricSubType, BiometricType, MissingType
from shared.standards.iso19794_2 import MinutiaeRecordError, RecordFormat, read_minutiae_record
from shared.standards.iso19794_4 import FingerImageRecordError, read_finger_image_record
from shared.standards.iso19794_5 import FaceImageRecordError, read_face_image_record

_HANDS: Final = {"Right": ("RIGHT", 1), "Left": ("LEFT", 6)}
_FINGERS: Final = {
    "Thumb": "THUMB",
    "IndexFinger": "INDEX",
    "MiddleFinger": "MIDDLE",
    "RingFinger": "RING",
    "LittleFinger": "LITTLE",
}
_POSITIONS: Final = {
    first + place: BiometricSubType(f"{hand}_{finger}")
    for hand, first in _HANDS.values()
    for place, finger in enumerate(_FINGERS.values())
}
"""Finger position codes, the same in ISO/IEC 19794-2 and -4."""

_NAMES: Final = {
    f"{side} {name}": BiometricSubType(f"{hand}_{finger}")
    for side, (hand, _) in _HANDS.items()
    for name, finger in _FINGERS.items()
}
_UNNAMED: Final = frozenset({"", "UNKNOWN"})
_EDITIONS: Final = {b" 20\x00": RecordFormat.ISO_19794_2, b"030\x00": RecordFormat.ISO_19794_2_2011}


def items_of_blocks(blocks: Sequence[Block]) -> list[BiometricData]:
    """The items, in the document's order. A finger without data is kept as missing; an empty face or iris is none.

    Raises:
        CbeffError: the first block that is not taken, and why.
    """
    items = [_item(place, block) for place, block in enumerate(blocks)]
    return [item for item in items if item is not None]


def _item(place: int, block: Block) -> BiometricData | None:
    try:
        return _READERS[block.type](block) if block.data else _missing(block)
    except (CbeffError, MinutiaeRecordError, FingerImageRecordError, FaceImageRecordError) as error:
        raise CbeffError(f"block {place}: {error}") from error
    except ValidationError as error:
        raise CbeffError(f"block {place}: the image or the template is too long") from error


def _missing(block: Block) -> BiometricData | None:
    if block.type in {BlockType.FACE_IMAGE, BlockType.IRIS_IMAGE}:
        return None
    finger = _NAMES.get(block.subtype)
    if finger is None:
        raise CbeffError("a block without data that names no finger")
    gone = [MissingType(biometricSubType=finger)]
    return BiometricData(biometricType=BiometricType.FINGER, biometricSubType=finger, missing=gone)


def _finger_image(block: Block) -> BiometricData:
    views = read_finger_image_record(block.data)
    if len(views) != 1:
        raise CbeffError("more than one finger in one block")
    return BiometricData(
        biometricType=BiometricType.FINGER,
        biometricSubType=_finger(block.subtype, views[0].position),
        image=block.data,
    )


def _minutiae(block: Block) -> BiometricData:
    form = _EDITIONS.get(block.data[4:8])
    if form is None:
        raise CbeffError("minutiae of an edition that is not read")
    views = read_minutiae_record(block.data, form).views
    if len(views) != 1:
        raise CbeffError("more than one finger in one block")
    return BiometricData(
        biometricType=BiometricType.FINGER,
        biometricSubType=_finger(block.subtype, views[0].position),
        template=block.data,
        templateFormat=form.value,
    )


def _face_image(block: Block) -> BiometricData:
    views = read_face_image_record(block.data)
    if len(views) != 1:
        raise CbeffError("more than one face in one block")
    return BiometricData(
        biometricType=BiometricType.FACE, biometricSubType=BiometricSubType.PORTRAIT, image=views[0].data
    )


def _iris_image(_block: Block) -> BiometricData:
    raise CbeffError("irises (block type 9) are not compared here: leave them out of what is shared")


_READERS: Final = {
    BlockType.FINGER_IMAGE: _finger_image,
    BlockType.MINUTIAE: _minutiae,
    BlockType.FACE_IMAGE: _face_image,
    BlockType.IRIS_IMAGE: _iris_image,
}


def _finger(subtype: str, code: int) -> BiometricSubType | None:
    """Which finger, when the document or the record says so; the two must not contradict each other."""
    named, inside = _NAMES.get(subtype), _POSITIONS.get(code)
    if named is None and subtype not in _UNNAMED:
        raise CbeffError("a subtype that names no single finger")
    if inside is None and code != 0:
        raise CbeffError("a record of several fingers, or of none")
    if named and inside and named is not inside:
        raise CbeffError("the document and the record inside name different fingers")
    return named or inside
