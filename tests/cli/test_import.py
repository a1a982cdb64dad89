"""`lindung import` and `export` as another program calls them; and an import killed in the middle."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from services.sandbox.region.crowd import draw_crowd

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def command(var: Path, *arguments: str) -> tuple[tuple[str, ...], dict[str, str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
    return (sys.executable, "-m", "services.cli", *arguments), environment | {"LINDUNG_VAR": str(var)}


def lindung(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line, environment = command(var, *arguments)
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=170, check=False)


def test_a_list_comes_in_and_goes_out(tmp_path: Path) -> None:
    var, rejected = tmp_path / "var", tmp_path / "rejected.csv"
    asked = ("import", str(EXAMPLES / "debarred-firms.csv"), "--mapping", str(EXAMPLES / "debarred-firms.toml"))
    dry = lindung(var, *asked, "--dry-run", "--json", "--rejected", str(rejected))
    assert dry.returncode == 1, dry.stderr
    assert json.loads(dry.stdout)["created"] == 3
    assert [line.split(",")[0] for line in rejected.read_text().splitlines()] == ["line", "5", "6"]

    taken = lindung(var, *asked, "--json")
    assert (taken.returncode, json.loads(taken.stdout)["created"]) == (1, 3), taken.stderr

    out = tmp_path / "parties.jsonl"
    assert lindung(var, "export", str(out), "--source", "debarred-firms").returncode == 0
    parties: list[dict[str, Any]] = [json.loads(line) for line in out.read_text().splitlines()]
    assert [party["id"] for party in parties] == [f"debarred-firms-{number}" for number in (50012, 50013, 50014)]

    wrong = lindung(var, *asked[:2], "--mapping", str(EXAMPLES / "cadastro.toml"))
    assert wrong.returncode == 2
    assert "CNPJ/CPF" in wrong.stderr


def test_an_import_killed_in_the_middle_goes_on_and_misses_nobody(tmp_path: Path) -> None:
    file, var = tmp_path / "crowd.jsonl", tmp_path / "var"
    parties = list(draw_crowd(9_000, 5))
    file.write_text(
        "".join(
            json.dumps({"id": each.id, "schema": each.schema, "properties": each.properties}) + "\n" for each in parties
        )
    )
    line, environment = command(var, "import", str(file), "--json")
    killed = subprocess.Popen(
        line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    database = var / "registry.db"
    while not 0 < _read(database) < len(parties) and killed.poll() is None:
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert 0 < _read(database) < len(parties)

    done = lindung(var, "import", str(file), "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["lines"], record["created"], record["rejected"]) == (len(parties), len(parties), 0)
    with sqlite3.connect(database) as connection:
        count = connection.execute("SELECT count(*) FROM registry_parties").fetchone()[0]
        cards = connection.execute("SELECT count(*) FROM registry_party_cards").fetchone()[0]
        staged = connection.execute("SELECT count(*) FROM registry_staged_postings").fetchone()[0]
    assert (count, cards, staged) == (len(parties), len(parties), 0)


def _read(database: Path) -> int:
    """Parties written so far."""
    if not database.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5) as connection:
            return int(connection.execute("SELECT count(*) FROM registry_parties").fetchone()[0])
    except sqlite3.OperationalError:  # not migrated yet
        return 0
