"""Cases through the registry's door: who sits, who sees, what follows, and how it is undone."""

from datetime import timedelta

import anyio
import pytest
import sqlalchemy as sa

from services.registry.adjudication import deciding
from services.registry.adjudication.tables import AdjudicationEventRow, AdjudicationRow, SeatRow
from services.registry.workers.store import RegistrationUnknownError
from services.registry.workers.tables import PacketRow, RegistrationRow
from shared.contracts.caller import Purpose, Role
from shared.contracts.registrations import SignalCode, Strength
from shared.db.database import now
from tests.registry.hall import (
    BEST,
    DESK,
    LABOUR,
    SUPPORT,
    SUPPORT_2,
    Hall,
    Who,
    a_signal,
    adjudicator,
    child_possible,
    document_of,
    likeness,
    protector,
)

pytestmark = pytest.mark.anyio

ONE, TWO, THREE, FOUR, FIVE = (adjudicator(number) for number in range(1, 6))
MIRA, NOOR, OLA = (protector(number) for number in range(1, 4))
SOON = (now().date() + timedelta(days=20)).isoformat()


async def case_of(hall: Hall, registration: str, who: Who = ONE) -> str:
    found = await hall.case_of(who, registration)
    assert found is not None
    return found


async def decided(hall: Hall, case: str, finding: str, other: str | None, *people: Who) -> None:
    for who in people:
        answer = await hall.sit(who, case, finding, other)
        assert answer.is_success, answer.text


# ---- opening ------------------------------------------------------------------------------------------------------


async def test_a_signal_opens_a_case_and_changes_no_state(hall: Hall) -> None:
    silent = await hall.checked(a_signal(SignalCode.BELOW_SECTOR_MINIMUM), a_signal(SignalCode.AGE_UNDETERMINED))
    told = await hall.checked(a_signal(SignalCode.PORTRAIT_MISMATCH, Strength.MEDIUM))
    child = await hall.checked(child_possible())
    assert [await hall.case_of(ONE, each) is not None for each in (silent, told, child)] == [False, True, False]
    assert [await hall.case_of(MIRA, each) is not None for each in (silent, told, child)] == [False, False, True]
    assert {await hall.state(each) for each in (silent, told, child)} == {"PROVISIONAL"}  # no machine changes it


async def test_coming_again_is_linked_and_no_case(hall: Hall) -> None:
    first = await hall.checked()
    again = await hall.checked(candidates=(likeness(first),))
    await hall.check(again, candidates=(likeness(first),))
    assert await hall.case_of(ONE, again) is None
    (link,) = (await hall.told(DESK, "GET", f"/v1/registrations/{again}/links"))["links"]
    assert (link["other"], link["relation"], link["by"]) == (first, "RE_REGISTRATION", "check")


async def test_face_and_fingers_that_contradict_open_a_case_even_for_the_same_name(hall: Hall) -> None:
    first = await hall.checked()
    twin = await hall.checked(candidates=(likeness(first, contradiction=True),))
    case = await case_of(hall, twin)
    (item,) = [each for each in (await hall.told(ONE, "GET", "/v1/adjudications"))["items"] if each["case"] == case]
    assert item["codes"] == ["MODALITIES_CONTRADICT"]
    await decided(hall, case, "DIFFERENT_PERSONS", first, ONE, TWO)
    assert await hall.state(twin) == "VERIFIED"
    await hall.check(first, candidates=(likeness(twin, contradiction=True),))
    assert await hall.case_of(ONE, first) is None  # told apart once is told apart


async def test_nothing_is_opened_twice_and_nothing_reopened_without_news(hall: Hall) -> None:
    first, second = await hall.pair()
    case = await case_of(hall, second)
    await hall.check(second, candidates=(likeness(first, "name"),))
    assert await case_of(hall, second) == case
    await decided(hall, case, "SAME_PERSON_TRUE_HERE", first, ONE, TWO)
    await hall.check(second, candidates=(likeness(first, "name"),))
    assert await hall.case_of(THREE, second) is None
    third = await hall.checked()
    await hall.check(second, document_of(third), candidates=(likeness(first, "name"),))
    assert await case_of(hall, second, THREE) == case
    assert (await hall.told(THREE, "GET", f"/v1/adjudications/{case}"))["round"] == 2


