"""faiss, set up before its first use: kernels for this processor, one thread a search, and a test of its sums."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

_CORETYPE: Final = "OPENBLAS_CORETYPE"


class FaissUnusableError(Exception):
    """faiss computes wrong similarities on this processor."""


def coretype(flags: set[str]) -> str | None:
    """OpenBLAS's name for a vector unit; None where it has none that is worth naming.

    Args:
        flags: of the processor, as Linux tells them.
    """
    if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= flags:
        return "SKYLAKEX"
    return "HASWELL" if {"avx2", "fma"} <= flags else None


def check_arithmetic() -> None:
    """Compare both ways of faiss to a similarity with a sum in double precision.

    Raises:
        FaissUnusableError: one is off by more than rounding. OPENBLAS_CORETYPE names other kernels.
    """
    rows = np.random.default_rng(0).standard_normal((64, 256), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    wanted = np.sort(rows[:8].astype(np.float64) @ rows.T.astype(np.float64), axis=1)[:, ::-1]
    for probes in (rows[:8], rows[:1]):
        scores, _ = faiss.knn(probes, rows, len(rows), metric=faiss.METRIC_INNER_PRODUCT)
        if not np.allclose(scores, wanted[: len(probes)], atol=1e-5):
            raise FaissUnusableError("faiss computes wrong similarities here: set OPENBLAS_CORETYPE")


@contextmanager
def _kernels_chosen() -> Iterator[None]:
    """OpenBLAS in faiss's wheel may not know the processor, and reads the variable only when it is loaded."""
    chosen = None if _CORETYPE in os.environ else coretype(_processor_flags())
    if chosen is None:
        yield
        return
    os.environ[_CORETYPE] = chosen
    try:
        yield
    finally:
        del os.environ[_CORETYPE]


def _processor_flags() -> set[str]:
    try:
        return set(Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0].split())
    except OSError:
        return set()


with _kernels_chosen():
    import faiss

faiss.cvar.distance_compute_blas_threshold = 1  # a batch of two is a matrix already
check_arithmetic()

__all__ = ["FaissUnusableError", "check_arithmetic", "coretype", "faiss"]
