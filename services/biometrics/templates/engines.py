"""The engines of this deployment, and the threads they work in."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import structlog

from services.biometrics.evidence import Calibration
from services.biometrics.evidence.shelf import Activation, CalibrationShelf, in_force
from services.biometrics.face import (
    CALIBRATIONS,
    FaceEngine,
    FaceEngineUnavailableError,
    FaceNotUsableError,
    calibration_of,
    load_face_engine,
    load_model,
)
from services.biometrics.fingerprint.calibration import FOREIGN_MCC16B_1, LEADER_MCC16B_1
from services.biometrics.fingerprint.engine import FingerEngine, LeaderMccEngine
from services.biometrics.fingerprint.minutiae import DPI, FingerNotUsableError
from shared.settings import Settings

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Engines:
    """One engine a modality, and what its scores are worth.

    Attributes:
        face: embeds whoever is enrolled.
        face_calibration: its own.
        finger: extracts and compares prints.
        finger_calibration: its own.
        foreign_calibration: of prints whose minutiae another maker's extractor found.
        former: of models that faces were enrolled with before, while these are moved.
    """

    face: FaceEngine
    face_calibration: Calibration
    finger: FingerEngine
    finger_calibration: Calibration
    foreign_calibration: Calibration = FOREIGN_MCC16B_1
    former: tuple[FaceEngine, ...] = ()

    @property
    def models(self) -> frozenset[str]:
        """Ids of all models that are loaded."""
        former = (each.model_id for each in self.former)
        return frozenset({self.face.model_id, self.finger.model_id, FOREIGN_MCC16B_1.model_id, *former})

    def with_former(self, model_ids: Iterable[str], settings: Settings) -> "Engines":
        """The same, and the engines of other models that faces were enrolled with, as far as they are installed."""
        former = []
        for model_id in sorted(set(model_ids) - {self.face.model_id}):
            try:
                former.append(load_model(model_id, settings.model_folder))
            except FaceEngineUnavailableError as error:
                log.error("former_face_model_not_loaded", reason=str(error))
        return replace(self, former=tuple(former))

    def calibrated(self, active: Mapping[str, Activation]) -> "Engines":
        """The same, with what their scores are worth by what was put in force, as far as it verifies."""
        face, finger, foreign = (
            in_force(active, shipped) for shipped in (calibration_of(self.face), LEADER_MCC16B_1, FOREIGN_MCC16B_1)
        )
        return replace(self, face_calibration=face, finger_calibration=finger, foreign_calibration=foreign)

    @property
    def calibrations(self) -> dict[str, Calibration]:
        """What scores are worth, by model id; of all models that are loaded."""
        former = {each.model_id: CALIBRATIONS[each.model_id] for each in self.former}
        known = (self.face_calibration, self.finger_calibration, self.foreign_calibration)
        return former | {each.model_id: each for each in known}

    def warm_up(self) -> None:
        """Use each engine once: what a thread's first use builds is then there for its first request."""
        grey = np.tile(np.linspace(0, 255, 256, dtype=np.uint8), (256, 1))
        with suppress(FaceNotUsableError):  # there is no face in it; that is not the point
            self.face.sample(np.dstack([grey] * 3))
        with suppress(FingerNotUsableError):
            self.finger.extract(grey, DPI)


def load_engines(settings: Settings) -> Engines:
    """The engines with their models loaded; takes a second or two.

    Args:
        settings: which face engine, and where installed models are.

    Raises:
        FaceEngineUnavailableError: the face engine that was asked for is not installed.
        ModelFileError: the fingerprint model is not installed.
    """
    face = load_face_engine(settings.face_engine, settings.model_folder)
    engines = Engines(face, calibration_of(face), LeaderMccEngine(), LEADER_MCC16B_1)
    return engines.calibrated(CalibrationShelf(settings.calibration_folder, settings.key_folder).active())


class EngineThreads:
    """A fixed number of threads for all extraction and comparison; what is more waits its turn.

    They live as long as the service: the face engine keeps a detector in each.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="engine")

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do work in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def warm_up(self, engines: Engines) -> None:
        """Warm each thread up."""
        await asyncio.gather(*(self.run(engines.warm_up) for _ in range(self._count)))

    async def close(self) -> None:
        """Finish what is under way and end."""
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)
