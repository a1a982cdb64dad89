"""Claims: every legal move, every illegal one, what may be granted and paid; the policy; the postings' rules."""

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.access.policy import Action, Kind, load_policy
from services.registry.redress.computing import compute
from services.registry.redress.postings import (
    AVAILABLE,
    PAID_OUT,
    RESERVED,
    InsufficientFundsError,
    amounts_of,
    balances_after,
    is_donor,
    reversed_amounts,
)
from services.registry.redress.report import Paid, band, donor_rows
from services.registry.redress.rules import (
    MOVES,
    OUTCOMES,
    PAYABLE,
    AmountTooLargeError,
    GrantedAmountError,
    IllegalClaimMoveError,
    MoreThanGrantedError,
    granted_amount,
    left_after,
    moved,
    moves_offered,
    payment_move,
)
from shared.contracts.caller import Purpose, Role
from shared.contracts.disclosure import FieldClass
from shared.contracts.fund import FEWEST, PaymentBody, PaymentKind, PostingKind
from shared.contracts.redress import ClaimBody, ClaimMove, ClaimState, DecisionBody, Forum

LEGAL = {
    "draft": {"file": "filed", "withdraw": "withdrawn"},
    "filed": {"hear": "heard", "withdraw": "withdrawn"},
    "heard": {"grant": "granted", "grant_partly": "partly_granted", "refuse": "refused", "withdraw": "withdrawn"},
    "granted": {"appeal": "appealed", "pay_part": "paid_in_part", "pay": "paid", "close": "closed"},
    "partly_granted": {"appeal": "appealed", "pay_part": "paid_in_part", "pay": "paid", "close": "closed"},
    "refused": {"appeal": "appealed", "close": "closed"},
    "appealed": {"grant": "granted", "grant_partly": "partly_granted", "refuse": "refused", "withdraw": "withdrawn"},
    "paid_in_part": {"pay_part": "paid_in_part", "pay": "paid", "take_back": "paid_in_part", "close": "closed"},
    "paid": {"take_back": "paid_in_part", "close": "closed"},
    "closed": {"take_back": "paid_in_part"},
    "withdrawn": {},
}


@pytest.mark.parametrize("state", sorted(ClaimState))
@pytest.mark.parametrize("move", sorted(ClaimMove))
def test_every_move_from_every_state(state: ClaimState, move: ClaimMove) -> None:
    after = LEGAL[state.value].get(move.value)
    if after is not None:
        assert moved(state, move) == after
        return
    with pytest.raises(IllegalClaimMoveError):
        moved(state, move)


def test_what_is_offered_can_be_told() -> None:
    for state, forum in itertools.product(ClaimState, Forum):
        money = set() if forum is Forum.FUND else {"pay", "pay_part"}
        hidden = {"take_back", "pay", "pay_part"} - money
        assert set(moves_offered(state, forum, 1)) == LEGAL[state.value].keys() - hidden
    assert moves_offered(ClaimState.DRAFT, Forum.CIVIL, 0) == [ClaimMove.WITHDRAW]


@given(st.lists(st.sampled_from(ClaimMove)))
def test_nothing_is_paid_that_was_not_granted_and_no_sequence_leaves_the_machine(tried: list[ClaimMove]) -> None:
    state, granted, received = ClaimState.DRAFT, False, 0
    for move in tried:
        if (state, move) not in MOVES or (move is ClaimMove.TAKE_BACK and received == 0):
            continue
        state = moved(state, move)
        if move is ClaimMove.TAKE_BACK:
            received = left_after(received, 1)
        received += move in {ClaimMove.PAY, ClaimMove.PAY_PART}
        granted = (granted or move in {ClaimMove.GRANT, ClaimMove.GRANT_PARTLY}) and move is not ClaimMove.REFUSE
        assert granted or state not in PAYABLE | {ClaimState.PAID}


def test_granted_is_whole_part_or_nothing() -> None:
    assert set(OUTCOMES) == {ClaimState.GRANTED, ClaimState.PARTLY_GRANTED, ClaimState.REFUSED}
    assert granted_amount(ClaimState.GRANTED, 100, None) == 100
    assert granted_amount(ClaimState.REFUSED, 100, None) == 0
    assert granted_amount(ClaimState.PARTLY_GRANTED, 100, 99) == 99
    for amount in (None, 100, 101):
        with pytest.raises(GrantedAmountError):
            granted_amount(ClaimState.PARTLY_GRANTED, 100, amount)


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(1, 10**15))
def test_a_payment_is_a_part_the_rest_or_too_much(granted: int, received: int, amount: int) -> None:
    if received + amount > granted:
        with pytest.raises(MoreThanGrantedError):
            payment_move(granted, received, amount)
    else:
        whole = received + amount == granted
        assert payment_move(granted, received, amount) is (ClaimMove.PAY if whole else ClaimMove.PAY_PART)


