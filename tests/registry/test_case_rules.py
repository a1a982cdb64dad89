"""Due process: every stage change, every label, and no way from unproven to proven but a final decision."""

import itertools
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.registry.cases.provisions import all_provisions, provisions_of
from services.registry.cases.rules import (
    NEXT_APPEALS,
    NEXT_STAGES,
    DecisionMissingError,
    IllegalTransitionError,
    check_correction,
    check_transition,
    first_day,
    gravest,
    in_force,
    is_proven,
    is_spoken_of,
    label,
    legal_status,
    spoken_of_until,
)
from services.registry.cases.visibility import Audience, Sight, sight_of_case
from services.registry.clocks import Clock, add_months, term
from shared.contracts.cases import (
    Appeal,
    CaseBody,
    LegalStatus,
    Offence,
    Proceeding,
    SanctionBody,
    Stage,
)
from tests.registry.door import a_case

TODAY = date(2025, 6, 1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Facts:
    stage: Stage
    appeal: Appeal = Appeal.NONE
    final_on: date | None = None
    proceeding: Proceeding = Proceeding.CRIMINAL
    stage_on: date | None = None
    appeal_on: date | None = None
    stay: bool = False
    opened_on: date = date(2019, 1, 1)


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
        (facts("reported", proceeding="civil"), "ALLEGED"),
        (facts("charged", proceeding="civil"), "ALLEGED"),
        (facts("on_trial", proceeding="civil"), "ALLEGED"),
        (facts("convicted", proceeding="civil"), "ALLEGED"),
        (facts("convicted", "pending", proceeding="civil"), "ALLEGED"),
        (facts("convicted", "none", date(2024, 1, 1), "civil"), "CIVIL_FINAL"),
        (facts("acquitted", proceeding="civil"), "ACQUITTED"),
    ],
)
def test_what_may_be_said(case, status):
    assert legal_status(case, TODAY) == status


def test_labels_say_what_is_not_proven():
    unproven = {LegalStatus.ALLEGED, LegalStatus.CHARGED, LegalStatus.CONVICTED_APPEALABLE}
    assert {status for status in LegalStatus if "not proven" in label(status)} == unproven
    assert {status for status in LegalStatus if is_proven(status)} == {
        *(LegalStatus.CONVICTED_FINAL, LegalStatus.ADMIN_FINAL, LegalStatus.CIVIL_FINAL),
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
        with pytest.raises(IllegalTransitionError) as refused:
            check_transition(Facts(before), Facts(after))
        possible = {end for begin, end in LEGAL if begin == before}
        assert all(stage in str(refused.value) for stage in possible)
        assert refused.value.errors[0].pointer == "/body/stage"
        assert ("correction" in str(refused.value)) is (not possible)


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
            try:
                check_transition(case, after)
            except IllegalTransitionError:
                continue
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


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ({}, {"opened_on": date(2019, 1, 2)}, "opened_on"),
        ({"stage_on": date(2021, 5, 5)}, {"stage_on": date(2021, 5, 6)}, "stage_on"),
        ({"stage_on": date(2021, 5, 5)}, {"stage_on": None}, "stage_on"),
        ({"stage_on": date(2021, 5, 5), "stage": Stage.ON_TRIAL}, {"stage_on": date(2021, 5, 4)}, "stage_on"),
        ({"final_on": date(2022, 1, 1)}, {"final_on": date(2022, 1, 2)}, "final_on"),
        ({"final_on": date(2022, 1, 1)}, {"final_on": None}, "final_on"),
        ({"appeal": Appeal.PENDING, "appeal_on": date(2022, 1, 1)}, {"appeal_on": date(2022, 2, 1)}, "appeal_on"),
    ],
)
def test_days_that_were_told_stay_and_come_in_order(before, after, field):
    told = replace(Facts(Stage.CONVICTED), **before)
    wrong = replace(told, stage=Stage.CONVICTED, **after)
    with pytest.raises(IllegalTransitionError) as refused:
        check_transition(told, wrong)
    assert refused.value.errors[0].pointer == f"/body/{field}"
    check_correction(told, wrong, TODAY, decided=True)


def test_days_are_filled_in_and_go_on():
    charged = Facts(Stage.CHARGED)
    check_transition(charged, replace(charged, stage_on=date(2020, 1, 1)))
    known = replace(charged, stage_on=date(2020, 1, 1))
    check_transition(known, replace(known, stage=Stage.ON_TRIAL, stage_on=date(2020, 1, 1)))
    check_transition(known, replace(known, stage=Stage.ON_TRIAL, stage_on=None))
    final = Facts(Stage.CONVICTED, final_on=date(2021, 1, 1))
    check_transition(final, replace(final, appeal=Appeal.PENDING, final_on=None))  # reopened


