"""The rules of deciding, by themselves: every step of every state, every signal, every seat."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.adjudication.people import NotAReviewerError, counted_for, officer, reviewer
from services.registry.adjudication.rules import (
    APPEAL_HARM,
    DecisionRefusedError,
    Seat,
    SoleGroundError,
    Vote,
    agreed,
    check_decision,
    codes_of,
    grounds_to_open,
    harm_of,
    is_childs,
    link_of,
    may_sit,
    members_of,
    opens,
    others_of,
    step_of,
    wanted_seats,
)
from services.registry.adjudication.states import ADVERSE, HUMANS, NEXT, IllegalStepError, Step, take
from shared.contracts.adjudication import Finding, Ground
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.registrations import (
    RegistrationCandidate,
    RegistrationState,
    Relation,
    Signal,
    SignalCode,
    Strength,
)

_S = RegistrationState
ONE, OTHER = f"R{'1' * 24}", f"R{'2' * 24}"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=10)

LEGAL = {
    (_S.PROVISIONAL, Step.REVIEW): _S.UNDER_REVIEW,
    (_S.UNDER_REVIEW, Step.REVIEW): _S.UNDER_REVIEW,
    (_S.UNDER_REVIEW, Step.VERIFY): _S.VERIFIED,
    (_S.UNDER_REVIEW, Step.REJECT): _S.REJECTED,
    (_S.UNDER_REVIEW, Step.MERGE): _S.MERGED,
    (_S.UNDER_REVIEW, Step.PROTECT): _S.PROTECTED,
    (_S.UNDER_REVIEW, Step.UNSEAL): _S.PROVISIONAL,
    (_S.VERIFIED, Step.REVIEW): _S.UNDER_REVIEW,
    (_S.REJECTED, Step.REVIEW): _S.UNDER_REVIEW,
    (_S.MERGED, Step.REVIEW): _S.UNDER_REVIEW,
    (_S.PROTECTED, Step.REVIEW): _S.UNDER_REVIEW,
    **{(state, Step.WITHDRAW): _S.WITHDRAWN for state in _S if state is not _S.WITHDRAWN},
}


@pytest.mark.parametrize(("state", "step"), sorted(itertools.product(_S, Step)))
def test_every_step_of_every_state(state: RegistrationState, step: Step) -> None:
    if (state, step) in LEGAL:
        assert take(state, step, {"a", "b"}) is LEGAL[state, step]
    else:
        with pytest.raises(IllegalStepError):
            take(state, step, {"a", "b"})


@pytest.mark.parametrize("step", sorted(Step))
def test_no_machine_takes_a_step_and_nothing_lasts_by_one_person(step: Step) -> None:
    state = next(state for state in _S if step in NEXT[state])
    for few in range(HUMANS[step]):
        with pytest.raises(IllegalStepError):
            take(state, step, {str(number) for number in range(few)})
    assert HUMANS[step] == (1 if step in {Step.REVIEW, Step.WITHDRAW} else 2)


def test_adverse_states_are_reached_by_two_only() -> None:
    leading = {step for steps in NEXT.values() for step, state in steps.items() if state in ADVERSE}
    assert leading == {Step.REJECT, Step.MERGE}
    assert {step_of(finding) for finding in Finding} <= {step for step in Step if HUMANS[step] == 2}


def a_signal(code: SignalCode, strength: Strength = Strength.WEAK, **evidence: object) -> Signal:
    return Signal(code=code, strength=strength, evidence=evidence, rule="r", says="s", does_not_prove="d")


ALWAYS = {
    SignalCode.CHILD_POSSIBLE,
    SignalCode.SAME_PERSON_OTHER_IDENTITY,
    SignalCode.DOCUMENT_NUMBER_REUSED,
    SignalCode.PORTRAIT_MISMATCH,
}
NEVER = {SignalCode.BELOW_SECTOR_MINIMUM, SignalCode.AGE_UNDETERMINED, SignalCode.AGE_ESTIMATE_YOUNG}


@pytest.mark.parametrize("code", sorted(SignalCode))
@pytest.mark.parametrize("strength", list(Strength))
def test_which_signals_open_a_case(code: SignalCode, strength: Strength) -> None:
    expected = code in ALWAYS or (strength is Strength.STRONG and code not in NEVER)
    if code in {SignalCode.CANDIDATE_IN_OTHER_MEMBER, SignalCode.DOCUMENT_IN_OTHER_MEMBER}:
        expected = strength is not Strength.WEAK
    assert opens(a_signal(code, strength)) is expected


def test_grounds_name_each_thing_once() -> None:
    signals = [
        a_signal(SignalCode.DOCUMENT_NUMBER_REUSED, registrations=[ONE, OTHER]),
        a_signal(SignalCode.CHILD_POSSIBLE, claims=["typed", f"registration {ONE}"]),
        a_signal(SignalCode.MRZ_CHECK_DIGIT),
    ]
    twin = RegistrationCandidate(
        registration=OTHER,
        score=5,
        relation=Relation.RE_REGISTRATION,
        differences=[],
        scores=[],
        contradiction=[{"face": 4}],
    )
    grounds = grounds_to_open(signals, [twin, twin.model_copy(update={"contradiction": []})])
    assert codes_of(grounds) == ["CHILD_POSSIBLE", "DOCUMENT_NUMBER_REUSED", "MODALITIES_CONTRADICT"]
    assert len(grounds) == 5
    assert others_of(grounds) == [ONE, OTHER]
    assert is_childs(grounds)
    assert not is_childs(grounds_to_open(signals[:1], [twin]))


def test_a_ground_about_another_member_names_it_and_leaves_out_who_showed_the_same_document() -> None:
    found = [{"member": "MYS", "strength": "strong"}, {"member": "THA", "strength": "weak"}]
    grounds = grounds_to_open([a_signal(SignalCode.CANDIDATE_IN_OTHER_MEMBER, Strength.STRONG, candidates=found)], [])
    assert (grounds, members_of(grounds), others_of(grounds)) == ({"CANDIDATE_IN_OTHER_MEMBER:MYS"}, ["MYS"], [])


def test_a_child_first_then_an_appeal_then_whose_papers_are_used() -> None:
    child, document, same = "CHILD_POSSIBLE:typed", f"DOCUMENT_NUMBER_REUSED:{ONE}", f"SAME_PERSON_OTHER_IDENTITY:{ONE}"
    order = [
        harm_of([child, same], appealed=False),
        harm_of([same], appealed=True),
        harm_of([document, same], appealed=False),
        harm_of([same], appealed=False),
        harm_of([f"MODALITIES_CONTRADICT:{ONE}"], appealed=False),
    ]
    assert order == sorted(order)
    assert order[0] < APPEAL_HARM == order[1] < order[2] < order[3] == order[4]


def vote(finding: Finding, other: str | None = None) -> Vote:
    return Vote(finding, other)


@given(st.lists(st.sampled_from([vote(finding) for finding in Finding]), max_size=6))
def test_a_finding_holds_when_two_came_to_it(votes: list[Vote]) -> None:
    found = agreed(votes)
    assert (found is not None) is (len(set(votes)) < len(votes))
    assert found is None or votes.count(found) >= 2
    assert wanted_seats(votes) == (max(2, len(votes) + (found is None and len(votes) >= 2)))


def test_the_same_finding_about_another_record_is_another_finding() -> None:
    assert agreed([vote(Finding.SAME_IDENTITY, ONE), vote(Finding.SAME_IDENTITY, OTHER)]) is None


def seat(reviewer: str, finding: Finding | None = None, *, of_round: int = 1, until: datetime = LATER) -> Seat:
    return Seat(of_round, reviewer, until, finding)


CHILD, ADULT = Finding.CHILD, Finding.ADULT


@pytest.mark.parametrize(
    ("seats", "current", "appealed_from", "expected"),
    [
        ([], 1, 0, True),
        ([seat("b")], 1, 0, True),
        ([seat("b"), seat("c")], 1, 0, False),  # two sit
        ([seat("b"), seat("c", until=NOON)], 1, 0, True),  # one's time is over
        ([seat("b", CHILD), seat("c")], 1, 0, False),
        ([seat("b", CHILD, until=NOON), seat("c", CHILD)], 1, 0, False),  # decided
        ([seat("b", CHILD), seat("c", ADULT)], 1, 0, True),  # a third
        ([seat("b", CHILD), seat("c", ADULT), seat("d")], 1, 0, False),  # a third sits
        ([seat("a", CHILD)], 1, 0, False),  # found already
        ([seat("a")], 1, 0, True),  # in hand: for another half an hour
        ([seat("a", CHILD)], 2, 0, True),  # looked at again
        ([seat("a", CHILD)], 2, 2, False),  # appealed against
        ([seat("a", CHILD)], 3, 2, False),
        ([seat("a", CHILD, of_round=2)], 3, 2, True),  # decided the appeal; reopened later
        ([seat("a")], 2, 2, True),  # had it in hand, decided nothing
    ],
)
def test_who_may_sit(seats: list[Seat], current: int, appealed_from: int, expected: bool) -> None:
    assert may_sit("a", seats, current, appealed_from, NOON) is expected


CHILDS = {Finding.CHILD, Finding.ADULT, Finding.COME_OF_AGE}
ABOUT = {
    Finding.SAME_IDENTITY,
    Finding.SAME_PERSON_TRUE_HERE,
    Finding.SAME_PERSON_TRUE_ELSEWHERE,
    Finding.DIFFERENT_PERSONS,
}


@pytest.mark.parametrize("finding", sorted(Finding))
def test_a_face_age_estimate_is_never_the_only_ground(finding: Finding) -> None:
    child, other = finding in CHILDS, ONE if finding in ABOUT else None
    with pytest.raises(SoleGroundError):
        check_decision(finding, other, {Ground.FACE_AGE_ESTIMATE}, child=child, others=[ONE])
    with_another = {Ground.FACE_AGE_ESTIMATE, Ground.BIRTH_RECORD}
    check_decision(finding, other, with_another, child=child, others=[ONE])


@given(
    st.sampled_from(list(Finding)),
    st.sampled_from([None, ONE, OTHER]),
    st.frozensets(st.sampled_from(list(Ground)), min_size=1),
    st.booleans(),
)
def test_what_a_decision_may_say(finding: Finding, other: str | None, grounds: frozenset[Ground], child: bool) -> None:
    papers = {Ground.BIRTH_RECORD, Ground.DOCUMENT_EXAMINED, Ground.CHIP_AUTHENTICATED, Ground.ISSUER_CONFIRMED}
    good = (
        grounds != {Ground.FACE_AGE_ESTIMATE}
        and child is (finding in CHILDS)
        and (finding is not Finding.COME_OF_AGE or bool(grounds & papers))
        and (finding not in ABOUT or other is not None)
        and other != OTHER
    )
    if good:
        check_decision(finding, other, grounds, child=child, others=[ONE])
    else:
        with pytest.raises(DecisionRefusedError):
            check_decision(finding, other, grounds, child=child, others=[ONE])


def test_only_findings_about_another_record_tie_two() -> None:
    assert {finding for finding in Finding if link_of(finding)} == ABOUT | {Finding.DOCUMENT_OF_ANOTHER}


@pytest.mark.parametrize(("role", "purpose"), sorted(itertools.product(Role, Purpose)))
def test_who_decides_and_who_speaks_for_a_worker(role: Role, purpose: Purpose) -> None:
    caller = Caller(client_id="c", organisation="o", member="IDN", role=role, purpose=purpose)
    appointed = {
        (Role.ADJUDICATOR, Purpose.ADJUDICATION): "registration",
        (Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION): "child_protection",
    }
    if (role, purpose) in appointed:
        assert reviewer(caller).audience == appointed[role, purpose]
    else:
        with pytest.raises(NotAReviewerError):
            reviewer(caller)
    overseers = {(Role.REGISTRAR, Purpose.REGISTER_MAINTENANCE), (Role.AUDITOR, Purpose.AUDIT)}
    if (role, purpose) in appointed or (role, purpose) in overseers:
        assert counted_for(caller).audience == appointed.get((role, purpose), "registration")
    else:
        with pytest.raises(NotAReviewerError):
            counted_for(caller)
    if (role, purpose) == (Role.DESK_OFFICER, Purpose.WORKER_REGISTRATION):
        assert officer(caller) == "c"
    else:
        with pytest.raises(NotAReviewerError):
            officer(caller)
