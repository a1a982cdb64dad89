"""Referrals across member states, two whole nodes: what arrives, once, however late; what is refused; what is gone."""

import asyncio
import datetime as dt
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from services.cli.connection import Identity, RefusedError
from services.cli.enrol import register
from services.cli.program import main
from services.gateway.corrections.clocks import load_clocks
from services.gateway.evidence.container import read_container
from services.gateway.evidence.verification import verify_package
from services.gateway.federation.peers import Answer
from services.gateway.probes.seals import seal_to
from services.gateway.referrals import sender as sending
from services.gateway.referrals.sender import ReferralSender, seal_subject
from services.registry.referrals.tables import ReferralRow
from services.registry.workers.tables import RegistrationRow
from shared.contracts.caller import Caller, Purpose
from shared.contracts.crossing import ReferralOffer, ReferralTold, SealedReferral
from shared.db.database import Database, now
from tests.conftest import MakeDeployment
from tests.gateway.members_on_loopback import Region, a_region

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

LABOUR = Identity("labour", Purpose.LABOUR_INSPECTION)
SUPPORT = Identity("victim-support", Purpose.VICTIM_SUPPORT)
POLICE = Identity("investigator", Purpose.CRIMINAL_INVESTIGATION, "KES 7/2026")
CHILD = Identity("child-protection", Purpose.CHILD_PROTECTION)
CONSULAR = Identity("consular", Purpose.CONSULAR_ASSISTANCE)
REGISTRAR = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
AGENCY = {"schema": "Company", "source": "Register of agencies", "properties": {"name": ["Cahaya"]}}
PURPOSES = (
    Purpose.LABOUR_INSPECTION, Purpose.CRIMINAL_INVESTIGATION, Purpose.VICTIM_SUPPORT, Purpose.CHILD_PROTECTION,
)  # fmt: skip
CONSENT = {"consent": {"given_on": "2026-11-20", "language": "id"}}
OVERRIDE = {"override": {"law": "Law 1", "decided_by": "Head of office", "why": "Danger to life."}}
CONTACT = "The neighbour's telephone"
NOWHERE = {"address": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
async def region(tmp_path_factory: pytest.TempPathFactory, make_deployment: MakeDeployment) -> AsyncIterator[Region]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "CHECK_S", 3600.0)  # the tests say when
        async with a_region(tmp_path_factory.mktemp("r"), make_deployment, ("IDN", "MYS"), PURPOSES) as region:
            await region["IDN"].api.ask(REGISTRAR, "PUT", "/v1/parties/agency-7", json=AGENCY)
            yield region


async def get(region: Region, member: str, who: Identity, path: str) -> dict[str, Any]:
    return dict((await region[member].api.ask(who, "GET", path)).json())


async def post(region: Region, member: str, who: Identity, path: str, body: Any = None) -> dict[str, Any]:
    return dict((await region[member].api.ask(who, "POST", path, json=body)).json())


async def move(region: Region, member: str, who: Identity, path: str, name: str, code: str | None = None) -> Any:
    step = {"move": name, "code": code, "note": "Room 4."}
    return await post(region, member, who, f"{path}/moves", step)


async def assessment(region: Region, who: Identity = LABOUR, child: str = "no") -> str:
    begun = {"language": "id", "child": child, "employer": "agency-7"}
    found = str((await post(region, "IDN", who, "/v1/assessments", begun))["id"])
    ticks = {"ticks": [{"code": "FL07", "answer": "yes", "confidence": "high"}]}
    await post(region, "IDN", who, f"/v1/assessments/{found}/answers", ticks)
    return found


async def refer(region: Region, to: str = "victim_services", who: Identity = LABOUR, **more: Any) -> str:
    body = {"to": to, "member": "MYS", "assessment": await assessment(region, who), **CONSENT} | more
    sent = await post(region, "IDN", who, "/v1/referrals", body)
    assert (sent["delivery"], sent["sender_member"], sent["receiver_member"]) == ("not_yet", "IDN", "MYS")
    return f"/v1/referrals/{sent['id']}"


