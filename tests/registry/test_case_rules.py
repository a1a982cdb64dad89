"""Due process: every stage change, every label, and no way from unproven to proven but a final decision."""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.registry.cases.rules import (
    NEXT_APPEALS,
    NEXT_STAGES,
    IllegalTransitionError,
    check_transition,
    gravest,
    is_proven,
    is_spoken_of,
    label,
    legal_status,
)
from services.registry.licences.rules import Period, period_on
from shared.contracts.parties import Appeal, CaseBody, LegalStatus, LicenceStatus, Proceeding, Stage
from tests.registry.door import a_case

TODAY = date(2025, 6, 1)


@dataclass(frozen=True)
class Facts:
    stage: Stage
    appeal: Appeal = Appeal.NONE
    final_on: date | None = None
    proceeding: Proceeding = Proceeding.CRIMINAL


def facts(stage: str, appeal: str = "none", final_on: date | None = None, proceeding: str = "criminal") -> Facts:
    return Facts(Stage(stage), Appeal(appeal), final_on, Proceeding(proceeding))


@pytest.mark.parametrize(
    ("case", "status"),
    [
        (facts("reported"), "ALLEGED"),
        (facts("under_investigation"), "ALLEGED"),
        (facts("charged"), "CHARGED"),
        (facts("on_trial"), "CHARGED"),
        (facts("convicted"), "CONVICTED_APPEALABLE"),
        (facts("convicted", "pending"), "CONVICTED_APPEALABLE"),
        (facts("convicted", "upheld"), "CONVICTED_APPEALABLE"),
        (facts("convicted", "none", date(2025, 6, 2)), "CONVICTED_APPEALABLE"),
        (facts("convicted", "none", date(2025, 6, 1)), "CONVICTED_FINAL"),
        (facts("convicted", "upheld", date(2024, 1, 1)), "CONVICTED_FINAL"),
        (facts("convicted", "pending", date(2024, 1, 1)), "CONVICTED_APPEALABLE"),
        (facts("convicted", "overturned", date(2024, 1, 1)), "ACQUITTED"),
        (facts("acquitted"), "ACQUITTED"),
        (facts("dismissed"), "WITHDRAWN"),
        (facts("withdrawn"), "WITHDRAWN"),
        (facts("convicted", proceeding="administrative"), "CHARGED"),
        (facts("convicted", "none", date(2024, 1, 1), "administrative"), "ADMIN_FINAL"),
        (facts("convicted", "overturned", date(2024, 1, 1), "administrative"), "ACQUITTED"),
    ],
)
def test_what_may_be_said(case, status):
    assert legal_status(case, TODAY) == status


def test_labels_say_what_is_not_proven():
    unproven = {LegalStatus.ALLEGED, LegalStatus.CHARGED, LegalStatus.CONVICTED_APPEALABLE}
    assert {status for status in LegalStatus if "not proven" in label(status)} == unproven
    assert {status for status in LegalStatus if is_proven(status)} == {
        *(LegalStatus.CONVICTED_FINAL, LegalStatus.ADMIN_FINAL),
    }
    assert {status for status in LegalStatus if not is_spoken_of(status)} == {
        *(LegalStatus.ACQUITTED, LegalStatus.WITHDRAWN),
    }
    assert len({label(status) for status in LegalStatus}) == len(LegalStatus)
    assert not is_proven("NONE")


LEGAL = {
    ("reported", "under_investigation"),
    ("under_investigation", "charged"),
    ("charged", "on_trial"),
    ("on_trial", "convicted"),
    ("on_trial", "acquitted"),
    *((open_, end) for open_ in ("reported", "under_investigation", "charged", "on_trial") for end in ("dismissed",)),
    *((open_, end) for open_ in ("reported", "under_investigation", "charged", "on_trial") for end in ("withdrawn",)),
}


@pytest.mark.parametrize("before", Stage)
@pytest.mark.parametrize("after", Stage)
def test_every_change_of_stage(before, after):
    if before is after or (before, after) in LEGAL:
        check_transition(Facts(before), Facts(after))
    else:
        with pytest.raises(IllegalTransitionError):
            check_transition(Facts(before), Facts(after))


