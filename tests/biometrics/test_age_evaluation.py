"""Ages estimated from faces: the figures, on made-up estimates; and what is said where no model is installed."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from services.biometrics.age import estimator
from services.biometrics.evaluation.age import AgedPhoto, find_aged_photos, measure_ages
from services.biometrics.evaluation.folders import EmptyFolderError
from services.cli import main


def photos(ages):
    return [
        AgedPhoto(None, int(age), ("Asian", "White")[n % 2], ("male", "female")[n % 2]) for n, age in enumerate(ages)
    ]


def test_a_perfect_estimate_misses_nobody() -> None:
    true = np.tile(np.arange(10, 60), 4)
    told = measure_ages(photos(true), true.astype(float))
    assert (told["n"], told["mae"], told["auc_minor"]) == (200, 0.0, 1.0)
    assert told["fnr_at_fpr"] == {"0.05": 0.0, "0.1": 0.0}
    assert told["by_group"]["Asian"]["n"] == told["by_group"]["male"]["n"] == 100


def test_an_estimate_that_knows_nothing_misses_as_it_takes() -> None:
    rng = np.random.default_rng(1)
    true = np.repeat(np.arange(10, 60), 10)
    told = measure_ages(photos(true), rng.normal(30, 5, len(true)))
    assert told["auc_minor"] == pytest.approx(0.5, abs=0.1)
    low, high = told["ci"]["auc_minor"]
    assert low <= told["auc_minor"] <= high
    assert told["fnr_at_fpr"]["0.1"] == pytest.approx(0.9, abs=0.1)
    assert told["fpr"]["0.1"] == pytest.approx(0.1, abs=0.02)


def test_few_of_a_group_are_told_without_rates() -> None:
    told = measure_ages(photos([10] * 5 + [30] * 40), np.array([12.0] * 5 + [31.0] * 40))
    assert "auc_minor" not in told
    assert told["ci"].keys() == {"mae"}


def test_photos_are_known_by_their_names(tmp_path) -> None:
    with pytest.raises(EmptyFolderError):
        find_aged_photos(tmp_path)
    for name in ("17_1_2_x.jpg", "holiday.jpg", "40_0_0_y.jpg"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    found = [(photo.age, photo.group, photo.sex) for photo in find_aged_photos(tmp_path)]
    assert found == [(17, "Asian", "female"), (40, "White", "male")]


def test_without_a_model_the_command_says_which_could_be_installed(tmp_path, monkeypatch) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "17_1_2_x.jpg")
    monkeypatch.setattr(estimator, "find_spec", lambda _: None)
    result = CliRunner().invoke(main, ["evaluate", "age", str(tmp_path)])
    assert result.exit_code == 1
    assert estimator.INSTALL_COMMAND in result.output