def sender(region: Region, member: str, late: dt.timedelta = dt.timedelta()) -> ReferralSender:
    """A new one each time, as after a restart."""
    state = region[member].app.state
    return ReferralSender(state.registry, state.federation, load_clocks(), lambda: now() + late)


async def carry(region: Region, *members: str) -> int:
    return sum([await sender(region, each).send_owed() for each in members or ("IDN", "MYS")])


async def absent(region: Region, member: str, who: Identity, path: str) -> bool:
    try:
        await get(region, member, who, path)
    except RefusedError as error:
        return error.status == 404
    return False


async def test_a_referral_goes_there_and_its_states_come_back(region: Region) -> None:
    body = {"to": "victim_services", "member": "MYS", "assessment": await assessment(region), **CONSENT}
    preview = await post(region, "IDN", LABOUR, "/v1/referrals/preview", body)
    assert {name for name, value in preview.items() if value is not None} == {
        "purpose", "strength", "language", "consent",
    }  # fmt: skip
    path = f"/v1/referrals/{(await post(region, 'IDN', LABOUR, '/v1/referrals', body))['id']}"
    assert await absent(region, "MYS", SUPPORT, path)
    assert await carry(region) == 1
    assert (await get(region, "IDN", LABOUR, path))["delivery"] == "delivered"
    theirs = await get(region, "MYS", SUPPORT, path)
    assert (theirs["state"], theirs["direction"], theirs["content"], theirs["assessment"]) == ("sent", "in", None, None)
    assert (await move(region, "MYS", SUPPORT, path, "receive"))["content"] == preview
    await move(region, "MYS", SUPPORT, path, "request_more", "contact_missing")
    assert (await get(region, "IDN", LABOUR, path))["state"] == "sent", "not told yet"
    assert await carry(region) == 1
    assert (await get(region, "IDN", LABOUR, path))["state"] == "more_requested"
    await post(region, "IDN", LABOUR, f"{path}/answer", {"contact": CONTACT})
    assert await carry(region) == 1
    again = await move(region, "MYS", SUPPORT, path, "receive")
    assert again["content"] == preview | {"contact": CONTACT}
    await move(region, "MYS", SUPPORT, path, "accept")
    await move(region, "MYS", SUPPORT, path, "complete", "helped")
    assert await carry(region) == 1
    mine = await get(region, "IDN", LABOUR, path)
    states = ["sent", "received", "more_requested", "sent", "received", "accepted", "completed"]
    assert [event["state"] for event in mine["events"]] == states
    assert (mine["state"], mine["events"][-1]["code"], mine["content"]) == ("completed", "helped", None)
    assert "Room 4." not in str(mine)
    assert [event["state"] for event in (await get(region, "MYS", SUPPORT, path))["events"]] == states
    assert await carry(region) == 0
    for code in ("IDN", "MYS"):
        stored = b"".join(each.read_bytes() for each in region[code].settings.var.glob("*.db*"))
        assert CONTACT.encode() not in stored