LEGAL_APPEALS = {
    *(("none", "pending"), ("none", "upheld"), ("none", "overturned")),
    *(("pending", "none"), ("pending", "upheld"), ("pending", "overturned")),
    *(("upheld", "pending"), ("upheld", "overturned")),
}


@pytest.mark.parametrize("before", Appeal)
@pytest.mark.parametrize("after", Appeal)
def test_every_change_of_appeal(before, after):
    def convicted(appeal: Appeal) -> Facts:
        return Facts(Stage.CONVICTED, appeal)

    if before is after or (before, after) in LEGAL_APPEALS:
        check_transition(convicted(before), convicted(after))
    else:
        with pytest.raises(IllegalTransitionError):
            check_transition(convicted(before), convicted(after))


def test_a_case_stays_before_the_kind_of_authority_it_is_at():
    with pytest.raises(IllegalTransitionError):
        check_transition(facts("charged"), facts("charged", proceeding="administrative"))


dates = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
any_facts = st.builds(Facts, st.sampled_from(Stage), st.sampled_from(Appeal), dates, st.sampled_from(Proceeding))


@st.composite
def lives(draw: st.DrawFn) -> list[Facts]:
    """The states a case goes through by legal changes only, from any beginning that a report can have."""
    case = draw(any_facts.filter(is_tellable))
    life = [case]
    for _ in range(draw(st.integers(0, 12))):
        stages = sorted(NEXT_STAGES[case.stage] | {case.stage})
        appeals = sorted(NEXT_APPEALS[case.appeal] | {case.appeal})
        after = replace(
            case, stage=draw(st.sampled_from(stages)), appeal=draw(st.sampled_from(appeals)), final_on=draw(dates)
        )
        if is_tellable(after):
            check_transition(case, after)
            case = after
            life.append(case)
    return life


def is_tellable(case: Facts) -> bool:
    """Whether the door takes it."""
    body = a_case("p", case.stage, appeal=case.appeal, final_on=case.final_on, proceeding=case.proceeding)
    try:
        CaseBody.model_validate(body | {"opened_on": date(2019, 1, 1)})
    except ValidationError:
        return False
    return True


@settings(deadline=None)
@given(lives(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_no_path_leads_from_unproven_to_a_proven_label(life, on):
    for case in life:
        status = legal_status(case, on)
        settled = case.stage is Stage.CONVICTED and case.appeal in (Appeal.NONE, Appeal.UPHELD)
        assert is_proven(status) == bool(settled and case.final_on and case.final_on <= on)
        if not is_proven(status) and is_spoken_of(status):
            assert "not proven" in label(status)


@settings(deadline=None)
@given(lives(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_what_fell_away_never_comes_back(life, on):
    spoken_of = [is_spoken_of(legal_status(case, on)) for case in life]
    assert spoken_of == sorted(spoken_of, reverse=True)


@given(any_facts, st.dates())
def test_every_state_has_a_status_and_a_label(case, on):
    assert label(legal_status(case, on))


def test_the_gravest_that_still_stands():
    assert gravest([LegalStatus.ALLEGED, LegalStatus.CONVICTED_FINAL, LegalStatus.CHARGED]) == "CONVICTED_FINAL"
    assert gravest([LegalStatus.ACQUITTED, LegalStatus.ALLEGED]) == "ALLEGED"
    assert gravest([LegalStatus.ACQUITTED, LegalStatus.WITHDRAWN]) == "NONE"
    assert gravest([]) == "NONE"


days = st.dates(date(2020, 1, 1), date(2026, 1, 1))
periods = st.lists(
    st.builds(Period, st.sampled_from(LicenceStatus), st.none(), days, st.none() | days).filter(
        lambda period: period.valid_to is None or period.valid_from <= period.valid_to
    ),
    max_size=6,
)


@given(periods, days)
def test_a_licence_is_only_valid_on_days_that_were_told_to_be(told, on):
    period = period_on(told, on)
    if period is None:
        assert all(on < other.valid_from for other in told)
    elif period.status is not LicenceStatus.EXPIRED:
        assert period.covers(on)
        later = told[len(told) - told[::-1].index(period) :]
        assert not any(other.covers(on) for other in later)
