"""`lindung desk` on a command line."""

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.desk.lock import has_pin
from services.desk.station import read_settings
from shared.crypto.keyfiles import new_signing_key
from tests.desk.conftest import NOWHERE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINDUNG_VAR", str(tmp_path / "var"))
    key = tmp_path / "var" / "keys" / "clients" / "desk.pem"
    key.parent.mkdir(parents=True)
    key.write_text("no key")
    return tmp_path / "desk"


def run(folder: Path, *words: str, given: str = "") -> Result:
    return CliRunner().invoke(main, ["desk", "--folder", str(folder), "--url", NOWHERE, *words], input=given)


def test_status_says_what_is_wrong_and_ends_with_1(folder: Path, prints: Path) -> None:
    folder.mkdir()
    (folder / "desk.toml").write_text(f'scanner = "simulator"\nscanners.simulator.prints = "{prints}"\n')
    key = folder.parent / "var" / "keys" / "clients" / "desk.pem"
    key.write_bytes(new_signing_key())
    done = run(folder, "--status", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["outbox"]["waiting"], told["devices"][0]["model"]) == (1, 0, "simulator")
    assert [each.partition(":")[0] for each in told["trouble"]] == ["gateway"]


@pytest.mark.parametrize(
    ("file", "words", "said"),
    [
        ("port = 99999", [], "desk.toml"),
        ("gatway = 'x'", [], "desk.toml"),
        ("", ["--scanner", "unknown"], "no scanner adapter"),
        ("", ["--scanner", "sbi"], "trust"),
    ],
)
def test_wrong_settings_are_told(folder: Path, file: str, words: list[str], said: str) -> None:
    folder.mkdir()
    (folder / "desk.toml").write_text(file)
    done = run(folder, "--status", *words)
    assert (done.exit_code, said in done.output) == (1, True)


def test_a_pin_is_asked_for_until_it_is_good(folder: Path) -> None:
    key = folder.parent / "var" / "keys" / "clients" / "desk.pem"
    key.write_bytes(new_signing_key())
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it ends instead of serving
        port = str(taken.getsockname()[1])
        done = run(folder, "--port", port, given="1234\n1234\n246813\n246813\n")
    assert has_pin(folder), done.output
    assert "at least 6 digits" in done.output


def test_the_file_is_put_over_by_what_is_given(folder: Path) -> None:
    folder.mkdir()
    (folder / "desk.toml").write_text('gateway = "https://a.example"\nclient = "desk-batam"\nlock_s = 60\n')
    read = read_settings(folder, gateway=None, client="other", key_file=Path("k"))
    assert (read.gateway, read.client, read.lock_s, read.keep_free) == ("https://a.example", "other", 60, 200_000_000)
