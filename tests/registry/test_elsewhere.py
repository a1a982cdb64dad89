"""What other members answer about a registration: signals, cases, who is asked again, and who is not asked about."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.adjudication.opening import Opening
from services.registry.workers.elsewhere import ASKED_FOR, LONGEST, elsewhere_signals, merged, next_try, told
from services.registry.workers.inquiries import Inquiries
from shared.contracts.region import Asked, Inquiry, MemberHits, Outcome, RegionHit, RegionState, ScoreBand
from shared.contracts.registrations import SignalCode, Strength
from shared.settings import Settings
from tests.registry.hall import DESK, SUPPORT, Hall, adjudicator, child_possible, open_hall, protector

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PERSON, NUMBER = SignalCode.CANDIDATE_IN_OTHER_MEMBER, SignalCode.DOCUMENT_IN_OTHER_MEMBER
HIT, NO_HIT, OTHER_MODEL = Outcome.HIT, Outcome.NO_HIT, Outcome.NOT_COMPARABLE
AT_MYS = "m" * 32


def answered(outcome: Outcome, band: ScoreBand | None = None, *same_as: str, member: str = "MYS") -> MemberHits:
    reference = AT_MYS if band else "n" * 32
    hit = RegionHit(reference=reference, band=band, compared=[], quality=None, expires=NOON, same_as=list(same_as))
    hits = [hit] if outcome is HIT else []
    return MemberHits(member=member, state=RegionState.ANSWERED, outcome=outcome, as_of=NOON, hits=hits)


def silent(member: str = "MYS") -> MemberHits:
    return MemberHits(member=member, state=RegionState.SILENT, reason="away")


def asked(biometrics: MemberHits | None, document: MemberHits | None = None) -> Asked:
    member = next(each.member for each in (biometrics, document) if each is not None)
    return Asked(member=member, biometrics=biometrics, document=document)


POSSIBLE, SURE = answered(HIT, ScoreBand.POSSIBLE), answered(HIT, ScoreBand.VERY_STRONG)
NOBODY, SHOWN = answered(NO_HIT), answered(HIT)
SAME = answered(HIT, None, AT_MYS)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (asked(NOBODY, NOBODY), {}),
        (asked(answered(OTHER_MODEL), NOBODY), {}),
        (asked(silent()), {}),
        (asked(POSSIBLE, NOBODY), {PERSON: Strength.MEDIUM}),
        (asked(SURE, NOBODY), {PERSON: Strength.STRONG}),
        (asked(answered(HIT, ScoreBand.STRONG)), {PERSON: Strength.STRONG}),
        (asked(SURE, SAME), {PERSON: Strength.WEAK}),
        (asked(SURE, SHOWN), {PERSON: Strength.STRONG, NUMBER: Strength.STRONG}),
        (asked(NOBODY, SHOWN), {NUMBER: Strength.STRONG}),
        (asked(answered(OTHER_MODEL), SHOWN), {NUMBER: Strength.WEAK}),
        (asked(None, SHOWN), {NUMBER: Strength.WEAK}),
    ],
)
def test_what_an_answer_points_at(answer: Asked, expected: dict[SignalCode, Strength]) -> None:
    assert {each.code: each.strength for each in elsewhere_signals([answer])} == expected


def test_the_evidence_names_member_reference_band_and_day_and_what_it_does_not_prove() -> None:
    (signal,) = elsewhere_signals([asked(SURE, NOBODY), asked(answered(NO_HIT, member="THA"))])
    (found,) = signal.evidence["candidates"]
    assert (found["member"], found["reference"], found["band"]) == ("MYS", AT_MYS, "very_strong")
    assert (found["as_of"], found["quality"], found["document"]) == (NOON.isoformat(), None, "not shown")
    assert "rightly registered in two states" in signal.does_not_prove


@given(st.integers(1, 10_000), st.integers(-1, 80))
def test_a_silent_member_is_asked_again_ever_later_and_not_for_ever(tries: int, hours: int) -> None:
    at, until = NOON + timedelta(hours=hours), NOON + ASKED_FOR
    due = next_try([asked(silent()), asked(answered(NO_HIT, member="THA"))], tries, at, until)
    assert (due is None) is (at >= until)
    assert due is None or at < due <= min(until, at + LONGEST)
    assert next_try([asked(NOBODY)], tries, at, until) is None


def test_silence_takes_no_answer_away_and_is_told_first() -> None:
    before = [asked(SURE), asked(silent("THA"))]
    every = merged(before, [asked(silent()), asked(answered(NO_HIT, member="THA")), asked(silent("VNM"))])
    assert [(each.member, each.biometrics.outcome) for each in every if each.biometrics] == [
        ("MYS", HIT), ("THA", NO_HIT), ("VNM", None),
    ]  # fmt: skip
    shown = told([*every, asked(answered(OTHER_MODEL, member="PHL"))], NOON)
    assert [(each.member, each.state, each.compared, each.again_until) for each in shown] == [
        ("VNM", "silent", None, NOON), ("MYS", "answered", True, None), ("PHL", "answered", False, None),
        ("THA", "answered", True, None),
    ]  # fmt: skip


# ---- in the register ----------------------------------------------------------------------------------------------


@pytest.fixture
async def hall(deployment: Settings) -> AsyncIterator[Hall]:
    async with open_hall(deployment) as hall:
        yield hall


async def due(hall: Hall) -> list[Inquiry]:
    return await Inquiries(hall.database, hall.store).due("IDN", 50)


async def answer(hall: Hall, registration: str, *answers: Asked) -> None:
    await Inquiries(hall.database, hall.store).answer(registration, answers)
    await Opening(hall.database, hall.store).weigh(registration)


async def read(hall: Hall, registration: str) -> Any:
    return await hall.told(DESK, "GET", f"/v1/registrations/{registration}")


async def test_a_hit_opens_a_case_that_two_people_decide_about_the_other_member(hall: Hall) -> None:
    worker = await hall.checked(document={"issuer": "IDN", "number": "c 123-4567"})
    (inquiry,) = await due(hall)
    assert (inquiry.registration, inquiry.answered) == (worker, [])
    assert inquiry.document is not None
    assert inquiry.document.number == "C1234567"
    assert await hall.case_of(adjudicator(1), worker) is None
    await answer(hall, worker, asked(SURE, NOBODY), asked(answered(NO_HIT, member="THA")))
    assert await due(hall) == []
    seen = await read(hall, worker)
    assert [each["code"] for each in seen["signals"]] == [PERSON]
    assert [(each["member"], each["state"]) for each in seen["elsewhere"]] == [("MYS", "answered"), ("THA", "answered")]
    assert seen["state"] == "PROVISIONAL"  # no machine takes a step
    case = await hall.case_of(adjudicator(1), worker)
    assert case is not None
    assert (await hall.claim(adjudicator(1), case)).is_success
    assert await hall.state(worker) == "UNDER_REVIEW"
    sides = (await hall.told(adjudicator(1), "GET", f"/v1/adjudications/{case}"))["records"]
    assert [(side["registration"], bool(side["withheld"])) for side in sides] == [(worker, False), ("MYS", True)]
    assert (await hall.decide(adjudicator(1), case, "DIFFERENT_PERSONS", "THA")).status_code == 422
    assert (await hall.decide(adjudicator(1), case, "DIFFERENT_PERSONS", "MYS")).is_success
    assert (await hall.sit(adjudicator(2), case, "DIFFERENT_PERSONS", "MYS")).is_success
    assert await hall.state(worker) == "VERIFIED"
    await hall.check(worker)  # checked again: what the members said stays, and opens nothing anew
    assert [each["code"] for each in (await read(hall, worker))["signals"]] == [PERSON]
    assert (await hall.case_of(adjudicator(3), worker), await due(hall)) == (None, [])


async def test_the_same_bearer_of_the_same_document_abroad_is_told_and_no_case(hall: Hall) -> None:
    worker = await hall.checked()
    await answer(hall, worker, asked(SURE, SAME))
    (signal,) = (await read(hall, worker))["signals"]
    assert (signal["code"], signal["strength"]) == (PERSON, "weak")
    assert signal["evidence"]["candidates"][0]["document"] == "shown by the same person"
    assert await hall.case_of(adjudicator(1), worker) is None


async def test_a_silent_member_is_listed_asked_again_and_in_the_end_let_be(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await hall.checked()
    at = datetime.now(UTC)
    monkeypatch.setattr("services.registry.workers.inquiries.now", lambda: at)
    await answer(hall, worker, asked(silent()), asked(answered(NO_HIT, member="THA")))
    first, second = (await read(hall, worker))["elsewhere"]
    assert (first["member"], first["state"], first["reason"]) == ("MYS", "silent", "away")
    assert datetime.fromisoformat(first["again_until"]) == at + ASKED_FOR
    assert (second["member"], second["compared"], second["again_until"]) == ("THA", True, None)
    assert await due(hall) == []
    at += timedelta(minutes=1)
    assert [each.answered for each in await due(hall)] == [["THA"]]
    at += ASKED_FOR
    await answer(hall, worker, asked(silent()))
    assert await due(hall) == []
    assert (await read(hall, worker))["elsewhere"][0]["again_until"] is None


async def test_a_child_is_asked_about_like_anybody_and_its_case_stays_child_protections(hall: Hall) -> None:
    child, adult = await hall.checked(child_possible()), await hall.checked(name="Dewi")
    assert {each.registration for each in await due(hall)} == {child, adult}
    for worker in (child, adult):
        await answer(hall, worker, asked(SURE, NOBODY))
    one, other = await read(hall, child), await read(hall, adult)
    assert [each["code"] for each in one["signals"]] == [each["code"] for each in other["signals"]] == [PERSON]
    assert (one["elsewhere"], one["state"]) == (other["elsewhere"], other["state"])
    assert await hall.case_of(adjudicator(1), child) is None
    case = await hall.case_of(protector(1), child)
    codes = {
        each["case"]: each["codes"] for each in (await hall.told(protector(1), "GET", "/v1/adjudications"))["items"]
    }
    assert codes[str(case)] == [PERSON, "CHILD_POSSIBLE"]


async def test_nobody_abroad_learns_of_a_presumed_victim_or_of_who_withdrew(hall: Hall) -> None:
    victim, gone = await hall.checked(), await hall.checked(name="Dewi")
    status = {"status": "PRESUMED", "reason": "Found locked in."}
    await hall.told(SUPPORT, "PUT", f"/v1/registrations/{victim}/victim-status", status)
    await hall.told(DESK, "POST", f"/v1/registrations/{gone}/withdrawal", {"reason": "Does not want it."})
    assert await due(hall) == []
    await answer(hall, victim, asked(SURE, NOBODY))  # was under way
    await answer(hall, gone, asked(SURE, NOBODY))
    for worker in (victim, gone):
        assert (await read(hall, worker))["signals"] == []
        assert await hall.case_of(adjudicator(1), worker) is None
