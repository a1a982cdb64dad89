"""The line that stops a search: nobody of a similarity scores below what `reach` says of it."""

import numpy as np
import pytest

from services.biometrics.index.blocks import Block
from services.biometrics.index.codes import Codebook, CodedRun


def vectors(count: int, dimension: int, axes: int) -> np.ndarray:
    """Unit vectors near few axes of falling variance, around a common part: unlike what normal noise is made of."""
    random = np.random.default_rng(dimension)
    turned = np.linalg.qr(random.normal(size=(dimension, dimension)))[0]
    own = random.normal(size=(count, axes)) * np.exp(-3 * np.arange(axes) / axes)
    every = (own @ turned[1 : axes + 1] + 1.5 * turned[0]).astype(np.float32)
    return every / np.linalg.norm(every, axis=1, keepdims=True)


@pytest.mark.parametrize("dimension", [16, 64, 128, 512])
def test_nobody_stays_below_what_reach_says(dimension):
    every = vectors(4000, dimension, dimension // 3)
    run = CodedRun([Block(0, every, [str(row) for row in range(4000)])], Codebook(every))
    scores, rows = run.nearest(every[:50], 4000)
    similarities = np.take_along_axis(every[:50] @ every.T, rows, 1)
    always = rows[:, : rows.shape[1] - 4000]  # looked at in every search, whatever their score
    below = scores < np.vectorize(run.reach)(similarities) - 1e-6
    assert not (below & ~np.isin(rows, always)).any()


def test_a_run_whose_rows_were_all_struck_out_finds_nobody_by_its_codes():
    """Everybody may be removed between the choice of what to code and the coding."""
    every = vectors(100, 32, 10)
    book, block = Codebook(every), Block(0, every, [str(row) for row in range(100)])
    for row in range(100):
        block.strike(row)
    run = CodedRun([block], book)
    assert run.struck == 100
    assert run.reach(0.9) == -np.inf