# ---- two who do not know of each other ----------------------------------------------------------------------------


async def test_both_records_stand_side_by_side_and_nothing_of_the_desk(hall: Hall) -> None:
    first = await hall.checked(name="Siti Aminah", born="1996-04-02", reference="agency 77", nationality="IDN")
    second = await hall.checked(
        candidates=(likeness(first, "name", "birth_date"),), name="Dewi", born="1994", reference="agency 78"
    )
    answer = await hall.claim(ONE, await case_of(hall, second))
    assert "agency" not in answer.text
    assert "desk" not in answer.text
    mine, other = answer.json()["records"]
    assert (mine["registration"], mine["subject"], mine["name"]) == (second, True, "Dewi")
    assert (other["name"], other["born"], other["differs"]) == ("Siti Aminah", "1996-04-02", ["name", "birth_date"])
    assert other["images"] == [{"what": "photo", "address": None, "why_not": "not captured"}]
    assert answer.json()["signals"][0]["does_not_prove"]
    assert (await hall.told(ONE, "GET", f"/v1/registrations/{second}"))["reference"] is None


async def test_two_decide_and_neither_sees_the_other(hall: Hall) -> None:
    first, second = await hall.pair()
    case = await case_of(hall, second)
    assert await hall.state(second) == "PROVISIONAL"
    kept = await hall.sit(ONE, case, "SAME_IDENTITY", first, reason="The scar on the left hand.")
    assert kept.json()["finding"] == "SAME_IDENTITY"
    assert await hall.state(second) == "UNDER_REVIEW"
    seen = await hall.claim(TWO, case)
    assert "scar" not in seen.text
    assert "SAME_IDENTITY" not in seen.text
    assert ONE.name not in seen.text
    assert (seen.json()["own_decision"], seen.json()["outcome"], seen.json()["state"]) == (None, None, "OPEN")
    known = (await hall.told(TWO, "GET", f"/v1/adjudications/{case}/events"))["events"]
    assert [(event["kind"], event["by"]) for event in known] == [("OPENED", "check"), ("CLAIMED", "you")]
    await hall.decide(TWO, case, "SAME_IDENTITY", first)
    assert await hall.state(second) == "MERGED"
    told = await hall.told(ONE, "GET", f"/v1/adjudications/{case}")
    assert (told["outcome"]["finding"], told["own_decision"]["reason"]) == (
        "SAME_IDENTITY",
        "The scar on the left hand.",
    )
    events = (await hall.told(ONE, "GET", f"/v1/adjudications/{case}/events"))["events"]
    assert [event["kind"] for event in events] == ["OPENED", "CLAIMED", "FOUND", "CLAIMED", "FOUND", "DECIDED"]
    assert {event["by"] for event in events} == {"check", "you", "person 2"}


async def test_a_third_decides_when_two_disagree(hall: Hall) -> None:
    first, second = await hall.pair()
    case = await case_of(hall, second)
    await decided(hall, case, "SAME_PERSON_TRUE_ELSEWHERE", first, ONE)
    await decided(hall, case, "DIFFERENT_PERSONS", first, TWO)
    assert await hall.state(second) == "UNDER_REVIEW"
    assert await hall.case_of(ONE, second) is None
    await decided(hall, case, "SAME_PERSON_TRUE_ELSEWHERE", first, THREE)
    assert await hall.state(second) == "REJECTED"


async def test_at_the_same_time_two_sit_and_both_findings_count(hall: Hall) -> None:
    first, second = await hall.pair()
    case = await case_of(hall, second)
    claims: dict[str, int] = {}

    async def claim(who: Who) -> None:
        claims[who.name] = (await hall.claim(who, case)).status_code

    async with anyio.create_task_group() as group:
        for who in (ONE, TWO, THREE, FOUR):
            group.start_soon(claim, who)
    assert sorted(claims.values()) == [200, 200, 409, 409]
    async with anyio.create_task_group() as group:
        for who in (ONE, TWO, THREE, FOUR):
            if claims[who.name] == 200:
                group.start_soon(hall.decide, who, case, "SAME_IDENTITY", first)
    assert await hall.state(second) == "MERGED"


