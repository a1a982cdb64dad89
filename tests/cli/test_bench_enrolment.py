"""`lindung bench enrolment`: small, with the real engines, and its picture."""

import json
import re

from click.testing import CliRunner

from services.biometrics.benchmark.enrolment_chart import enrolment_chart
from services.cli.program import main


def test_a_quick_run_finds_the_captured_and_says_where_the_time_goes(tmp_path, monkeypatch):
    monkeypatch.setenv("LINDUNG_VAR", str(tmp_path))
    monkeypatch.setenv("LINDUNG_FACE_ENGINE", "dlib")
    picture = tmp_path / "run.svg"
    command = ["bench", "enrolment", "--quick", "--desks", "2", "--json", "--svg", str(picture)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["people"] == 300
    assert document["found"] == document["enrolments"] > 0
    assert document["p50_ms"] <= document["p95_ms"] <= document["p99_ms"]
    stages = document["cpu_ms"]
    assert set(stages) == {
        "decode",
        "face: detect and embed",
        "fingers: extract",
        "search and fuse",
        "add to the gallery",
    }
    assert document["fingers"]["prints"] == 2 * 300
    assert picture.read_text().count("<polyline") == 3


def test_the_picture_has_a_line_for_each_figure():
    samples = [{"at_s": at, "cores": 1.5, "resident_gb": 2.0 + at / 100, "enrolled": 3 * at} for at in range(1, 30)]
    document = {"desks": 8, "people": 1000, "enrolments_a_minute": 180.0, "over_time": samples}
    lines = re.findall(r'<polyline[^>]* points="([^"]*)"', enrolment_chart(document))
    assert [len(points.split()) for points in lines] == [29, 29, 29]
    assert enrolment_chart(document | {"over_time": []}).endswith("</svg>\n")
