"""Desks that enrol at once: decode, embed, search and fuse, in the service's own threads, over a gallery in memory.

Left out are HTTP, the database and sealing: what a search and its images cost is measured. Every desk begins its next
person when it is done with one. What a desk enrols is a person of the crowd, so that the few captured people do not
fill the gallery with their doubles; each captured person was enrolled once before, with other images.
"""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from statistics import fmean
from typing import Any, Final, TypeVar

import numpy as np

from services.biometrics.benchmark.crowd import GALLERY, Crowd, enrolled
from services.biometrics.benchmark.memory import resident
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.matching import Matcher
from services.biometrics.identify.search import Search
from services.biometrics.images import open_photo, open_print
from services.biometrics.templates.engines import Engines, EngineThreads
from services.biometrics.templates.features import FaceFeatures, Features, FingerFeatures
from shared.contracts.osia import BiometricSubType

CANDIDATES: Final = 10
_SAMPLE_S: Final = 1.0
Result = TypeVar("Result")
Tell = Callable[[str], None]


@dataclass(frozen=True)
class EnrolmentPlan:
    """What is measured.

    Attributes:
        people: in the gallery, each with a face and a print of each position that is captured.
        desks: that enrol at once.
        seconds: how long.
        made: different prints that the crowd's are made of.
        target_fpir: of a search.
    """

    people: int = 1_000_000
    desks: int = 8
    seconds: float = 120.0
    made: int = 2_000
    target_fpir: float = 0.01


@dataclass(frozen=True)
class Capture:
    """A person at a desk: the files of a photo, and of prints by position."""

    photo: bytes
    prints: Mapping[BiometricSubType, bytes]


@dataclass
class _Log:
    """What was seen."""

    began: float = field(default_factory=time.perf_counter)
    took_ms: list[float] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)
    cpu_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    samples: list[dict[str, float]] = field(default_factory=list)

    def timed(self, stage: str, work: Callable[[], Result]) -> Result:
        """Do work and note the CPU time of this thread."""
        before = time.thread_time()
        try:
            return work()
        finally:
            self.cpu_ms[stage].append(1e3 * (time.thread_time() - before))


def measure(
    plan: EnrolmentPlan, people: Sequence[tuple[Capture, Capture]], engines: Engines, tell: Tell
) -> dict[str, Any]:
    """Fill a gallery and enrol.

    Args:
        plan: how many, how long.
        people: two captures of each, with prints of the same positions: one is enrolled beforehand, one comes back.
        engines: of the deployment.
        tell: hears how it goes on.
    """
    galleries = Galleries()
    first = [_features(engines, capture, _Log()) for capture, _ in people]
    prints = [each.template for some in first for each in some if isinstance(each, FingerFeatures)]
    dimension = next(len(each.vector) for each in first[0] if isinstance(each, FaceFeatures))
    face_model, finger_model = engines.face.model_id, engines.finger.model_id
    crowd = Crowd(prints, plan.made, face_model=face_model, finger_model=finger_model, dimension=dimension)
    positions = list(people[0][0].prints)
    filling = _fill(galleries, crowd, plan.people - len(people), positions, tell)
    galleries.add_all(enrolled(number, some) for number, some in enumerate(first, start=plan.people))
    fingers = galleries.finger_stats()
    search = Search(galleries, Matcher(engines), plan.target_fpir)
    desks = _Desks(plan, people, engines, search, galleries, crowd)
    tell(f"{plan.desks} desks enrol for {plan.seconds:.0f} s")
    asyncio.run(desks.work())
    named = {"face_model": face_model, "finger_model": finger_model, "dimension": dimension}
    return _document(plan, desks.log) | named | filling | {"fingers": fingers}


def _fill(
    galleries: Galleries, crowd: Crowd, people: int, positions: Sequence[BiometricSubType], tell: Tell
) -> dict[str, float]:
    began, cpu, done = time.perf_counter(), time.process_time(), 0
    for some in crowd.people(0, people, positions):
        galleries.add_all(some)
        done += len(some)
        tell(f"{done:,} people in the gallery, {resident() / 1e9:.1f} GB")
    galleries.settle()
    return {"fill_s": round(time.perf_counter() - began, 1), "fill_cpu_s": round(time.process_time() - cpu, 1)}


