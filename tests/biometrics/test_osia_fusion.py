"""The rule that turns comparisons into one figure, without images."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.biometrics.identify.fusion import (
    CANDIDATE_BANS,
    Comparison,
    fuse,
)
from shared.contracts.osia import BiometricSubType, BiometricType

THUMB, INDEX = BiometricSubType.RIGHT_THUMB, BiometricSubType.RIGHT_INDEX


def face(evidence: float) -> Comparison:
    return Comparison(BiometricType.FACE, evidence / 10, evidence, "f")


def finger(
    evidence: float, probe: BiometricSubType | None = INDEX, record: BiometricSubType | None = INDEX
) -> Comparison:
    return Comparison(BiometricType.FINGER, evidence / 10, evidence, "p", probe, record)


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
    assert fuse([face(5.0), finger(-1.2), finger(-1.3, THUMB, THUMB)]).bans < CANDIDATE_BANS


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
