"""The engines of this deployment, and the threads they work in."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from services.biometrics.evidence import Calibration
from services.biometrics.face import DLIB_RESNET_V1, DlibFaceEngine, FaceEngine, FaceNotUsableError
from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1
from services.biometrics.fingerprint.engine import FingerEngine, LeaderMccEngine
from services.biometrics.fingerprint.minutiae import DPI, FingerNotUsableError

Result = TypeVar("Result")


@dataclass(frozen=True)
class Engines:
    """One engine a modality, and what its scores are worth."""

    face: FaceEngine
    face_calibration: Calibration
    finger: FingerEngine
    finger_calibration: Calibration

    def warm_up(self) -> None:
        """Use each engine once: what a thread's first use builds is then there for its first request."""
        grey = np.tile(np.linspace(0, 255, 256, dtype=np.uint8), (256, 1))
        with suppress(FaceNotUsableError):  # there is no face in it; that is not the point
            self.face.sample(np.dstack([grey] * 3))
        with suppress(FingerNotUsableError):
            self.finger.extract(grey, DPI)


def load_engines() -> Engines:
    """The engines with their models loaded; takes a second or two.

    Raises:
        FaceEngineUnavailableError: the face models are not installed.
        ModelFileError: the fingerprint model is not installed.
    """
    return Engines(DlibFaceEngine(), DLIB_RESNET_V1, LeaderMccEngine(), LEADER_MCC16B_1)


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
