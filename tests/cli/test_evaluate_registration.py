"""A small season through the registry, and whether drawn comparisons are as rare as they say."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from services.biometrics.face import FACEPLUGIN_FR_1
from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1
from services.cli import main
from services.cli.drawn_biometrics import DrawnSearch, Worth
from services.cli.drawn_biometrics import _mate_scores as mate_scores
from services.cli.drawn_biometrics import _stranger_scores as stranger_scores
from services.registry.workers.biometrics import photo_item
from services.sandbox.season import PLANTS, Kind

DRAWN = {Kind.OTHER_IDENTITY_FACE_ONLY, Kind.PASSPORT_BORROWED, Kind.PORTRAIT_SWAPPED, Kind.SAME_AGAIN, Kind.RENEWED}


def test_a_season_is_told_by_kind_with_alarms_and_work() -> None:
    result = CliRunner().invoke(main, ["evaluate", "registration", "--registrations", "220", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["registrations"] == 220
    assert set(told["kinds"]) == set(Kind)
    for kind in set(Kind) - DRAWN - {Kind.ZONE_ALTERED_WELL, Kind.OTHER_SPELLING}:
        assert told["kinds"][kind]["found"] == told["kinds"][kind]["planted"] > 0, kind
    assert told["kinds"][Kind.ZONE_ALTERED_WELL]["found"] == 0  # a right digit proves nothing
    certain = {
        code for plant in PLANTS.values() for code in plant.raises if code.startswith(("CHIP", "DOCUMENT", "MRZ_CH"))
    }
    assert all(told["signals"][code]["false"] == 0 for code in certain)
    cases = told["workload"]["cases_per_1000"]
    assert cases["n"] == sum(queue["n"] for queue in told["workload"]["by_queue"].values()) > 10
    assert cases["ci95"][0] < cases["per_1000"] < cases["ci95"][1]


@pytest.mark.parametrize("worth", [FACEPLUGIN_FR_1, LEADER_MCC16B_1], ids=lambda worth: worth.model_id)
def test_drawn_scores_have_the_measured_tails(worth) -> None:
    levels = -np.log10(1 - np.random.default_rng(1).random(400_000))
    strangers, mates = stranger_scores(worth, levels), mate_scores(worth, levels)
    for score, level in worth.strangers[1:]:
        share = np.mean(strangers >= score)
        assert share == pytest.approx(10**-level, rel=0.25)
    for score, level in worth.mates[1:]:
        assert np.mean(mates < score) == pytest.approx(10**-level, rel=0.25)
    assert np.median(mates) == pytest.approx(worth.mates[-1][0], rel=0.01)


@pytest.mark.anyio
async def test_one_capture_gives_one_score_and_strangers_are_rarely_taken_for_one() -> None:
    search = DrawnSearch(Worth(FACEPLUGIN_FR_1, LEADER_MCC16B_1, 0.001), seed=1)

    async def says(one: str, other: str) -> bool:
        return (await search.verify("IDN", photo_item(one.encode()), photo_item(other.encode()))).decision

    assert await says("face 1 visit 0", "face 1 visit 1") == await says("face 1 visit 1", "face 1 visit 0")
    strangers = [await says(f"face {n} visit 0", f"face {n + 10_000} visit 0") for n in range(2_000)]
    assert 5 <= sum(strangers) <= 40  # one in a hundred reaches the score of 2
