"""What stops a search: nobody is more similar than the bound of their code says."""

import numpy as np
import pytest

from services.biometrics.index.blocks import Block
from services.biometrics.index.codes import CodedRun
from services.biometrics.index.grid import SLACK_SIGMAS, Grid
from services.biometrics.index.rescoring import NOBODY, search_source


def vectors(count: int, dimension: int, axes: int) -> np.ndarray:
    """Unit vectors near few axes of falling variance, around a common part: unlike what normal noise is made of."""
    random = np.random.default_rng(dimension)
    turned = np.linalg.qr(random.normal(size=(dimension, dimension)))[0]
    own = random.normal(size=(count, axes)) * np.exp(-3 * np.arange(axes) / axes)
    every = (own @ turned[1 : axes + 1] + 1.5 * turned[0]).astype(np.float32)
    return every / np.linalg.norm(every, axis=1, keepdims=True)


def on_few_points(count: int, dimension: int) -> np.ndarray:
    """Vectors of two values only, many of them the same: rounding errors that are anything but random."""
    random = np.random.default_rng(dimension)
    every = np.sign(random.normal(size=(64, dimension)))[random.integers(64, size=count)].astype(np.float32)
    every[: count // 2, : dimension // 2] = 1
    return every / np.float32(np.sqrt(dimension))


def far_out(count: int, dimension: int) -> np.ndarray:
    """Vectors whose parts are of no finite variance: some lie far outside of what a sample spans."""
    every = np.random.default_rng(dimension).standard_t(1.5, size=(count, dimension)).astype(np.float32)
    return every / np.linalg.norm(every, axis=1, keepdims=True)


KINDS = {
    "near few axes": lambda count, dimension: vectors(count, dimension, max(2, dimension // 3)),
    "on few points": on_few_points,
    "far out": far_out,
}


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("dimension", [3, 16, 129, 512])
def test_nobody_is_more_similar_than_the_bound_says(kind, dimension):
    every = KINDS[kind](4000, dimension)
    run = CodedRun([Block(0, every, [str(row) for row in range(4000)])])
    probes = np.concatenate([every[:40], vectors(20, dimension, 2)])  # who is there, and who is like nobody
    bounds, rows = run.nearest(probes, 4000)
    similarities = np.take_along_axis(probes @ every.T, rows, 1)
    assert (bounds >= similarities).all()
    assert {*range(4000)} == set(rows[0].tolist())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_rounding_is_as_far_off_as_the_bound_reckons(kind):
    """Over many grids of other origins: the bound stands as many deviations off as it claims, whatever the rows are."""
    every = KINDS[kind](400, 24)
    probe, truth = every[:1], every @ every[0]
    off = []
    for seed in range(200):
        grid = Grid(every, np.random.default_rng(seed))
        codes, apart = grid.encode(every)
        assert not apart.any()  # all were in the sample
        bits = np.unpackbits(codes, axis=1, bitorder="little").reshape(400, -1, 4)
        tables = grid.tables(probe)
        entries = np.take_along_axis(tables.entries.reshape(-1, 16), (bits @ [1, 2, 4, 8]).T, 1).sum(axis=0)
        off.append((entries * tables.unit + tables.base - truth) / tables.slack)
    assert np.mean(off) >= 1 - 0.01
    deviations = SLACK_SIGMAS * np.std(off, axis=0)
    assert deviations.mean() <= 1.02
    assert deviations.max() <= 1.3  # of 400, each from 200 draws


def test_a_run_whose_rows_were_all_struck_out_finds_nobody():
    """Everybody may be removed between the choice of what to code and the coding."""
    every = vectors(100, 32, 10)
    block = Block(0, every, [str(row) for row in range(100)])
    for row in range(100):
        block.strike(row)
    run = CodedRun([block])
    assert run.struck == 100
    assert search_source(run, every[:1], 10, -1.0, [NOBODY])[0].keys == []