@pytest.mark.parametrize(
    ("before", "after", "moved", "graver"),
    [
        (facts("convicted", "none", date(2022, 1, 1)), facts("charged"), False, False),
        (facts("convicted", "none", date(2022, 1, 1)), facts("reported"), False, False),
        (facts("charged"), facts("convicted"), False, True),
        (facts("acquitted"), facts("reported"), False, True),
        (facts("withdrawn"), facts("convicted", "none", date(2022, 1, 1)), False, True),
        (facts("convicted"), facts("convicted", "none", date(2022, 1, 1)), False, True),
        (facts("reported"), facts("reported"), True, False),
        (facts("convicted", "none", date(2022, 1, 1)), facts("convicted", "none", date(2022, 1, 1)), True, True),
    ],
)
def test_a_correction_to_something_graver_needs_its_decision(before, after, moved, graver):
    check_correction(before, after, TODAY, decided=True, moved=moved)
    if graver:
        with pytest.raises(DecisionMissingError):
            check_correction(before, after, TODAY, decided=False, moved=moved)
    else:
        check_correction(before, after, TODAY, decided=False, moved=moved)


@pytest.mark.parametrize(
    ("case", "until"),
    [
        (facts("reported"), date(2025, 2, 28)),  # twelve months after the news
        (facts("on_trial"), date(2025, 2, 28)),
        (facts("convicted", "pending"), date(2025, 2, 28)),
        (facts("convicted", "none", date(2023, 8, 31), "administrative"), date(2025, 8, 31)),
        (facts("convicted", "none", date(2023, 8, 31), "civil"), date(2025, 8, 31)),
        (facts("convicted", "none", date(2003, 8, 31)), None),
    ],
)
def test_how_long_a_case_is_spoken_of(case, until):
    assert spoken_of_until(case, "IDN", date(2024, 2, 29), TODAY) == until


def test_clocks_are_data_with_a_source():
    for clock in Clock:
        for member in ("IDN", "PHL"):
            known = term(member, clock)
            assert known.source
            assert known.confidence in {"confirmed", "unconfirmed"}
    assert term("PHL", Clock.REPLY) != term("IDN", Clock.REPLY)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert term("IDN", Clock.LISTED).last_day(date.max) == date.max


def test_every_provision_is_of_the_list_and_none_is_told_as_confirmed_that_nobody_checked():
    provisions = all_provisions()
    assert len({(each.member, each.offence) for each in provisions}) == len(provisions)
    assert len({each.member for each in provisions}) == 11
    assert all(each.confidence == "unconfirmed" for each in provisions if "memory" in each.source)
    assert [each.offence for each in provisions_of("MYS", [Offence.FORCED_LABOUR])] == [Offence.FORCED_LABOUR]


@pytest.mark.parametrize(
    ("case", "enforced"),
    [
        (Facts(Stage.CONVICTED), True),
        (Facts(Stage.CONVICTED, Appeal.PENDING), True),
        (Facts(Stage.CONVICTED, Appeal.PENDING, stay=True), False),
        (Facts(Stage.CONVICTED, Appeal.UPHELD), True),
        (Facts(Stage.CONVICTED, Appeal.OVERTURNED), False),
        (Facts(Stage.CHARGED), False),
    ],
)
def test_a_sanction_is_enforced_only_while_the_decision_stands(case, enforced):
    sanction = SanctionBody(kind="administrative", measure="recruitment_ban", since="2025-01-01", until="2025-12-31")
    assert in_force(case, sanction, TODAY) is enforced
    assert not in_force(case, sanction, date(2024, 12, 31))
    assert not in_force(case, sanction, date(2026, 1, 1))


def test_the_first_day_that_a_statement_speaks_of():
    told = date(2024, 4, 4)
    assert first_day(Facts(Stage.REPORTED), told, is_first=True) == date(2019, 1, 1)
    assert first_day(Facts(Stage.REPORTED), told, is_first=False) == told
    dated = Facts(Stage.CONVICTED, Appeal.UPHELD, stage_on=date(2021, 1, 1), appeal_on=date(2022, 2, 2))
    assert first_day(dated, told, is_first=False) == date(2022, 2, 2)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("status", LegalStatus)
@pytest.mark.parametrize("over", [None, -1, 0])
def test_every_status_for_every_audience(audience, status, over):
    until = None if over is None else TODAY + over * DAY
    seen = sight_of_case(status, until, TODAY, audience)
    gone = over == -1 or not is_spoken_of(status)
    if audience is Audience.PUBLIC:
        assert seen is Sight.HIDDEN
    elif gone:
        assert seen is (Sight.SEALED if audience is Audience.KEEPER else Sight.HIDDEN)
    else:
        assert seen is (Sight.FINDING if is_proven(status) else Sight.LABELLED)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(Proceeding, Proceeding)))
def test_a_proceeding_does_not_change_its_kind(before, after):
    if before is after:
        check_transition(Facts(Stage.CHARGED, proceeding=before), Facts(Stage.CHARGED, proceeding=after))
    else:
        with pytest.raises(IllegalTransitionError):
            check_transition(Facts(Stage.CHARGED, proceeding=before), Facts(Stage.CHARGED, proceeding=after))
