"""What scores are worth: monotone, bounded, true to what was measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.biometrics.evidence import Calibration, Rarity, Slot, measured, measured_tail
from services.biometrics.evidence.calibration import AGAINST_AT_MOST, CLAIMED_AT_MOST
from services.biometrics.face import DLIB_RESNET_V1
from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1

SHIPPED = [DLIB_RESNET_V1, LEADER_MCC16B_1]


@pytest.mark.parametrize("calibration", SHIPPED)
@given(st.floats(-1, 1), st.floats(-1, 1))
def test_more_alike_is_never_weaker_evidence(calibration: Calibration, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert AGAINST_AT_MOST <= calibration.bans(low) <= calibration.bans(high) <= CLAIMED_AT_MOST


@pytest.mark.parametrize("calibration", SHIPPED)
def test_unlike_speaks_against_and_alike_for(calibration: Calibration) -> None:
    assert calibration.bans(0.0) == AGAINST_AT_MOST
    assert calibration.bans(1.0) == CLAIMED_AT_MOST


@given(st.floats(0.31, CLAIMED_AT_MOST))
def test_the_threshold_is_the_maps_inverse(level: float) -> None:
    assert DLIB_RESNET_V1.minus_log10_fmr(DLIB_RESNET_V1.score_at(level)) == pytest.approx(level, abs=1e-6)


def test_nothing_rarer_than_twins_is_claimed() -> None:
    with pytest.raises(ValueError, match="known for"):
        DLIB_RESNET_V1.score_at(CLAIMED_AT_MOST + 0.1)
    bounded = Calibration("m", "s", ((0.1, 1.0), (0.2, 2.0)), ((0.1, 1.0), (0.2, 0.3)))
    with pytest.raises(ValueError, match="known for"):
        bounded.score_at(2.1)


@pytest.mark.parametrize("calibration", SHIPPED)
def test_beyond_what_was_measured_is_told(calibration: Calibration) -> None:
    last = calibration.strangers[-1][0]
    assert not calibration.is_extrapolated(last)
    assert calibration.is_extrapolated(last + 1e-6)


def test_an_exponential_tail_is_continued_as_it_is() -> None:
    rng = np.random.default_rng(5)
    made = measured("m", "s", rng.exponential(0.05, 400_000), rng.normal(1.5, 0.1, 1_000))
    for level in (4.0, 6.0, 8.0):
        assert made.score_at(level) == pytest.approx(0.05 * level * np.log(10), rel=0.2)


@pytest.mark.parametrize("calibration", SHIPPED)
def test_one_comparison_is_as_rare_as_its_calibration_says(calibration: Calibration) -> None:
    rarity, slot = Rarity({calibration.model_id: calibration}), Slot(((calibration.model_id, 1),))
    for level in (1.5, 3.0, 5.0, 9.0, CLAIMED_AT_MOST):
        bans = calibration.bans(calibration.score_at(level))
        assert rarity.of_sum([slot], bans) == pytest.approx(level, abs=0.06)
    assert rarity.of_sum([slot], CLAIMED_AT_MOST) == pytest.approx(CLAIMED_AT_MOST)


def test_a_sum_is_as_rare_as_it_comes_up() -> None:
    rng = np.random.default_rng(6)
    made = measured("m", "s", rng.exponential(0.05, 400_000), rng.normal(0.6, 0.1, 1_000))
    bans = made.bans_of(rng.exponential(0.05, (200_000, 3)))
    rarity, slot = Rarity({"m": made}), Slot((("m", 1),))
    for fingers in (1, 2, 3):
        levels = rarity.of_sum([slot] * fingers, bans[:, :fingers].sum(axis=1))
        for level in (1.0, 2.0, 3.0):
            assert np.mean(levels >= level) == pytest.approx(10**-level, rel=0.25)
        bar = rarity.bans_at([slot] * fingers, 2.5)
        assert rarity.of_sum([slot] * fingers, bar) == pytest.approx(2.5, abs=1e-6)


def test_a_measurement_gives_back_its_own_error_rates() -> None:
    rng = np.random.default_rng(3)
    strangers, mates = rng.normal(0.0, 0.1, 100_000), rng.normal(0.6, 0.1, 20_000)
    tails = measured_tail(strangers, upper=True), measured_tail(mates, upper=False)
    made = Calibration("some-model", "two normal distributions", *tails)
    for level in (1.0, 2.0, 3.0, 4.0):
        assert np.mean(strangers >= made.score_at(level)) == pytest.approx(10**-level, rel=0.1)
    assert made.strangers[-1][1] == 5.0
    assert made.bans(0.3) == pytest.approx(0.0, abs=0.3)  # half way between: for and against are equal
    assert made.bans(0.45) > 2
    assert made.bans(0.15) < -2


def test_knots_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        Calibration("m", "s", ((0.2, 1.0), (0.1, 2.0)), ((0.1, 2.0), (0.2, 1.0)))
    with pytest.raises(ValueError, match="one way"):
        Calibration("m", "s", ((0.1, 1.0), (0.2, 2.0)), ((0.1, 1.0), (0.2, 2.0)))
