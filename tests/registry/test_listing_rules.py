"""Listings: every move from every state, the party's rights before it, and no path to a public unproven record."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import ValidationError

from services.registry.cases.rules import (
    DecisionMissingError,
    IllegalTransitionError,
    check_correction,
    check_transition,
    is_proven,
    is_spoken_of,
    label,
    legal_status,
)
from services.registry.cases.visibility import Audience, Sight, sight_of_case, sight_of_listing
from services.registry.listings.rules import (
    LABELS,
    DueProcessError,
    IllegalMoveError,
    Listing,
    check_move,
    legal_moves,
    refold,
    state_on,
    take,
    view,
)
from shared.contracts.cases import Appeal, LegalStatus, Proceeding, Stage
from shared.contracts.listings import ListingState, Move, MoveBody
from tests.registry.test_case_rules import Facts, is_tellable

DAY = timedelta(days=1)
START = date(2024, 1, 1)
PROVEN = LegalStatus.CONVICTED_FINAL
NEEDED: dict[Move, dict[str, Any]] = {
    Move.NOTIFY: {"notice": "N-1"},
    Move.DECIDE: {"outcome": "upheld"},
    Move.REMOVE: {"ground": "court"},
}
"""Particulars without which a move is not one."""


def step(move: Move | str, on: date, **particulars: Any) -> MoveBody:
    given = NEEDED.get(Move(move), {}) | particulars
    return MoveBody.model_validate({"move": move, "on": on, "source": "Gazette"} | given)


def moved(*steps: MoveBody, proven: bool = True) -> Listing:
    listing = Listing(member="IDN", last_on=START)
    for each in steps:
        listing = take(listing, check_move(listing, each, proven=proven))
    return listing


NOTIFIED = step("notify", START)
REPLIED = step("reply", START + DAY)
LISTED = step("list", START + 2 * DAY)
PATHS: dict[ListingState, tuple[MoveBody, ...]] = {
    ListingState.PROPOSED: (),
    ListingState.NOTIFIED: (NOTIFIED,),
    ListingState.REPRESENTATIONS: (NOTIFIED, REPLIED),
    ListingState.LISTED: (NOTIFIED, REPLIED, LISTED),
    ListingState.SUSPENDED: (NOTIFIED, REPLIED, LISTED, step("suspend", START + 3 * DAY)),
    ListingState.AGREEMENT: (NOTIFIED, REPLIED, LISTED, step("agree", START + 3 * DAY)),
    ListingState.REMOVED: (NOTIFIED, REPLIED, LISTED, step("remove", START + 3 * DAY)),
    ListingState.DROPPED: (step("drop", START + 3 * DAY),),
}
LEGAL = {
    ("proposed", "notify"): "notified",
    ("proposed", "drop"): "dropped",
    ("notified", "reply"): "representations",
    ("notified", "list"): "listed",
    ("notified", "drop"): "dropped",
    ("representations", "list"): "listed",
    ("representations", "drop"): "dropped",
    ("listed", "appeal"): "listed",
    ("listed", "suspend"): "suspended",
    ("listed", "agree"): "agreement",
    ("listed", "remove"): "removed",
    ("suspended", "relist"): "listed",
    ("suspended", "remove"): "removed",
    ("agreement", "breach"): "listed",
    ("agreement", "remove"): "removed",
}
LATER = START + 60 * DAY


@pytest.mark.parametrize(("state", "move"), list(itertools.product(PATHS, Move)))
def test_every_move_from_every_state(state, move):
    listing = moved(*PATHS[state])
    assert listing.state is state
    legal = {possible for begin, possible in LEGAL if begin == state}
    assert set(legal_moves(listing, LATER)) == legal
    if move in legal:
        after = take(listing, check_move(listing, step(move, LATER), proven=True))
        assert after.state == LEGAL[state, move]
        return
    with pytest.raises(IllegalMoveError) as refused:
        check_move(listing, step(move, LATER), proven=True)
    assert all(possible in refused.value.errors[0].detail for possible in legal)


@pytest.mark.parametrize("move", Move)
def test_nothing_moves_a_listing_whose_time_is_over(move):
    listing = moved(*PATHS[ListingState.LISTED])
    over = listing.until + DAY
    assert state_on(listing, listing.until) is ListingState.LISTED
    assert state_on(listing, over) is ListingState.EXPIRED
    assert legal_moves(listing, over) == []
    with pytest.raises(IllegalMoveError):
        check_move(listing, step(move, over), proven=True)


@pytest.mark.parametrize("state", [ListingState.SUSPENDED, ListingState.AGREEMENT])
def test_the_clock_ends_suspension_and_agreement_too(state):
    listing = moved(*PATHS[state])
    assert state_on(listing, listing.until + DAY) is ListingState.EXPIRED


@pytest.mark.parametrize(("outcome", "state"), [("upheld", "listed"), ("overturned", "removed")])
def test_an_appeal_is_decided(outcome, state):
    listing = moved(*PATHS[ListingState.LISTED], step("appeal", LATER))
    assert set(legal_moves(listing, LATER)) == {Move.DECIDE, Move.SUSPEND, Move.REMOVE}
    after = take(listing, check_move(listing, step("decide", LATER, outcome=outcome), proven=True))
    assert (after.state, after.appeal) == (state, outcome)
    again = Move.APPEAL in legal_moves(after, LATER)
    assert again is (outcome == "upheld")


def test_nobody_is_listed_before_the_time_for_a_reply_is_over():
    notified = moved(NOTIFIED)
    with pytest.raises(DueProcessError):
        check_move(notified, step("list", notified.reply_by), proven=True)
    assert check_move(notified, step("list", notified.reply_by + DAY), proven=True)
    assert check_move(moved(NOTIFIED, REPLIED), step("list", REPLIED.on), proven=True)


def test_the_time_for_a_reply_can_be_longer_but_not_shorter_than_the_members():
    with pytest.raises(DueProcessError):
        check_move(moved(), step("notify", START, reply_by=START + 14 * DAY), proven=False)
    assert moved(step("notify", START, reply_by=START + 30 * DAY)).reply_by == START + 30 * DAY


@pytest.mark.parametrize("move", ["list", "relist", "breach"])
def test_nobody_is_listed_on_what_is_not_proven(move):
    before = {
        "list": ListingState.REPRESENTATIONS,
        "relist": ListingState.SUSPENDED,
        "breach": ListingState.AGREEMENT,
    }[move]
    with pytest.raises(DueProcessError):
        check_move(moved(*PATHS[before]), step(move, LATER), proven=False)


@pytest.mark.parametrize(
    ("state", "wrong"),
    [
        ("representations", {"move": "list", "until": LATER + 800 * DAY}),
        ("representations", {"move": "list", "until": START}),
        ("listed", {"move": "agree", "until": LATER + 800 * DAY}),
        ("listed", {"move": "appeal", "review_by": LATER + 91 * DAY}),
    ],
)
def test_no_time_is_longer_than_the_members(state, wrong):
    with pytest.raises(DueProcessError):
        check_move(moved(*PATHS[state]), step(on=LATER, **wrong), proven=True)


def test_moves_come_in_the_order_of_their_days():
    with pytest.raises(IllegalMoveError) as refused:
        check_move(moved(NOTIFIED, REPLIED), step("list", REPLIED.on - DAY), proven=True)
    assert refused.value.errors[0].pointer == "/body/on"


@pytest.mark.parametrize(
    "wrong",
    [
        {"move": "notify"},
        {"move": "remove"},
        {"move": "decide"},
        {"move": "decide", "outcome": "pending"},
        {"move": "list", "notice": "N-1"},
        {"move": "drop", "ground": "error"},
        {"move": "suspend", "until": "2025-01-01"},
        {"move": "reply", "stay": True},
        {"move": "expire"},
    ],
)
def test_a_move_has_its_own_particulars_and_no_others(wrong):
    with pytest.raises(ValidationError):
        MoveBody.model_validate({"on": "2024-01-01", "source": "Gazette"} | wrong)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("status", LegalStatus)
@pytest.mark.parametrize("state", PATHS)
def test_every_state_of_listing_and_case_for_every_audience(state, status, audience):
    listing = moved(*PATHS[state])
    seen = sight_of_listing(view(listing, status, LATER), LATER, audience)
    over = state in (ListingState.REMOVED, ListingState.DROPPED) or not is_spoken_of(status)
    public = state in (ListingState.LISTED, ListingState.AGREEMENT) and is_proven(status)
    if over:
        assert seen is (Sight.SEALED if audience is Audience.KEEPER else Sight.HIDDEN)
    elif public:
        assert seen is Sight.FINDING
    else:
        assert seen is (Sight.HIDDEN if audience is Audience.PUBLIC else Sight.LABELLED)


def test_an_appeal_hides_with_a_stay_at_once_and_without_one_when_it_is_overdue():
    def public(listing: Listing, on: date) -> bool:
        return sight_of_listing(view(listing, PROVEN, on), on, Audience.PUBLIC) is Sight.FINDING

    plain = moved(*PATHS[ListingState.LISTED], step("appeal", LATER))
    assert public(plain, plain.review_by)
    assert not public(plain, plain.review_by + DAY)
    stayed = moved(*PATHS[ListingState.LISTED], step("appeal", LATER, stay=True))
    assert not public(stayed, LATER)
    upheld = take(stayed, check_move(stayed, step("decide", LATER + DAY), proven=True))
    assert public(upheld, LATER + DAY)


def test_what_is_pending_is_labelled_as_no_finding():
    shown = {ListingState.LISTED, ListingState.AGREEMENT}
    over = {ListingState.EXPIRED, ListingState.REMOVED, ListingState.DROPPED}
    assert {state for state in ListingState if "not a finding" in LABELS[state]} == set(ListingState) - shown - over


# --- no path to a public unproven record --------------------------------------------------------------------------


BEGINNINGS = [
    *(PATHS[state] for state in sorted(PATHS)),
    (*PATHS[ListingState.LISTED], step("appeal", START + 3 * DAY)),
    (*PATHS[ListingState.LISTED], step("appeal", START + 3 * DAY, stay=True)),
]


class Register(RuleBasedStateMachine):
    """A case and a listing that rests on it, moved about at random, and looked at from outside all the time."""

    def __init__(self) -> None:
        super().__init__()
        self.today = date(2024, 1, 1)
        self.case = Facts(Stage.REPORTED, opened_on=self.today)
        self.steps: list[MoveBody] = []

    @initialize(decided=st.booleans(), path=st.sampled_from(BEGINNINGS))
    def a_beginning(self, decided: bool, path: tuple[MoveBody, ...]) -> None:
        """Anywhere that a case and a listing can have got to: random moves alone rarely get as far as a list."""
        if decided:
            self.case = Facts(Stage.CONVICTED, final_on=self.today, opened_on=self.today)
            self.steps = []
            for each in path:
                self.steps.append(check_move(self.listing, each, proven=True))
            self.today = max([self.today, *(each.on for each in self.steps)])

    @property
    def listing(self) -> Listing:
        return refold("IDN", date(2024, 1, 1), self.steps)

    def proven(self) -> bool:
        return is_proven(legal_status(self.case, self.today))

    @rule(days=st.sampled_from([1, 10, 40, 200, 800]))
    def time_goes_by(self, days: int) -> None:
        self.today += days * DAY

    @rule(stage=st.sampled_from(sorted(Stage)))
    def the_case_goes_on(self, stage: Stage) -> None:
        self._tell(replace(self.case, stage=stage, stage_on=self.today))

    @rule(appeal=st.sampled_from(sorted(Appeal)), final=st.sampled_from([None, 0, 30]))
    def the_decision_is_appealed_or_final(self, appeal: Appeal, final: int | None) -> None:
        final_on = None if final is None else self.today + final * DAY
        self._tell(replace(self.case, appeal=appeal, appeal_on=None, final_on=final_on))

    def _tell(self, after: Facts) -> None:
        if is_tellable(after):
            try:
                check_transition(self.case, after)
            except IllegalTransitionError:
                return
            self.case = after

    @rule(stage=st.sampled_from(sorted(Stage)), proceeding=st.sampled_from(sorted(Proceeding)), decided=st.booleans())
    def the_case_is_corrected(self, stage: Stage, proceeding: Proceeding, decided: bool) -> None:
        after = Facts(stage, proceeding=proceeding, opened_on=self.case.opened_on)
        try:
            check_correction(self.case, after, self.today, decided=decided)
        except DecisionMissingError:
            return
        self.case = after

    @rule(move=st.sampled_from(sorted(Move)), back=st.sampled_from([0, 0, 0, 20]), stay=st.booleans())
    def the_listing_moves(self, move: Move, back: int, stay: bool) -> None:
        particulars: dict[str, Any] = {"stay": stay} if move is Move.APPEAL else {}
        asked = step(move, self.today - back * DAY, **particulars)
        proven = is_proven(legal_status(self.case, asked.on))
        try:
            self.steps.append(check_move(self.listing, asked, proven=proven))
        except (IllegalMoveError, DueProcessError):
            return

    @precondition(lambda self: self.steps)
    @rule()
    def the_last_move_is_taken_back(self) -> None:
        before = refold("IDN", date(2024, 1, 1), self.steps[:-1])
        if before.state not in (ListingState.LISTED, ListingState.AGREEMENT) or self.proven():
            self.steps.pop()

    @invariant()
    def nothing_unproven_is_public(self) -> None:
        status = legal_status(self.case, self.today)
        assert sight_of_case(status, None, self.today, Audience.PUBLIC) is Sight.HIDDEN
        seen = sight_of_listing(view(self.listing, status, self.today), self.today, Audience.PUBLIC)
        assert seen in (Sight.FINDING, Sight.HIDDEN)
        if seen is Sight.FINDING:
            self._was_due_process()

    def _was_due_process(self) -> None:
        """Looked up in the moves and the case themselves."""
        case = self.case
        assert case.stage is Stage.CONVICTED
        assert case.appeal in (Appeal.NONE, Appeal.UPHELD)
        assert case.final_on is not None
        assert case.final_on <= self.today
        notice = next(each for each in self.steps if each.move is Move.NOTIFY)
        listed = next(each for each in self.steps if each.move is Move.LIST)
        replied = any(each.move is Move.REPLY and each.on <= listed.on for each in self.steps)
        assert notice.notice
        assert replied or listed.on >= notice.on + 16 * DAY
        last = self.steps[-1]
        assert last.move not in (Move.SUSPEND, Move.REMOVE, Move.DROP)
        if last.move is Move.APPEAL:
            assert not last.stay
            assert self.today <= last.on + 90 * DAY
        assert self.today <= add_two_years(max(each.on for each in self.steps))

    @invariant()
    def what_is_not_proven_says_so(self) -> None:
        status = legal_status(self.case, self.today)
        if sight_of_case(status, None, self.today, Audience.AUTHORITY) is Sight.LABELLED:
            assert "not proven" in label(status)
        listing = view(self.listing, status, self.today)
        seen = sight_of_listing(listing, self.today, Audience.AUTHORITY)
        if not is_spoken_of(status):
            assert seen is Sight.HIDDEN


def add_two_years(day: date) -> date:
    return day + 731 * DAY


TestRegister = Register.TestCase
TestRegister.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
