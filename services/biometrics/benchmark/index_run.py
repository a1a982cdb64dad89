"""The index beside others: one population, one truth, one way to take the time."""

import ctypes
import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.benchmark.enrolling import ENROLMENTS_A_SECOND, Waiting, search_while_enrolling
from services.biometrics.benchmark.likenesses import LIKENESSES, Population
from services.biometrics.benchmark.memory import resident
from services.biometrics.benchmark.peers import Engine, Ours, flat, hnsw, inverted_lists
from services.biometrics.index.blocks import BLOCK_ROWS
from services.biometrics.index.embedded import EmbeddedIndex
from services.biometrics.index.runtime import faiss

LIMIT: Final = 50
"""Hits asked for: as many as a search of the product looks at."""

_BATCH: Final = 32
_SINGLES_S: Final = 3.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes:
        sizes: vectors in the gallery, ascending.
        dimensions: of LIKENESSES.
        mates: probes whose mate is in the gallery, above the threshold.
        seed: of the vectors.
        enrolling_s: how long it is searched while people are enrolled, at the largest size; 0 for not at all.
    """

    sizes: tuple[int, ...] = (100_000, 1_000_000)
    dimensions: tuple[int, ...] = (128, 512)
    mates: int = 2_700
    seed: int = 1
    enrolling_s: float = 20.0


QUICK: Final = Plan(sizes=(5_000, 20_000), dimensions=(128,), mates=300, enrolling_s=2.0)


@dataclass(frozen=True)
class Row:
    """One engine at one size.

    Attributes:
        engine: with its settings.
        dimension: length of a vector.
        rows: vectors in the gallery.
        mates: probes whose mate is among the LIMIT nearest by exact search, at or above the threshold.
        lost: those of them whose mate the engine did not answer.
        cpu_ms_single: CPU time of a search, one probe at a time.
        cpu_ms_batched: CPU time a probe, 32 at a time.
        raw_bytes: a vector, of the vectors themselves.
        other_bytes: a vector, of what is kept besides them.
        resident_bytes: a vector, by which the process grew.
        build_cpu_s: CPU time to take all in.
        ratio: how many times faiss Flat's CPU time a single search is cheaper than.
    """

    engine: str
    dimension: int
    rows: int
    mates: int
    lost: int
    cpu_ms_single: float
    cpu_ms_batched: float
    raw_bytes: float
    other_bytes: float
    resident_bytes: float
    build_cpu_s: float
    ratio: float = 1.0


def measure(plan: Plan, tell: Tell) -> dict[str, Any]:
    """Measure all engines.

    Args:
        plan: what.
        tell: is told what is done now.

    Returns:
        `rows`; `growth`, the exponent of CPU time a single search in n, by engine and dimension; `while_enrolling`,
        ours at the largest size.
    """
    faiss.omp_set_num_threads(1)
    rows: list[Row] = []
    waiting: list[Waiting] = []
    for dimension in plan.dimensions:
        for size in plan.sizes:
            trial = _Trial(plan, dimension, size, tell)
            rows += trial.rows(_engines(dimension, size))
            waiting += trial.waiting
    return {
        "rows": [asdict(row) for row in rows],
        "growth": growth(rows),
        "while_enrolling": [asdict(each) for each in waiting],
    }


def growth(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The exponent b of CPU time = a n^b, for each engine and dimension of which there are two sizes or more."""
    found = []
    for engine, dimension in dict.fromkeys((_kind(row), row.dimension) for row in rows):
        own = [row for row in rows if (_kind(row), row.dimension) == (engine, dimension)]
        if len(own) > 1:
            sizes, times = ([math.log(value) for value in of] for of in _columns(own))
            slope = statistics.linear_regression(sizes, times).slope
            found.append({"engine": engine, "dimension": dimension, "exponent": round(slope, 2)})
    return found


