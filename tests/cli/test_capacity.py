"""What `lindung capacity` tells beforehand is what people weigh."""

import json

import pytest
from click.testing import CliRunner

from services.biometrics.capacity.measuring import weigh
from services.biometrics.capacity.prediction import Gallery, predict
from services.cli.program import main

TOLERANCE = 0.1


def lindung(*arguments):
    return CliRunner().invoke(main, ["capacity", *arguments])


def test_a_small_gallery_weighs_what_was_foretold():
    people, dimension, fingers = 1_000, 512, 1
    weight = weigh(people, dimension, fingers)
    need = predict(Gallery(people, fingers, dimension), "embedded, sealed")
    assert sum(need.memory.values()) == pytest.approx(weight.memory_bytes, rel=TOLERANCE)
    assert need.disk["table"] == pytest.approx(weight.table_bytes, rel=TOLERANCE)


def test_the_command_gives_every_engine():
    done = lindung("--people", "10e6", "--fingers", "2", "--json")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert (document["people"], document["fingers"]) == (10_000_000, 2)
    sealed, mapped, milvus = document["engines"]
    assert [each["engine"] for each in (sealed, mapped, milvus)] == ["embedded, sealed", "embedded, mapped", "milvus"]
    assert sealed["memory_bytes"] - mapped["memory_bytes"] == 4 * 512 * 10_000_000
    assert milvus["server_memory_bytes"] > 4 * 512 * 10_000_000
    assert set(document["measured_by"]) == {"service", "index", "table", "images", "milvus"}
    assert all(document["measured_by"].values())


def test_needs_grow_with_people_and_fingers():
    def memory(people, fingers):
        return sum(predict(Gallery(people, fingers, 512), "embedded, sealed").memory.values())

    assert memory(2_000_000, 2) == pytest.approx(2 * memory(1_000_000, 2), rel=0.01)  # fresh prints weigh more
    assert memory(1_000_000, 4) > 1.5 * memory(1_000_000, 2)


def test_the_table_names_what_weighs():
    done = lindung("--people", "1000", "--fingers", "0")
    assert done.exit_code == 0
    assert "memory: vectors" in done.stdout
    assert "disk: images" in done.stdout


@pytest.mark.parametrize("people", ["many", "0", "1.5", "-3", "nan", "1e99"])
def test_a_wrong_number_of_people_is_wrong_usage(people):
    assert lindung("--people", people).exit_code == 2
