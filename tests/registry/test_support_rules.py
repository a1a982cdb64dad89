"""Services and returns: every state with every move; what a return needs; who may reflect for how long."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from services.registry.clocks import Clock, term
from services.registry.support import records, tables
from services.registry.support.records import CaseRecord, ReturnRecord, ServiceRecord
from services.registry.support.rules import (
    LONGEST_STAND_IN,
    IllegalSupportMoveError,
    PartNotForMoveError,
    ProviderUnfitError,
    ReflectionShortenedError,
    ReturnLacksError,
    StandInRefusedError,
    check_provider,
    check_stand_in,
    ends_on,
    extended,
    lacks,
    reflection_end,
    return_moved,
    return_moves,
    service_moved,
    service_moves,
)
from services.registry.tables import Base
from shared.contracts import support as contract
from shared.contracts import support_plan as plan
from shared.contracts.adjudication import VictimStatus
from shared.contracts.referrals import Consent
from shared.contracts.support import (
    Presumption,
    PresumptionGround,
    ReflectionWish,
    SupportCaseBody,
)
from shared.contracts.support_plan import (
    Determination,
    Provider,
    ProviderNotice,
    RepatriationEnding,
    RepatriationMove,
    RepatriationState,
    RepatriationStep,
    ReturnLack,
    Safety,
    ServiceKind,
    ServiceMove,
    ServiceOutcome,
    ServiceState,
    ServiceStep,
    Voluntariness,
)
from shared.standards.indicators.rules import Answer

DAY, AT = date(2026, 11, 20), datetime(2026, 11, 20, tzinfo=UTC)
CONSENT = Consent(given_on=DAY, language="id")
TOLD = ProviderNotice(
    reference="P1", service=ServiceKind.SHELTER, language="id", child=Answer.NO, told_at=AT, by="officer"
)
SERVICE = {  # state: what can be done, and where it leads
    "planned": {"offer": "offered", "drop": "ended"},
    "offered": {"accept": "accepted", "decline": "declined", "drop": "ended"},
    "accepted": {"refer": "accepted", "begin": "under_way", "drop": "ended", "revoke": "ended"},
    "declined": {},
    "under_way": {"end": "ended", "revoke": "ended"},
    "ended": {},
}
WITH: dict[str, dict[str, Any]] = {
    "offer": {"provider": "shelter-1"},
    "accept": {"consent": CONSENT},
    "end": {"outcome": "achieved"},
    "drop": {"outcome": "not_needed"},
}
RETURN = {
    "planned": {"arrange": "arranged", "cancel": "cancelled"},
    "arranged": {"depart": "under_way", "cancel": "cancelled"},
    "under_way": {"arrive": "returned", "cancel": "cancelled"},
    "returned": {},
    "cancelled": {},
}
GATED = {"depart", "arrive"}


def said(voluntary: bool) -> Voluntariness:
    return Voluntariness(voluntary=voluntary, asked_on=DAY, language="id", by="officer", at=AT)


def safety(safe: bool) -> Safety:
    return Safety(safe=safe, assessed_on=DAY, risks="Debts.", measures="Paid.", by="officer", at=AT)


def best(recommended: bool) -> Determination:
    texts = dict.fromkeys(["child_heard", "guardian", "safety", "assessment", "recommended"], "As told.")
    return Determination(**texts, return_recommended=recommended, by="protector", at=AT)


@pytest.mark.parametrize("state", sorted(ServiceState))
@pytest.mark.parametrize("move", sorted(ServiceMove))
@pytest.mark.parametrize("told", [None, TOLD], ids=["untold", "told"])
def test_every_move_of_a_service_from_every_state(state: ServiceState, move: ServiceMove, told: Any) -> None:
    service = ServiceRecord(service=ServiceKind.SHELTER, state=state, told=told)
    step = ServiceStep(move=move, **WITH.get(move, {}))
    offered = {each.move: each.codes for each in service_moves(service)}
    expected = SERVICE[state].get(move)
    if (move == "begin" and told is None) or (move == "refer" and told is not None):
        expected = None
    if expected is None:
        assert move not in offered
        with pytest.raises(IllegalSupportMoveError):
            service_moved(service, step)
    else:
        assert (step.outcome in offered[move]) == (step.outcome is not None)
        assert service_moved(service, step) == expected


@pytest.mark.parametrize(("state", "move"), sorted((state, move) for state, moves in SERVICE.items() for move in moves))
def test_a_move_brings_its_own_part_and_nothing_else(state: str, move: str) -> None:
    told = TOLD if move == "begin" else None
    service = ServiceRecord(service=ServiceKind.SHELTER, state=ServiceState(state), told=told)
    own = WITH.get(move, {})
    every = {"provider": "shelter-1", "consent": CONSENT, "outcome": "achieved"}
    wrong = [own | {name: value} for name, value in every.items() if name not in own] + ([{}] if own else [])
    for parts in wrong:
        with pytest.raises(PartNotForMoveError):
            service_moved(service, ServiceStep(move=ServiceMove(move), **parts))


def test_a_service_ends_with_an_outcome_of_its_own() -> None:
    going = ServiceRecord(service=ServiceKind.MEDICAL, state=ServiceState.UNDER_WAY)
    planned = ServiceRecord(service=ServiceKind.MEDICAL)
    for move, service in ((ServiceMove.END, going), (ServiceMove.DROP, planned)):
        taken = set()
        for outcome in ServiceOutcome:
            try:
                service_moved(service, ServiceStep(move=move, outcome=outcome))
                taken.add(outcome)
            except PartNotForMoveError:
                continue
        assert ServiceOutcome.CONSENT_REVOKED not in taken, "nobody but the person takes it back"
        assert taken >= {ServiceOutcome.PERSON_LEFT}


@pytest.mark.parametrize("state", sorted(RepatriationState))
@pytest.mark.parametrize("move", sorted(RepatriationMove))
@pytest.mark.parametrize("ready", [True, False], ids=["ready", "lacking"])
def test_every_move_of_a_return_from_every_state(state: RepatriationState, move: RepatriationMove, ready: bool) -> None:
    basis: dict[str, Any] = {"voluntariness": said(True), "safety": safety(True)} if ready else {}
    record = ReturnRecord(country="IDN", state=state, **basis)
    step = RepatriationStep(move=move, ending=RepatriationEnding.NO_PAPERS if move == "cancel" else None)
    expected = RETURN[state].get(move)
    offered = {each.move: each.codes for each in return_moves(record, Answer.NO)}
    assert (move in offered) == (expected is not None and (ready or move not in GATED))
    assert (offered.get(move, []) == []) == (move not in offered or step.ending is None)
    if expected is None:
        with pytest.raises(IllegalSupportMoveError):
            return_moved(record, step, Answer.NO)
    elif move in GATED and not ready:
        with pytest.raises(ReturnLacksError, match="voluntariness, safety"):
            return_moved(record, step, Answer.NO)
    else:
        assert return_moved(record, step, Answer.NO) == expected


def test_a_return_is_cancelled_for_a_reason_and_only_then_has_one() -> None:
    record = ReturnRecord(country="IDN")
    for step in (
        RepatriationStep(move=RepatriationMove.CANCEL),
        RepatriationStep(move=RepatriationMove.ARRANGE, ending=RepatriationEnding.NOT_SAFE),
    ):
        with pytest.raises(PartNotForMoveError):
            return_moved(record, step, Answer.NO)


NO_YES: list[bool | None] = [None, False, True]


@pytest.mark.parametrize("child", sorted(Answer))
def test_nobody_is_returned_before_all_of_it_stands(child: Answer) -> None:
    arrive = RepatriationStep(move=RepatriationMove.ARRIVE)
    for will, safe, good in product(NO_YES, NO_YES, NO_YES):
        record = ReturnRecord(
            country="IDN",
            state=RepatriationState.UNDER_WAY,
            voluntariness=None if will is None else said(will),
            safety=None if safe is None else safety(safe),
            determination=None if good is None else best(good),
        )
        against = set(lacks(record, child))
        assert (ReturnLack.VOLUNTARINESS in against, ReturnLack.NOT_VOLUNTARY in against) == (
            will is None,
            will is False,
        )
        assert (ReturnLack.SAFETY in against, ReturnLack.NOT_SAFE in against) == (safe is None, safe is False)
        asked = child is not Answer.NO  # unknown is not no
        assert (ReturnLack.BEST_INTERESTS in against, ReturnLack.NOT_IN_BEST_INTERESTS in against) == (
            asked and good is None,
            asked and good is False,
        )
        if will and safe and (good or child is Answer.NO):
            assert return_moved(record, arrive, child) is RepatriationState.RETURNED
        else:
            with pytest.raises(ReturnLacksError):
                return_moved(record, arrive, child)


STEPS = st.lists(
    st.one_of(
        st.sampled_from(RepatriationMove),
        st.tuples(st.sampled_from(["voluntariness", "safety", "determination"]), st.booleans()),
        st.sampled_from(Answer),
    ),
    max_size=30,
)


@given(steps=STEPS)
def test_whatever_is_done_who_departs_and_who_arrives_does_so_willingly_and_safely(steps: list[Any]) -> None:
    record, child = ReturnRecord(country="IDN"), Answer.UNKNOWN
    made = {"voluntariness": said, "safety": safety, "determination": best}
    for step in steps:
        if isinstance(step, Answer):
            child = step
        elif isinstance(step, tuple):
            setattr(record, step[0], made[step[0]](step[1]))  # type: ignore[operator]
        else:
            ending = RepatriationEnding.NOT_SAFE if step is RepatriationMove.CANCEL else None
            try:
                record.state = return_moved(record, RepatriationStep(move=step, ending=ending), child)
            except (IllegalSupportMoveError, ReturnLacksError):
                continue
            if step in GATED:
                assert record.voluntariness is not None
                assert record.voluntariness.voluntary
                assert record.safety is not None
                assert record.safety.safe
                if child is not Answer.NO:
                    assert record.determination is not None
                    assert record.determination.return_recommended


def a_case(begins: date = DAY) -> CaseRecord:
    presumption = Presumption(
        status=VictimStatus.PRESUMED,
        ground=PresumptionGround.OFFICER,
        found_on=DAY,
        reason="She asked for help.",
        lead=None,
        since=AT,
        by="officer",
    )
    return CaseRecord(
        called=None, language="id", presumption=presumption, begins=begins, ends=reflection_end("IDN", begins)
    )


@given(days=st.lists(st.integers(-400, 400), max_size=12))
def test_a_reflection_period_is_never_cut_short(days: list[int]) -> None:
    case = a_case()
    for moved in days:
        before, until = ends_on(case), DAY + timedelta(days=moved)
        if until > before:
            case.ends = extended(case, until)
            assert ends_on(case) == until
        else:
            with pytest.raises(ReflectionShortenedError):
                extended(case, until)
        assert ends_on(case) >= before


def test_only_the_persons_own_wish_ends_it_and_it_can_go_on() -> None:
    case = a_case()
    case.wish = ReflectionWish(wished_on=DAY + timedelta(days=3), language="id")
    assert ends_on(case) == DAY + timedelta(days=3)
    assert extended(case, DAY + timedelta(days=4)) == DAY + timedelta(days=4)
    case.wish = ReflectionWish(wished_on=case.ends + timedelta(days=9), language="id")
    assert ends_on(case) == case.ends


def test_its_length_is_each_members_clock_with_its_source() -> None:
    assert reflection_end("IDN", DAY) == DAY + timedelta(days=30)
    assert reflection_end("THA", DAY) == DAY + timedelta(days=45)
    for member in ("IDN", "THA"):
        clock = term(member, Clock.REFLECTION)
        assert (clock.unit, clock.confidence) == ("days", "unconfirmed")
        assert clock.source


def test_a_provider_does_what_is_asked_and_takes_who_may_be_a_child() -> None:
    provider = Provider(
        id="a", name="A", services=[ServiceKind.SHELTER], languages=["id"], accepts_children=False, active=True
    )
    shelter, school = (ServiceRecord(service=kind) for kind in (ServiceKind.SHELTER, ServiceKind.EDUCATION))
    check_provider(provider, shelter, Answer.NO)
    refused = [
        (provider, shelter, Answer.UNKNOWN),
        (provider, shelter, Answer.YES),
        (provider, school, Answer.NO),
        (provider.model_copy(update={"active": False}), shelter, Answer.NO),
    ]
    for asked in refused:
        with pytest.raises(ProviderUnfitError):
            check_provider(*asked)
    check_provider(provider.model_copy(update={"accepts_children": True}), shelter, Answer.UNKNOWN)


def test_who_stands_in_is_somebody_else_and_for_a_while() -> None:
    check_stand_in("b", "a", DAY, DAY)
    check_stand_in("b", "a", DAY + LONGEST_STAND_IN, DAY)
    for person, until in (("a", DAY), ("b", DAY - timedelta(days=1)), ("b", DAY + LONGEST_STAND_IN + timedelta(1))):
        with pytest.raises(StandInRefusedError):
            check_stand_in(person, "a", until, DAY)


LEAD = {"ground": "lead", "found_on": DAY, "assessment": "A1"}
OFFICER = {"ground": "officer", "found_on": DAY, "reason": "She asked for help."}


@pytest.mark.parametrize(
    "body",
    [
        LEAD | {"assessment": None},
        LEAD | {"referral": "R1"},
        OFFICER | {"reason": None},
        OFFICER | {"assessment": "A1"},
        OFFICER | {"referral": "R1"},
    ],
    ids=str,
)
def test_a_presumption_has_one_ground(body: dict[str, Any]) -> None:
    for good in (LEAD, OFFICER):
        SupportCaseBody.model_validate(good)
    with pytest.raises(ValueError, match=r"a lead comes|an officer presumes"):
        SupportCaseBody.model_validate(body)


ABOUT_PROCEEDINGS = ("cooperat", "testi", "witness", "prosecut", "complain", "statement", "police", "court", "trial")
ABOUT_PLACES = ("address", "whereabouts", "location", "street", "city", "phone", "email", "contact", "room", "place")


def _words() -> set[str]:
    """Every name of a field, a column and a word of a closed list in this room."""
    found = {tables.ProviderRow.__name__}
    for module in (contract, plan, records):
        for name, thing in vars(module).items():
            if isinstance(thing, type) and thing.__module__ == module.__name__:
                found |= {name, *getattr(thing, "model_fields", {}), *getattr(thing, "__members__", {})}
    for table in Base.metadata.tables.values():
        if table.name.startswith("registry_support_"):
            found |= {table.name, *(column.name for column in table.columns)}
    return {word.casefold() for word in found}


@pytest.mark.parametrize("part", sorted(ABOUT_PROCEEDINGS))
def test_help_depends_on_nothing_that_a_person_does_for_a_proceeding(part: str) -> None:
    assert [word for word in _words() if part in word] == []


@pytest.mark.parametrize("part", sorted(ABOUT_PLACES))
def test_where_somebody_is_has_no_field(part: str) -> None:
    assert [word for word in _words() if part in word] == []


def test_every_text_is_short_and_one_line() -> None:
    taken = ("Body", "Step", "Wish")
    bodies = [
        thing
        for name, thing in (vars(contract) | vars(plan)).items()
        if name.endswith(taken) and issubclass(thing, BaseModel)
    ]
    kept_by_child_protection = set(plan.BestInterests.model_fields)
    texts = 0
    for body in bodies:
        for name, schema in body.model_json_schema()["properties"].items():
            plain = [each for each in schema.get("anyOf", [schema]) if each.get("type") == "string"]
            for each in plain:
                if name in kept_by_child_protection or "format" in each or "enum" in each:
                    continue
                texts += 1
                bounded = each.get("maxLength", 999) <= 300 or "{" in each.get("pattern", "")
                assert bounded, (body.__name__, name)
    assert texts > 15
