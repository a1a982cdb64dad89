"""`lindung bench index --quick`: the whole way through, with the promise that can be kept at any size: nobody lost."""

import json
import subprocess
import sys

import numpy as np
import pytest

from services.biometrics.benchmark.index_run import Row, growth
from services.biometrics.benchmark.likenesses import LIKENESSES, Population


@pytest.mark.parametrize("dimension", sorted(LIKENESSES))
def test_made_vectors_are_as_alike_as_measured_ones(dimension):
    likeness = LIKENESSES[dimension]
    population = Population(likeness)
    people = population.people(2_000)
    assert np.linalg.norm(people, axis=1) == pytest.approx(1, abs=1e-5)
    strangers = (people[:500] @ people[500:].T).ravel()
    mean, spread = likeness.strangers
    assert strangers.mean() == pytest.approx(mean, abs=0.1 * spread)
    assert strangers.std() == pytest.approx(spread, rel=0.1)
    mates = np.einsum("ij,ij->i", people, population.probes(people))
    assert mates.min() >= likeness.threshold
    assert np.median(mates) == pytest.approx(likeness.mates[0], abs=0.5 * likeness.mates[1])


def test_the_same_seed_gives_the_same_vectors():
    made = [Population(LIKENESSES[128], seed).people(50) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def test_growth_is_the_exponent():
    def row(engine, rows, spent):
        return Row(engine, 128, rows, 1, 0, spent, spent, 0, 0, 0, 0)

    found = growth(
        [row("faiss IVF16, nprobe 4", 10, 2.0), row("faiss IVF99, nprobe 9", 1000, 20.0), row("one", 1, 1.0)]
    )
    assert found == [{"engine": "faiss IVF", "dimension": 128, "exponent": 0.5}]


def test_the_quick_run_loses_nobody():
    command = [sys.executable, "-m", "services.cli", "bench", "index", "--quick", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    kinds = {row["engine"].partition(",")[0].rstrip("0123456789") for row in document["rows"]}
    assert kinds == {"faiss Flat", "lindung embedded", "faiss IVF", "faiss HNSW"}
    for row in document["rows"]:
        assert row["mates"] >= 290
        if row["engine"] in {"faiss Flat", "lindung embedded"}:
            assert row["lost"] == 0
    (waiting,) = document["while_enrolling"]
    assert waiting["searches"] > 0
    assert waiting["enrolled"] > 0
