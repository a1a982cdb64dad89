"""The rule that turns comparisons into one figure, without images."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.biometrics.evidence import Calibration, Rarity
from services.biometrics.identify.fusion import Comparison, Fused, candidate_threshold
from services.biometrics.identify.fusion import fuse as fuse_by
from shared.contracts.osia import BiometricSubType, BiometricType

TAIL = ((0.03, 0.301), (0.3, 3.0))
FACE = Calibration("f", "made up", TAIL, ((0.0, 2.8), (0.5, 0.3)), beyond=10.0)
PRINT = Calibration("p", "made up", TAIL, ((0.0, 2.8), (0.5, 0.3)), beyond=20.0)
RARITY = Rarity({"f": FACE, "p": PRINT})

THUMB, INDEX = BiometricSubType.RIGHT_THUMB, BiometricSubType.RIGHT_INDEX


def face(evidence: float) -> Comparison:
    return Comparison(BiometricType.FACE, evidence / 10, evidence, "f")


def finger(
    evidence: float, probe: BiometricSubType | None = INDEX, record: BiometricSubType | None = INDEX
) -> Comparison:
    return Comparison(BiometricType.FINGER, evidence / 10, evidence, "p", probe, record)


def fuse(comparisons: list[Comparison]) -> Fused:
    return fuse_by(comparisons, RARITY)


def test_evidence_of_face_and_different_fingers_adds_up() -> None:
    fused = fuse([face(2.5), finger(4.0), finger(3.0, THUMB, THUMB)])
    assert fused.bans == pytest.approx(9.5)
    assert len(fused.counted) == 3


def test_the_best_face_over_all_encounters_counts_once() -> None:
    assert fuse([face(2.0), face(4.0), face(0.1)]).bans == pytest.approx(4.0)


def test_the_best_impression_of_a_finger_counts_once() -> None:
    assert fuse([finger(2.0), finger(4.0), finger(0.0)]).bans == pytest.approx(4.0)


def test_what_both_have_and_does_not_match_speaks_against() -> None:
    assert fuse([face(-1.0)]).bans == -1.0
    assert fuse([finger(-2.0)]).bans == -2.0
    assert fuse([face(5.0), finger(-1.2), finger(-1.3, THUMB, THUMB)]).bans == pytest.approx(2.5)


def test_fingers_of_unknown_position_can_match_but_not_contradict() -> None:
    assert fuse([finger(5.0, None, INDEX)]).bans == pytest.approx(5.0)
    assert fuse([finger(-0.1, None, INDEX), finger(-0.9, INDEX, None)]).bans == 0


def test_prints_of_unknown_position_count_as_one_finger() -> None:
    assert fuse([finger(5.0, None, INDEX), finger(4.0, None, THUMB)]).bans == pytest.approx(5.0)
    assert fuse([finger(5.0, None, None), finger(4.0, None, None)]).bans == pytest.approx(5.0)


def test_an_unknown_print_that_does_not_match_hides_no_contradiction() -> None:
    assert fuse([finger(-0.1, INDEX, None), finger(-2.0, INDEX, INDEX)]).bans == -2.0


def test_nothing_to_compare_is_no_evidence() -> None:
    assert fuse([]).bans == 0


EVIDENCE = st.floats(-2.5, 6)
POSITION = st.sampled_from([None, THUMB, INDEX])
COMPARISONS = st.lists(
    st.builds(face, EVIDENCE)
    | st.builds(finger, EVIDENCE, POSITION, POSITION).filter(
        lambda each: None in {each.position, each.probe_position} or each.position == each.probe_position
    ),
    max_size=5,
)


@given(COMPARISONS)
def test_the_sum_is_that_of_what_is_told(comparisons: list[Comparison]) -> None:
    fused = fuse(comparisons)
    assert fused.bans == pytest.approx(sum(each.bans for each in fused.counted))
    assert all(each.bans in {each.comparison.evidence, 0.0} for each in fused.counted)


@given(COMPARISONS)
def test_the_order_of_comparisons_changes_nothing(comparisons: list[Comparison]) -> None:
    sums = {round(fuse(list(order)).bans, 9) for order in permutations(comparisons[:4])}
    assert len(sums) == 1


@given(COMPARISONS, st.integers(0, 4), st.floats(0, 3))
def test_more_evidence_never_lowers_a_single_comparison(comparisons: list[Comparison], at: int, more: float) -> None:
    if not comparisons:
        return
    first = comparisons[at % len(comparisons)]
    stronger = Comparison(
        first.modality, first.score, first.evidence + more, first.model_id, first.probe_position, first.position
    )
    assert fuse([stronger]).bans >= fuse([first]).bans


def stranger_sums(rng: np.random.Generator, fingers: int, people: int, impressions: int = 1) -> list[Fused]:
    """Strangers with a face and so many fingers each, drawn from the calibrations' own tails."""
    levels = -np.log10(rng.uniform(size=(people, 1 + fingers * impressions)))
    found = []
    for row in levels:
        scores = [float(np.interp(level, [0.0, 0.301, 3.0], [-0.2, 0.03, 0.3])) for level in row]
        prints = [
            finger(PRINT.bans(score), place, place)
            for place, score in zip([INDEX, THUMB][:fingers] * impressions, scores[1:], strict=True)
        ]
        found.append(fuse([face(FACE.bans(scores[0])), *prints]))
    return found