async def test_a_third_is_not_asked_while_two_sit(hall: Hall) -> None:
    _, second = await hall.pair()
    case = await case_of(hall, second)
    await hall.claim(ONE, case)
    await hall.claim(TWO, case)
    assert await hall.case_of(THREE, second) is None
    refused = await hall.claim(THREE, case)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lindung:problem:seat-taken")


async def test_a_claim_runs_out(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = await hall.pair()
    case = await case_of(hall, second)
    with monkeypatch.context() as short:
        short.setattr(deciding, "CLAIM", timedelta())
        await hall.claim(ONE, case)
        await hall.claim(TWO, case)
    assert (await hall.decide(ONE, case, "NO_CONTRADICTION")).status_code == 409
    await decided(hall, case, "SAME_IDENTITY", first, THREE, FOUR)
    assert await hall.state(second) == "MERGED"


async def test_who_entered_a_record_decides_about_neither_side(hall: Hall) -> None:
    first = await hall.checked(client=ONE.name)
    second = await hall.checked(client=TWO.name, candidates=(likeness(first, "name"),), name="Dewi")
    case = await case_of(hall, second, THREE)
    for who in (ONE, TWO):
        refused = await hall.claim(who, case)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:lindung:problem:own-record")
    assert (await hall.ask(TWO, "POST", "/v1/adjudications/claims", {})).status_code in {200, 204}
    assert not (await hall.told(THREE, "GET", f"/v1/adjudications/{case}"))["claim"]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADJUDICATOR, Role.CHILD_PROTECTION}))
async def test_no_other_role_decides(hall: Hall, role: Role) -> None:
    first, second = await hall.pair()
    case = await case_of(hall, second)
    somebody = Who("somebody", role, Purpose.ADJUDICATION)
    assert (await hall.decide(somebody, case, "SAME_IDENTITY", first)).status_code == 403
    assert (await hall.claim(somebody, case)).status_code == 403
    assert (await hall.ask(somebody, "GET", f"/v1/adjudications/{case}")).status_code == 403


async def test_a_decision_needs_the_case_in_hand_and_stays(hall: Hall) -> None:
    first, second = await hall.pair()
    case = await case_of(hall, second)
    assert (await hall.decide(ONE, case, "SAME_IDENTITY", first)).status_code == 409
    await decided(hall, case, "SAME_IDENTITY", first, ONE)
    assert (await hall.decide(ONE, case, "SAME_IDENTITY", first)).status_code == 200
    assert (await hall.decide(ONE, case, "DIFFERENT_PERSONS", first)).status_code == 409
    assert (await hall.claim(ONE, case)).status_code == 409
    assert await hall.state(second) == "UNDER_REVIEW"


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"grounds": ["FACE_AGE_ESTIMATE"]}, "sole-ground"),
        ({"grounds": []}, "invalid"),
        ({"grounds": ["HUNCH"]}, "invalid"),
        ({"finding": "CHILD"}, "decision-refused"),
        ({"finding": "SAME_IDENTITY"}, "decision-refused"),
        ({"other": f"R{'0' * 24}"}, "decision-refused"),
        ({"reason": " "}, "invalid"),
        ({"more": 1}, "invalid"),
    ],
)
async def test_what_cannot_count_is_refused(hall: Hall, changes: dict[str, object], slug: str) -> None:
    _, second = await hall.pair()
    case = await case_of(hall, second)
    await hall.claim(ONE, case)
    refused = await hall.decide(ONE, case, **{"finding": "NO_CONTRADICTION"} | changes)
    assert (refused.status_code, refused.json()["type"]) == (422, f"urn:lindung:problem:{slug}")
    assert (await hall.decide(ONE, case, "NO_CONTRADICTION")).status_code == 200


async def test_the_next_case_is_the_one_that_harms_most(hall: Hall) -> None:
    member = "PHL"
    who = Who("phl", Role.ADJUDICATOR, Purpose.ADJUDICATION, member)
    first = await hall.checked(member=member)
    old = await hall.checked(candidates=(likeness(first, "name"),), member=member)
    stolen = await hall.checked(document_of(first), member=member)
    order = [item["registration"] for item in (await hall.told(who, "GET", "/v1/adjudications"))["items"]]
    assert order == [stolen, old]
    for _ in range(2):  # what is in hand comes again
        assert (await hall.told(who, "POST", "/v1/adjudications/claims", {}))["registration"] == stolen
    work = await hall.told(who, "GET", "/v1/adjudications/workload")
    assert (work["waiting"], work["claimed"], work["decided_30_days"]) == (2, 1, 0)
    assert await hall.case_of(ONE, stolen) is None  # another member's