async def test_consent_taken_back_while_the_other_is_away_deletes_the_content_there(region: Region) -> None:
    read, unread = await refer(region), await refer(region)
    assert await carry(region, "IDN") == 2
    await move(region, "MYS", SUPPORT, read, "receive")
    await move(region, "MYS", SUPPORT, read, "accept")
    await carry(region, "MYS")
    await region.publish(MYS=NOWHERE)
    never = await refer(region)
    for path in (read, unread, never):
        await post(region, "IDN", LABOUR, f"{path}/revoke")
    away = sender(region, "IDN")
    assert [await away.send_owed(), await away.send_owed()] == [0, 0]  # the second leaves it alone
    waiting = [await get(region, "IDN", LABOUR, path) for path in (read, unread, never)]
    assert [(each["state"], each["delivery"]) for each in waiting] == [("withdrawn", "not_yet")] * 3
    assert {each["delivery_reason"] for each in waiting} == {"away", None}
    assert (await get(region, "MYS", SUPPORT, read))["content"] is not None
    await region.publish()
    assert await carry(region, "IDN") == 3
    for path in (read, unread):
        gone = await get(region, "MYS", SUPPORT, path)
        assert (gone["state"], gone["events"][-1]["code"], gone["content"]) == ("withdrawn", "consent_revoked", None)
        assert [event["note"] for event in gone["events"] if event["note"]] == []
    assert await absent(region, "MYS", SUPPORT, never)
    assert (await get(region, "IDN", LABOUR, never))["delivery"] == "delivered"
    late = await tell(region, "IDN", "MYS", "referrals", an_offer(never.rpartition("/")[2]))
    assert late.status == 200, "taken, and not kept"
    assert await absent(region, "MYS", SUPPORT, never)


async def test_a_sender_killed_before_it_noted_sends_again_and_nothing_happens_twice(region: Region) -> None:
    path = await refer(region)
    for after in (None, "receive", "accept"):
        assert await carry(region, "IDN") == 1
        if after:
            await move(region, "MYS", SUPPORT, path, after)
        async with open_registry(region, "IDN") as database, database.write() as session:
            await session.execute(sa.update(ReferralRow).values(owed_to="MYS").where(ReferralRow.id == path[14:]))
    assert await carry(region) == 2
    for member, who in (("IDN", LABOUR), ("MYS", SUPPORT)):
        seen = await get(region, member, who, path)
        assert [event["state"] for event in seen["events"]] == ["sent", "received", "accepted"]


async def test_consent_taken_back_there_and_withdrawal_here_cross_and_agree(region: Region) -> None:
    there, both = await refer(region), await refer(region)
    await carry(region)
    for path in (there, both):
        await move(region, "MYS", SUPPORT, path, "receive")
    await post(region, "MYS", SUPPORT, f"{there}/revoke")
    await move(region, "MYS", SUPPORT, both, "decline", "no_capacity")
    await move(region, "IDN", LABOUR, both, "withdraw", "settled")
    await carry(region)
    await carry(region)
    for path, code in ((there, "consent_revoked"), (both, "settled")):
        for member, who in (("IDN", LABOUR), ("MYS", SUPPORT)):
            seen = await get(region, member, who, path)
            assert (seen["state"], seen["content"], seen["delivery"]) == ("withdrawn", None, "delivered")
        assert seen["events"][-1]["code"] == code


async def test_who_may_not_be_asked_is_refused_with_a_reason(region: Region) -> None:
    body = {"to": "victim_services", "member": "MYS", "assessment": await assessment(region), **CONSENT}

    async def refused(**changes: Any) -> tuple[int, str]:
        found = set()
        for path in ("/v1/referrals/preview", "/v1/referrals"):
            with pytest.raises(RefusedError) as error:
                await post(region, "IDN", LABOUR, path, body | changes)
            found.add((error.value.status, str(error.value.problem["type"]).rpartition(":")[2]))
        (one,) = found
        return one

    assert await refused(member="THA") == (409, "member-not-asked")
    for change in ({"active": False}, {"answers": [Purpose.CRIMINAL_INVESTIGATION]}):
        await region.publish(MYS=change)
        assert await refused() == (409, "member-not-asked")
    await region.publish()
    assert await refused(to="licensing") == (422, "not-agreed")
    assert await refused(to="consular", consent=None, **OVERRIDE) == (422, "consent-needed")
    assert await refused(to="police", assessment=await assessment(region, child="unknown")) == (
        422, "not-for-this-office",
    )  # fmt: skip
    here = await post(region, "IDN", LABOUR, "/v1/referrals", body | {"member": "IDN"})
    assert here["delivery"] is None