def test_no_more_comes_back_than_was_paid() -> None:
    assert left_after(5, 5) == 0
    with pytest.raises(IllegalClaimMoveError):
        left_after(5, 6)


def a_claim(**kind: Any) -> ClaimBody:
    return ClaimBody.model_validate({"forum": "labour", "currency": "PHP"} | kind)


def fees(origin: str, destination: str, sector: str, months: int = 24) -> dict[str, Any]:
    return {
        "origin": origin,
        "destination": destination,
        "sector": sector,
        "wage": 1_000_001,
        "contract_months": months,
        "asked_on": "2026-01-01",
        "payments": [{"what": "Placement", "amount": 5_000_000}, {"what": "Training", "amount": 1}],
    }


@pytest.mark.parametrize(
    ("corridor", "months", "allowed"),
    [
        (("IDN", "SGP", "manufacturing"), 24, 0),  # the stricter of the two states
        (("KHM", "MYS", "manufacturing"), 24, 0),  # no national rule: the international standard
        (("KHM", "SGP", "manufacturing"), 6, 500_001),  # half a month's wage, rounded half up
        (("KHM", "SGP", "manufacturing"), 24, 2_000_002),
        (("PHL", "SGP", "domestic"), 24, 0),
        (("PHL", "MYS", "manufacturing"), 24, 1_000_001),
        (("VNM", "MYS", "manufacturing"), 240, 3_000_003),
    ],
)
def test_fees_are_what_was_paid_above_what_may_be_asked(
    corridor: tuple[str, str, str], months: int, allowed: int
) -> None:
    found = compute(a_claim(fees=fees(*corridor, months)))
    assert found.total == 5_000_001 - allowed == sum(line.amount for line in found.lines)
    assert len(found.lines) == (3 if allowed else 2)
    assert found.rules
    assert not found.confirmed


def test_fees_below_the_lawful_ones_come_to_nothing() -> None:
    low = fees("PHL", "MYS", "manufacturing") | {"payments": [{"what": "Placement", "amount": 1}]}
    found = compute(a_claim(fees=low))
    assert (found.total, found.lines[-1].kind) == (0, "nothing_owed_back")


def test_what_is_more_than_can_be_counted_is_refused() -> None:
    hours = {"month": "2026-01", "worked": 744}
    with pytest.raises(AmountTooLargeError):
        compute(a_claim(wages=WAGES | {"wage": 10**15, "period": "hour", "months": [hours]}))
    with pytest.raises(AmountTooLargeError):
        balances_after(amounts_of(PostingKind.CONTRIBUTION, 10**15, "d"), {AVAILABLE: 10**18})


def test_damages_are_their_sum() -> None:
    items = [{"what": "Wound", "amount": 7}, {"what": "Lost papers", "amount": 5}]
    assert compute(a_claim(damages={"items": items})).total == 12


