"""Distances of bit codes against numpy's own count."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.biometrics.index import hamming_distances


def codes(rows: int, words: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, (rows, words), dtype=np.uint64)


def counted(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.bitwise_count(a[:, None] ^ b[None]).sum(axis=2)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 24), st.integers(0, 2**32 - 1))
def test_every_pair_is_counted(n, m, words, seed):
    a, b = codes(n, words, seed), codes(m, words, seed + 1)
    distances = hamming_distances(a, b)
    assert distances.dtype == np.int32
    assert distances.shape == (n, m)
    np.testing.assert_array_equal(distances, counted(a, b))


def test_views_and_columns_are_taken_as_they_are_seen():
    a, b = codes(40, 20, 1), codes(30, 24, 2)
    np.testing.assert_array_equal(hamming_distances(a[5::3, ::2], b[:, 4:14]), counted(a[5::3, ::2], b[:, 4:14]))


def test_codes_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="different lengths"):
        hamming_distances(codes(2, 4, 1), codes(2, 5, 2))


def test_threads_do_not_disturb_each_other():
    pairs = [(codes(200, 20, n), codes(150, 20, n + 100)) for n in range(16)]
    with ThreadPoolExecutor(4) as pool:
        for (a, b), distances in zip(pairs, pool.map(lambda pair: hamming_distances(*pair), pairs), strict=True):
            np.testing.assert_array_equal(distances, counted(a, b))