async def worker(region: Region, age: int = 20, **told: Any) -> str:
    """A registration; of a grown-up of 20 in this work, labour inspection may read it."""
    work = {"destination": "SGP", "sector": "domestic", "start": f"{now().date() + dt.timedelta(days=90)}"}
    stated = {"name": "Lia", "born": f"{now().year - age}-01-01", "no_biometrics": "INJURED", "placement": work} | told
    return str((await register(region["IDN"].api, DESK, stated, secrets.token_hex(8)))["registration"])


async def refusal(region: Region, who: Identity, path: str, body: dict[str, Any]) -> RefusedError | None:
    try:
        await post(region, "IDN", who, path, body)
    except RefusedError as error:
        return error
    return None


async def consular_refusing(region: Region, who: Identity, registration: str) -> set[str]:
    """Of which members the consular office is not told of this person: at the preview as when it is sent."""
    begun = {"language": "id", "child": "no", "registration": registration}
    body = {"to": "consular", "assessment": (await post(region, "IDN", who, "/v1/assessments", begun))["id"], **CONSENT}
    refused = set()
    for member in ("IDN", "MYS"):
        paths = ("/v1/referrals/preview", "/v1/referrals")
        errors = [await refusal(region, who, path, body | {"member": member}) for path in paths]
        if errors == [None, None]:
            continue
        refused.add(member)
        for error in errors:
            assert error is not None
            assert (error.status, error.problem["title"]) == (422, "This consular office is of another state")
            assert not {"IDN", "MYS"} & set(str(error.problem).split()), "whose it is, the refusal does not say"
    return refused


async def test_a_consular_office_is_told_of_its_own_states_people_only(region: Region) -> None:
    """By the nationality on record, else by who issued the document; of what one may not read, nothing is told."""
    issued = {"document": {"number": "A1234567", "issuer": "IDN"}}
    for told, refused in (
        ({"nationality": "IDN"}, {"MYS"}), ({"nationality": "MYS"}, {"IDN"}), (issued, {"MYS"}), ({}, set()),
    ):  # fmt: skip
        assert await consular_refusing(region, LABOUR, await worker(region, **told)) == refused
    child, elder = await worker(region, 15, nationality="IDN"), await worker(region, 40, nationality="IDN")
    for unread in (child, elder, "R" + "0" * 24):
        assert await absent(region, "IDN", LABOUR, f"/v1/registrations/{unread}")
        assert await consular_refusing(region, LABOUR, unread) == set()
        assert await consular_refusing(region, SUPPORT, unread) == set(), "reads no registrations"
    assert await consular_refusing(region, CHILD, child) == {"MYS"}
    assert await consular_refusing(region, CHILD, elder) == set()
    await carry(region)


async def test_a_registration_is_opened_for_a_consular_office_only(region: Region) -> None:
    registration = await worker(region, nationality="IDN")
    async with open_registry(region, "IDN") as database, database.write() as session:
        damaged = sa.update(RegistrationRow).where(RegistrationRow.id == registration).values(particulars=b"damaged")
        await session.execute(damaged)
    begun = {"language": "id", "child": "no", "registration": registration}
    found = (await post(region, "IDN", LABOUR, "/v1/assessments", begun))["id"]
    for to in ("child_protection", "victim_services"):
        assert await post(region, "IDN", LABOUR, "/v1/referrals", {"to": to, "assessment": found, **CONSENT})


async def test_a_member_cut_off_after_sending_is_told_when_it_is_back(region: Region) -> None:
    path = await refer(region, "police", **OVERRIDE | {"consent": None})
    await region.publish(MYS={"active": False})
    assert await carry(region, "IDN") == 0
    waiting = await get(region, "IDN", LABOUR, path)
    assert (waiting["delivery"], waiting["delivery_reason"]) == ("not_yet", "no-member")
    await region.publish()
    assert await carry(region, "IDN") == 1
    theirs = await move(region, "MYS", POLICE, path, "receive")
    assert (theirs["content"]["law"], theirs["content"]["contact"]) == ("Law 1", None)
    assert "Danger" not in str(theirs)


