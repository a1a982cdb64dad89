"""How long a search takes while people are enrolled, all on one core."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.biometrics.benchmark.likenesses import Floats
from services.biometrics.benchmark.peers import Ours
from services.biometrics.index import VectorIndex

ENROLMENTS_A_SECOND: Final = 20


@dataclass(frozen=True)
class Waiting:
    """How long searches took, by the clock.

    Attributes:
        dimension: length of a vector.
        rows: vectors in the gallery at the beginning.
        enrolled: how many came while it was searched.
        searches: one after the other, one probe each.
        p50_ms: half of them took less.
        p95_ms: 95 of 100 took less.
        p99_ms: 99 of 100 took less.
        longest_ms: the longest.
        cpu_p50_ms: half of them took less of the processor: what is left when nobody else wants it.
        cpu_p99_ms: 99 of 100 took less of it.
    """

    dimension: int
    rows: int
    enrolled: int
    searches: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    longest_ms: float
    cpu_p50_ms: float
    cpu_p99_ms: float


def search_while_enrolling(ours: Ours, probes: Floats, newcomers: Floats, limit: int, seconds: float) -> Waiting:
    """Search without a pause while 20 people a second come, on one core.

    Args:
        ours: full; gets the newcomers too.
        probes: float32 (q, d), searched in turn.
        newcomers: float32 (n, d); at most so many come.
        limit: hits a search.
        seconds: how long.
    """
    index = ours.index
    rows, stop, taken, spent = len(index), threading.Event(), list[float](), list[float]()
    with _one_core():
        desk = threading.Thread(target=_enrol, args=(index, newcomers, stop))
        desk.start()
        ends = time.perf_counter() + seconds
        while (began := time.perf_counter()) < ends:
            cpu = time.thread_time()
            index.search(probes[len(taken) % len(probes)][np.newaxis], limit, ours.threshold)
            taken.append(1000 * (time.perf_counter() - began))
            spent.append(1000 * (time.thread_time() - cpu))
        stop.set()
        desk.join()
    percentiles = [*np.percentile(taken, [50, 95, 99, 100]), *np.percentile(spent, [50, 99])]
    return Waiting(
        index.dimension, rows, len(index) - rows, len(taken), *(round(float(value), 1) for value in percentiles)
    )


def _enrol(index: VectorIndex, newcomers: Floats, stop: threading.Event) -> None:
    due = time.monotonic()
    for number, vector in enumerate(newcomers):
        due += 1 / ENROLMENTS_A_SECOND
        if stop.wait(max(0.0, due - time.monotonic())):
            return
        index.add([f"newcomer-{number}"], vector[np.newaxis])


@contextmanager
def _one_core() -> Iterator[None]:
    """This thread, and those it starts, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