class _Trial:
    """One gallery and its probes."""

    def __init__(self, plan: Plan, dimension: int, size: int, tell: Tell) -> None:
        self._tell, self._place = tell, f"{size:,} x {dimension}"
        tell(f"{self._place}: making vectors")
        population = Population(LIKENESSES[dimension], plan.seed)
        self._vectors = population.people(size)
        self._mates = np.linspace(0, size - 1, min(plan.mates, size)).astype(np.int64)
        self._probes = population.probes(self._vectors[self._mates])
        self._answerable: NDArray[np.bool_] = np.ones(len(self._mates), dtype=np.bool_)
        self._newcomers = population.people(int(ENROLMENTS_A_SECOND * plan.enrolling_s) + BLOCK_ROWS)
        self._enrolling_s = plan.enrolling_s if size == plan.sizes[-1] else 0.0
        self.waiting: list[Waiting] = []

    def rows(self, engines: Iterator[Engine]) -> list[Row]:
        """Measure each; the first is the truth for the others."""
        found: list[Row] = []
        for engine in engines:
            self._tell(f"{self._place}: {engine.name}")
            found.append(self._row(engine, found[0] if found else None))
            self._tell(f"{self._place}: {found[-1]}")
            if isinstance(engine, Ours) and self._enrolling_s:
                self.waiting.append(self._wait_while_enrolling(engine))
            del engine
        return found

    def _row(self, engine: Engine, truth: Row | None) -> Row:
        before, began = _resident(), time.process_time()
        engine.build(self._vectors)
        built, after = time.process_time() - began, _resident()
        answered, batched = self._answer(engine)
        if truth is None:
            self._answerable = answered
        single = self._single(engine)
        sizes, count = engine.sizes(), len(self._vectors)
        return Row(
            engine=engine.name,
            dimension=self._vectors.shape[1],
            rows=count,
            mates=int(self._answerable.sum()),
            lost=int((self._answerable & ~answered).sum()),
            cpu_ms_single=round(single, 3),
            cpu_ms_batched=round(batched, 3),
            raw_bytes=round(sizes["raw"] / count, 1),
            other_bytes=round(sizes["besides"] / count, 1),
            resident_bytes=round((after - before) / count, 1),
            build_cpu_s=round(built, 1),
            ratio=round((truth.cpu_ms_single if truth else single) / single, 1),
        )

    def _wait_while_enrolling(self, engine: Ours) -> Waiting:
        """With a block that is full and coded half-way: what comes rarely in life comes in every run."""
        index = engine.index
        edge = -(len(index) + ENROLMENTS_A_SECOND * int(self._enrolling_s) // 2) % BLOCK_ROWS
        index.add([f"before-{number}" for number in range(edge)], self._newcomers[:edge])
        return search_while_enrolling(engine, self._probes, self._newcomers[edge:], LIMIT, self._enrolling_s)

    def _answer(self, engine: Engine) -> tuple[NDArray[np.bool_], float]:
        """Whether each mate is answered, and the CPU milliseconds a probe in batches."""
        began = time.process_time()
        parts = range(0, len(self._probes), _BATCH)
        answered = [engine.nearest(self._probes[start : start + _BATCH], LIMIT) for start in parts]
        spent = (time.process_time() - began) * 1000 / len(self._probes)
        return (np.concatenate(answered) == self._mates[:, np.newaxis]).any(axis=1), spent

    def _single(self, engine: Engine) -> float:
        """CPU milliseconds of a search: the median of as many as go into three seconds, of five at least."""
        spent: list[float] = []
        ends = time.monotonic() + _SINGLES_S
        for probe in self._probes:
            if len(spent) >= 5 and time.monotonic() > ends:
                break
            began = time.process_time()
            engine.nearest(probe[np.newaxis], LIMIT)
            spent.append((time.process_time() - began) * 1000)
        return statistics.median(spent)


def _engines(dimension: int, size: int) -> Iterator[Engine]:
    """One after the other, so that one is in memory at a time."""
    yield flat(dimension)
    yield Ours(EmbeddedIndex(dimension), LIKENESSES[dimension].threshold)
    yield inverted_lists(dimension, size)
    yield hnsw(dimension)


def _kind(row: Row) -> str:
    return row.engine.partition(",")[0].rstrip("0123456789")


def _columns(rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    return [float(row.rows) for row in rows], [row.cpu_ms_single for row in rows]


def _resident() -> int:
    """Bytes of this process in memory, without what it has done with."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return resident()