async def test_a_child_goes_from_child_protection_to_child_protection_and_consular_with_consent(region: Region) -> None:
    found = await assessment(region, CHILD, "yes")
    body = {"assessment": found, "member": "MYS", **CONSENT}
    for to in ("child_protection", "consular"):
        sent = await post(region, "IDN", CHILD, "/v1/referrals", body | {"to": to})
        await carry(region)
        who = CHILD if to == "child_protection" else CONSULAR
        seen = await move(region, "MYS", who, f"/v1/referrals/{sent['id']}", "receive")
        assert seen["content"]["language"] == "id"
    for to in ("victim_services", "police", "labour_inspection"):
        with pytest.raises(RefusedError) as error:
            await post(region, "IDN", CHILD, "/v1/referrals", body | {"to": to})
        assert error.value.status == 422


async def test_who_turns_out_to_be_a_child_is_taken_back_from_abroad(region: Region) -> None:
    found = await assessment(region, child="unknown")
    path = await refer(region, assessment=found)
    await carry(region)
    await move(region, "MYS", SUPPORT, path, "receive")
    await carry(region)
    await region["IDN"].api.ask(
        LABOUR, "POST", f"/v1/assessments/{found}/person", json={"child": "yes", "recruited_or_moved": "no"}
    )
    await carry(region)
    gone = await get(region, "MYS", SUPPORT, path)
    assert (gone["state"], gone["content"], gone["events"][-1]["code"]) == ("withdrawn", None, "sent_in_error")
    assert await absent(region, "IDN", LABOUR, path)
    assert (await get(region, "IDN", CHILD, path))["state"] == "withdrawn"


async def test_the_evidence_of_a_referral_is_that_it_was_not_what_it_said(region: Region, tmp_path: Path) -> None:
    path = await refer(region, contact=CONTACT)
    await carry(region)
    await move(region, "MYS", SUPPORT, path, "receive")
    await carry(region)
    for code in ("IDN", "MYS"):
        target, settings = tmp_path / f"{code}.zip", region[code].settings
        words = ["evidence", "package", path[14:], "--request", "MLA 12/2026", "-o", str(target)]
        env = {"LINDUNG_VAR": str(settings.var), "LINDUNG_MEMBER": code}
        done = await asyncio.to_thread(CliRunner().invoke, main, words, env=env)
        assert done.exit_code == 0, done.output
        found = verify_package(target.read_bytes(), region[code].entry)
        assert (found.faults, found.manifest and found.manifest.kind) == ([], "referral")
        assert found.custody is not None
        did = {(each.entry.role, each.entry.purpose, each.entry.action) for each in found.custody.entries}
        offices = {
            "IDN": {("labour_inspector", "labour_inspection", "write")},
            "MYS": {("partner_member", "labour_inspection", "create"), ("victim_support", "victim_support", "write")},
        }  # fmt: skip
        assert offices[code] <= did
        parts = read_container(target.read_bytes()) or {}
        receipts = json.loads(parts["receipts.json"])["items"]
        assert [(each["member"], each["status"]) for each in receipts] == [("MYS" if code == "IDN" else "IDN", 200)] * 2
        told = json.loads(parts["record.json"])
        assert [step["state"] for step in told["steps"]] == ["sent", "received"]
        assert (told["ground"], told["receiver_member"]) == ("consent", "MYS")
        octets = target.read_bytes()
        assert not [word for word in (CONTACT.encode(), b"agency-7", b"FL07", b"Room 4.") if word in octets]


