"""What scores are worth: monotone, bounded, true to what was measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.biometrics.evidence import Calibration, measured_tail
from services.biometrics.evidence.calibration import AGAINST_AT_MOST
from services.biometrics.face import DLIB_RESNET_V1
from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1

SHIPPED = [DLIB_RESNET_V1, LEADER_MCC16B_1]


@pytest.mark.parametrize("calibration", SHIPPED)
@given(st.floats(-1, 1), st.floats(-1, 1))
def test_more_alike_is_never_weaker_evidence(calibration: Calibration, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert AGAINST_AT_MOST <= calibration.bans(low) <= calibration.bans(high) <= calibration.strangers[-1][1]


@pytest.mark.parametrize("calibration", SHIPPED)
def test_unlike_speaks_against_and_alike_for(calibration: Calibration) -> None:
    assert calibration.bans(0.0) == AGAINST_AT_MOST
    assert calibration.bans(1.0) == calibration.strangers[-1][1]


@given(st.floats(0.31, 5))
def test_the_threshold_is_the_maps_inverse(level: float) -> None:
    assert DLIB_RESNET_V1.minus_log10_fmr(DLIB_RESNET_V1.score_at(level)) == pytest.approx(level, abs=1e-6)


def test_nothing_rarer_than_one_in_the_measured_pairs_is_claimed() -> None:
    with pytest.raises(ValueError, match="known for"):
        DLIB_RESNET_V1.score_at(6)


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
