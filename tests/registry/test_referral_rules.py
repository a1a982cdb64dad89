"""How referrals move: every legal move, every illegal one, clocks, children, and what agreements let pass."""

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
    IllegalReferralMoveError,
    NotForThisOfficeError,
    NotThisSideError,
    Side,
    check_child,
    due_at,
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


@given(st.sampled_from(Answer), st.sampled_from(ReferralOffice), st.sampled_from(ReferralOffice))
def test_a_child_goes_to_child_protection_and_never_to_the_police(
    child: Answer, sender: ReferralOffice, receiver: ReferralOffice
) -> None:
    protection, police = ReferralOffice.CHILD_PROTECTION, ReferralOffice.POLICE
    allowed = child is Answer.NO or (
        receiver is not police and (child is Answer.UNKNOWN or protection in {sender, receiver})
    )
    if allowed:
        check_child(child, sender, receiver)
    else:
        with pytest.raises(NotForThisOfficeError):
            check_child(child, sender, receiver)


def test_agreements_are_sound() -> None:
    keys = [(each.sender, each.receiver, each.about) for each in all_agreements()]
    assert len(set(keys)) == len(keys) == 20
    person = set(AgreedField) - {AgreedField.PARTY, AgreedField.REASONS}
    for each in all_agreements():
        assert each.sender is not each.receiver
        assert each.basis
        if each.about is ReferralAbout.PERSON:
            assert set(each.fields) <= person
            assert ReferralOffice.LICENSING not in {each.sender, each.receiver}, "licensing hears of no person"
            assert not each.reasons
        else:
            assert set(each.fields) == {AgreedField.PARTY, AgreedField.REASONS}
            assert each.reasons


def test_neither_police_nor_labour_get_what_is_not_theirs() -> None:
    person, office = ReferralAbout.PERSON, ReferralOffice
    for sender in (office.LABOUR_INSPECTION, office.VICTIM_SERVICES):
        assert AgreedField.CONTACT not in agreement(sender, office.POLICE, person).fields
    labour = agreement(office.POLICE, office.LABOUR_INSPECTION, person).fields
    assert not {AgreedField.STRENGTH, AgreedField.INDICATORS} & set(labour), "no investigative content"
    with pytest.raises(NotAgreedError):
        agreement(office.CHILD_PROTECTION, office.POLICE, person)
    agreed = agreement(office.POLICE, office.LABOUR_INSPECTION, ReferralAbout.PARTY)
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
        **dict.fromkeys((Role.LABOUR_INSPECTOR, Role.INVESTIGATOR, Role.VICTIM_SUPPORT, Role.CHILD_PROTECTION), whole),
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