# ---- papers, appeal, reopening ------------------------------------------------------------------------------------


async def test_papers_are_asked_for_and_shown(hall: Hall) -> None:
    _, second = await hall.pair()
    case, path = await case_of(hall, second), f"/v1/registrations/{second}/papers"
    paper = {"paper": "BIRTH_CERTIFICATE", "digest": "a" * 64}
    assert (await hall.ask(DESK, "POST", path, paper)).status_code == 409
    asked = {"papers": ["BIRTH_CERTIFICATE"], "reason": "The names differ.", "due": SOON}
    assert (await hall.ask(ONE, "POST", f"/v1/adjudications/{case}/deferral", asked)).status_code == 409  # not in hand
    await hall.claim(ONE, case)
    late = asked | {"due": (now().date() + timedelta(days=90)).isoformat()}
    assert (await hall.ask(ONE, "POST", f"/v1/adjudications/{case}/deferral", late)).status_code == 422
    await hall.told(ONE, "POST", f"/v1/adjudications/{case}/deferral", asked)
    assert (await hall.told(DESK, "GET", path))["papers"] == ["BIRTH_CERTIFICATE"]
    assert await hall.case_of(TWO, second) is None
    assert (await hall.claim(TWO, case)).status_code == 409
    await hall.told(DESK, "POST", path, paper)
    await decided(hall, case, "NO_CONTRADICTION", None, TWO, THREE)
    (shown,) = (await hall.told(TWO, "GET", f"/v1/adjudications/{case}"))["shown"]
    assert (shown["paper"], shown["digest"]) == ("BIRTH_CERTIFICATE", "a" * 64)
    assert await hall.state(second) == "VERIFIED"


async def test_an_appeal_is_decided_by_others_and_suspends(hall: Hall) -> None:
    first, second = await hall.pair()
    case, path = await case_of(hall, second), f"/v1/registrations/{second}/appeal"
    why = {"reason": "That is my sister."}
    assert (await hall.ask(DESK, "POST", path, why)).status_code == 409
    await decided(hall, case, "SAME_PERSON_TRUE_ELSEWHERE", first, ONE, TWO)
    assert await hall.state(second) == "REJECTED"
    assert (await hall.told(DESK, "POST", path, why))["state"] == "UNDER_REVIEW"
    for who in (ONE, TWO):
        assert await hall.case_of(who, second) is None
        assert (await hall.claim(who, case)).status_code == 409
    await decided(hall, case, "DIFFERENT_PERSONS", first, THREE, FOUR)
    assert await hall.state(second) == "VERIFIED"
    assert (await hall.ask(DESK, "POST", path, why)).status_code == 409
    await hall.told(FIVE, "POST", f"/v1/adjudications/{case}/reopening", {"reason": "A letter came."})
    assert await hall.case_of(ONE, second) is None  # who was appealed against stays out
    links = (await hall.told(DESK, "GET", f"/v1/registrations/{second}/links"))["links"]
    assert [(link["relation"], link["undone_at"] is None) for link in links] == [
        ("SAME_PERSON", False),
        ("DIFFERENT_PERSONS", False),
    ]


async def test_a_merge_is_parted_again_and_both_histories_stay(hall: Hall) -> None:
    first, second = await hall.pair()
    case = await case_of(hall, second)
    await decided(hall, case, "SAME_IDENTITY", first, ONE, TWO)
    before = await hall.told(DESK, "GET", f"/v1/registrations/{first}")
    merged = await hall.told(DESK, "GET", f"/v1/registrations/{second}")
    assert (merged["state"], merged["name"]) == ("MERGED", "Dewi")
    reopened = await hall.told(ONE, "POST", f"/v1/adjudications/{case}/reopening", {"reason": "The wrong finger."})
    assert (reopened["state"], reopened["round"], reopened["outcome"]) == ("OPEN", 2, None)
    await decided(hall, case, "DIFFERENT_PERSONS", first, ONE, TWO)
    assert await hall.state(second) == "VERIFIED"
    assert await hall.told(DESK, "GET", f"/v1/registrations/{first}") == before
    kinds = [event["kind"] for event in (await hall.told(ONE, "GET", f"/v1/adjudications/{case}/events"))["events"]]
    assert (kinds.count("DECIDED"), kinds.count("FOUND"), kinds.count("REOPENED")) == (2, 4, 1)