WORK = {"month": "2026-01", "worked": "1"}
WAGES = {"wage": 1, "period": "month", "hours_a_day": 8, "days_a_week": 6, "months": [WORK]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"wages": WAGES, "damages": {"items": [{"what": "x", "amount": 1}]}},
        {"wages": WAGES | {"months": [WORK, WORK]}},
        {"wages": WAGES | {"months": [WORK | {"worked": "1.01"}]}},
        {"wages": WAGES | {"months": []}},
        {"wages": WAGES | {"hours_a_day": 0}},
        {"wages": WAGES | {"overtime_rate": "0.9"}},
        {"wages": WAGES | {"wage": 10**15 + 1}},
        {"wages": WAGES, "currency": "XYZ"},
        {"wages": WAGES, "employer": "hidden"},
    ],
    ids=str,
)
def test_a_claim_that_cannot_be_is_not_taken(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        a_claim(**body)


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "granted", "amount": 1},
        {"outcome": "partly_granted"},
        {"outcome": "paid"},
        {"outcome": "refused", "amount": 1},
    ],
    ids=str,
)
def test_a_decision_has_an_amount_where_it_needs_one(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        DecisionBody.model_validate({"day": date(2026, 1, 1), "authority": "a", "reference": "r"} | body)


@pytest.mark.parametrize(
    "body", [{}, {"about": "S1", "claim": "C1"}, {"kind": "award", "about": "S1"}, {"claim": "C1"}], ids=str
)
def test_an_award_is_for_a_claim_and_aid_for_a_person(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        PaymentBody.model_validate({"currency": "IDR", "amount": 1, "kind": "travel", "payee": "p"} | body)


# Postings


@given(st.lists(st.tuples(st.sampled_from(PostingKind), st.integers(1, 1000), st.integers(0, 30)), max_size=40))
def test_any_sequence_of_postings_balances(tried: list[tuple[PostingKind, int, int]]) -> None:
    balances: dict[str, int] = {}
    posted = [amounts_of(PostingKind.CONTRIBUTION, 1500, "d1")]
    balances |= balances_after(posted[0], balances)
    for kind, amount, back in tried:
        earlier = posted[back % len(posted)]
        reversing = kind is PostingKind.REVERSAL
        amounts = reversed_amounts(earlier) if reversing else amounts_of(kind, amount, f"d{back % 3}")
        try:
            after = balances_after(amounts, balances)
        except (InsufficientFundsError, ValueError):
            continue
        balances |= after
        posted.append(amounts)
        assert sum(balances.values()) == 0
        assert min(balances.get(account, 0) for account in (AVAILABLE, RESERVED, PAID_OUT)) >= 0
    for account in balances:
        assert balances[account] == sum(amounts.get(account, 0) for amounts in posted)
        assert is_donor(account) or account in {AVAILABLE, RESERVED, PAID_OUT}


@pytest.mark.parametrize(
    "amounts",
    [{}, {"available": 0}, {"available": 1}, {"available": 5, "donor:x": -4}, {"available": 0, "reserved": 0}],
    ids=str,
)
def test_what_does_not_add_up_is_not_posted(amounts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="add up to zero"):
        balances_after(amounts, {"available": 100})


# What donors are told

payments = st.lists(
    st.builds(
        Paid,
        st.sampled_from(["2026-01", "2026-02"]),
        st.sampled_from(["IDR", "VND"]),
        st.sampled_from(PaymentKind),
        st.integers(1, 14).map(str),
        st.integers(-50, 100),
    ),
    max_size=60,
)


@given(payments)
def test_no_sum_tells_of_fewer_than_five_people_nor_lets_one_be_worked_out(paid: list[Paid]) -> None:
    rows = donor_rows(paid)
    for month, code in {(each.month, each.currency) for each in paid}:
        mine = [each for each in paid if (each.month, each.currency) == (month, code)]
        told = {row.kind: row for row in rows if (row.month, row.currency) == (month, code)}
        people = {kind: {each.subject for each in mine if each.kind == kind} for kind in told if kind != "all"}
        everybody = {each.subject for each in mine}
        assert told["all"].people == band(len(everybody))
        for kind, some in people.items():
            assert told[kind].people == band(len(some))
            assert told[kind].paid is None or len(some) >= FEWEST
        withheld = [some for kind, some in people.items() if told[kind].paid is None]
        if told["all"].paid is None:
            assert len(everybody) < FEWEST
        elif withheld:
            assert len(withheld) >= 2, "the total less the others would be the one"
            assert len(set().union(*withheld)) >= FEWEST


def test_what_nobody_is_few_in_is_told_in_whole_units() -> None:
    paid = [Paid("2026-01", "IDR", PaymentKind.TRAVEL, str(person), 150_050) for person in range(10)]
    (row, everything) = donor_rows(paid)
    assert (row.kind, row.people, row.paid) == ("travel", "10-19", "15005.00")
    assert (everything.kind, everything.paid) == ("all", "15005.00")
    few = [Paid("2026-01", "IDR", PaymentKind.LEGAL, "x", 7)]
    assert [row.paid for row in donor_rows([*paid, *few])] == [None, None, "15005.07"]


# Who may


def test_claims_are_victim_supports_and_the_ledger_is_read_by_auditors_without_persons() -> None:
    policy = load_policy()

    def grants(kind: Kind) -> set[tuple[Role, Purpose]]:
        pairs = itertools.product(Role, Purpose)
        return {(role, purpose) for role, purpose in pairs if policy.grant(role, purpose, kind).actions}

    office, auditor = (Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT), (Role.AUDITOR, Purpose.AUDIT)
    assert grants(Kind.CLAIM) == {office}
    assert grants(Kind.FUND) == {office, auditor}
    seen = policy.grant(*auditor, Kind.FUND)
    assert seen.actions == {Action.READ}
    assert seen.classes - {FieldClass.PROBLEM} == {FieldClass.RECORD, FieldClass.LEDGER}
