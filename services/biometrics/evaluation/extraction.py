"""From a folder's files to embeddings and templates, in memory only; what cannot be used is counted, not hidden."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.biometrics.evaluation.folders import EmptyFolderError, Photo, Print
from services.biometrics.face import FaceEngine, FaceNotUsableError
from services.biometrics.fingerprint.engine import FingerEngine
from services.biometrics.fingerprint.minutiae import FingerNotUsableError
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.images import ImageRefusedError, open_photo, open_print

Source = TypeVar("Source", Photo, Print)
Sample = TypeVar("Sample")
Progress = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Extracted(Generic[Source, Sample]):
    """What an engine made of a folder.

    Attributes:
        sources: those that gave a sample, in order.
        samples: of each.
        refused: failures to extract by reason.
        cpu_ms: CPU time of the engine for each file it took or refused; decoding the file is not counted.
    """

    sources: list[Source]
    samples: list[Sample]
    refused: dict[str, int]
    cpu_ms: list[float]

    @property
    def fte(self) -> float:
        """Failure to extract rate: the share of files that gave no sample."""
        failed = sum(self.refused.values())
        return failed / max(failed + len(self.sources), 1)

    @property
    def median_cpu_ms(self) -> float | None:
        """Of one file."""
        return round(median(self.cpu_ms), 2) if self.cpu_ms else None

    def only(self, some: Iterable[Source]) -> "Extracted[Source, Sample]":
        """The samples of some of the sources; what was refused stays that of all."""
        wanted = set(some)
        kept = [(source, sample) for source, sample in zip(self.sources, self.samples, strict=True) if source in wanted]
        return Extracted([source for source, _ in kept], [sample for _, sample in kept], self.refused, self.cpu_ms)

    def described(self) -> dict[str, Any]:
        """FTE with its count and reasons."""
        return {"fte": round(self.fte, 6), "fte_reasons": dict(sorted(self.refused.items()))}


def extract_faces(engine: FaceEngine, photos: Sequence[Photo], came: Progress) -> Extracted[Photo, NDArray[np.float32]]:
    """Embeddings of photos.

    Raises:
        EmptyFolderError: no photo can be used.
    """

    def work(photo: Photo) -> tuple[NDArray[np.float32] | str, float]:
        try:
            rgb = open_photo(photo.path.read_bytes())
        except ImageRefusedError as error:
            return error.reason.value, 0.0
        began = time.thread_time()
        try:
            return engine.sample(rgb).embedding, time.thread_time() - began
        except FaceNotUsableError as error:
            return error.reason.value, time.thread_time() - began

    return _extract(photos, work, came)


def extract_fingers(engine: FingerEngine, prints: Sequence[Print], came: Progress) -> Extracted[Print, FingerTemplate]:
    """Templates of prints.

    Raises:
        EmptyFolderError: no print can be used.
    """

    def work(source: Print) -> tuple[FingerTemplate | str, float]:
        try:
            image = open_print(source.path.read_bytes(), dpi=source.dpi)
        except ImageRefusedError as error:
            return error.reason.value, 0.0
        began = time.thread_time()
        try:
            return engine.extract(image.pixels, image.dpi), time.thread_time() - began
        except FingerNotUsableError as error:
            return error.reason, time.thread_time() - began

    return _extract(prints, work, came)


def _extract(
    sources: Sequence[Source], work: Callable[[Source], tuple[Sample | str, float]], came: Progress
) -> Extracted[Source, Sample]:
    kept: list[Source] = []
    samples: list[Sample] = []
    refused: Counter[str] = Counter()
    cpu_ms: list[float] = []
    for source, (result, seconds) in zip(sources, _in_threads(sources, work), strict=True):
        came()
        if seconds:
            cpu_ms.append(1000 * seconds)
        if isinstance(result, str):
            refused[result] += 1
        else:
            kept.append(source)
            samples.append(result)
    if not samples:
        raise EmptyFolderError("none of the files can be used")
    return Extracted(kept, samples, dict(refused), cpu_ms)


def _in_threads(sources: Sequence[Source], work: Callable[[Source], Sample]) -> Iterable[Sample]:
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield from pool.map(work, sources)
