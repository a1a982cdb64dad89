"""Overdue referrals are told: the receiving office first, then the sending one, once each, until they are taken."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from services.registry.referrals.contacts import Contacts
from services.registry.referrals.reminders import MOST_TRIES, Reminders
from services.registry.referrals.tables import ContactRow, ReferralNoticeRow, ReferralRow
from shared.db.database import Database, now
from shared.http.named_hosts import NamedHosts
from tests.registry.door import RegistryDoor
from tests.registry.test_referrals import Desk

pytestmark = pytest.mark.anyio

SENDER, RECEIVER, OTHER = (f"https://hook.example/{name}" for name in ("labour", "shelter", "another-shelter"))
IN_TIME = timedelta(days=7)


@dataclass
class Offices:
    """Offices with contact points, and a clock that the test moves."""

    desk: Desk
    database: Database
    later: timedelta = timedelta()
    taken: bool = True
    heard: list[tuple[str, str, str]] = field(default_factory=list)

    async def post(self, address: str, content: bytes, notice_id: str) -> bool:
        notice = json.loads(content)
        assert (set(notice), notice["id"]) == ({"id", "referral", "kind", "at"}, notice_id)
        self.heard.append((address, notice["kind"], notice["referral"]))
        return self.taken

    def clock(self) -> datetime:
        return now() + self.later

    async def look(self, later: timedelta) -> list[tuple[str, str, str]]:
        """What is sent at that time, by a service that has just started."""
        self.later, self.heard = later, []
        reminders = Reminders(self.database, self.post, self.clock)
        await reminders.note_overdue()
        await reminders.send_due()
        return sorted(self.heard)


@pytest.fixture
async def offices(door: RegistryDoor) -> AsyncIterator[Offices]:
    app = door.client._transport.app  # type: ignore[attr-defined]
    app.state.referral_contacts = Contacts(app.state.database, NamedHosts("hook.example", "webhook", "SETTING"))
    await door.party("agency-7", "Company", name="Cahaya")
    desk = Desk(door)
    for office, webhook, of in (
        ("labour_inspection", SENDER, ""), ("victim_services", RECEIVER, ""), ("victim_services", OTHER, "Another"),
    ):  # fmt: skip
        answer = await desk.ask(office, "PUT", "/v1/referral-contact", {"webhook": webhook}, of=of)
        assert answer.json() == {"office": office, "webhook": webhook}
    yield Offices(desk, app.state.database)
    async with app.state.database.write() as session:
        await session.execute(delete(ReferralNoticeRow))
        await session.execute(delete(ContactRow))
        await session.execute(update(ReferralRow).values(state="withdrawn"))


async def test_the_receiver_is_told_first_then_the_sender_and_nobody_twice(offices: Offices) -> None:
    path = await offices.desk.send("victim_services")
    referral = path.rpartition("/")[2]
    assert await offices.look(IN_TIME - timedelta(minutes=1)) == []
    late = IN_TIME + timedelta(minutes=1)
    assert await offices.look(late) == [(OTHER, "overdue", referral), (RECEIVER, "overdue", referral)]
    assert await offices.look(late + timedelta(days=1)) == []
    assert await offices.look(2 * IN_TIME + timedelta(minutes=1)) == [(SENDER, "escalated", referral)]
    assert await offices.look(3 * IN_TIME) == []


async def test_who_received_it_is_told_alone_and_an_answer_begins_anew(offices: Offices) -> None:
    path = await offices.desk.send("victim_services")
    referral = path.rpartition("/")[2]
    await offices.desk.move("victim_services", path, "receive")
    late = IN_TIME + timedelta(minutes=1)
    assert await offices.look(late) == [(RECEIVER, "overdue", referral)]
    await offices.desk.move("victim_services", path, "request_more", "too_little_told")
    assert await offices.look(3 * IN_TIME) == []
    await offices.desk.post("labour_inspection", f"{path}/answer", {})
    assert await offices.look(late) == [(RECEIVER, "overdue", referral)]
    await offices.desk.move("victim_services", path, "receive")
    await offices.desk.move("victim_services", path, "accept")
    assert await offices.look(3 * IN_TIME) == []


async def test_what_is_not_taken_is_sent_again_further_and_further_apart_and_given_up(offices: Offices) -> None:
    path = await offices.desk.send("victim_services")
    await offices.desk.move("victim_services", path, "receive")
    offices.taken, at = False, IN_TIME + timedelta(minutes=1)
    assert len(await offices.look(at)) == 1
    assert await offices.look(at + timedelta(seconds=30)) == []
    assert len(await offices.look(at + timedelta(seconds=90))) == 1
    for number in range(3, MOST_TRIES + 1):
        assert len(await offices.look(at + timedelta(minutes=16 * number))) == 1, number
    assert await offices.look(2 * IN_TIME - timedelta(hours=1)) == []
    async with offices.database.read() as session:
        (notice,) = (await session.scalars(select(ReferralNoticeRow))).all()
    assert (notice.delivery, notice.tries) == ("given_up", MOST_TRIES)


async def test_a_childs_referral_is_told_to_child_protection_alone(offices: Offices) -> None:
    answer = await offices.desk.ask("child_protection", "PUT", "/v1/referral-contact", {"webhook": SENDER + "/child"})
    assert answer.status_code == 200
    assessment = await offices.desk.assessment(child="unknown")
    path = await offices.desk.send("victim_services", assessment=assessment)
    told = {"child": "yes", "recruited_or_moved": "no"}
    answer = await offices.desk.ask("labour_inspection", "POST", f"/v1/assessments/{assessment}/person", told)
    assert answer.status_code == 204
    assert await offices.look(IN_TIME + timedelta(minutes=1)) == []
    referral = path.rpartition("/")[2]
    assert await offices.look(3 * IN_TIME) == [(SENDER + "/child", "escalated", referral)]


async def test_a_contact_point_is_where_the_operator_lets_notices_go_and_each_offices_own(offices: Offices) -> None:
    desk = offices.desk
    for webhook in ("http://169.254.169.254/latest", "file:///etc/passwd", "https://hook.example/\x00"):
        answer = await desk.ask("police", "PUT", "/v1/referral-contact", {"webhook": webhook})
        assert answer.status_code == 422, webhook
    assert (await desk.get("police", "/v1/referral-contact")) == {"office": "police", "webhook": None}
    assert (await desk.get("labour_inspection", "/v1/referral-contact"))["webhook"] == SENDER
    await desk.ask("labour_inspection", "PUT", "/v1/referral-contact", {"webhook": None})
    assert (await desk.get("labour_inspection", "/v1/referral-contact"))["webhook"] is None