# ---- children -----------------------------------------------------------------------------------------------------


async def test_a_childs_case_is_child_protections_alone(hall: Hall) -> None:
    child = await hall.checked(child_possible(), born="2012")
    case = await case_of(hall, child, MIRA)
    nothing = f"A{'0' * 24}"
    for who in (ONE, Who("x", Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION, "MYS")):
        for method, step, body in (
            ("GET", "", None),
            ("GET", "/events", None),
            ("POST", "/claim", {}),
            ("POST", "/decision", {"finding": "CHILD", "grounds": ["WORKER_HEARD"], "reason": "Seen."}),
            ("POST", "/deferral", {"papers": ["PASSPORT"], "reason": "Seen.", "due": SOON}),
            ("POST", "/reopening", {"reason": "Seen."}),
            ("POST", "/papers", {"paper": "PASSPORT"}),
        ):
            sealed = await hall.ask(who, method, f"/v1/adjudications/{case}{step}", body)
            absent = await hall.ask(who, method, f"/v1/adjudications/{nothing}{step}", body)
            assert (sealed.status_code, sealed.content) == (404, absent.content)
            assert {**sealed.headers, "x-request-id": ""} == {**absent.headers, "x-request-id": ""}
        assert await hall.case_of(who, child) is None
    ordinary = await case_of(hall, (await hall.pair())[1])
    assert (await hall.ask(MIRA, "GET", f"/v1/adjudications/{ordinary}")).status_code == 404


async def test_a_desk_cannot_tell_a_childs_case_from_none(hall: Hall) -> None:
    plain, child = await hall.checked(born="2012"), await hall.checked(child_possible(), born="2012")
    case = await case_of(hall, child, MIRA)
    await hall.told(MIRA, "POST", f"/v1/adjudications/{case}/best-interests", BEST)
    for finding in (MIRA, NOOR):
        await hall.sit(finding, case, "CHILD", grounds=["BIRTH_RECORD"])
    assert await hall.state(child, MIRA) == "PROTECTED"
    for method, step, body in (
        ("GET", "", None),
        ("GET", "/papers", None),
        ("GET", "/links", None),
        ("POST", "/papers", {"paper": "PASSPORT"}),
        ("POST", "/appeal", {"reason": "Why not?"}),
        ("POST", "/withdrawal", {"reason": "I want it back."}),
        ("GET", "", None),
        ("GET", "/links", None),
    ):
        answers = [await hall.ask(DESK, method, f"/v1/registrations/{each}{step}", body) for each in (plain, child)]
        shapes = [_without_what_differs(answer.json()) for answer in answers]
        assert shapes[0] == shapes[1], step
        assert answers[0].status_code == answers[1].status_code
    assert await hall.state(child) == "WITHDRAWN"
    seen = await hall.told(MIRA, "GET", f"/v1/registrations/{child}")
    assert (seen["state"], seen["born"]) == ("PROTECTED", "2012")  # kept for who protects the child


def _without_what_differs(answer: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in answer.items() if name not in {"registration", "created_at", "checked_at"}}


async def test_first_what_is_best_for_the_child(hall: Hall) -> None:
    child = await hall.checked(child_possible(), born="2012")
    case = await case_of(hall, child, MIRA)
    await hall.claim(MIRA, case)
    steps = {
        "decision": {"finding": "ADULT", "grounds": ["BIRTH_RECORD"], "reason": "Seen."},
        "deferral": {"papers": ["BIRTH_CERTIFICATE"], "reason": "Seen.", "due": SOON},
    }
    for step, body in steps.items():
        refused = await hall.ask(MIRA, "POST", f"/v1/adjudications/{case}/{step}", body)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:lindung:problem:best-interests-missing")
    kept = await hall.told(MIRA, "POST", f"/v1/adjudications/{case}/best-interests", BEST)
    assert kept["best_interests"] == BEST
    assert (await hall.decide(MIRA, case, "CHILD")).status_code == 200
    assert (await hall.ask(ONE, "POST", f"/v1/adjudications/{case}/best-interests", BEST)).status_code == 403


