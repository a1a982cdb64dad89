"""How referrals move: every legal move, every illegal one, clocks, children, and what agreements let pass."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.access.policy import Kind, load_policy
from services.registry.referrals.agreements import NotAgreedError, agreement, all_agreements, party_content
from services.registry.referrals.rules import (
    AWAITED,
    CODES,
    ENDED,
    MOVES,
    OPEN,
    READABLE,
    TIME_TO_ANSWER,
    CodeNotForMoveError,
    ConsentNeededError,
    IllegalReferralMoveError,
    NotForThisOfficeError,
    NotOwnStateError,
    NotThisSideError,
    Side,
    check_child,
    check_consent,
    check_own_state,
    due_at,
    heard,
    is_escalated,
    is_overdue,
    moved,
)
from shared.contracts.caller import Purpose, Role
from shared.contracts.disclosure import FieldClass
from shared.contracts.referrals import (
    AgreedField,
    PartyReason,
    ReferralAbout,
    ReferralBody,
    ReferralCode,
    ReferralMove,
    ReferralOffice,
    ReferralState,
    Urgency,
)
from shared.standards.indicators.rules import Answer

MEMBERS = ["IDN", "MYS", "THA"]
LEGAL = {
    "sent": {"receive": "received", "withdraw": "withdrawn", "revoke": "withdrawn"},
    "received": {
        "accept": "accepted",
        "decline": "declined",
        "request_more": "more_requested",
        "withdraw": "withdrawn",
        "revoke": "withdrawn",
    },
    "more_requested": {"answer": "sent", "withdraw": "withdrawn", "revoke": "withdrawn"},
    "accepted": {
        "hand_back": "handed_back",
        "complete": "completed",
        "withdraw": "withdrawn",
        "revoke": "withdrawn",
    },
    "completed": {"revoke": "withdrawn"},
    "declined": {},
    "handed_back": {},
    "withdrawn": {},
}
SENDERS = {"answer", "withdraw"}
AT = datetime(2026, 11, 22, 8, tzinfo=UTC)


def side_of(move: ReferralMove) -> Side:
    return Side.SENDER if move.value in SENDERS else Side.RECEIVER


def code_of(move: ReferralMove) -> ReferralCode | None:
    return min(CODES[move]) if move in CODES else None


@pytest.mark.parametrize("state", sorted(ReferralState))
@pytest.mark.parametrize("move", sorted(ReferralMove))
def test_every_move_from_every_state(state: ReferralState, move: ReferralMove) -> None:
    after = LEGAL[state.value].get(move.value)
    if after is None:
        with pytest.raises(IllegalReferralMoveError):
            moved(state, move, side_of(move), code_of(move))
        return
    assert moved(state, move, side_of(move), code_of(move)) == after
    other = Side.RECEIVER if side_of(move) is Side.SENDER else Side.SENDER
    if move is ReferralMove.REVOKE:
        assert moved(state, move, other, code_of(move)) == after
    else:
        with pytest.raises(NotThisSideError):
            moved(state, move, other, code_of(move))
    for code in (None, *ReferralCode):
        if code not in CODES.get(move, {None}):
            with pytest.raises(CodeNotForMoveError):
                moved(state, move, side_of(move), code)


@given(
    st.lists(st.tuples(st.sampled_from(ReferralMove), st.sampled_from(Side), st.sampled_from([None, *ReferralCode])))
)
def test_no_sequence_leaves_the_machine(tried: list[tuple[ReferralMove, Side, ReferralCode | None]]) -> None:
    state = ReferralState.SENT
    for move, side, code in tried:
        try:
            after = moved(state, move, side, code)
        except (IllegalReferralMoveError, NotThisSideError, CodeNotForMoveError):
            continue
        assert state not in ENDED, "what has ended stays as it is"
        assert after == LEGAL[state.value][move.value]
        assert MOVES[state, move] is after
        state = after


def test_states_are_sorted() -> None:
    assert OPEN | ENDED | {ReferralState.COMPLETED} == set(ReferralState)
    assert AWAITED < OPEN
    assert not READABLE & ENDED


@pytest.mark.parametrize("urgency", sorted(Urgency))
@pytest.mark.parametrize("state", sorted(ReferralState))
def test_the_clock_runs_while_the_receiver_has_not_answered(urgency: Urgency, state: ReferralState) -> None:
    due, second = due_at(urgency, AT), timedelta(seconds=1)
    assert (
        due - AT
        == {"immediate": timedelta(hours=4), "urgent": timedelta(hours=24), "normal": timedelta(days=7)}[urgency.value]
    )
    awaited = state.value in {"sent", "received"}
    assert not is_overdue(state, due, due)
    assert is_overdue(state, due, due + second) is awaited
    assert not is_escalated(state, urgency, due, due + TIME_TO_ANSWER[urgency])
    assert is_escalated(state, urgency, due, due + TIME_TO_ANSWER[urgency] + second) is awaited


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("child", sorted(Answer))
def test_a_child_goes_to_child_protection_and_never_to_the_police(child: Answer, across: bool) -> None:
    protection, consular = ReferralOffice.CHILD_PROTECTION, ReferralOffice.CONSULAR
    adults_only = {ReferralOffice.POLICE, ReferralOffice.PROSECUTION}
    for sender, receiver in itertools.product(ReferralOffice, repeat=2):
        both = {sender, receiver}
        allowed = child is Answer.NO or (
            receiver not in adults_only
            and (child is Answer.UNKNOWN or (protection in both and (not across or both <= {protection, consular})))
        )
        if allowed:
            check_child(child, sender, receiver, across=across)
        else:
            with pytest.raises(NotForThisOfficeError):
                check_child(child, sender, receiver, across=across)


def test_no_law_tells_a_persons_own_state_in_spite_of_them() -> None:
    for receiver in ReferralOffice:
        check_consent(receiver, consented=True)
        if receiver is not ReferralOffice.CONSULAR:
            check_consent(receiver, consented=False)
    with pytest.raises(ConsentNeededError):
        check_consent(ReferralOffice.CONSULAR, consented=False)


@given(member=st.sampled_from(MEMBERS), state=st.none() | st.sampled_from([*MEMBERS, "XXA"]))
def test_no_other_states_consular_office_is_told(member: str, state: str | None) -> None:
    if state in {None, member}:
        check_own_state(member, state)
        return
    with pytest.raises(NotOwnStateError) as error:
        check_own_state(member, state)
    assert member not in str(error.value)
    assert str(state) not in str(error.value)


@pytest.mark.parametrize("side", sorted(Side))
@pytest.mark.parametrize("told", sorted(ReferralState))
def test_what_another_member_tells_is_held_against_the_machine(told: ReferralState, side: Side) -> None:
    """Every state here, every state and code there: only what that office could have done; withdrawn wins."""
    gone = ReferralState.WITHDRAWN
    for state, code in itertools.product(ReferralState, (None, *ReferralCode)):
        moves = {
            move.value
            for move in ReferralMove
            if code in CODES.get(move, {None}) and (move is ReferralMove.REVOKE or side_of(move) is side)
        }
        leads = {each for after in LEGAL.values() for each, to in after.items() if to == told.value} & moves
        legal = {each for each, to in LEGAL[state.value].items() if to == told.value} & moves
        if leads and (legal or gone in {state, told}):
            assert heard(state, told, side, code) is (gone if state is gone else told)
        else:
            with pytest.raises(IllegalReferralMoveError):
                heard(state, told, side, code)


def test_agreements_are_sound() -> None:
    keys = [(each.sender, each.receiver, each.about, each.across) for each in all_agreements()]
    assert len(set(keys)) == len(keys) == 56
    person = set(AgreedField) - {AgreedField.PARTY, AgreedField.REASONS}
    for each in all_agreements():
        assert each.sender is not each.receiver or each.across
        assert each.basis
        if each.about is ReferralAbout.PERSON:
            assert set(each.fields) <= person
            assert ReferralOffice.LICENSING not in {each.sender, each.receiver}, "licensing hears of no person"
            assert not each.reasons
        else:
            assert set(each.fields) == {AgreedField.PARTY, AgreedField.REASONS}
            assert each.reasons


def test_police_prosecution_and_labour_get_what_is_theirs_only() -> None:
    person, office = ReferralAbout.PERSON, ReferralOffice
    to_adults_only = [each for each in all_agreements() if each.receiver in {office.POLICE, office.PROSECUTION}]
    assert not [each for each in to_adults_only if AgreedField.CONTACT in each.fields]
    assert not [each for each in to_adults_only if each.sender is office.CHILD_PROTECTION and each.about is person]
    labour = agreement(office.POLICE, office.LABOUR_INSPECTION, person, across=False).fields
    assert not {AgreedField.STRENGTH, AgreedField.INDICATORS} & set(labour), "no investigative content"
    for across in (False, True):
        with pytest.raises(NotAgreedError):
            agreement(office.CHILD_PROTECTION, office.POLICE, person, across=across)
    agreed = agreement(office.POLICE, office.LABOUR_INSPECTION, ReferralAbout.PARTY, across=False)
    with pytest.raises(NotAgreedError):
        party_content(agreed, "p-1", [PartyReason.WAGES, PartyReason.EXPLOITATION])


def test_the_gateway_shows_licensing_no_person_and_others_nothing() -> None:
    shown = {
        role: load_policy().grant(role, purpose, Kind.REFERRAL).classes - {FieldClass.PROBLEM}
        for role in Role
        for purpose in Purpose
        if load_policy().grant(role, purpose, Kind.REFERRAL).actions
    }
    record = {FieldClass.RECORD, FieldClass.CATALOGUE, FieldClass.FINDING}
    whole = record | {FieldClass.INTERVIEW, FieldClass.WHEREABOUTS}
    assert shown == {
        Role.LICENSING_OFFICER: record,
        Role.PROSECUTOR: record | {FieldClass.INTERVIEW},
        Role.PARTNER_MEMBER: frozenset(),
        **dict.fromkeys((Role.LABOUR_INSPECTOR, Role.INVESTIGATOR, Role.VICTIM_SUPPORT, Role.CHILD_PROTECTION), whole),
        Role.CONSULAR_OFFICER: whole,
    }


def test_what_crosses_a_border_of_a_person_is_no_more_than_what_passes_within() -> None:
    within = {(each.receiver, field) for each in all_agreements() if not each.across for field in each.fields}
    assert {(each.receiver, field) for each in all_agreements() if each.across for field in each.fields} <= within | {
        (ReferralOffice.CHILD_PROTECTION, field) for field in AgreedField
    }


CONSENT = {"given_on": "2026-11-20", "language": "id"}
OVERRIDE = {"law": "Law 1", "decided_by": "Head of office", "why": "Danger."}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"assessment": "A1", "party": "p-1", "consent": CONSENT},
        {"assessment": "A1"},
        {"assessment": "A1", "consent": CONSENT, "override": OVERRIDE},
        {"assessment": "A1", "consent": CONSENT, "reasons": ["wages"]},
        {"party": "p-1"},
        {"party": "p-1", "reasons": ["wages"], "contact": "0811"},
        {"party": "p-1", "reasons": ["wages"], "consent": CONSENT},
        {"party": "p-1", "reasons": ["wages"], "override": OVERRIDE},
    ],
    ids=str,
)
def test_person_and_party_are_different_things(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"of a p|about a p"):
        ReferralBody.model_validate({"to": "police"} | body)
