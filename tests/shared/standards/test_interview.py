"""The interview guide: order, children, nothing twice."""

from hypothesis import given
from hypothesis import strategies as st

from shared.standards.indicators.catalogue import catalogue, implied_by
from shared.standards.indicators.interview import LANGUAGES, Stage, WithChildren, guide, questions_for, wording

CODES = sorted(question.code for question in guide())
INDICATORS = sorted(catalogue())


def test_safety_comes_first_and_harm_after_everything_but_the_close() -> None:
    stages = [question.stage for question in guide()]
    assert stages == sorted(stages, key=list(Stage).index)
    assert stages[0] is Stage.SAFETY
    assert {question.stage for question in guide() if question.sensitive} == {Stage.HARM}


def test_every_core_indicator_can_be_told() -> None:
    told = implied_by(code for question in guide() for code in question.informs)
    assert {f"SAP{n}" for n in range(1, 7)} <= told
    assert {f"FL{n:02}" for n in range(1, 12)} <= told


def test_adults_are_asked_in_every_language_that_the_guide_has() -> None:
    for question in questions_for(child=False, specialist=False, asked=(), told=()):
        assert set(question.texts) == set(LANGUAGES), question.code


@given(st.booleans(), st.sets(st.sampled_from(CODES)), st.sets(st.sampled_from(INDICATORS)))
def test_nothing_is_asked_twice(child: bool, asked: set[str], told: set[str]) -> None:
    left = list(questions_for(child=child, specialist=True, asked=asked, told=told))
    assert not asked.intersection(question.code for question in left)
    assert not [question for question in left if question.informs and question.informs <= implied_by(told)]


def test_left_and_resumed_it_goes_on_where_it_was() -> None:
    whole = [question.code for question in questions_for(child=False, specialist=False, asked=(), told=())]
    rest = [question.code for question in questions_for(child=False, specialist=False, asked=whole[:7], told=())]
    assert rest == whole[7:]


def test_a_child_is_asked_of_harm_by_nobody_but_a_specialist() -> None:
    asked = list(questions_for(child=True, specialist=False, asked=(), told=()))
    assert asked
    assert not [question for question in asked if question.sensitive]
    by_specialist = questions_for(child=True, specialist=True, asked=(), told=())
    more = {question.code for question in by_specialist} - {question.code for question in asked}
    assert more == {question.code for question in guide() if question.with_children is WithChildren.SPECIALIST}


def test_a_child_hears_a_childs_words() -> None:
    for question in questions_for(child=True, specialist=False, asked=(), told=()):
        assert wording(question, "th", child=True) == (question.child_text, "en")
    day = next(question for question in guide() if question.code == "day")
    assert wording(day, "id", child=False) == (day.texts["id"], "id")
    assert wording(day, "km", child=False) == (day.texts["en"], "en")