class _Desks:
    """All desks, and who watches them."""

    def __init__(
        self,
        plan: EnrolmentPlan,
        people: Sequence[tuple[Capture, Capture]],
        engines: Engines,
        search: Search,
        galleries: Galleries,
        crowd: Crowd,
    ) -> None:
        self._plan = plan
        self._people = people
        self._engines = engines
        self._search = search
        self._galleries = galleries
        self._crowd = crowd
        self._next = count()
        self._threads = EngineThreads(os.cpu_count() or 1)
        self.log = _Log()

    async def work(self) -> None:
        """Enrol until the time is up."""
        await self._threads.warm_up(self._engines)
        self.log = _Log()
        watching = asyncio.create_task(self._watch())
        await asyncio.gather(*(self._desk() for _ in range(self._plan.desks)))
        watching.cancel()
        await self._threads.close()

    async def _desk(self) -> None:
        while time.perf_counter() < self.log.began + self._plan.seconds:
            number = next(self._next)
            began = time.perf_counter()
            place = number % len(self._people)
            probe = await self._captured(self._people[place][1])
            self.log.found.append(await self._threads.run(partial(self._identified, probe, place)))
            await self._threads.run(partial(self._enrol, number, list(self._people[place][1].prints)))
            self.log.took_ms.append(1e3 * (time.perf_counter() - began))

    async def _captured(self, capture: Capture) -> list[Features]:
        works = _works(self._engines, capture, self.log)
        return list(await asyncio.gather(*(self._threads.run(work) for work in works)))

    def _identified(self, probe: Sequence[Features], place: int) -> bool:
        found = self.log.timed("search and fuse", lambda: self._search.identify(GALLERY, probe, None, CANDIDATES))
        return f"P{self._plan.people + place}" in {each.person_id for each in found}

    def _enrol(self, number: int, positions: Sequence[BiometricSubType]) -> None:
        first = self._plan.people + len(self._people) + number
        [[person]] = self._crowd.people(first, 1, positions)
        self.log.timed("add to the gallery", lambda: self._galleries.add(person))

    async def _watch(self) -> None:
        while True:
            cpu, at = time.process_time(), time.perf_counter()
            await asyncio.sleep(_SAMPLE_S)
            now = time.perf_counter()
            self.log.samples.append(
                {
                    "at_s": round(now - self.log.began, 1),
                    "cores": round((time.process_time() - cpu) / (now - at), 2),
                    "resident_gb": round(resident() / 1e9, 3),
                    "enrolled": len(self.log.took_ms),
                }
            )


def _works(engines: Engines, capture: Capture, log: _Log) -> list[Callable[[], Features]]:
    return [
        partial(_face, engines, capture.photo, log),
        *(partial(_finger, engines, position, data, log) for position, data in capture.prints.items()),
    ]


def _features(engines: Engines, capture: Capture, log: _Log) -> list[Features]:
    return [work() for work in _works(engines, capture, log)]


def _face(engines: Engines, data: bytes, log: _Log) -> Features:
    photo = log.timed("decode", lambda: open_photo(data))
    sample = log.timed("face: detect and embed", lambda: engines.face.sample(photo))
    return FaceFeatures(engines.face.model_id, sample.embedding)


def _finger(engines: Engines, position: BiometricSubType, data: bytes, log: _Log) -> Features:
    image = log.timed("decode", lambda: open_print(data))
    template = log.timed("fingers: extract", lambda: engines.finger.extract(image.pixels, image.dpi))
    return FingerFeatures(engines.finger.model_id, position, template)


def _document(plan: EnrolmentPlan, log: _Log) -> dict[str, Any]:
    enrolments = len(log.took_ms)
    lasted = max(time.perf_counter() - log.began, 1e-9)
    quantiles = dict(zip(("p50_ms", "p95_ms", "p99_ms"), np.percentile(log.took_ms, (50, 95, 99)), strict=True))
    return {
        "people": plan.people,
        "desks": plan.desks,
        "cores": os.cpu_count(),
        "enrolments": enrolments,
        "enrolments_a_minute": round(60 * enrolments / lasted, 1),
        **{name: round(float(value)) for name, value in quantiles.items()},
        "found": sum(log.found),
        "cores_used": round(fmean(each["cores"] for each in log.samples), 2) if log.samples else None,
        "cpu_ms": {stage: round(sum(some) / enrolments, 1) for stage, some in log.cpu_ms.items()},
        "resident_gb": round(resident() / 1e9, 2),
        "over_time": log.samples,
    }