async def test_a_seal_ends_by_two_people_and_the_rest_goes_to_adjudicators(hall: Hall) -> None:
    first = await hall.checked()
    both = (likeness(first, "birth_date"),)
    made_older = await hall.checked(child_possible(f"registration {first}"), candidates=both, born="1999")
    case = await case_of(hall, made_older, MIRA)
    await hall.told(MIRA, "POST", f"/v1/adjudications/{case}/best-interests", BEST)
    alone = await hall.sit(MIRA, case, "ADULT", grounds=["FACE_AGE_ESTIMATE"])
    assert (alone.status_code, alone.json()["type"]) == (422, "urn:lindung:problem:sole-ground")
    await hall.decide(MIRA, case, "ADULT", grounds=["FACE_AGE_ESTIMATE", "BIRTH_RECORD"])
    assert (await hall.ask(ONE, "GET", f"/v1/registrations/{made_older}")).status_code == 404
    await hall.sit(NOOR, case, "ADULT", grounds=["BIRTH_RECORD"])
    assert await hall.state(made_older, ONE) == "PROVISIONAL"
    assert await case_of(hall, made_older) == case
    shown = await hall.told(ONE, "GET", f"/v1/adjudications/{case}")
    assert [signal["code"] for signal in shown["signals"]] == ["SAME_PERSON_OTHER_IDENTITY"]
    assert (shown["best_interests"], shown["round"], shown["own_decision"]) == (None, 1, None)
    (event,) = (await hall.told(ONE, "GET", f"/v1/adjudications/{case}/events"))["events"]
    assert (event["number"], event["kind"], event["by"]) == (1, "OPENED", "check")
    assert (await hall.ask(MIRA, "GET", f"/v1/adjudications/{case}")).status_code == 404
    await hall.check(made_older, child_possible(f"registration {first}"), candidates=both)
    assert (await hall.ask(ONE, "GET", f"/v1/registrations/{made_older}")).status_code == 200  # nothing new: stays open
    await hall.check(made_older, child_possible(f"registration {first}", "mrz"), candidates=both)
    assert (await hall.ask(ONE, "GET", f"/v1/registrations/{made_older}")).status_code == 404  # another claim: a child
    assert await case_of(hall, made_older, OLA) == case


async def test_come_of_age_rests_on_a_document_and_on_the_day(hall: Hall) -> None:
    young = await hall.checked(child_possible(), born="2012")
    case = await case_of(hall, young, MIRA)
    await hall.told(MIRA, "POST", f"/v1/adjudications/{case}/best-interests", BEST)
    too_soon = await hall.sit(MIRA, case, "COME_OF_AGE", grounds=["BIRTH_RECORD"])
    assert too_soon.json()["type"] == "urn:lindung:problem:decision-refused"
    grown = await hall.checked(child_possible("mrz"), born="2004-01-01")
    case = await case_of(hall, grown, MIRA)
    await hall.told(MIRA, "POST", f"/v1/adjudications/{case}/best-interests", BEST)
    assert (await hall.sit(MIRA, case, "COME_OF_AGE")).status_code == 422
    for who in (MIRA, NOOR):
        await hall.sit(who, case, "COME_OF_AGE", grounds=["DOCUMENT_EXAMINED"])
    assert await hall.state(grown, ONE) == "PROVISIONAL"
    assert await hall.case_of(ONE, grown) is None


async def test_an_ordinary_case_turns_into_a_childs_and_begins_again(hall: Hall) -> None:
    first, second = await hall.pair()
    case = await case_of(hall, second)
    await decided(hall, case, "SAME_IDENTITY", first, ONE)
    await hall.check(second, child_possible("mrz"), candidates=(likeness(first, "name"),))
    assert (await hall.decide(ONE, case, "SAME_IDENTITY", first)).status_code == 404
    assert await case_of(hall, second, MIRA) == case
    seen = await hall.told(MIRA, "GET", f"/v1/adjudications/{case}")
    assert (seen["round"], seen["state"]) == (2, "OPEN")


