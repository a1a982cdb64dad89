"""Registration under load: desks that register through the gateway, over a gallery made by seed, in one process.

Everything that a registration takes is real: HTTP and tokens (in process), sealing, database, image decoding, engines,
1:N search, document checks, cases. The crowd in the gallery and the people at the desks are drawn.
"""

import asyncio
import gc
import os
import resource
import secrets
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

import httpx
import numpy as np
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import FastAPI
from numpy.typing import NDArray

from services.biometrics.app import create_app as create_biometrics
from services.biometrics.benchmark.crowd import Crowd
from services.biometrics.face import FaceSample
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.matching import Matcher
from services.biometrics.identify.search import Found, Search
from services.biometrics.images import open_photo, open_print
from services.biometrics.templates.engines import Engines
from services.biometrics.templates.extraction import Extractor
from services.biometrics.templates.features import Features
from services.cli.connection import Api, Identity
from services.cli.enrol import register
from services.cli.preparation import hold, prepare, register_clients
from services.cli.visitors import Visitor, visitors
from services.gateway.app import create_app as create_gateway
from services.registry.app import create_app as create_registry
from services.registry.workers.biometrics import GALLERY
from services.sandbox.issuing import PassportOffice
from shared.contracts.caller import Purpose, Role
from shared.contracts.osia import BiometricSubType
from shared.http.observation import configure_logging
from shared.settings import Settings

Tell = Callable[[str], None]
Result = TypeVar("Result")
_POSITIONS: Final = (BiometricSubType.RIGHT_INDEX, BiometricSubType.LEFT_INDEX)
_FIRST_SEQ: Final = 1_000_000_000
"""Of the crowd, whom no table holds; rows of the database count from 1."""


@dataclass(frozen=True)
class LoadPlan:
    """What is measured.

    Attributes:
        people: in the gallery, each with a face and two fingers.
        desks: that work at once.
        loads: seconds between two people of a desk (0: the next begins when one is done), and for how many seconds.
        warm_up: seconds of such work before anything is measured: a service that was just started makes its routes and
            statements as they are first asked for.
        captured: different people who come to the desks.
        made: different prints that the crowd's are made of.
    """

    people: int = 100_000
    desks: int = 4
    loads: tuple[tuple[float, float], ...] = ((0.0, 60.0), (10.0, 60.0))
    warm_up: float = 5.0
    captured: int = 24
    made: int = 2_000


@dataclass
class _Clock:
    """CPU time of the stages that run in threads."""

    cpu_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def timed(self, stage: str, work: Callable[[], Result]) -> Result:
        before = time.thread_time()
        try:
            return work()
        finally:
            self.cpu_s[stage] += time.thread_time() - before
            self.calls[stage] += 1


@dataclass(frozen=True)
class _TimedFace:
    """A face engine that is watched."""

    engine: Any
    clock: _Clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def sample(self, photo: NDArray[np.uint8]) -> FaceSample:
        found: FaceSample = self.clock.timed("face: detect and embed", lambda: self.engine.sample(photo))
        return found


@dataclass(frozen=True)
class _TimedFinger:
    """A finger engine that is watched."""

    engine: Any
    clock: _Clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def extract(self, grey: NDArray[np.uint8], dpi: int) -> FingerTemplate:
        found: FingerTemplate = self.clock.timed("fingers: extract", lambda: self.engine.extract(grey, dpi))
        return found


class _TimedSearch(Search):
    """A search that is watched."""

    def __init__(self, galleries: Galleries, engines: Engines, target_fpir: float, clock: _Clock) -> None:
        super().__init__(galleries, Matcher(engines), target_fpir)
        self._clock = clock

    def identify(
        self, gallery: str, probe: Sequence[Features], threshold: float | None, limit: int, without: str | None = None
    ) -> list[Found]:
        found = super().identify
        return self._clock.timed("search 1:N and fuse", lambda: found(gallery, probe, threshold, limit, without))


