"""The published indicators as data, and the rules that read them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards.indicators.catalogue import Dimension, IndicatorSet, Weight, catalogue, implied_by
from shared.standards.indicators.rules import (
    CHILD,
    FORCED,
    ONE,
    SEVERAL,
    TRAFFICKING,
    Answer,
    Person,
    Strength,
    is_positive,
    weigh,
)

CODES = sorted(catalogue())
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
answers = st.dictionaries(st.sampled_from(CODES), st.sampled_from(sorted(Answer)))
people = st.builds(Person, st.sampled_from(sorted(Answer)), st.sampled_from(sorted(Answer)))

EXPLOITED = ("D4.01", "D4.02")
DECEIVED = ("D1.01", "D1.07")
COERCED_THERE = ("D5.01", "D5.02")
ABUSED_THERE = ("D6.01", "D6.02", "D6.03")
ABUSED_BEFORE = ("D3.01", "D3.02", "D3.03")


def test_there_are_as_many_as_were_published() -> None:
    counts = Counter(row.of for row in catalogue().values())
    assert counts == {IndicatorSet.SAP_FL: 6, IndicatorSet.ILO_ELEVEN: 11, IndicatorSet.DELPHI: 67}
    dimensions = Counter(row.dimension for row in catalogue().values() if row.dimension)
    assert [dimensions[dimension] for dimension in Dimension] == [10, 10, 16, 9, 15, 7]


def test_what_is_told_from_memory_says_so() -> None:
    assert {row.of for row in catalogue().values() if not row.confirmed} == {IndicatorSet.DELPHI}
    assert [rule.confirmed for rule in (ONE, SEVERAL, FORCED, TRAFFICKING, CHILD)] == [True, True, False, False, False]


def test_each_core_indicator_is_reached_from_those_of_ilo() -> None:
    eleven = [code for code, row in catalogue().items() if row.of is IndicatorSet.ILO_ELEVEN]
    assert {code for code in implied_by(eleven) if code.startswith("SAP")} == {f"SAP{n}" for n in range(1, 7)}


@pytest.mark.parametrize(
    ("strong", "medium", "weak", "positive"),
    [
        (2, 0, 0, True),
        (1, 1, 0, True),
        (1, 0, 1, True),
        (0, 3, 0, True),
        (0, 2, 1, True),
        (1, 0, 0, False),
        (0, 2, 0, False),
        (0, 1, 9, False),
        (0, 0, 9, False),
        (0, 0, 0, False),
    ],
)
def test_a_dimension_follows_the_published_rule(strong: int, medium: int, weak: int, positive: bool) -> None:
    assert is_positive(strong, medium, weak) is positive


@pytest.mark.parametrize(
    ("ticked", "person", "fired"),
    [
        ((), Person(), ()),
        (("SAP5",), Person(), (ONE,)),
        (("FL07",), Person(), (ONE,)),
        (("FL07", "FL08"), Person(), (SEVERAL, ONE)),
        (("D4.01",), Person(), (ONE,)),
        (EXPLOITED, Person(), (SEVERAL, ONE)),
        ((*EXPLOITED, *DECEIVED), Person(), (SEVERAL, ONE)),
        ((*EXPLOITED, *COERCED_THERE), Person(), (FORCED, SEVERAL, ONE)),
        ((*EXPLOITED, *ABUSED_THERE), Person(), (SEVERAL, ONE)),
        ((*DECEIVED, *COERCED_THERE), Person(), (SEVERAL, ONE)),
        ((*EXPLOITED, *DECEIVED, *ABUSED_THERE), Person(), (TRAFFICKING, SEVERAL, ONE)),
        ((*EXPLOITED, *ABUSED_BEFORE, *COERCED_THERE), Person(), (FORCED, TRAFFICKING, SEVERAL, ONE)),
        (EXPLOITED, Person(child=YES), (SEVERAL, ONE)),
        (EXPLOITED, Person(child=YES, recruited_or_moved=YES), (CHILD, SEVERAL, ONE)),
        (EXPLOITED, Person(child=NO, recruited_or_moved=YES), (SEVERAL, ONE)),
        (("D4.01",), Person(child=YES, recruited_or_moved=YES), (ONE,)),
        ((*EXPLOITED, *DECEIVED), Person(child=YES), (CHILD, SEVERAL, ONE)),
    ],
)
def test_the_rules_fire_as_published(ticked: tuple[str, ...], person: Person, fired: tuple[object, ...]) -> None:
    lead = weigh(dict.fromkeys(ticked, YES), person)
    assert lead.fired == fired
    assert lead.strength == max((rule.strength for rule in lead.fired), default=Strength.NONE)


@given(answers, people, st.sampled_from(CODES))
def test_more_evidence_never_lowers_a_lead(before: dict[str, Answer], person: Person, code: str) -> None:
    less, more = weigh(before, person), weigh({**before, code: YES}, person)
    assert more.strength >= less.strength
    assert set(more.fired) >= set(less.fired)
    assert more.positive >= less.positive


@given(answers, people, st.sampled_from(CODES))
def test_unknown_never_counts_as_no(before: dict[str, Answer], person: Person, code: str) -> None:
    without = {other: answer for other, answer in before.items() if other != code}
    unknown, denied = weigh({**without, code: UNKNOWN}, person), weigh({**without, code: NO}, person)
    assert unknown == weigh(without, person)
    assert unknown.open >= denied.open
    assert unknown.fired == denied.fired  # neither is evidence


@given(answers, people)
def test_what_to_ask_next_is_only_what_is_not_known(given_answers: dict[str, Answer], person: Person) -> None:
    lead = weigh(given_answers, person)
    assert all(given_answers.get(code, UNKNOWN) is UNKNOWN for code in lead.ask_next)
    assert not lead.because.intersection(lead.ask_next)


@given(answers, people)
def test_an_open_dimension_can_be_reached_by_asking(given_answers: dict[str, Answer], person: Person) -> None:
    lead = weigh(given_answers, person)
    all_true = weigh({**given_answers, **dict.fromkeys(lead.ask_next, YES)}, person)
    assert all_true.positive == lead.positive | lead.open


def test_exploitation_is_asked_for_first_where_coercion_is_known() -> None:
    lead = weigh(dict.fromkeys((*DECEIVED, *COERCED_THERE), YES))
    first = catalogue()[lead.ask_next[0]]
    assert (first.dimension, first.weight) == (Dimension.EXPLOITATION, Weight.STRONG)


def test_a_code_that_nobody_published_is_refused() -> None:
    with pytest.raises(KeyError, match="D9"):
        weigh({"D9": YES})
