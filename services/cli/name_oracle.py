"""Scores of nomenklatura's logic-v2, asked for in an environment of its own: it is measured against, never used.

Run by the interpreter that LINDUNG_ORACLE_PYTHON names: lines of JSON in (`[name, name, schema]`), a score a line out.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

INTERPRETER: Final = "LINDUNG_ORACLE_PYTHON"


@dataclass(frozen=True)
class OracleScores:
    """Scores of pairs, 0..1, and the processor's time for each."""

    version: str
    scores: list[float]
    cpu_us: float


class OracleError(Exception):
    """nomenklatura is not there, or does not run."""


def ask_oracle(pairs: Sequence[tuple[str, str, str]]) -> OracleScores:
    """Score pairs of names with logic-v2.

    Args:
        pairs: two names and FollowTheMoney's schema.

    Raises:
        OracleError: it cannot be run.
    """
    python = os.environ.get(INTERPRETER, sys.executable)
    lines = "\n".join(json.dumps(pair) for pair in pairs)
    try:
        done = subprocess.run(  # noqa: S603  the interpreter is the operator's choice
            [python, str(Path(__file__))], input=lines, capture_output=True, text=True, check=False, timeout=3600
        )
    except OSError as error:
        raise OracleError("not installed") from error
    if done.returncode:
        raise OracleError("not installed")
    version, cpu, *scores = done.stdout.split()
    return OracleScores(version, [float(score) for score in scores], float(cpu) / max(1, len(pairs)) * 1e6)


def _main() -> None:
    matching = import_module("nomenklatura.matching")
    config = import_module("nomenklatura.matching.types").ScoringConfig.defaults()
    model, algorithm = import_module("followthemoney").model, matching.get_algorithm("logic-v2")
    version = import_module("nomenklatura").__version__

    def entity(name: str, schema: str) -> object:
        return model.get_proxy({"id": name, "schema": schema, "properties": {"name": [name]}})

    pairs = [json.loads(line) for line in sys.stdin]
    algorithm.compare(entity("Warm Up", "Person"), entity("Warm Upp", "Company"), config)  # it loads its tables now
    began = time.process_time()
    scores = [
        algorithm.compare(entity(one, schema), entity(other, schema), config).score for one, other, schema in pairs
    ]
    print(version, time.process_time() - began)
    print("\n".join(f"{score:.4f}" for score in scores))


if __name__ == "__main__":
    _main()
