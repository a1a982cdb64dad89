"""The commands that measure names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.naming import names, transliteration

PAIRS = """name1,name2,schema,is_match,set
สมชาย วงศ์สกุล,Somchai Wongsakul,Person,true,thai
Maria Santos,Juan Reyes,Person,false,latin
"""
LIST = "set,native,latin\nthai,สมชาย,somchai|somchay\nthai,สมหญิง,somying\n"


def written(folder: Path, text: str) -> str:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_names_as_json(tmp_path: Path) -> None:
    found = CliRunner().invoke(names, [written(tmp_path, PAIRS), "--json"])
    document = json.loads(found.stdout)
    assert found.exit_code == 0
    assert {"precision", "recall", "f1", "best_f1", "recall_at_p95", "by_set"} <= set(document)
    assert document["f1"] == 1.0


def test_transliteration_as_json(tmp_path: Path) -> None:
    found = CliRunner().invoke(transliteration, [written(tmp_path, LIST), "--json"])
    assert found.exit_code == 0
    assert {key: json.loads(found.stdout)["thai"][key] for key in ("n", "top1", "top10")} == {
        "n": 2,
        "top1": 1.0,
        "top10": 1.0,
    }


@pytest.mark.parametrize(("command", "text"), [(names, PAIRS), (transliteration, LIST)], ids=["names", "list"])
def test_tables_for_people(tmp_path: Path, command, text: str) -> None:
    found = CliRunner().invoke(command, [written(tmp_path, text)])
    assert found.exit_code == 0
    assert "thai" in found.stdout


@pytest.mark.parametrize("text", ["name1,name2\na,b\n", "name1,name2,schema,is_match\n", "\x00"])
def test_a_list_that_cannot_be_read_is_a_sentence(tmp_path: Path, text: str) -> None:
    found = CliRunner().invoke(names, [written(tmp_path, text)])
    assert found.exit_code == 1
    assert found.stderr.startswith("lindung: list.csv:")


def test_wrong_usage_is_told() -> None:
    assert CliRunner().invoke(names, ["absent.csv"]).exit_code == 2
