"""Between our minutiae and the records that other makers' systems read and write.

A direction means the same on both sides: up the ridge of an ending, up the valley of a bifurcation (LEADER's were
checked on images against the standards' definition). Where a record's minutiae come from another extractor, a
comparison says less than between two of ours: see docs/accuracy.md.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.leader import MAX_SIDE_PX
from services.biometrics.fingerprint.minutiae import BIFURCATION, DPI, ENDING, FingerNotUsableError, Minutiae
from shared.contracts.osia import BiometricSubType
from shared.standards.iso19794_2 import (
    FingerView,
    Minutia,
    MinutiaeRecord,
    MinutiaeRecordError,
    MinutiaKind,
    RecordFormat,
    read_minutiae_record,
    write_minutiae_record,
)
from shared.standards.resolution import dots_per_inch

QUALITY_UNREPORTED: Final = 0.5
"""Given to minutiae whose record does not grade them."""

_FINGERS: Final = ("THUMB", "INDEX", "MIDDLE", "RING", "LITTLE")
_POSITIONS: Final = {
    BiometricSubType(f"{hand}_{finger}"): first + place
    for hand, first in (("RIGHT", 1), ("LEFT", 6))
    for place, finger in enumerate(_FINGERS)
}
"""Finger position codes of ISO/IEC 19794-2, table 2 (the same in ANSI INCITS 378)."""


def minutiae_from_record(data: bytes, form: RecordFormat) -> Minutiae:
    """The minutiae of a record that holds one print.

    Args:
        data: the whole record.
        form: its edition.

    Returns:
        At 500 dpi, in the record's order; minutiae that are not graded have QUALITY_UNREPORTED.

    Raises:
        MinutiaeRecordError: damaged, of another edition, or of more than one print.
        FingerNotUsableError: TOO_LARGE, more than a finger.
    """
    views = read_minutiae_record(data, form).views
    if len(views) != 1:
        raise MinutiaeRecordError("more than one print in one record")
    view = views[0]
    across, down = (DPI / dots_per_inch(per_cm) for per_cm in (view.resolution_x, view.resolution_y))
    width, height = int(np.ceil(view.width * across)), int(np.ceil(view.height * down))
    if max(width, height) > MAX_SIDE_PX:
        raise FingerNotUsableError("TOO_LARGE")
    quality = [QUALITY_UNREPORTED if each.quality is None else each.quality / 100 for each in view.minutiae]
    return Minutiae(
        x=_floats([each.x * across for each in view.minutiae]),
        y=_floats([each.y * down for each in view.minutiae]),
        direction=_floats([np.radians(each.angle_deg) for each in view.minutiae]),
        quality=_floats(quality),
        kind=np.array([_kind(each.kind) for each in view.minutiae], dtype=np.uint8),
        width=width,
        height=height,
    )


def record_from_minutiae(
    minutiae: Minutiae, position: BiometricSubType | None, form: RecordFormat, quality: int | None = None
) -> bytes:
    """A record of one print; positions are rounded to pixels, directions to the edition's unit.

    Args:
        minutiae: of the print.
        position: which finger; None, or none of the ten, is written as unknown.
        form: the edition to write.
        quality: of the print, 0..100, if it is of a scale that the reader knows.
    """
    last_x, last_y = minutiae.width - 1, minutiae.height - 1
    columns = zip(
        np.rint(minutiae.x).clip(0, last_x),
        np.rint(minutiae.y).clip(0, last_y),
        np.degrees(minutiae.direction.astype(np.float64)) % 360,
        minutiae.kind,
        np.rint(minutiae.quality * 100),
        strict=True,
    )
    found = tuple(
        Minutia(int(x), int(y), float(angle), _code(kind), int(graded)) for x, y, angle, kind, graded in columns
    )
    code = 0 if position is None else _POSITIONS.get(position, 0)
    view = FingerView(minutiae.width, minutiae.height, found, position=code, quality=quality)
    return write_minutiae_record(MinutiaeRecord((view,)), form)


def _kind(kind: MinutiaKind) -> int:
    return BIFURCATION if kind is MinutiaKind.BIFURCATION else ENDING


def _code(kind: np.uint8) -> MinutiaKind:
    return MinutiaKind.BIFURCATION if kind == BIFURCATION else MinutiaKind.ENDING


def _floats(values: list[float]) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)