async def test_a_case_about_a_sealed_record_alone_is_not_there(hall: Hall) -> None:
    child = await hall.checked(child_possible(), born="2012")
    other = await hall.checked(document_of(child))
    assert await hall.case_of(ONE, other) is None
    assert (await hall.told(ONE, "GET", f"/v1/registrations/{other}"))["signals"] == []


# ---- victims, withdrawal ------------------------------------------------------------------------------------------


async def test_of_a_presumed_victim_nothing_tells_on_them(hall: Hall) -> None:
    first = await hall.checked()
    again = await hall.checked(candidates=(likeness(first),))
    below = a_signal(SignalCode.BELOW_SECTOR_MINIMUM)
    worker = await hall.checked(document_of(first), below, candidates=(likeness(again, "name"),))
    case = await case_of(hall, worker)
    assert (await hall.ask(LABOUR, "GET", f"/v1/registrations/{worker}")).status_code == 200
    path = f"/v1/registrations/{worker}/victim-status"
    body = {"status": "PRESUMED", "reason": "She asked for help."}
    for who in (DESK, ONE, LABOUR, Who("p", Role.INVESTIGATOR, Purpose.CRIMINAL_INVESTIGATION)):
        assert (await hall.ask(who, "PUT", path, body)).status_code == 403
        assert (await hall.ask(who, "GET", path)).status_code == 403
    assert (await hall.told(SUPPORT, "PUT", path, body))["status"] == "PRESUMED"
    assert (await hall.ask(LABOUR, "GET", f"/v1/registrations/{worker}")).status_code == 404
    for who in (DESK, ONE):
        shown = await hall.told(who, "GET", f"/v1/registrations/{worker}")
        assert (shown["signals"], shown["candidates"], shown["state"]) == ([], [], "PROVISIONAL")
    assert await hall.case_of(ONE, worker) is None
    assert (await hall.ask(ONE, "GET", f"/v1/adjudications/{case}")).status_code == 404
    await hall.check(worker, document_of(again))
    assert await hall.case_of(ONE, worker) is None
    own = await hall.ask(SUPPORT, "PUT", path, body | {"status": "ENDED"})
    assert (own.status_code, own.json()["type"]) == (403, "urn:lindung:problem:own-presumption")
    await hall.told(SUPPORT_2, "PUT", path, body | {"status": "ENDED"})
    assert await hall.case_of(ONE, worker) == case


async def test_the_status_holds_for_the_person_and_no_record_points_at_them(hall: Hall) -> None:
    first = await hall.checked()
    again = await hall.checked(candidates=(likeness(first),))
    pointing = await hall.checked(document_of(first))
    assert await hall.case_of(ONE, pointing) is not None
    body = {"status": "IDENTIFIED", "reason": "By the ministry."}
    await hall.told(SUPPORT, "PUT", f"/v1/registrations/{again}/victim-status", body)
    assert (await hall.told(SUPPORT, "GET", f"/v1/registrations/{first}/victim-status"))["status"] == "IDENTIFIED"
    assert await hall.case_of(ONE, pointing) is None
    assert (await hall.told(DESK, "GET", f"/v1/registrations/{pointing}"))["signals"] == []