@pytest.mark.parametrize(("fingers", "impressions"), [(0, 1), (1, 1), (2, 1), (2, 3)])
def test_a_score_is_the_share_of_strangers_that_reach_it_whatever_was_captured(fingers: int, impressions: int) -> None:
    scores = np.array([each.score for each in stranger_sums(np.random.default_rng(7), fingers, 10_000, impressions)])
    for level in (1.0, 2.0):
        assert 0.55 * 10**-level < np.mean(scores >= level) < 1.45 * 10**-level


def test_a_gallery_ten_times_as_large_asks_for_ten_times_as_rare() -> None:
    assert candidate_threshold(1_000, 0.001) == pytest.approx(6)
    assert candidate_threshold(10_000, 0.001) == pytest.approx(7)
    assert candidate_threshold(10_000, 0.01) == pytest.approx(6)
    assert candidate_threshold(0, 0.001) == pytest.approx(3)


def test_the_same_sum_is_worth_less_where_more_was_compared() -> None:
    once = fuse([finger(4.0)])
    often = fuse([finger(4.0), *[finger(-2.5)] * 9])
    assert once.bans == often.bans
    assert once.score - often.score == pytest.approx(1.0, abs=0.05)


def test_a_face_that_fingers_contradict_is_told_and_still_heard() -> None:
    twin = fuse([face(9.0), finger(-2.0), finger(-2.2, THUMB, THUMB)])
    assert dict(twin.contradiction) == {BiometricType.FACE: 9.0, BiometricType.FINGER: pytest.approx(-4.2)}
    assert twin.score >= fuse([face(9.0)]).score - 1 - 1e-6
    spoof = fuse([face(-2.0), finger(9.0), finger(8.0, THUMB, THUMB)])
    assert dict(spoof.contradiction) == {BiometricType.FACE: -2.0, BiometricType.FINGER: pytest.approx(17.0)}
    assert spoof.score >= 8


def test_nothing_contradicts_where_both_agree_or_cannot_tell() -> None:
    assert fuse([face(9.0), finger(3.0)]).contradiction == ()
    assert fuse([face(9.0), finger(-2.0, None, INDEX)]).contradiction == ()
    assert fuse([face(9.0)]).contradiction == ()
    assert fuse([face(-2.0), finger(-2.0)]).contradiction == ()


@given(COMPARISONS)
def test_scores_are_never_below_nothing(comparisons: list[Comparison]) -> None:
    assert fuse(comparisons).score >= 0
