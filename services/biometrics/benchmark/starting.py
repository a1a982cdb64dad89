"""How long the biometric service takes to start with many people: from its table, and beside a snapshot."""

import asyncio
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import insert

from services.biometrics.app import create_app
from services.biometrics.benchmark.likenesses import LIKENESSES, Floats, Population
from services.biometrics.benchmark.memory import resident
from services.biometrics.encounters.tables import EncounterGalleryRow, EncounterRow, ItemRow, PersonRow
from services.biometrics.identify.galleries import Galleries
from services.biometrics.index import embedded
from services.biometrics.index.blocks import Block
from services.biometrics.index.codes import CodedRun
from services.biometrics.templates.engines import load_engines
from services.biometrics.templates.features import FaceFeatures
from services.biometrics.templates.sealing import EncounterSeal
from shared.contracts.osia import BiometricType, EncounterStatus
from shared.crypto.keyfiles import make_key_files
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.migrate import upgrade
from shared.settings import Settings

_GALLERY: Final = "BENCH"
_AT_ONCE: Final = 8_192
_ASKED: Final = 100
_CERTAIN: Final = 0.99

Tell = Callable[[str], None]


def measure(people: int, dimension: int, folder: Path | None, tell: Tell) -> dict[str, Any]:
    """Write faces into a service's table and start the service twice: without a snapshot, and with the one it left.

    Args:
        people: each with one face.
        dimension: of a face's vector, of LIKENESSES.
        folder: where the database is made, empty; None: a temporary one.
        tell: hears how it goes on.

    Returns:
        `people`, `dimension`, `table_gb`, and `starts`: for each `from`, `ready_s`, `cpu_s` and of it `coding_s` (of
        codes that were being made in the background, and are not waited for), `resident_gb`, and how many of `asked`
        people were `found` then, each in `search_ms` (while codes are still made).
    """
    with TemporaryDirectory(dir=folder) as made:
        settings = Settings(var=Path(made), biometrics_database_url=None)
        upgrade("biometrics", settings.database_url("biometrics"))
        make_key_files(settings.key_folder)
        asyncio.run(_fill(settings, people, dimension, tell))
        starts = []
        for source in ("table", "snapshot"):
            tell(f"a start from the {source}")
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                starts.append({"from": source, **pool.apply(_start, (made, people, dimension))})
            tell(str(starts[-1]))
        octets = (settings.var / "biometrics.db").stat().st_size
    return {"people": people, "dimension": dimension, "table_gb": round(octets / 1e9, 2), "starts": starts}


def _vectors(people: int, dimension: int) -> Iterator[Floats]:
    population = Population(LIKENESSES[dimension])
    for start in range(0, people, _AT_ONCE):
        yield population.people(min(_AT_ONCE, people - start))


async def _fill(settings: Settings, people: int, dimension: int, tell: Tell) -> None:
    ring = KeyRing.load(settings.key_folder / "biometrics-sealing.json")
    model_id = load_engines(settings).face.model_id
    database = Database(settings.database_url("biometrics"))
    done = 0
    for some in _vectors(people, dimension):
        rows = [_rows(ring, settings.member, model_id, done + row, vector) for row, vector in enumerate(some, start=1)]
        async with database.write() as session:
            for table, place in ((PersonRow, 0), (EncounterRow, 1), (EncounterGalleryRow, 2), (ItemRow, 3)):
                await session.execute(insert(table), [each[place] for each in rows])
        done += len(some)
        tell(f"{done:,} people in the table")
    await database.close()  # the last connection folds the write-ahead log into the file


def _rows(ring: KeyRing, member: str, model_id: str, number: int, vector: Floats) -> tuple[dict[str, Any], ...]:
    """One of each table for a person with a face."""
    person_id, at = f"{number:032x}", now()
    wrapped = ring.new_subject_key(member)
    seal = EncounterSeal(ring.subject(member, wrapped), person_id, person_id)
    return (
        {"person_id": person_id, "member": member, "subject_key": wrapped, "created_at": at},
        {
            "seq": number,
            "person_id": person_id,
            "encounter_id": person_id,
            "status": EncounterStatus.ACTIVE.value,
            "encounter_type": "workers",
            "created_at": at,
            "updated_at": at,
        },
        {"encounter_seq": number, "gallery": _GALLERY},
        {
            "seq": number,
            "encounter_seq": number,
            "ordinal": 0,
            "biometric_type": BiometricType.FACE.value,
            "model_id": model_id,
            "template": seal.seal("item/0/template", FaceFeatures(model_id, vector).to_bytes()),
            "description": seal.seal("item/0/description", b"{}"),
        },
    )


def _start(folder: str, people: int, dimension: int) -> dict[str, Any]:
    """In a process of its own: from the first line of the service to its readiness, and what it finds then."""
    return asyncio.run(_served(Settings(var=Path(folder), biometrics_database_url=None), people, dimension))


async def _served(settings: Settings, people: int, dimension: int) -> dict[str, Any]:
    coding = _Coding()
    embedded.CodedRun = coding.coded  # type: ignore[attr-defined,assignment]  # a process of its own, which does nothing else
    began, cpu = time.perf_counter(), time.process_time()
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        figures = {
            "ready_s": round(time.perf_counter() - began, 1),
            "cpu_s": round(time.process_time() - cpu, 1),
            "coding_s": round(coding.spent(), 1),
            "resident_gb": round(resident() / 1e9, 2),
        }
        asked = next(_vectors(people, dimension))[:_ASKED]
        model_id = app.state.engines.face.model_id
        return figures | await asyncio.to_thread(_searched, app.state.galleries, model_id, asked)


class _Coding:
    """CPU time of the threads that make codes, also while they do."""

    def __init__(self) -> None:
        self._done = 0.0
        self._began: dict[int, float] = {}

    def coded(self, blocks: Sequence[Block]) -> CodedRun:
        """A run, watched."""
        thread = threading.get_ident()
        self._began[thread] = time.thread_time()
        try:
            return CodedRun(blocks)
        finally:
            self._done += time.thread_time() - self._began.pop(thread)

    def spent(self) -> float:
        """Seconds until now."""
        running = dict(self._began).items()
        now_ = (time.clock_gettime(time.pthread_getcpuclockid(thread)) - began for thread, began in running)
        return self._done + sum(now_)


def _searched(galleries: Galleries, model_id: str, asked: Floats) -> dict[str, float]:
    """How many of some people are found, each by their own vector, and how long that takes."""
    found, spent = 0, []
    for number, vector in enumerate(asked, start=1):
        began = time.perf_counter()
        near = galleries.nearest(_GALLERY, FaceFeatures(model_id, vector), 1, _CERTAIN)
        spent.append(1e3 * (time.perf_counter() - began))
        found += [key for key, _ in near] == [str(number)]
    return {"asked": len(asked), "found": found, "search_ms": round(median(spent), 1)}
