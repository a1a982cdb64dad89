"""`lindung bench start`: the service itself, with few people, once without a snapshot and once beside its own."""

import json

from click.testing import CliRunner

from services.cli.program import main


def test_everybody_is_found_when_the_service_says_that_it_is_ready(tmp_path, monkeypatch):
    monkeypatch.setenv("LINDUNG_FACE_ENGINE", "dlib")
    command = ["bench", "start", "--people", "2100", "--dimension", "128", "--folder", str(tmp_path), "--json"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["people"], document["dimension"]) == (2_100, 128)
    assert [each["from"] for each in document["starts"]] == ["table", "snapshot"]
    for each in document["starts"]:
        assert each["found"] == each["asked"] == 100
        assert each["ready_s"] > 0
    assert not list(tmp_path.iterdir())  # nothing is left
