"""`lindung evaluate hostile` on a slice: nothing breaks at the public door, and memory stays bounded."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.biometrics.evaluation.hostile import Sample, hostile
from services.cli import main
from services.cli.hostile import good_samples

SLICE = 300
GROWTH_MB = 400


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return good_samples()


def test_attacks_are_the_same_for_the_same_seed(samples: list[Sample]) -> None:
    one, again, other = (list(hostile(samples, 300, seed)) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert len({attack.kind for attack in hostile(samples, 3000)}) > 150
    assert {attack.sample.name for attack in one} >= {sample.name for sample in samples}


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_nothing_hostile_breaks_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINDUNG_VAR", str(tmp_path / "var"))
    done = CliRunner().invoke(main, ["evaluate", "hostile", "--count", str(SLICE), "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["bad"] == []
    assert document["refused"] + document["taken"] == document["count"] == SLICE
    assert document["refused"] > SLICE / 2
    assert document["good_after"] == len(good_samples())
    assert document["rss_mb"]["peak"] - document["rss_mb"]["before"] < GROWTH_MB
    bombs = {
        kind: reasons for kind, reasons in document["by_kind"].items() if kind.startswith("bomb") and "60,000" in kind
    }
    assert bombs
    assert all("taken" not in reasons for reasons in bombs.values())
