"""The federation benchmark, small: real processes, every member answers, and each part of an exchange is told."""

import json
import os
import subprocess
import sys

TINY = """
import json
from services.cli.federation_bench import Plan, measure
print(json.dumps(measure(Plan(members=2, screenings=3, seconds=0.3, desks=2), lambda _said: None)))
"""


def test_both_ways_are_measured_on_the_same_members() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
    done = subprocess.run(
        (sys.executable, "-c", TINY), env=environment, capture_output=True, text=True, timeout=150, check=False
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout.splitlines()[-1])
    assert (document["members"], document["own_ms"]) == (2, 20.0)
    for way in ("federated", "plain"):
        assert document["own_ms"] <= document[way]["p50_ms"] <= document[way]["p95_ms"]
        assert document[way]["a_second"] > 0
    assert document["ratio_p50"] > 1
    assert set(document["cpu_ms"]) == {
        "sign the question", "verify the question", "sign the answer", "verify the answer", "digest of the answer",
        "JSON of the answer, once", "nonce", "receipt", "log entry",
    }  # fmt: skip
