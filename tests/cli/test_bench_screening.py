"""The screening benchmark, small: what it prints is whole, and its figures are what they say."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from services.cli.name_oracle import INTERPRETER, OracleError, ask_oracle
from services.cli.screening_bench import compare_systems
from services.cli.screening_pairs import Pair, invented_pairs


def test_the_command_prints_everything_side_by_side() -> None:
    command = (sys.executable, "-m", "services.cli", "bench", "screening", "--parties", "1000", "--json")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [step["parties"] > 0 for step in document["steps"]] == [True, True]
    last = document["steps"][1]
    assert {"recall_at_50", "candidates_ms", "screening_ms", "cpu_ms_per_query", "memory_mb", "import"} <= set(last)
    found = last["recall_at_50"]["invented (latin)"]
    assert found["n"] >= 100
    assert found["low"] <= found["recall"] <= found["high"]
    assert found["recall"] >= 0.9
    assert document["growth"] > 0


def test_systems_are_measured_on_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER, "/nowhere/python")
    same = [Pair(pair.name, pair.name, pair.schema, True, "a") for pair in invented_pairs(20, 1)]
    names = [pair.name for pair in same]
    other = [Pair(one, two, "Person", False, "b") for one, two in zip(names, np.roll(names, 7).tolist(), strict=True)]
    rows, left_out = compare_systems([*same, *other])
    assert [row["system"] for row in rows] == ["lindung", "rapidfuzz WRatio"]
    assert left_out == ["nomenklatura logic-v2: not installed"]
    assert rows[0]["best_f1"] >= 0.95
    assert set(rows[0]["sets"]) == {"a", "b"}


def test_an_oracle_that_is_not_there_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER, sys.executable)
    with pytest.raises(OracleError, match="not installed"):
        ask_oracle([("a", "b", "Person")])
