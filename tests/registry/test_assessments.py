"""Conversations with workers over HTTP: who sees them, what they amount to, and when a child's are gone from here."""

from typing import Any

import httpx
import pytest

from shared.contracts.assessments import LABEL
from shared.contracts.caller import Caller, Purpose, Role
from tests.registry.door import RegistryDoor

pytestmark = pytest.mark.anyio

OFFICES = {
    "labour": (Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION),
    "police": (Role.INVESTIGATOR, Purpose.CRIMINAL_INVESTIGATION),
    "support": (Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT),
    "child": (Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION),
}


async def ask(
    door: RegistryDoor, office: str, method: str, path: str, person: str = "", member: str = "IDN", **options: Any
) -> httpx.Response:
    role, purpose = OFFICES[office]
    caller = Caller(
        client_id="console",
        user=person or f"{office}-1",
        organisation=f"The {office} office",
        member=member,
        role=role,
        purpose=purpose,
        case_reference="C-1",
    )
    headers = {"Authorization": f"Bearer {door.signer.sign(caller, 'registry')}"}
    return await door.client.request(method, path, headers=headers, **options)


async def begin(door: RegistryDoor, office: str = "labour", **body: Any) -> str:
    answer = await ask(door, office, "POST", "/v1/assessments", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def ticks(*codes: str, answer: str = "yes") -> dict[str, Any]:
    return {"ticks": [{"code": code, "answer": answer, "confidence": "medium"} for code in codes]}


async def test_answers_grow_into_a_lead_that_says_why(door: RegistryDoor) -> None:
    path = f"/v1/assessments/{await begin(door, language='id')}"
    empty = (await ask(door, "labour", "GET", path)).json()["lead"]
    assert (empty["strength"], empty["refer_to"], empty["label"]) == ("none", [], LABEL)

    body = {**ticks("FL07"), "question": "papers_now", "note": "The agent has it."}
    one = (await ask(door, "labour", "POST", f"{path}/answers", json=body)).json()
    assert one["lead"]["strength"] == "weak"
    assert one["lead"]["because"] == ["FL07", "SAP5"]
    assert one["lead"]["refer_to"] == ["victim_services", "anti_trafficking_unit", "labour_inspection"]
    assert one["asked"] == ["papers_now"]
    assert [(note["text"], note["by"]) for note in one["notes"]] == [("The agent has it.", "labour-1")]

    more = ticks("D1.01", "D1.07", "D4.01", "D4.02", "D5.01", "D5.02")
    strong = (await ask(door, "labour", "POST", f"{path}/answers", json=more)).json()
    assert strong["lead"]["strength"] == "strong"
    assert [rule["code"] for rule in strong["lead"]["rules"]][:2] == [
        "DELPHI_FORCED_LABOUR",
        "DELPHI_TRAFFICKING_ADULT",
    ]
    listed = (await ask(door, "labour", "GET", "/v1/assessments")).json()["items"][0]
    assert (listed["id"], listed["strength"]) == (strong["id"], "strong")


async def test_two_who_contradict_each_other_are_both_kept(door: RegistryDoor) -> None:
    path = f"/v1/assessments/{await begin(door)}"
    await ask(door, "labour", "POST", f"{path}/answers", json=ticks("FL08"))
    over = {"person": "labour-2", "reason": "Shift ends."}
    assert (await ask(door, "labour", "POST", f"{path}/interviewer", json=over)).status_code == 200
    refused = await ask(door, "labour", "POST", f"{path}/answers", json=ticks("FL08"))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lindung:problem:other-interviewer")
    second = await ask(door, "labour", "POST", f"{path}/answers", "labour-2", json=ticks("FL08", answer="no"))
    assert second.json()["lead"]["contradicted"] == ["FL08"]
    assert "FL08" in second.json()["lead"]["because"]
    assert [tick["by"] for tick in second.json()["ticks"]] == ["labour-1", "labour-2"]


async def test_nothing_is_asked_twice_and_it_can_be_resumed(door: RegistryDoor) -> None:
    path = f"/v1/assessments/{await begin(door, language='th')}"
    first = (await ask(door, "labour", "GET", f"{path}/questions")).json()["items"]
    assert first[0]["stage"] == "safety"
    assert {question["language"] for question in first} == {"th"}
    for question in first[:3]:
        await ask(door, "labour", "POST", f"{path}/answers", json={"question": question["code"]})
    rest = (await ask(door, "labour", "GET", f"{path}/questions")).json()["items"]
    assert [question["code"] for question in rest] == [question["code"] for question in first[3:]]


@pytest.mark.parametrize("when", ["at once", "later"])
async def test_a_childs_conversation_is_gone_from_here_and_child_protections(door: RegistryDoor, when: str) -> None:
    if when == "at once":
        before = {item["id"] for item in (await ask(door, "child", "GET", "/v1/assessments")).json()["items"]}
        assert (await ask(door, "labour", "POST", "/v1/assessments", json={"child": "yes"})).status_code == 204
        after = {item["id"] for item in (await ask(door, "child", "GET", "/v1/assessments")).json()["items"]}
        (found,) = after - before
    else:
        found = await begin(door)
        known = {"child": "yes", "recruited_or_moved": "yes"}
        answer = await ask(door, "labour", "POST", f"/v1/assessments/{found}/person", json=known)
        assert (answer.status_code, answer.content) == (204, b"")
    nobodys = "/v1/assessments/A" + "0" * 24
    for office in ("labour", "police", "support"):
        gone = await ask(door, office, "GET", f"/v1/assessments/{found}")
        never = await ask(door, office, "GET", nobodys)
        assert gone.status_code == 404
        assert gone.text.replace(found, "") == never.text.replace(nobodys.rsplit("/", 1)[1], "")
        assert found not in (await ask(door, office, "GET", "/v1/assessments")).text
    exploited = await ask(door, "child", "POST", f"/v1/assessments/{found}/answers", json=ticks("D4.01", "D4.02"))
    assert exploited.json()["lead"]["refer_to"][0] == "child_protection"
    asked = (await ask(door, "child", "GET", f"/v1/assessments/{found}/questions")).json()["items"]
    assert not [question for question in asked if question["sensitive"]]


async def test_an_offices_conversations_are_its_own(door: RegistryDoor) -> None:
    mine = await begin(door)
    for office, member in (("police", "IDN"), ("support", "IDN"), ("child", "IDN"), ("labour", "MYS")):
        answer = await ask(door, office, "GET", f"/v1/assessments/{mine}", member=member)
        assert answer.status_code == 404
    desk = await door.ask("GET", "/v1/assessments", purpose=Purpose.WORKER_REGISTRATION)
    assert desk.status_code == 403


async def test_what_is_closed_stays_as_it_is(door: RegistryDoor) -> None:
    path = f"/v1/assessments/{await begin(door)}"
    assert (await ask(door, "labour", "POST", f"{path}/close")).json()["state"] == "closed"
    for part, body in (("answers", ticks("FL01")), ("person", {"child": "no", "recruited_or_moved": "no"})):
        assert (await ask(door, "labour", "POST", f"{path}/{part}", json=body)).status_code == 409
    assert (await ask(door, "labour", "GET", path)).json()["ticks"] == []
    assert [
        item["state"] for item in (await ask(door, "labour", "GET", "/v1/assessments?state=closed")).json()["items"]
    ]


async def test_an_indicator_that_nobody_published_is_refused(door: RegistryDoor) -> None:
    path = f"/v1/assessments/{await begin(door)}"
    answer = await ask(door, "labour", "POST", f"{path}/answers", json=ticks("FL01", "D9.99"))
    assert answer.status_code == 422
    assert "D9.99" in answer.json()["detail"]
    assert (await ask(door, "labour", "GET", path)).json()["ticks"] == []


async def test_lists_are_paged(door: RegistryDoor) -> None:
    for _ in range(3):
        await begin(door, "police")
    first = (await ask(door, "police", "GET", "/v1/assessments?limit=2")).json()
    second = (await ask(door, "police", "GET", f"/v1/assessments?limit=2&before={first['next']}")).json()
    ids = [item["id"] for page in (first, second) for item in page["items"]]
    assert len(set(ids)) == len(ids) == 3
    assert second["next"] is None


async def test_the_catalogue_tells_source_and_confidence(door: RegistryDoor) -> None:
    items = (await ask(door, "labour", "GET", "/v1/indicators")).json()["items"]
    assert len(items) == 84
    assert {item["confirmed"] for item in items if item["of"] == "delphi"} == {False}
