"""`lindung evaluate face`, `fingerprint` and `person` on few drawn people: the contract's keys; what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from services.cli import main
from services.sandbox.faces import CAST, portray
from services.sandbox.fingers import grow_finger, impress

FINGERS = 4  # as few as a person's trial needs


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people with two photos each, and an image without a face."""
    folder = tmp_path_factory.mktemp("faces")
    for number, person in enumerate(CAST[:3]):
        album = folder / f"person-{number}"
        album.mkdir()
        for shot in (1, 2):
            Image.fromarray(portray(person, shot)).save(album / f"{shot}.jpg", quality=92)
    Image.new("RGB", (200, 240), "grey").save(folder / "person-0" / "3.jpg")
    return folder


@pytest.fixture(scope="module")
def fingers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four fingers with two impressions each, in FVC's naming."""
    folder = tmp_path_factory.mktemp("fingers")
    (folder / "DB1_B").mkdir()
    for number in range(FINGERS):
        finger = grow_finger(700 + number)
        for impression in (1, 2):
            Image.fromarray(impress(finger, impression)).save(folder / "DB1_B" / f"{101 + number}_{impression}.png")
    return folder


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINDUNG_VAR", str(tmp_path / "var"))


def evaluate(*words: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, words)])


def answer(*words: object) -> dict[str, Any]:
    done = evaluate(*words, "--json")
    assert done.exit_code == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_faces(faces: Path, tmp_path: Path):
    page = tmp_path / "faces.html"
    document = answer("face", faces, "--engine", "dlib", "--report", page)
    assert document["engine"] == "dlib-resnet-v1"
    assert (document["n_people"], document["n_photos"]) == (3, 7)
    assert document["fte"] == pytest.approx(1 / 7, abs=1e-6)
    assert document["fte_reasons"] == {"NO_FACE": 1}
    assert document["eer"] == 0
    assert document["rank1"] == 1
    assert {"1e-3", "1e-4", "1e-5", "1e-6"} <= set(document["tar"])
    assert set(document["tpir_at_fpir"]) == {"0.01", "0.001"}
    assert document["cpu_ms_per_photo"] > 0
    assert document["ci"]["eer"][0] == 0
    text = page.read_text(encoding="utf-8")
    assert "dlib-resnet-v1" in text
    assert str(tmp_path) not in text


def test_fingerprints_beside_a_peer(fingers: Path, tmp_path: Path):
    page = tmp_path / "fingers.html"
    document = answer("fingerprint", fingers, "--peers", "--report", page)
    keys = {"eer", "fmr100", "fmr1000", "zerofmr", "n_genuine", "n_impostor"}
    assert keys | {"cpu_ms_extract", "comparisons_per_s"} <= set(document["mean"])
    row = document["databases"]["DB1_B"]
    assert keys <= set(row)
    assert (row["n_genuine"], row["n_impostor"]) == (FINGERS, FINGERS * (FINGERS - 1) // 2)
    assert row["all_impostors"]["n_impostor"] == 4 * row["n_impostor"]
    assert row["eer"] == 0
    for peer in document["peers"].values():
        assert keys <= set(peer["mean"])
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_persons(faces: Path, fingers: Path, tmp_path: Path):
    words = ("--faces", faces, "--fingers", fingers, "--distractors", 500, "--searches", 120, "--engine", "dlib")
    page = tmp_path / "persons.html"
    document = answer("person", *words, "--report", page)
    assert document["gallery"] == 503
    assert set(document["fnir_at_fpir"]) == {"0.01", "0.001"}
    assert document["rank1"] == 1
    assert document["threshold_at_fpir"]["0.01"] is not None
    assert page.exists()


def test_a_flat_folder_is_one_database_and_is_told_in_words(fingers: Path):
    done = evaluate("fingerprint", fingers / "DB1_B", "--protocol", "all")
    assert done.exit_code == 0
    assert "mean eer" in done.stdout
    assert "DB1_B fmr1000, all impostors" in done.stdout


def test_what_cannot_be_measured_is_told(tmp_path: Path, faces: Path):
    assert "no DIR/person/photo.jpg" in evaluate("face", tmp_path).stderr
    assert "FFF_I.png" in evaluate("fingerprint", tmp_path).stderr
    assert evaluate("face", tmp_path).exit_code == 1
    assert evaluate("fingerprint", faces, "--dpi", "DB1").exit_code == 2
    groups = tmp_path / "groups.csv"
    groups.write_text("name,label\n", encoding="utf-8")
    assert evaluate("face", faces, "--groups", groups).exit_code == 2


def test_an_engine_that_is_not_installed_is_told(faces: Path):
    done = evaluate("face", faces, "--engine", "faceplugin")
    assert done.exit_code == 1
    assert "not installed" in done.stderr
