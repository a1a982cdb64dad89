"""Visits: every move, every illegal one, the order of places, and what goes to licensing. Without a database."""

# ruff: noqa: S311  chance that must be the same for the same seed

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.inspections.risk import RANDOM_SHARE, Known, factors, place_weights, plan
from services.registry.inspections.rules import (
    MOVES,
    TOLD_LICENSING,
    TOLD_POLICE,
    WORKPLACES,
    HouseholdEntryError,
    IllegalVisitMoveError,
    RemediesOpenError,
    check_entry,
    moved,
    workplace,
)
from shared.contracts.cases import Offence
from shared.contracts.inspections import Access, Remedy, Workplace
from shared.contracts.licences import LicenceStatus
from shared.contracts.red_flags import FlagRule, FlagStrength, RedFlag
from shared.contracts.visits import Chosen, VisitMove, VisitPlace, VisitState

TODAY = date(2026, 6, 1)
OPEN = [Remedy(offence=Offence.WAGE_THEFT, due_on=TODAY)]
DONE = [Remedy(offence=Offence.WAGE_THEFT, due_on=TODAY, done_on=TODAY)]
ANYWHERE = Known("employer-1", None, "ID-JK", last_visit=TODAY - timedelta(days=200))


def flag(strength: FlagStrength) -> RedFlag:
    return RedFlag(
        member="IDN",
        party="employer-1",
        rule=FlagRule.ONE_HOLDER,
        strength=strength,
        at_least={},
        first_on=TODAY,
        last_on=TODAY,
        raised_on=TODAY,
    )


@pytest.mark.parametrize(("state", "move"), sorted(product(VisitState, VisitMove)))
def test_every_move_is_legal_or_refused(state: VisitState, move: VisitMove) -> None:
    remedies = OPEN if move is VisitMove.FOLLOW_UP else []
    if (state, move) in MOVES:
        assert moved(state, move, remedies) is MOVES[state, move]
    else:
        with pytest.raises(IllegalVisitMoveError):
            moved(state, move, remedies)


def test_nothing_is_closed_before_it_is_put_right_and_nothing_followed_up_that_is() -> None:
    for state in (VisitState.CARRIED_OUT, VisitState.FOLLOW_UP):
        assert moved(state, VisitMove.CLOSE, DONE) is VisitState.CLOSED
        for move, remedies in ((VisitMove.CLOSE, OPEN), (VisitMove.FOLLOW_UP, DONE), (VisitMove.FOLLOW_UP, [])):
            with pytest.raises(RemediesOpenError):
                moved(state, move, remedies)


def test_a_household_is_entered_with_consent_or_a_warrant() -> None:
    with pytest.raises(HouseholdEntryError):
        check_entry(VisitPlace.DOMESTIC, Access.POWER_OF_ENTRY)
    for access in (Access.CONSENT, Access.WARRANT, Access.REFUSED, None):
        check_entry(VisitPlace.DOMESTIC, access)
    check_entry(VisitPlace.FACTORY, Access.POWER_OF_ENTRY)


def test_police_are_told_of_no_child_and_of_no_matter_of_labour_law() -> None:
    kept = {Offence.CHILD_LABOUR, Offence.WAGE_THEFT, Offence.EXCESSIVE_FEES, Offence.CONTRACT_SUBSTITUTION}
    assert not TOLD_POLICE & kept


def test_licensing_is_told_of_no_visit_that_is_planned() -> None:
    assert VisitState.PLANNED not in TOLD_LICENSING
    assert VisitState.CALLED_OFF not in TOLD_LICENSING
    assert set(WORKPLACES) == set(VisitPlace)
    assert workplace(VisitPlace.FACTORY, informal=True) is Workplace.INFORMAL
    assert workplace(VisitPlace.DOMESTIC, informal=True) is Workplace.DOMESTIC


@pytest.mark.parametrize(
    ("known", "points", "words"),
    [
        ({}, 0, []),
        ({"flags": (flag(FlagStrength.STRONG), flag(FlagStrength.WEAK))}, 4, ["red flags: one_holder, one_holder"]),
        ({"flags": (flag(FlagStrength.STRONG),) * 3}, 6, ["red flags: one_holder, one_holder, one_holder"]),
        ({"complaints": 3}, 3, ["3 complaints in a year"]),
        ({"complaints": 40}, 4, ["40 complaints in a year"]),
        ({"listed": True}, 3, ["listed on a final decision"]),
        ({"licences": (LicenceStatus.VALID,)}, 0, []),
        ({"licences": (LicenceStatus.SUSPENDED, LicenceStatus.VALID)}, 2, ["licence: suspended"]),
        ({"overdue": True}, 3, ["something was to be put right by now"]),
        ({"last_visit": None}, 2, ["never visited"]),
        ({"last_visit": TODAY - timedelta(days=366)}, 1, ["last visited 366 days ago"]),
        ({"last_visit": TODAY - timedelta(days=10)}, -2, ["last visited 10 days ago"]),
        ({"place": VisitPlace.FACTORY}, 0, []),
        ({"place": VisitPlace.DOMESTIC}, 2, [place_weights()[VisitPlace.DOMESTIC].says]),
    ],
)
def test_every_point_is_told_in_words(known: dict[str, Any], points: int, words: list[str]) -> None:
    found = factors(replace(ANYWHERE, **known), TODAY)
    assert (sum(each.points for each in found), [each.says for each in found]) == (points, words)


def test_places_have_a_source_and_say_that_they_are_unconfirmed() -> None:
    assert set(place_weights()) == set(VisitPlace)
    assert all("unconfirmed" in each.says for each in place_weights().values())


def test_most_go_by_risk_and_a_fifth_by_chance() -> None:
    places = [replace(ANYWHERE, party=f"employer-{n:03d}", complaints=1 if n < 30 else 0) for n in range(100)]
    found = plan(places, TODAY, 20, random.Random(1))
    assert [each.chosen for each in found] == [Chosen.RISK] * 16 + [Chosen.RANDOM] * 4
    assert len({each.party for each in found}) == 20
    drawn = {each.party for seed in range(60) for each in plan(places, TODAY, 20, random.Random(seed))[16:]}
    assert len(drawn) > 70, "whoever nobody complains of comes up too"
    assert RANDOM_SHARE == 0.2


@given(st.integers(0, 30), st.integers(5, 40), st.booleans())
def test_more_that_is_known_never_puts_a_place_later(complaints: int, limit: int, overdue: bool) -> None:
    base = replace(ANYWHERE, complaints=complaints)
    more = replace(base, complaints=complaints + 1, overdue=overdue, listed=True)
    points = [sum(each.points for each in factors(known, TODAY)) for known in (base, more)]
    assert points[0] <= points[1]
    assert len(plan([base, more], TODAY, limit, random.Random(1))) == 2
