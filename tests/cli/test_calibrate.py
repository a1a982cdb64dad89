"""`lindung calibrate` and `lindung calibration`: from a folder of prints to two signatures and what is in force."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from services.cli import main
from services.sandbox.fingers import grow_finger, impress


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINDUNG_VAR", str(tmp_path / "var"))
    (tmp_path / "var" / "keys").mkdir(parents=True)
    return tmp_path


def answer(*words: object, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(main, [*map(str, words), "--json"])
    assert done.exit_code == code, done.output
    document: dict[str, Any] = json.loads(done.stdout) if code == 0 else {"said": done.stderr}
    return document


@pytest.mark.timeout(600)
def test_a_calibration_goes_from_measurement_to_force(folder: Path, calibration_file: Path) -> None:
    public: dict[str, str] = {}
    for name in ("siti", "wei"):
        public |= answer("calibration", "officer", name, "--new-key", folder / f"{name}.pem")
    (folder / "var" / "keys" / "calibration-officers.json").write_text(json.dumps(public))
    digest = answer("calibration", "propose", calibration_file)["digest"]
    assert "signed by nobody" in answer("calibration", "activate", digest, code=1)["said"]
    for name in ("siti", "wei"):
        signed = answer("calibration", "sign", digest, "--officer", name, "--key", folder / f"{name}.pem")
    assert signed["signed_by"] == ["siti", "wei"]
    assert (
        "no officer"
        in answer("calibration", "sign", digest, "--officer", "wei", "--key", folder / "siti.pem", code=1)["said"]
    )
    assert answer("calibration", "activate", digest)["active"] is True
    (shown,) = answer("calibration", "show")["versions"]
    assert (shown["active"], shown["digest"], shown["model_id"]) == (True, digest, "leader-mcc16b-1")


@pytest.fixture(scope="module")
def calibration_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the command from few drawn fingers, each impression of which is small, for speed."""
    prints, out = tmp_path_factory.mktemp("prints"), tmp_path_factory.mktemp("out")
    for number in range(12):
        finger = grow_finger(800 + number)
        for impression in range(4):
            small = impress(finger, impression)[104:256, 78:230]
            Image.fromarray(small).save(prints / f"{101 + number}_{impression}.png")
    page = out / "page.html"
    told = answer("calibrate", "fingerprint", prints, "--out", out / "finger.json", "--report", page)
    assert told["fingers"] == 12
    assert 1000 <= told["stranger_pairs"] <= 1056
    assert "Calibration of leader-mcc16b-1" in page.read_text()
    return out / "finger.json"


def test_too_little_to_calibrate_on_is_told(folder: Path) -> None:
    prints = folder / "prints"
    prints.mkdir()
    for impression in range(2):
        Image.fromarray(impress(grow_finger(800), impression)[104:256, 78:230]).save(prints / f"101_{impression}.png")
    said = answer("calibrate", "fingerprint", prints, "--out", folder / "x.json", code=1)["said"]
    assert "1000 pairs of strangers" in said
    assert not (folder / "x.json").exists()
