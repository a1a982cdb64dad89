"""`lindung models`: what is said, what is refused, and that nothing half done is left behind."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.biometrics.face import faceplugin_engine
from services.cli import main, models

CONTENT = b"the bytes of a model"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("LINDUNG_MODELS", str(folder))
    return folder


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An npm that packs a package with CONTENT in the model's place; its own code is a shell script."""
    package = tmp_path / "package.tgz"
    with tarfile.open(package, "w:gz") as archive:
        entry = tarfile.TarInfo(faceplugin_engine.PACKAGE_FILE)
        entry.size = len(CONTENT)
        archive.addfile(entry, io.BytesIO(CONTENT))
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "npm"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n/bin/cp {package} .\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    return tmp_path / "asked"


def ask(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["models", *words])
    return result.exit_code, result.output


def test_what_is_not_installed_is_said(folder: Path) -> None:
    code, told = ask("list", "--json")
    assert code == 0
    (model,) = json.loads(told)["models"]
    assert model["installed"] is False
    assert model["path"] == str(folder / "fr_feature.onnx")


def test_the_package_is_asked_for_by_name_and_version_and_the_file_put_in_place(
    folder: Path, npm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faceplugin_engine, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    code, told = ask("install")
    assert code == 0, told
    assert npm.read_text().split() == ["pack", "faceplugin-face-recognition-js@0.0.1", "--ignore-scripts"]
    assert [path.name for path in folder.iterdir()] == ["fr_feature.onnx"]
    assert (folder / "fr_feature.onnx").read_bytes() == CONTENT
    npm.unlink()
    assert ask("install")[0] == 0
    assert not npm.exists()  # nothing is fetched twice


def test_another_file_than_the_expected_is_not_installed(folder: Path, npm: Path) -> None:
    code, told = ask("install")
    assert code == 1
    assert "digest differs" in told
    assert npm.exists()
    assert not folder.exists()


def test_a_client_that_fails_is_told_in_a_sentence(
    folder: Path, npm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin" / "npm").write_text("#!/bin/sh\nexit 1\n")
    code, told = ask("install")
    assert code == 1
    assert "offline" in told
    assert "dlib-resnet-v1" in told
    assert not folder.exists()
    assert not npm.exists()


def test_a_package_without_the_model_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.tgz"
    with tarfile.open(empty, "w:gz"):
        pass
    with pytest.raises(models.ModelFetchError, match="does not hold"):
        models._extract(empty)