def an_offer(referral: str, number: int = 1, **changes: Any) -> dict[str, Any]:
    content = {"purpose": "assistance", "language": "id", **CONSENT} | changes.pop("content", {})
    return {
        "id": referral, "number": number, "sender": "labour_inspection", "receiver": "victim_services",
        "about": "person", "purpose": "assistance", "urgency": "normal", "sent_at": now().isoformat(),
        "content": content,
    } | changes  # fmt: skip


def told(referral: str, state: str, code: str | None = None, number: int = 9) -> dict[str, Any]:
    return {"id": referral, "number": number, "events": [{"state": state, "code": code, "at": now().isoformat()}]}


async def tell(region: Region, source: str, target: str, path: str, message: dict[str, Any], **envelope: Any) -> Answer:
    """A message as a member's gateway would send it, whatever its registry says."""
    federation = region[source].app.state.federation
    entry = federation.membership.member(target)
    form: Any = ReferralOffer if path == "referrals" else ReferralTold
    content = form.model_validate(message).model_dump_json().encode()
    seal = seal_to(entry, source, seal_subject(message["id"], message["number"]), content)
    known = {"id": message["id"], "number": message["number"], "sealed": seal} | envelope
    purpose = Purpose.LABOUR_INSPECTION if path == "referrals" else Purpose.REGISTER_MAINTENANCE
    caller = Caller(client_id="t", organisation="t", member=source, purpose=purpose)
    address = f"/federation/v1/{path}?id={message['id']}"
    body = SealedReferral.model_construct(**known).model_dump_json().encode()
    return await federation.peers.ask(entry, "POST", address, caller, body, 20)


async def test_a_member_tells_of_its_own_side_only_and_no_more_than_was_agreed(region: Region) -> None:
    path = await refer(region)
    await carry(region)
    referral, fresh = path[14:], "R" + "0" * 24
    local = (await post(region, "IDN", LABOUR, "/v1/referrals", {
        "to": "victim_services", "assessment": await assessment(region), **CONSENT,
    }))["id"]  # fmt: skip
    lies: list[tuple[str, str, str, dict[str, Any], dict[str, Any]]] = [
        ("MYS", "IDN", "referral-states", told(local, "received"), {}),
        ("MYS", "IDN", "referral-states", told(fresh, "accepted"), {}),
        ("MYS", "IDN", "referral-states", told(referral, "completed", "helped"), {}),
        ("MYS", "IDN", "referral-states", told(referral, "withdrawn", "settled"), {}),
        ("IDN", "MYS", "referral-states", told(referral, "accepted"), {}),
        ("MYS", "IDN", "referrals", an_offer(local), {}),
        ("IDN", "MYS", "referrals", an_offer(referral, 2), {}),
        ("IDN", "MYS", "referrals", an_offer(fresh, content={"employer": "agency-7"}), {}),
        ("IDN", "MYS", "referrals", an_offer(fresh, content={"consent": None}), {}),
        ("IDN", "MYS", "referrals", an_offer(fresh, receiver="licensing"), {}),
        ("IDN", "MYS", "referrals", an_offer(fresh, receiver="consular", purpose="consular_help", content={
            "purpose": "consular_help", "consent": None, "law": "Law 1"}), {}),
        ("IDN", "MYS", "referrals", an_offer(fresh), {"number": 2}),
        ("IDN", "MYS", "referrals", an_offer(fresh), {"id": referral}),
    ]  # fmt: skip
    for source, target, where, message, envelope in lies:
        answer = await tell(region, source, target, where, message, **envelope)
        assert answer.status in {400, 422}, (where, message)
    assert (await get(region, "IDN", LABOUR, path))["state"] == "sent"
    assert (await get(region, "MYS", SUPPORT, path))["state"] == "sent"
    assert await absent(region, "MYS", SUPPORT, f"/v1/referrals/{fresh}")


def open_registry(region: Region, member: str) -> Any:
    return _Opened(Database(region[member].settings.database_url("registry")))


class _Opened:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def __aenter__(self) -> Database:
        return self._database

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()
