"""Error rates on cases made by hand, and what must hold for any scores."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.biometrics.evaluation.curves import ScoreCurves, cllr, rank_rate, reportable, rounded
from services.biometrics.evaluation.resampling import Comparisons, Searches, interval, intervals

MATES = [0.9, 0.8, 0.7, 0.35]
STRANGERS = [0.6, 0.4, 0.3, 0.2, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01]

scores = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=40)


def test_rates_count_scores_from_the_threshold_up():
    curves = ScoreCurves(MATES, STRANGERS)
    assert curves.false_positive_rate(0.4) == 0.2
    assert curves.false_positive_rate(0.41) == 0.1
    assert curves.false_negative_rate(0.7) == 0.25
    assert curves.false_negative_rate(0.71) == 0.5


def test_fnmr_at_an_fmr_is_the_lowest_there_is():
    curves = ScoreCurves(MATES, STRANGERS)
    assert curves.threshold_at(0.1) == np.nextafter(0.4, 1)
    assert curves.false_negatives_at(0.1) == 0.25  # from just above 0.4 on: 0.35 is missed
    assert curves.false_negatives_at(0.19) == 0.25
    assert curves.false_negatives_at(0.2) == 0.0  # from just above 0.3 on
    assert curves.zero_fmr() == 0.25
    assert curves.false_negatives_at(1.0) == 0.0


def test_the_threshold_of_a_rate_with_room_to_spare_lies_above_the_next_stranger():
    curves = ScoreCurves([0.5, 0.35, 0.15], [0.6, 0.4, 0.3, 0.2])
    assert curves.false_negatives_at(0.25) == pytest.approx(2 / 3)
    assert curves.false_negatives_at(0.5) == pytest.approx(1 / 3)
    assert curves.false_negatives_at(0.0) == 1.0


def test_equal_error_rate_of_known_cases():
    assert ScoreCurves([3, 4, 5], [0, 1, 2]).equal_error_rate() == 0
    assert ScoreCurves([0, 1, 2], [3, 4, 5]).equal_error_rate() == 1
    assert ScoreCurves([1, 3], [0, 2]).equal_error_rate() == 0.5
    assert ScoreCurves([1, 1], [1, 1]).equal_error_rate() == 0.5  # nothing tells them apart
    # up to .35 no mate is missed and two strangers in ten are accepted; at .4 it is 1/4 and 2/10: they cross between
    assert ScoreCurves(MATES, STRANGERS).equal_error_rate() == pytest.approx((0.0 + 0.2) / 2)


def test_zero_fmr_and_rates_without_an_error():
    curves = ScoreCurves([2.0, 3.0], [0.0, 1.0])
    assert curves.zero_fmr() == 0
    assert curves.equal_error_rate() == 0


def test_ties_count_as_matches():
    curves = ScoreCurves([1, 1, 2], [1, 1, 0, 0])
    assert curves.false_positive_rate(1) == 0.5
    assert curves.false_negatives_at(0.49) == pytest.approx(2 / 3)


@given(scores, scores)
def test_rates_are_monotone_and_bounded(mates: list[float], strangers: list[float]):
    curves = ScoreCurves(mates, strangers)
    thresholds = np.linspace(-1.1, 1.1, 23)
    fmr = [curves.false_positive_rate(t) for t in thresholds]
    fnmr = [curves.false_negative_rate(t) for t in thresholds]
    assert all(a >= b for a, b in pairwise(fmr))
    assert all(a <= b for a, b in pairwise(fnmr))
    assert 0 <= min(fmr + fnmr) <= max(fmr + fnmr) <= 1
    assert 0 <= curves.equal_error_rate() <= 1
    assert curves.zero_fmr() >= curves.false_negatives_at(0.1) >= curves.false_negatives_at(0.5)


@given(scores, scores, st.floats(0, 1))
def test_no_more_strangers_are_accepted_than_asked_for(mates: list[float], strangers: list[float], rate: float):
    curves = ScoreCurves(mates, strangers)
    threshold = curves.threshold_at(rate)
    assert curves.false_positive_rate(threshold) <= rate + 1e-8
    lower = max((s for s in strangers if s < threshold), default=None)
    assert lower is None or curves.false_positive_rate(lower) > rate - 1e-8


@given(scores, scores)
def test_equal_error_rate_is_seen_from_both_sides(mates: list[float], strangers: list[float]):
    turned = ScoreCurves([-s for s in strangers], [-m for m in mates])
    assert ScoreCurves(mates, strangers).equal_error_rate() == pytest.approx(turned.equal_error_rate(), abs=1e-6)


@given(scores, scores)
def test_det_falls_as_more_false_positives_are_allowed(mates: list[float], strangers: list[float]):
    points = ScoreCurves(mates, strangers).det()
    assert points[-1] == (1.0, 0.0)
    assert all(a[1] >= b[1] for a, b in pairwise(points))


@given(scores, scores, st.integers(1, 5))
def test_a_weight_is_as_good_as_a_repetition(mates: list[float], strangers: list[float], times: int):
    weighted = ScoreCurves(
        mates, strangers, mate_weights=[times] * len(mates), stranger_weights=[times] + [1] * (len(strangers) - 1)
    )
    repeated = ScoreCurves(mates * times, [strangers[0]] * times + strangers[1:])
    assert weighted.equal_error_rate() == pytest.approx(repeated.equal_error_rate())
    assert weighted.false_negatives_at(0.1) == pytest.approx(repeated.false_negatives_at(0.1))


@given(st.integers(1, 30))
def test_the_highest_strangers_are_enough_for_rare_rates(kept: int):
    rng = np.random.default_rng(kept)
    mates, strangers = rng.normal(2, 1, 50), np.sort(rng.normal(0, 1, 500))
    some = ScoreCurves(mates, strangers[-kept:], n_strangers=500)
    everything = ScoreCurves(mates, strangers)
    rate = (kept - 1) / 500
    assert some.false_negatives_at(rate) == everything.false_negatives_at(rate)
    assert math.isnan(some.false_negatives_at((kept + 1) / 500))
    eer = some.equal_error_rate()
    assert math.isnan(eer) or eer == everything.equal_error_rate()


def test_what_is_too_rare_to_say():
    assert reportable(1e-3, 10_000)
    assert not reportable(1e-3, 9_999)
    assert reportable(1e-3, 1_000, least=1)
    assert rounded(float("nan")) is None


def test_rank_rate():
    assert rank_rate([1, 1, 2, 11], 1) == 0.5
    assert rank_rate([1, 1, 2, 11], 10) == 0.75
    assert rank_rate([1, 2], 1, weights=[3, 1]) == 0.75
    assert math.isnan(rank_rate([], 1))


def test_cllr_of_known_cases():
    assert cllr([0.0], [0.0]) == 1
    assert cllr([20.0], [-20.0]) == pytest.approx(0, abs=1e-9)
    assert cllr([-3.0], [3.0]) == pytest.approx(math.log2(1 + 1000))


def comparisons(seed: int, people: int = 30) -> Comparisons:
    rng = np.random.default_rng(seed)
    one, other = np.triu_indices(2 * people, 1)
    scores = rng.normal(0, 1, len(one)) + 2.5 * (one % people == other % people)
    return Comparisons.of(
        scores, one % people, other % people, np.full(people, 2), int((one % people != other % people).sum())
    )


def test_everybody_once_is_the_measurement_itself():
    pairs = comparisons(1)
    same = pairs.weighted(np.ones(30))
    assert same.equal_error_rate() == pairs.curves().equal_error_rate()
    assert same.n_strangers == pairs.n_strangers


def test_whoever_is_drawn_twice_counts_twice_but_is_no_stranger_to_themselves():
    pairs = comparisons(1, people=3)
    drawn = pairs.weighted(np.array([2.0, 1.0, 0.0]))
    assert drawn.n_mates == 3
    assert drawn.n_strangers == 2 * 1 * 4  # two photos each: four pairs, for either copy


def test_pairs_that_were_not_kept_are_counted_all_the_same():
    pairs = comparisons(2)
    few = Comparisons(
        pairs.mates, pairs.mate_of, pairs.strangers[-500:], pairs.stranger_of[-500:], pairs.items, pairs.n_strangers
    )
    people = np.random.default_rng(3).integers(0, 3, 30).astype(float)
    assert few.weighted(people).n_strangers == pairs.weighted(people).n_strangers


def test_intervals_are_repeatable_and_hold_the_figure():
    pairs = comparisons(4)
    figures = {"eer": ScoreCurves.equal_error_rate}
    low, high = intervals(pairs, figures, seed=5)["eer"]
    assert low <= pairs.curves().equal_error_rate() <= high
    assert intervals(pairs, figures, seed=5)["eer"] == [low, high]
    assert intervals(pairs, figures, seed=6)["eer"] != [low, high]


def test_dependent_pairs_do_not_make_an_interval_narrow():
    """Ten people whose photos are all alike say no more than ten people do, however many photos there are."""
    rng = np.random.default_rng(7)
    of_person = rng.normal(2, 1, 10)
    mate_of = np.repeat(np.arange(10), 100)
    strangers = np.sort(rng.normal(0, 1, 1000))
    order = np.argsort(of_person[mate_of], kind="stable")
    both = rng.integers(0, 10, (1000, 2))
    pairs = Comparisons(of_person[mate_of][order], mate_of[order], strangers, both, np.full(10, 15), 1000)
    low, high = intervals(pairs, {"fnmr": lambda curves: curves.false_negative_rate(2.0)})["fnmr"]
    assert high - low > 0.3


def test_no_error_seen_is_not_no_error():
    assert interval([0.0] * 200, 40) == [0, pytest.approx(1 - 0.025 ** (1 / 40), abs=1e-6)]
    assert interval([1.0] * 200, 40) == [pytest.approx(0.025 ** (1 / 40), abs=1e-6), 1]
    assert interval([float("nan")] * 200, 40) is None


def test_searches_rest_on_their_people_and_fingers():
    rng = np.random.default_rng(8)
    sources = np.column_stack([np.arange(60), rng.integers(0, 6, 60), rng.integers(0, 6, 60)])
    ranks = np.where(rng.random(60) < 0.9, 1, 2)
    searches = Searches(rng.normal(3, 1, 60), ranks, rng.normal(0, 1, 60), sources)
    assert searches.independent == 6
    low, high = searches.rank_interval(1, seed=1)
    assert low <= rank_rate(searches.ranks, 1) <= high
    found = intervals(searches, {"fnir": lambda curves: curves.false_negatives_at(0.1)})["fnir"]
    assert found[0] <= searches.curves().false_negatives_at(0.1) <= found[1]
