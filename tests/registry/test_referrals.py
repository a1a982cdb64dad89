"""Referrals over HTTP: each side's view field by field, consent taken back, children, lists and clocks."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from services.registry.referrals.tables import ReferralRow
from shared.contracts.caller import Caller, Purpose, Role
from shared.db.database import Database, now
from shared.settings import Settings
from tests.registry.door import RegistryDoor

pytestmark = pytest.mark.anyio

OFFICES = {
    "labour_inspection": (Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION),
    "police": (Role.INVESTIGATOR, Purpose.CRIMINAL_INVESTIGATION),
    "victim_services": (Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT),
    "child_protection": (Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION),
    "licensing": (Role.LICENSING_OFFICER, Purpose.LICENCE_CHECK),
}
CONSENT = {"consent": {"given_on": "2026-11-20", "language": "id"}}
OVERRIDE = {"override": {"law": "Law 1", "decided_by": "Head of office", "why": "Danger to life."}}
CONTACT = "The neighbour's telephone"
NOTHING = dict.fromkeys(
    ["strength", "indicators", "employer", "language", "contact", "party", "reasons", "consent", "law"]
)


class Desk:
    """Asks as an office."""

    def __init__(self, door: RegistryDoor) -> None:
        self.door = door

    async def ask(
        self, office: str, method: str, path: str, body: Any = None, *, of: str = "", member: str = "IDN"
    ) -> httpx.Response:
        role, purpose = OFFICES[office]
        caller = Caller(
            client_id="console",
            user=f"{office}-1",
            organisation=of or f"Office of {office}",
            member=member,
            role=role,
            purpose=purpose,
            case_reference="C-1",
        )
        headers = {"Authorization": f"Bearer {self.door.signer.sign(caller, 'registry')}"}
        return await self.door.client.request(method, path, headers=headers, json=body)

    async def get(self, office: str, path: str, **who: Any) -> dict[str, Any]:
        answer = await self.ask(office, "GET", path, **who)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def post(self, office: str, path: str, body: Any = None, **who: Any) -> dict[str, Any]:
        answer = await self.ask(office, "POST", path, body, **who)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    async def assessment(self, office: str = "labour_inspection", child: str = "no") -> str:
        begun = {"language": "id", "child": child, "employer": "agency-7"}
        found = str((await self.post(office, "/v1/assessments", begun))["id"])
        ticks = {"ticks": [{"code": "FL07", "answer": "yes", "confidence": "high"}], "note": "The agent has it."}
        await self.post(office, f"/v1/assessments/{found}/answers", ticks)
        return found

    async def send(self, to: str, office: str = "labour_inspection", **body: Any) -> str:
        if "party" not in body:
            body = {"assessment": await self.assessment(office), **CONSENT} | body
        sent = await self.post(office, "/v1/referrals", {"to": to, **body})
        assert sent["state"] == "sent"
        return f"/v1/referrals/{sent['id']}"

    async def move(self, office: str, path: str, move: str, code: str | None = None, **more: Any) -> dict[str, Any]:
        return await self.post(office, f"{path}/moves", {"move": move, "code": code, **more})


@pytest.fixture
async def desk(door: RegistryDoor) -> Desk:
    await door.party("agency-7", "Company", name="Cahaya")
    return Desk(door)


async def test_what_a_preview_shows_is_exactly_what_the_receiver_sees(desk: Desk) -> None:
    body = {"to": "victim_services", "assessment": await desk.assessment(), "contact": CONTACT, **CONSENT}
    preview = await desk.post("labour_inspection", "/v1/referrals/preview", body)
    assert preview == NOTHING | CONSENT | {
        "purpose": "assistance",
        "strength": "weak",
        "indicators": ["FL07", "SAP5"],
        "language": "id",
        "contact": CONTACT,
    }
    assert (await desk.get("labour_inspection", "/v1/referrals?direction=out"))["items"] == []
    sent = await desk.post("labour_inspection", "/v1/referrals", body)
    path = f"/v1/referrals/{sent['id']}"
    assert sent["content"] is None, "the sender sees how far it got, not the content"
    assert (await desk.get("victim_services", path))["content"] is None, "nobody has received it yet"
    received = await desk.move("victim_services", path, "receive")
    assert received["content"] == preview
    other = await desk.ask("victim_services", "GET", path, of="Another shelter")
    assert other.status_code == 404, "those who received it, not all of the kind"


async def test_each_side_sees_its_own_fields(desk: Desk) -> None:
    path = await desk.send("police")
    await desk.move("police", path, "receive", note="We know the agent.")
    await desk.move("police", path, "accept")
    theirs = await desk.move("police", path, "complete", "action_taken", note="Case C-1.")
    mine = await desk.get("labour_inspection", path)
    apart = {"direction", "assessment", "content", "events"}
    assert {name: value for name, value in mine.items() if name not in apart} == {
        name: value for name, value in theirs.items() if name not in apart
    }
    assert (mine["direction"], mine["content"]) == ("out", None)
    assert mine["assessment"].startswith("A")
    assert (theirs["direction"], theirs["assessment"]) == ("in", None)
    assert theirs["content"] == NOTHING | CONSENT | {
        "purpose": "investigation",
        "strength": "weak",
        "indicators": ["FL07", "SAP5"],
        "employer": "agency-7",
        "language": "id",
    }
    said = [(event["state"], event["code"], event["by"], event["note"]) for event in mine["events"]]
    assert said == [
        ("sent", None, "labour_inspection-1", None),
        ("received", None, None, None),
        ("accepted", None, None, None),
        ("completed", "action_taken", None, None),
    ]
    assert [event["note"] for event in theirs["events"]] == [None, "We know the agent.", None, "Case C-1."]
    assert theirs["events"][0]["by"] is None


async def test_more_is_requested_and_told(desk: Desk) -> None:
    path = await desk.send("victim_services")
    first = await desk.move("victim_services", path, "receive")
    await desk.move("victim_services", path, "request_more", "contact_missing")
    answered = await desk.post("labour_inspection", f"{path}/answer", {"contact": CONTACT})
    assert (answered["state"], answered["content"]) == ("sent", None)
    assert answered["due_at"] > first["due_at"], "the clock begins again"
    again = await desk.move("victim_services", path, "receive")
    assert again["content"] == first["content"] | {"contact": CONTACT}
    early = await desk.ask("labour_inspection", "POST", f"{path}/answer", {})
    assert (early.status_code, early.json()["type"]) == (409, "urn:lindung:problem:illegal-move")


@pytest.mark.parametrize("by", ["labour_inspection", "victim_services"])
@pytest.mark.parametrize("far", ["sent", "received", "accepted", "completed"])
async def test_consent_taken_back_ends_the_receivers_access_at_once(desk: Desk, by: str, far: str) -> None:
    path = await desk.send("victim_services", contact=CONTACT)
    for move, code in [("receive", None), ("accept", None), ("complete", "helped")][
        : ["sent", "received", "accepted", "completed"].index(far)
    ]:
        await desk.move("victim_services", path, move, code, note="She said so.")
    await desk.post(by, f"{path}/revoke")
    theirs, mine = await desk.get("victim_services", path), await desk.get("labour_inspection", path)
    for seen in (theirs, mine):
        assert (seen["state"], seen["events"][-1]["code"], seen["content"]) == ("withdrawn", "consent_revoked", None)
    assert [event["note"] for event in theirs["events"] if event["note"]] == []
    assert (await desk.ask(by, "POST", f"{path}/revoke")).status_code == 409


async def test_a_law_instead_of_consent_is_kept_and_cannot_be_revoked(desk: Desk) -> None:
    path = await desk.send("police", consent=None, **OVERRIDE)
    seen = await desk.move("police", path, "receive")
    assert (seen["content"]["law"], seen["content"]["consent"]) == ("Law 1", None)
    assert "Danger" not in str(seen)
    refused = await desk.ask("police", "POST", f"{path}/revoke")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lindung:problem:no-consent")
    await desk.move("police", path, "request_more", "too_little_told")
    await desk.post("labour_inspection", f"{path}/answer", {})
    assert (await desk.move("police", path, "receive"))["content"] == seen["content"]
    ended = await desk.move("labour_inspection", path, "withdraw", "sent_in_error")
    assert ended["state"] == "withdrawn"
    assert (await desk.get("police", path))["content"] is None


@pytest.mark.parametrize(("moves", "state"), [(["decline"], "declined"), (["accept", "hand_back"], "handed_back")])
async def test_what_is_declined_or_handed_back_is_not_kept_there(desk: Desk, moves: list[str], state: str) -> None:
    path = await desk.send("victim_services")
    await desk.move("victim_services", path, "receive")
    for move in moves:
        code = None if move == "accept" else "no_capacity"
        ended = await desk.move("victim_services", path, move, code, note="Full until May.")
    assert (ended["state"], ended["content"]) == (state, None)
    assert (await desk.get("labour_inspection", path))["events"][-1]["code"] == "no_capacity"


async def test_an_employer_is_referred_without_anybodys_person(desk: Desk) -> None:
    await desk.door.party("agency-7", "Company", name="Sinar Jaya")
    body = {"to": "licensing", "party": "agency-7", "reasons": ["fees", "documents_kept"]}
    preview = await desk.post("labour_inspection", "/v1/referrals/preview", body)
    assert preview == NOTHING | {
        "purpose": "licence_review",
        "party": "agency-7",
        "reasons": ["fees", "documents_kept"],
    }
    path = await desk.send("licensing", party="agency-7", reasons=body["reasons"])
    assert (await desk.move("licensing", path, "receive"))["content"] == preview
    assert (await desk.ask("licensing", "POST", f"{path}/revoke")).status_code == 409
    unknown = await desk.ask("labour_inspection", "POST", "/v1/referrals", body | {"party": "nobody"})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "urn:lindung:problem:unknown-party")


async def test_what_no_agreement_lets_pass_is_refused(desk: Desk) -> None:
    assessment = {"assessment": await desk.assessment(), **CONSENT}
    refused = [
        {"to": "licensing", **assessment},
        {"to": "labour_inspection", **assessment},
        {"to": "police", **assessment, "contact": CONTACT},
        {"to": "police", "party": "agency-7", "reasons": ["wages"]},
    ]
    for body in refused:
        for path in ("/v1/referrals", "/v1/referrals/preview"):
            answer = await desk.ask("labour_inspection", "POST", path, body)
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:lindung:problem:not-agreed"), body
    to_come = assessment | {"consent": {"given_on": f"{now().date() + timedelta(days=9)}", "language": "id"}}
    answer = await desk.ask("labour_inspection", "POST", "/v1/referrals", {"to": "police", **to_come})
    assert answer.json()["type"] == "urn:lindung:problem:day-to-come"
    others = await desk.ask("victim_services", "POST", "/v1/referrals/preview", {"to": "police", **assessment})
    assert others.status_code == 404, "another office's assessment"


async def test_nobody_who_may_be_a_child_is_referred_to_the_police(desk: Desk) -> None:
    unknown = {"to": "police", "assessment": await desk.assessment(child="unknown"), **CONSENT}
    child = {"to": "police", "assessment": await desk.assessment("child_protection", child="yes"), **CONSENT}
    asked = await desk.ask("labour_inspection", "POST", "/v1/referrals", unknown)
    assert (asked.status_code, asked.json()["type"]) == (422, "urn:lindung:problem:not-for-this-office")
    assert (await desk.ask("child_protection", "POST", "/v1/referrals", child)).status_code == 422
    path = await desk.send("victim_services", "child_protection", assessment=child["assessment"], contact=CONTACT)
    seen = await desk.move("victim_services", path, "receive")
    assert seen["content"]["contact"] == CONTACT, "from child protection it goes to others"


@pytest.mark.parametrize("to", ["child_protection", "police", "victim_services"])
async def test_once_it_is_a_childs_it_is_child_protections_and_absent_for_others(desk: Desk, to: str) -> None:
    assessment = await desk.assessment()
    path = await desk.send(to, assessment=assessment)
    await desk.move(to, path, "receive")
    nobodys = "/v1/referrals/R" + "0" * 24
    before = await desk.get("labour_inspection", "/v1/referrals")
    known = {"child": "yes", "recruited_or_moved": "unknown"}
    await desk.ask("labour_inspection", "POST", f"/v1/assessments/{assessment}/person", known)
    for office in sorted(OFFICES.keys() - {"child_protection"}):
        for method, part in (("GET", ""), ("POST", "/revoke")):
            gone, never = [await desk.ask(office, method, each + part) for each in (path, nobodys)]
            assert gone.status_code == 404
            assert gone.text.replace(path, "") == never.text.replace(nobodys, "")
        assert path.rsplit("/", 1)[1] not in (await desk.ask(office, "GET", "/v1/referrals")).text
    after = await desk.get("labour_inspection", "/v1/referrals")
    assert sum(before["counts"].values()) - sum(after["counts"].values()) == 1, "not counted either"
    seen = await desk.get("child_protection", path)
    assert seen["direction"] == ("in" if to == "child_protection" else "out")
    assert (seen["content"] is not None) is (to == "child_protection")
    if to != "child_protection":
        assert (await desk.move("child_protection", path, "withdraw", "settled"))["state"] == "withdrawn"


async def test_a_referral_is_between_two_offices_of_one_member(desk: Desk) -> None:
    path = await desk.send("victim_services")
    assert (await desk.ask("victim_services", "GET", path, member="MYS")).status_code == 404
    assert (await desk.ask("labour_inspection", "GET", path, of="Another district")).status_code == 404
    assert (await desk.ask("police", "GET", path)).status_code == 404
    wrong = await desk.ask("labour_inspection", "POST", f"{path}/moves", {"move": "receive"})
    assert (wrong.status_code, wrong.json()["type"]) == (403, "urn:lindung:problem:not-this-side")
    await desk.move("victim_services", path, "receive")
    for code in (None, "helped"):
        answer = await desk.ask("victim_services", "POST", f"{path}/moves", {"move": "decline", "code": code})
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:lindung:problem:code-not-for-move")
    for move in ("answer", "revoke"):
        assert (await desk.ask("victim_services", "POST", f"{path}/moves", {"move": move})).status_code == 422
    clerk = await desk.door.ask("GET", "/v1/referrals", purpose=Purpose.WORKER_REGISTRATION)
    assert (clerk.status_code, clerk.json()["type"]) == (403, "urn:lindung:problem:no-referring-office")
    assert len((await desk.get("licensing", "/v1/referral-agreements"))["items"]) == 56


async def test_lists_clocks_and_counts(desk: Desk, deployment: Settings) -> None:
    def district(path: str = "") -> Any:
        return desk.get("labour_inspection", f"/v1/referrals?direction=out{path}", of="District 9")

    paths = []
    for urgency in ("immediate", "urgent", "normal"):
        assessment = await desk.post("labour_inspection", "/v1/assessments", {}, of="District 9")
        body = {"to": "victim_services", "assessment": assessment["id"], "urgency": urgency, **CONSENT}
        sent = await desk.post("labour_inspection", "/v1/referrals", body, of="District 9")
        paths.append(f"/v1/referrals/{sent['id']}")
    ids = [path.rsplit("/", 1)[1] for path in paths]
    database = Database(deployment.database_url("registry"))
    try:
        async with database.write() as session:
            for row in (await session.scalars(select(ReferralRow).where(ReferralRow.id.in_(ids)))).all():
                row.due_at = now() - timedelta(hours=5)
                assert row.content is not None
                assert b"assistance" not in row.content, "sealed"
    finally:
        await database.close()
    overdue = (await district("&overdue=true"))["items"]
    assert [(item["id"], item["overdue"], item["escalated"]) for item in overdue] == [
        (ids[2], True, False),
        (ids[1], True, False),
        (ids[0], True, True),
    ]
    await desk.move("victim_services", paths[0], "receive")
    assert len((await district("&overdue=true"))["items"]) == 3, "received is not answered"
    await desk.move("victim_services", paths[0], "accept")
    assert [item["id"] for item in (await district("&overdue=true"))["items"]] == [ids[2], ids[1]]
    assert [item["id"] for item in (await district("&state=accepted"))["items"]] == [ids[0]]
    first = await district("&limit=2")
    second = await district(f"&limit=2&before={first['next']}")
    assert [item["id"] for page in (first, second) for item in page["items"]] == ids[::-1]
    assert (second["next"], first["counts"]) == (None, {"sent": 2, "accepted": 1})
    incoming = await desk.get("victim_services", "/v1/referrals?direction=in&limit=200")
    assert set(ids) <= {item["id"] for item in incoming["items"]}
    assert (await desk.get("victim_services", "/v1/referrals?direction=out"))["items"] == []
    assert {name for item in incoming["items"] for name in item} == {
        *("id", "member", "direction", "sender", "receiver", "about", "purpose", "urgency", "state"),
        *("sent_at", "due_at", "overdue", "escalated"),
        *("sender_member", "receiver_member", "delivery", "delivery_reason"),
    }, "a list tells nothing of the matter"