async def measure_load(settings: Settings, plan: LoadPlan, tell: Tell) -> dict[str, Any]:
    """Fill a gallery, then let the desks work.

    Args:
        settings: an empty folder's.
        tell: hears how it goes on.
    """
    configure_logging("error")
    office = PassportOffice("UT")
    settings = settings.model_copy(update={"csca": _on_file(office, settings)})
    people = visitors(plan.captured, office)
    async with _deployment(settings) as (api, biometrics):
        names = [f"desk-{number}" for number in range(plan.desks)]
        await register_clients(settings, ((name, Role.DESK_OFFICER, settings.member) for name in names))
        await asyncio.to_thread(_fill, biometrics, people, plan, tell)
        clock = _watch(biometrics, settings)
        desks = [Identity(name, Purpose.WORKER_REGISTRATION) for name in names]
        await _load(api, desks, people, clock, 0.0, plan.warm_up)
        rows = []
        for every, seconds in plan.loads:
            tell(f"{plan.desks} desks, {_pace(every)}, {seconds:.0f} s")
            rows.append(await _load(api, desks, people, clock, every, seconds))
    return {
        "people": plan.people,
        "desks": plan.desks,
        "cores": os.cpu_count(),
        "face_model": biometrics.state.engines.face.model_id,
        "rows": rows,
        "resident_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }


def _pace(every: float) -> str:
    return f"one person every {every:g} s each" if every else "one person after the other"


def _on_file(office: PassportOffice, settings: Settings) -> Any:
    folder = settings.var / "csca"
    folder.mkdir(parents=True)
    (folder / "csca.pem").write_bytes(office.certificate.public_bytes(Encoding.PEM))
    (folder / "csca.crl").write_bytes(office.revocations().public_bytes(Encoding.PEM))
    return folder


@asynccontextmanager
async def _deployment(settings: Settings) -> AsyncIterator[tuple[Api, FastAPI]]:
    """The three services in this process, as `services.standalone` joins them, with the biometric one at hand."""
    async with AsyncExitStack() as stack:
        stack.enter_context(hold(settings.var))
        await prepare(settings)
        biometrics = create_biometrics(settings)
        to_biometrics = httpx.ASGITransport(biometrics, raise_app_exceptions=False)
        registry = create_registry(settings, to_biometrics)
        gateway = create_gateway(settings, httpx.ASGITransport(registry, raise_app_exceptions=False), to_biometrics)
        for app in (biometrics, registry, gateway):
            await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(gateway, raise_app_exceptions=False)
        http = httpx.AsyncClient(base_url=settings.public_url, transport=transport, timeout=120)
        yield Api(await stack.enter_async_context(http), settings), biometrics


def _fill(biometrics: FastAPI, people: Sequence[Visitor], plan: LoadPlan, tell: Tell) -> None:
    """Put a crowd into the gallery, made of prints of the visitors; they themselves are not in it yet."""
    engines: Engines = biometrics.state.engines
    prints = [
        engines.finger.extract(image.pixels, image.dpi)
        for image in (open_print(data) for person in people[:4] for data in person.prints.values())
    ]
    dimension = len(engines.face.sample(open_photo(people[0].photo)).embedding)
    crowd = Crowd(
        prints,
        plan.made,
        face_model=engines.face.model_id,
        finger_model=engines.finger.model_id,
        dimension=dimension,
    )
    galleries: Galleries = biometrics.state.galleries
    for some in crowd.people(_FIRST_SEQ, plan.people, _POSITIONS):
        galleries.add_all(each._replace(galleries=frozenset({GALLERY})) for each in some)
        tell(f"{len(galleries):,} people in the gallery")
    galleries.settle()
    gc.collect()
    gc.freeze()  # as a service does when it has read a large gallery


def _watch(biometrics: FastAPI, settings: Settings) -> _Clock:
    """Put watched engines and a watched search in the place of the service's own."""
    clock, state, engines = _Clock(), biometrics.state, biometrics.state.engines
    timed = replace(engines, face=_TimedFace(engines.face, clock), finger=_TimedFinger(engines.finger, clock))
    state.extractor = Extractor(timed, state.threads)
    state.search = _TimedSearch(state.galleries, engines, settings.target_fpir, clock)
    return clock


async def _load(
    api: Api, desks: Sequence[Identity], people: Sequence[Visitor], clock: _Clock, every: float, seconds: float
) -> dict[str, Any]:
    clock.cpu_s.clear()
    clock.calls.clear()
    took: list[float] = []
    codes: set[str] = set()
    queue = _endless(people)
    began, cpu = time.perf_counter(), time.process_time()

    async def work(desk: Identity, offset: float) -> None:
        due = began + offset
        while due < began + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            visitor = next(queue)
            start = time.perf_counter()
            answer = await register(api, desk, visitor.body(), secrets.token_hex(16))
            took.append(time.perf_counter() - start)
            codes.update(signal["code"] for signal in answer["signals"])
            due = due + every if every else time.perf_counter()

    shift = every / len(desks)
    await asyncio.gather(*(work(desk, number * shift) for number, desk in enumerate(desks)))
    lasted, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    return _row(every, took, lasted, cpu_s, clock) | {"signals": sorted(codes)}


def _endless(people: Sequence[Visitor]) -> Iterator[Visitor]:
    while True:
        yield from people


def _row(every: float, took: list[float], lasted: float, cpu_s: float, clock: _Clock) -> dict[str, Any]:
    count = len(took)
    quantiles = np.percentile(took, (50, 95, 99))
    stages = {stage: round(1000 * spent / count) for stage, spent in sorted(clock.cpu_s.items())}
    rest = round(1000 * cpu_s / count) - sum(stages.values())
    return {
        "every_s": every,
        "registrations": count,
        "a_minute": round(60 * count / lasted, 1),
        **{f"p{name}_ms": round(1000 * float(value)) for name, value in zip((50, 95, 99), quantiles, strict=True)},
        "cores_used": round(cpu_s / lasted, 2),
        "cpu_ms": stages | {"HTTP, tokens, sealing, database, documents, rules": rest},
        "registrations_a_core_second": round(count / cpu_s, 2),
    }
