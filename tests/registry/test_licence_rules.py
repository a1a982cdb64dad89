"""Licences: every change of status, appeals that keep one going, and what holds on the day that matters."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.licences.inspections import NEXT_STATES, check_state
from services.registry.licences.rules import (
    ADVERSE,
    IllegalStatusError,
    Period,
    check_period,
    period_on,
    standing_on,
    unmet,
)
from shared.contracts.inspections import InspectionState
from shared.contracts.licences import LicenceAppeal, LicenceStatus, Requirement, RequirementCheck

S = LicenceStatus
DAY = timedelta(days=1)
BEGIN = date(2023, 1, 1)
LATER = date(2024, 1, 1)

RUNNING = ("valid", "conditions", "suspended", "preventive_suspension")
ENDED = ("cancelled", "expired", "delisted", "denied_renewal", "banned")
LEGAL = {
    *(("applied", after) for after in ("provisional", "valid", "conditions", "refused", "banned")),
    *(("refused", after) for after in ("applied", "banned")),
    *itertools.product(("provisional", *RUNNING), (*RUNNING, *ENDED)),
    *(("expired", after) for after in ("applied", "valid", "denied_renewal", "delisted", "banned")),
    *(("cancelled", after) for after in ("applied", "delisted", "banned")),
    *(("delisted", after) for after in ("applied", "banned")),
    *(("denied_renewal", after) for after in ("applied", "delisted", "banned")),
}


def period(status: str, begin: date = BEGIN, end: date | None = None, appeal: str = "none", **more: bool) -> Period:
    return Period(S(status), None, begin, end, LicenceAppeal(appeal), **more)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(S, S)))
def test_every_change_of_status(before, after):
    told = [period(before)]
    if before is after or (before, after) in LEGAL:
        check_period(told, period(after, LATER))
        return
    with pytest.raises(IllegalStatusError) as refused:
        check_period(told, period(after, LATER))
    possible = {end for begin, end in LEGAL if begin == before}
    assert all(status in refused.value.errors[0].detail for status in possible)


@pytest.mark.parametrize("status", S)
def test_a_licence_first_heard_of_may_have_any_status(status):
    check_period([], period(status))


APPEALS = {
    *(("none", "pending"), ("none", "upheld"), ("none", "overturned")),
    *(("pending", "none"), ("pending", "upheld"), ("pending", "overturned")),
    *(("upheld", "pending"), ("upheld", "overturned")),
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(LicenceAppeal, LicenceAppeal)))
def test_every_change_of_an_appeal(before, after):
    told = [period("valid"), period("cancelled", LATER, appeal=before)]
    if before is after or (before, after) in APPEALS:
        check_period(told, period("cancelled", LATER, appeal=after))
    else:
        with pytest.raises(IllegalStatusError):
            check_period(told, period("cancelled", LATER, appeal=after))


@pytest.mark.parametrize("status", S)
def test_only_decisions_against_the_licensee_are_appealed(status):
    if status in ADVERSE:
        check_period([], period(status, appeal="pending"))
    else:
        with pytest.raises(IllegalStatusError):
            check_period([], period(status, appeal="pending"))


def test_a_period_out_of_order_is_a_correction():
    with pytest.raises(IllegalStatusError) as refused:
        check_period([period("valid", LATER)], period("suspended", BEGIN))
    assert refused.value.errors[0].pointer == "/body/valid_from"


def status_on(told: list[Period], on: date) -> tuple[str, bool] | None:
    standing = standing_on(told, on)
    return None if standing is None else (standing.period.status.value, standing.under_appeal)


@pytest.mark.parametrize("adverse", sorted(ADVERSE - {S.REFUSED}))
@pytest.mark.parametrize(
    ("appeal", "despite", "expected"),
    [
        ("none", False, None),
        ("pending", False, ("valid", True)),
        ("pending", True, None),
        ("upheld", False, None),
        ("overturned", False, ("valid", False)),
    ],
)
def test_a_licence_under_appeal_continues_unless_the_decision_says_otherwise(adverse, appeal, despite, expected):
    told = [period("valid"), period(adverse, LATER, appeal=appeal, effective_despite_appeal=despite)]
    assert status_on(told, LATER - DAY) == ("valid", False)
    assert status_on(told, LATER) == (expected or (adverse.value, False))


def test_a_renewal_that_was_denied_and_appealed_keeps_the_licence_that_ran_out():
    told = [period("valid", BEGIN, LATER - DAY), period("denied_renewal", LATER, appeal="pending")]
    assert status_on(told, LATER + 30 * DAY) == ("valid", True)
    decided = [*told, period("denied_renewal", LATER, appeal="upheld")]
    assert status_on(decided, LATER + 30 * DAY) == ("denied_renewal", False)
    won = [*told, period("denied_renewal", LATER, appeal="overturned")]
    assert status_on(won, LATER + 30 * DAY) == ("expired", False)
    assert status_on([*won, period("valid", LATER)], LATER + 30 * DAY) == ("valid", False)
    check_period(won, period("valid", LATER))


def test_a_suspension_under_appeal_does_not_make_a_suspended_licence_valid():
    told = [period("valid"), period("suspended", LATER), period("cancelled", LATER + DAY, appeal="pending")]
    assert status_on(told, LATER + 2 * DAY) == ("suspended", True)


def test_what_is_told_late_does_not_cover_what_came_after():
    told = [period("suspended", LATER), period("valid", BEGIN)]  # the second by a correction
    assert status_on(told, BEGIN) == ("valid", False)
    assert status_on(told, LATER) == ("suspended", False)


def test_a_ban_does_not_run_out():
    told = [period("valid"), period("banned", LATER, LATER + DAY)]
    assert status_on([period("banned", LATER, LATER + DAY)], LATER + 9 * DAY) == ("banned", False)
    assert status_on(told, LATER + DAY) == ("banned", False)


days = st.dates(date(2020, 1, 1), date(2026, 1, 1))
periods = st.lists(
    st.builds(
        Period,
        st.sampled_from(sorted(S)),
        st.none(),
        days,
        st.none() | days,
        st.sampled_from(sorted(LicenceAppeal)),
        st.booleans(),
    ).filter(lambda each: each.valid_to is None or each.valid_from <= each.valid_to),
    max_size=6,
)


@given(periods, days)
def test_a_licence_is_only_valid_on_days_that_were_told_to_be(told, on):
    found = period_on(told, on)
    if found is None:
        assert all(on < other.valid_from for other in told)
    elif found.covers(on):
        later = told[len(told) - told[::-1].index(found) :]
        assert not any(other.covers(on) for other in later)
    else:
        assert found.status not in (S.VALID, S.PROVISIONAL, S.CONDITIONS)


@given(periods, days)
def test_a_standing_is_always_one_that_was_told_or_an_expiry(told, on):
    standing = standing_on(told, on)
    if standing is None:
        return
    assert standing.period.status is S.EXPIRED or standing.period.status in {each.status for each in told}
    assert not standing.period.is_stayed
    stayed = [each for each in told if each.appeal is LicenceAppeal.PENDING and each.status in ADVERSE]
    assert stayed or not standing.under_appeal


@given(periods, days)
def test_a_running_licence_was_told_for_that_day_or_is_kept_by_an_appeal(told, on):
    standing = standing_on(told, on)
    if standing is not None and standing.period.status in (S.VALID, S.PROVISIONAL, S.CONDITIONS):
        assert standing.period.covers(on) or standing.under_appeal


@pytest.mark.parametrize(("before", "after"), list(itertools.product(InspectionState, InspectionState)))
def test_every_step_of_an_inspection(before, after):
    legal = {
        *(("planned", end) for end in ("carried_out", "follow_up", "closed", "called_off")),
        *(("carried_out", "follow_up"), ("carried_out", "closed"), ("follow_up", "closed")),
    }
    assert {(begin.value, end.value) for begin, ends in NEXT_STATES.items() for end in ends} == legal
    if before is after or (before, after) in legal:
        check_state(before, after)
    else:
        with pytest.raises(IllegalStatusError):
            check_state(before, after)


def test_a_requirement_that_nobody_looked_at_is_not_met():
    checks = [
        RequirementCheck(requirement="bond", met=True, checked_on="2023-01-01"),
        RequirementCheck(requirement="fee_schedule", met=True, checked_on="2023-01-01"),
        RequirementCheck(requirement="bond", met=False, checked_on="2024-01-01"),
    ]
    assert set(unmet(checks)) == set(Requirement) - {Requirement.FEE_SCHEDULE}