async def test_a_withdrawn_registration_is_erased_but_for_a_stub(hall: Hall) -> None:
    first, second = await hall.pair(reference="ours 1", document={"issuer": "IDN", "number": "B1234567"})
    case = await case_of(hall, second)
    await hall.sit(ONE, case, "SAME_IDENTITY", first, reason="A private matter.")
    path = f"/v1/registrations/{second}"
    robot = Who("system", Role.MEMBER_SYSTEM, Purpose.WORKER_REGISTRATION)
    assert (await hall.ask(robot, "POST", f"{path}/withdrawal", {"reason": "Clean up."})).status_code == 403
    for _ in range(2):
        done = await hall.told(DESK, "POST", f"{path}/withdrawal", {"reason": "I go home."})
        assert done["state"] == "WITHDRAWN"
    stub = await hall.told(DESK, "GET", path)
    assert (stub["name"], stub["born"], stub["reference"], stub["signals"]) == ("", "", None, [])
    assert (await hall.ask(ONE, "GET", f"/v1/adjudications/{case}")).status_code == 404
    async with hall.database.read() as session:
        row = (await session.scalars(sa.select(RegistrationRow).where(RegistrationRow.id == second))).one()
        assert await session.get(PacketRow, row.seq) is None
        assert (row.document_digest, row.reference_digest, row.result) == (None, None, None)
        of_case = sa.select(AdjudicationRow.seq).where(AdjudicationRow.id == case).scalar_subquery()
        reasons = sa.select(SeatRow.reason).where(SeatRow.case_seq == of_case)
        events = sa.select(AdjudicationEventRow.content).where(AdjudicationEventRow.case_seq == of_case)
        assert set((await session.scalars(reasons)).all()) == {None}
        assert set((await session.scalars(events)).all()) == {None}
    await hall.check(first)  # what pointed at it goes on
    assert (await hall.ask(DESK, "POST", f"{path}/appeal", {"reason": "Why?"})).status_code == 409


async def test_a_victims_withdrawal_waits_for_the_end_of_the_protection(hall: Hall) -> None:
    worker = await hall.checked(name="Siti Aminah")
    path = f"/v1/registrations/{worker}"
    body = {"status": "PRESUMED", "reason": "She asked for help."}
    await hall.told(SUPPORT, "PUT", f"{path}/victim-status", body)
    await hall.told(DESK, "POST", f"{path}/withdrawal", {"reason": "As the agent says."})
    assert await hall.state(worker) == "WITHDRAWN"
    _, packet = await hall.store.packet(worker)  # kept
    assert packet.name == "Siti Aminah"
    await hall.told(SUPPORT_2, "PUT", f"{path}/victim-status", body | {"status": "ENDED"})
    with pytest.raises(RegistrationUnknownError):
        await hall.store.packet(worker)


async def test_before_it_is_checked_nothing_is_erased(hall: Hall) -> None:
    registration = await hall.take_in()
    refused = await hall.ask(DESK, "POST", f"/v1/registrations/{registration}/withdrawal", {"reason": "I go home."})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lindung:problem:not-yet-checked")


async def test_images_are_looked_at_one_by_one_with_the_case_in_hand(hall: Hall) -> None:
    photo = "iVBORw0KGgo="
    first = await hall.checked(photo=photo)
    second = await hall.checked(
        photo=photo,
        fingers=[{"position": "left-thumb", "exception": "AMPUTATED"}],
        candidates=(likeness(first, "name"),),
    )
    case = await case_of(hall, second)
    mine, other = (await hall.told(ONE, "GET", f"/v1/adjudications/{case}"))["records"]
    assert mine["images"][1] == {"what": "left-thumb", "address": None, "why_not": "AMPUTATED"}
    address = other["images"][0]["address"]
    assert (await hall.ask(ONE, "GET", address)).status_code == 404
    await hall.claim(ONE, case)
    answer = await hall.ask(ONE, "GET", address)
    assert (answer.headers["content-type"], answer.content) == ("image/png", b"\x89PNG\r\n\x1a\n")
    for nothing in ("right-thumb", "left-thumb", "x"):
        assert (await hall.ask(ONE, "GET", address.replace("photo", nothing))).status_code == 404
    stranger = await hall.checked(photo=photo)
    assert (await hall.ask(ONE, "GET", address.replace(first, stranger))).status_code == 404
    kinds = [event["kind"] for event in (await hall.told(ONE, "GET", f"/v1/adjudications/{case}/events"))["events"]]
    assert kinds == ["OPENED", "CLAIMED", "IMAGE"]


async def test_another_members_record_is_not_laid_open(hall: Hall) -> None:
    theirs = await hall.checked(name="Somchai", member="THA")
    ours = await hall.checked(candidates=(likeness(theirs, "name"),))
    seen = await hall.ask(ONE, "GET", f"/v1/adjudications/{await case_of(hall, ours)}")
    assert "Somchai" not in seen.text
    assert seen.json()["records"][1]["withheld"]
    assert seen.json()["records"][1]["differs"] == ["name"]
