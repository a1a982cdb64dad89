"""What is told of the calibrations in force, and of what is held in memory."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from services.biometrics.evidence import Calibration
from services.biometrics.evidence.shelf import Activation
from services.biometrics.identify.face_shelves import FaceShelves
from services.biometrics.identify.galleries import Galleries
from services.biometrics.templates.engines import Engines
from shared.contracts.operations import CalibrationInForce, IndexSize, TailPoint, TradeOff

_RAREST: Final = 6.0
_STEP: Final = 0.5
_RESIDENT: Final = "VmRSS:"

ScoreKind = Literal["face", "finger", "finger_record"]


def calibrations_in_force(engines: Engines, active: Mapping[str, Activation]) -> list[CalibrationInForce]:
    """What each engine's scores are worth here, in the order face, finger, records of prints, former faces.

    Args:
        engines: by which the process goes.
        active: what was put in force, by model.
    """
    kinds: dict[str, ScoreKind] = {
        engines.face_calibration.model_id: "face",
        engines.finger_calibration.model_id: "finger",
        engines.foreign_calibration.model_id: "finger_record",
    }
    known = engines.calibrations
    order = [*kinds, *(model_id for model_id in known if model_id not in kinds)]
    return [
        _in_force(known[model_id], kinds.get(model_id, "face"), active.get(model_id, Activation()))
        for model_id in order
    ]


def _in_force(made: Calibration, kind: ScoreKind, activation: Activation) -> CalibrationInForce:
    document = activation.document if activation.document and activation.document.calibration == made else None
    day = document.measured.get("date") if document else None
    return CalibrationInForce(
        model=made.model_id,
        kind=kind,
        source=made.source,
        digest=document.digest if document else None,
        measured_on=str(day) if day else None,
        refused=activation.refused,
        strangers=[TailPoint(score=score, share=10**-level) for score, level in made.strangers],
        mates=[TailPoint(score=score, share=10**-level) for score, level in made.mates],
        trade_off=list(_trade_off(made)),
    )


def _trade_off(made: Calibration) -> Iterator[TradeOff]:
    """Both errors at each half decade of FMR that is claimed, down to one in 10^6."""
    most = _RAREST if made.beyond else made.strangers[-1][1]
    for step in range(1, math.floor(min(most, _RAREST) / _STEP) + 1):
        score = made.score_at(_STEP * step)
        known = score <= made.mates[-1][0]
        yield TradeOff(
            score=round(score, 4),
            fmr=10 ** -(_STEP * step),
            fnmr=10 ** -made.minus_log10_fnmr(score) if known else None,
            extrapolated=made.is_extrapolated(score),
        )


def index_sizes(faces: FaceShelves, galleries: Galleries, finger_model: str) -> list[IndexSize]:
    """What is searched, by engine: faces, then prints."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for shelf, index in faces.shelves().items():
        stats = index.stats()
        found = (stats.rows, stats.vector_bytes + stats.code_bytes, stats.mapped_bytes, stats.disk_bytes)
        sums[shelf.model_id] = [one + other for one, other in zip(sums[shelf.model_id], found, strict=True)]
    prints = galleries.finger_stats()
    sums[finger_model] = [prints["prints"], prints["octets"], 0, 0]
    names = ("entries", "memory_bytes", "mapped_bytes", "disk_bytes")
    return [IndexSize(model=model, **dict(zip(names, some, strict=True))) for model, some in sums.items()]


def resident_bytes(status: Path = Path("/proc/self/status")) -> int | None:
    """Memory of this process that is in the machine's; None where the system does not say."""
    try:
        lines = status.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(_RESIDENT)), None)
