"""The commands as another program calls them: one JSON object on standard output, exit codes that mean something."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.sandbox.faces import CAST
from services.sandbox.region import Impression, Shot
from services.sandbox.studio import Studio

STUDIO = Studio()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("desk")
    for person in (0, 1):
        for shot in (0, 1, 2):
            (made / f"face-{person}-{shot}.jpg").write_bytes(STUDIO.photo(Shot(CAST[person], shot)))
            (made / f"print-{person}-{shot}.png").write_bytes(STUDIO.fingerprint(Impression(700 + person, shot)))
    return made


def lindung(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        env=environment | {"LINDUNG_VAR": str(folder / "var")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def answer(done: subprocess.CompletedProcess[str], code: int) -> dict[str, Any]:
    assert done.returncode == code, done.stderr
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


def enrol(folder: Path, person: int, shot: int, name: str, born: str) -> subprocess.CompletedProcess[str]:
    photo = str(folder / f"face-{person}-{shot}.jpg")
    finger = f"right-index={folder / f'print-{person}-{shot}.png'}"
    return lindung(folder, "enrol", "--json", "--photo", photo, "--finger", finger, "--name", name, "--born", born)


def test_enrol_says_what_it_found_and_ends_accordingly(folder: Path) -> None:
    first = answer(enrol(folder, 0, 1, "Siti Aminah", "1996-04-02"), 0)
    assert {"registration", "state", "signals", "candidates"} <= set(first)
    assert (first["state"], first["signals"], first["candidates"]) == ("PROVISIONAL", [], [])
    second = answer(enrol(folder, 0, 2, "Dewi Lestari", "1990-01-01"), 1)
    (signal,) = second["signals"]
    assert {"code", "strength", "evidence"} <= set(signal)
    assert signal["code"] == "SAME_PERSON_OTHER_IDENTITY"
    assert second["candidates"][0]["registration"] == first["registration"]


def test_screen_finds_nobody_in_an_empty_register(folder: Path) -> None:
    found = answer(
        lindung(folder, "screen", "Sinar Teduh Sdn Bhd", "--schema", "Company", "--country", "my", "--json"), 0
    )
    assert (found["results"], found["members_silent"]) == ([], [])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("face-0-0.jpg", "face-0-1.jpg", True),
        ("face-0-0.jpg", "face-1-1.jpg", False),
        ("print-0-1.png", "print-0-2.png", True),
        ("print-0-1.png", "print-1-1.png", False),
    ],
)
def test_verify_decides_at_a_threshold_it_names(folder: Path, one: str, other: str, same: bool) -> None:
    verdict = answer(lindung(folder, "verify", str(folder / one), str(folder / other), "--json"), 0 if same else 1)
    assert verdict["decision"] is same
    assert (verdict["score"] >= verdict["threshold"]) is same


def test_the_log_of_all_that_is_whole(folder: Path) -> None:
    found = answer(lindung(folder, "audit", "verify", "--json"), 0)
    assert found["ok"] is True
    assert found["first_bad"] is None
    assert found["entries"] >= 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("enrol", "--name", "x"),
        ("enrol", "--name", "x", "--born", "1990", "--finger", "tail=x.png"),
        ("enrol", "--name", "x", "--born", "1990", "--photo", "nowhere.jpg"),
        ("enrol", "--name", "x", "--born", "1990", "--start", "2027-01-01"),
        ("verify", "nowhere.jpg", "nowhere.jpg"),
        ("screen",),
        ("dance",),
    ],
)
def test_wrong_usage_ends_with_2(folder: Path, arguments: tuple[str, ...]) -> None:
    done = lindung(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_refusal_is_a_sentence_and_ends_with_1(folder: Path) -> None:
    refused = lindung(folder, "enrol", "--name", "x", "--born", "1990", "--photo", str(folder / "print-0-1.png"))
    assert refused.returncode == 1
    assert "NO_FACE" in refused.stderr
    assert "Traceback" not in refused.stderr
    nobody = lindung(folder, "token", "--url", "http://127.0.0.1:9", "--as", "desk")
    assert nobody.returncode == 1
    assert "does not answer" in nobody.stderr


@pytest.mark.parametrize("command", ["bench", "serve"])
def test_libraries_hear_of_one_thread_before_they_are_loaded(command: str) -> None:
    code = (
        "import os, sys; heard = []; "
        "sys.addaudithook(lambda event, about: event == 'import' and about[0] == 'numpy' "
        "and heard.append([os.environ.get(name) for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS')])); "
        f"from services.cli.program import main; main.get_command(None, {command!r}); import numpy; print(*heard[0])"
    )
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", code], env=free, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]
