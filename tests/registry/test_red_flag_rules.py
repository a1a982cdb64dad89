"""Red flags: each rule on what it is for and on what only looks so, without a database."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.redflags import registered, reported
from services.registry.redflags.catalogue import RULES
from services.registry.redflags.facts import Found, Report, Shared, Tally, at_least, month
from services.registry.workers.heaping import heaps
from services.registry.workers.placed import candidate_row, plain_phone
from services.registry.workers.terms import is_above_cap, is_substituted, worse
from shared.contracts.red_flags import FlagRule, FlagStrength
from shared.contracts.registrations import Placement, RegistrationRequest
from shared.contracts.terms import ContractTerms
from shared.standards.ages import Sector, load_rules
from shared.standards.indicators.catalogue import catalogue
from shared.standards.indicators.interview import guide
from shared.standards.placement_fees import highest_fee, load_fee_rules

DAY = date(2026, 5, 17)
TALLY = Tally("agency-1", 20, 6, DAY, DAY + timedelta(days=60))
GROUP = Shared("agency-1", 12, 12, 8, DAY, DAY + timedelta(days=60))
PROMISED = ContractTerms.model_validate(
    {
        "occupation": "5152",
        "wage": {"amount": 1000, "currency": "SGD"},
        "deductions": {"amount": 50, "currency": "SGD"},
        "hours_a_week": 44,
        "rest_days_a_month": 4,
        "months": 24,
    }
)
FEES = load_fee_rules()


def money(amount: float, currency: str = "SGD") -> dict[str, object]:
    return {"wage": {"amount": amount, "currency": currency}}


def strengths(found: list[Found]) -> dict[str, FlagStrength]:
    return {each.party: each.strength for each in found}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, []),
        (money(960), []),  # rounded
        (money(1400), []),
        (money(940), ["wage"]),
        (money(500, "MYR"), []),  # another currency is not compared
        ({"wage": None, "hours_a_week": None, "occupation": None}, []),
        ({"deductions": {"amount": 90, "currency": "SGD"}}, []),
        ({"deductions": {"amount": 120, "currency": "SGD"}}, ["deductions"]),
        ({"hours_a_week": 48}, []),
        ({"hours_a_week": 60, "rest_days_a_month": 1}, ["hours", "rest_days"]),
        ({"rest_days_a_month": 5}, []),
        ({"occupation": "5153"}, []),  # coders differ
        ({"occupation": "5"}, []),
        ({"occupation": "9112"}, ["occupation"]),
    ],
)
def test_a_contract_is_worse_only_where_both_say_so(given, found):
    after = ContractTerms.model_validate(PROMISED.model_dump() | given)
    assert worse(PROMISED, after) == found
    assert is_substituted(PROMISED, after) is bool(found)
    assert is_substituted(None, after) is is_substituted(PROMISED, None) is None


@pytest.mark.parametrize(
    ("origin", "destination", "sector", "months", "most"),
    [
        ("IDN", "MYS", Sector.PLANTATION, 24, 0),
        ("PHL", "BRN", Sector.SERVICES, 24, 1),
        ("PHL", "SGP", Sector.DOMESTIC, 24, 0),  # of the origin's two the sector's own, of two states the stricter
        ("MYS", "SGP", Sector.MANUFACTURING, 24, 2),
        ("MYS", "SGP", Sector.MANUFACTURING, None, 2),
        ("VNM", "MYS", Sector.MANUFACTURING, 60, 3),
        ("THA", "BRN", Sector.CONSTRUCTION, 24, None),  # no national rule on file
    ],
)
def test_what_may_be_charged(origin, destination, sector, months, most):
    found = highest_fee(origin, destination, sector, DAY, months, FEES)
    assert found == (None if most is None else Fraction(most))


@pytest.mark.parametrize(
    ("changes", "above"),
    [
        ({"paid": {"amount": 2200, "currency": "SGD"}}, False),  # two wages, and a passport
        ({"paid": {"amount": 2400, "currency": "SGD"}}, True),
        ({"paid": {"amount": 9000, "currency": "MYR"}}, None),
        ({}, None),
        ({"paid": {"amount": 2400, "currency": "SGD"}, "terms": None}, None),
        ({"paid": {"amount": 2400, "currency": "SGD"}, "destination": "KHM"}, None),
    ],
)
def test_more_was_paid_than_may_be_charged(changes, above):
    placement = {"destination": "SGP", "sector": "manufacturing", "start": DAY, "terms": PROMISED}
    assert is_above_cap(Placement.model_validate(placement | changes), "MYS", FEES) is above
    assert is_above_cap(Placement.model_validate(placement | changes), None, FEES) is None


def test_what_is_kept_of_a_placement_tells_no_value():
    body = {
        "name": "Siti",
        "born": "1996-04-02",
        "nationality": "IDN",
        "contact": {"phone": "+62 812-3456-789", "account": "BCA 123 456"},
        "document": {"holder": "Agent Budi"},
        "placement": {"destination": "MYS", "start": "2026-06-01", "agency": "agency-1", "terms": PROMISED},
    }

    def kept(request: dict[str, object]) -> dict[str, object]:
        row = candidate_row(
            "R1",
            RegistrationRequest.model_validate(request),
            None,
            lambda kind, text: f"<{kind}:{text}>",
            load_rules(),
            FEES,
        )
        assert row is not None
        return {name: getattr(row, name) for name in ("phone_digest", "account_digest", "holder_digest", "worse_terms")}

    first = kept(body)
    assert first == {
        "phone_digest": "<phone:123456789>",
        "account_digest": "<account:bca123456>",
        "holder_digest": "<holder:agentbudi>",
        "worse_terms": None,
    }
    assert kept(body | {"contact": {"phone": "0812 3456 789", "account": "bca-123456"}}) == first
    assert plain_phone("0812 3456 789") == plain_phone("+62 812 3456 789")
    nobody = RegistrationRequest.model_validate(body | {"placement": None})
    assert candidate_row("R1", nobody, None, "{}:{}".format, load_rules(), FEES) is None


@pytest.mark.parametrize(
    ("tally", "strength"),
    [
        (TALLY, FlagStrength.MEDIUM),
        (replace(TALLY, known=10), FlagStrength.STRONG),
        (replace(TALLY, so=2), None),  # two may be errors
        (replace(TALLY, known=100), None),  # of so many, six may be
        (replace(TALLY, so=0, first=None, last=None), None),
    ],
)
def test_contract_substitution(tally, strength):
    assert strengths(list(registered.substitution([tally]))) == ({"agency-1": strength} if strength else {})


@pytest.mark.parametrize(
    ("phones", "accounts", "strength"),
    [
        ([GROUP], [], FlagStrength.MEDIUM),
        ([], [GROUP], FlagStrength.STRONG),
        ([GROUP], [GROUP], FlagStrength.STRONG),
        ([replace(GROUP, workers=9)], [], None),  # a village
        ([], [replace(GROUP, workers=5, everybody=5)], None),  # a family
        ([replace(GROUP, everybody=60)], [], None),  # a training centre of several agencies
    ],
)
def test_shared_contact(phones, accounts, strength):
    assert strengths(list(registered.shared_contact(phones, accounts))) == ({"agency-1": strength} if strength else {})


@pytest.mark.parametrize(
    ("group", "flagged"),
    [
        (GROUP, True),
        (replace(GROUP, everybody=90), True),  # a broker for several agencies
        (replace(GROUP, days=1), False),  # who leads a group
        (replace(GROUP, days=2), False),
        (replace(GROUP, workers=4), False),
    ],
)
def test_one_holder(group, flagged):
    assert bool(list(registered.one_holder([group]))) is flagged


COMPLAINT = Report("agency-1", "K1", complaint=True, member="IDN", on=DAY)


@pytest.mark.parametrize(
    ("tallies", "complaints", "strength"),
    [
        ([TALLY], [], FlagStrength.MEDIUM),
        ([replace(TALLY, so=2)], [COMPLAINT], FlagStrength.MEDIUM),
        ([], [replace(COMPLAINT, about=f"K{n}") for n in range(3)], FlagStrength.WEAK),
        ([replace(TALLY, so=2)], [], None),
        ([replace(TALLY, known=100)], [], None),
        ([], [COMPLAINT, COMPLAINT], None),
    ],
)
def test_fees_above_cap(tallies, complaints, strength):
    assert strengths(list(registered.fees(tallies, complaints))) == ({"agency-1": strength} if strength else {})


def test_age_heaping_is_the_test_that_licensing_sees():
    compared = heaps({"made-older": (40, 30), "young": (40, 9), "honest": (400, 60)})
    days = {each: replace(TALLY, party=each) for each in ("made-older", "young", "honest")}
    assert strengths(list(registered.heaping(compared, days))) == {"made-older": FlagStrength.MEDIUM}


@pytest.mark.parametrize(
    ("abouts", "strength"),
    [
        (["K1", "K2"], FlagStrength.MEDIUM),
        (["A1", "K1"], FlagStrength.MEDIUM),
        (["A1", "A1"], None),  # a complaint and the conversation that followed, or one worker twice
        (["K1"], None),
        ([f"K{n}" for n in range(5)], FlagStrength.STRONG),
    ],
)
def test_retained_passports(abouts, strength):
    reports = [replace(COMPLAINT, about=about) for about in abouts]
    assert strengths(list(reported.retained_passports(reports))) == ({"agency-1": strength} if strength else {})


@pytest.mark.parametrize(
    ("members", "flagged"),
    [("IDN MYS MYS MYS", True), ("MYS MYS MYS MYS MYS", False), ("IDN MYS MYS", False)],
)
def test_complaints_from_several_members(members, flagged):
    complaints = [replace(COMPLAINT, about=f"K{n}", member=member) for n, member in enumerate(members.split())]
    assert bool(list(reported.several_members(complaints))) is flagged


def test_every_rule_is_told_in_words_and_asks_what_the_guide_can_ask():
    assert set(RULES) == set(FlagRule)
    asked = frozenset[str]().union(*(question.informs for question in guide()))
    for rule in RULES.values():
        assert set(rule.informs) <= catalogue().keys()
        assert set(rule.informs) <= asked, rule.rule


@given(st.integers(0, 10**6))
def test_a_count_is_told_from_below_and_one_more_is_seldom_seen(count):
    assert 0 <= count - at_least(count) <= 1.5 * at_least(count)
    assert month(DAY) == date(2026, 5, 1)
