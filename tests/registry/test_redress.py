"""Claims and the aid fund over HTTP: a claim from draft to paid, two persons, retries, reversals, who sees what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.redress.fund_tables import PostingRow
from services.registry.redress.offices import RedressOffice
from services.registry.redress.reporting import donor_report
from services.registry.redress.tables import ClaimEventRow, ClaimRow
from services.registry.redress.verification import find_faults, verify_ledger
from shared.contracts.caller import Caller, Purpose, Role
from shared.db.database import Database, now
from shared.settings import Settings
from tests.registry.door import RegistryDoor

pytestmark = pytest.mark.anyio

TODAY = str(now().date())
PAYEE = "Account 77-1 of the shelter's savings bank"
WAGES = {
    "wage": 1_500_000,
    "period": "month",
    "hours_a_day": 8,
    "days_a_week": 6,
    "months": [{"month": "2026-01", "worked": 1, "overtime_hours": 20, "paid": 1_000_000}],
}
OWED = 716_346


class Office:
    """Asks as a person of victim support."""

    def __init__(self, door: RegistryDoor, name: str) -> None:
        self.door = door
        self.name = name

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        person: str = "first",
        key: str | None = None,
        role: tuple[Role, Purpose] = (Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT),
        member: str = "IDN",
        accept: str = "application/json",
    ) -> httpx.Response:
        caller = Caller(
            client_id="console", user=person, organisation=self.name, member=member, role=role[0], purpose=role[1]
        )
        headers = {"Authorization": f"Bearer {self.door.signer.sign(caller, 'registry')}", "Accept": accept}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self.door.client.request(method, path, headers=headers, json=body)

    async def get(self, path: str, **who: Any) -> dict[str, Any]:
        answer = await self.ask("GET", path, **who)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def post(self, path: str, body: Any = None, **who: Any) -> dict[str, Any]:
        answer = await self.ask("POST", path, body, **who)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    async def refused(self, path: str, body: Any = None, method: str = "POST", **who: Any) -> tuple[int, str]:
        answer = await self.ask(method, path, body, **who)
        return answer.status_code, answer.json()["type"].removeprefix("urn:lindung:problem:")

    async def step(self, path: str, move: str, **more: Any) -> dict[str, Any]:
        return await self.post(f"{path}/moves", {"move": move, "day": TODAY} | more)

    async def decide(self, path: str, outcome: str, amount: int | None = None) -> dict[str, Any]:
        told = {"outcome": outcome, "amount": amount, "day": TODAY, "authority": "Court 1", "reference": "12/2026"}
        return await self.post(f"{path}/decisions", told)

    async def granted(self, forum: str = "fund", **body: Any) -> str:
        """A claim that was granted whole."""
        drafted = await self.post("/v1/claims", {"forum": forum, "currency": "IDR", "wages": WAGES} | body)
        path = f"/v1/claims/{drafted['id']}"
        await self.step(path, "file")
        await self.step(path, "hear")
        await self.decide(path, "granted")
        return path

    async def give(
        self, amount: int, currency: str = "IDR", key: str = "gift", donor: str = "donor-1"
    ) -> dict[str, Any]:
        told = {"currency": currency, "amount": amount, "donor": donor}
        return await self.post("/v1/fund/contributions", told, key=key)

    async def propose(self, amount: int, key: str, **body: Any) -> str:
        told = {"currency": "IDR", "amount": amount, "kind": "travel", "about": "S1", "payee": PAYEE} | body
        return str((await self.post("/v1/fund/payments", told, key=key))["id"])

    async def release(self, payment: str, person: str = "second") -> dict[str, Any]:
        return await self.post(f"/v1/fund/payments/{payment}/release", person=person)

    async def balance(self, currency: str = "IDR") -> dict[str, int]:
        (found,) = [each for each in (await self.get("/v1/fund"))["items"] if each["currency"] == currency]
        return {name: found[name] for name in ("contributed", "available", "reserved", "paid_out")}


@pytest.fixture
async def database(deployment: Settings) -> Any:
    opened = Database(deployment.database_url("registry"))
    yield opened
    await opened.close()


async def test_a_wage_claim_from_draft_to_paid_by_the_employer(door: RegistryDoor, database: Database) -> None:
    office = Office(door, "Shelter A")
    await door.party("employer-1", "Company", name="Sinar Jaya")
    body = {"forum": "labour", "currency": "IDR", "wages": WAGES, "about": "S7", "against": "employer-1"}
    preview = await office.post("/v1/claims/preview", body)
    assert (preview["total"], preview["digits"]) == (OWED, 2)
    assert (await office.get("/v1/claims"))["items"] == [], "nothing is kept"
    drafted = await office.post("/v1/claims", body | {"note": "She kept a diary."})
    path = f"/v1/claims/{drafted['id']}"
    assert (drafted["state"], drafted["computation"]) == ("draft", preview)
    nothing = {**WAGES, "months": [{"month": "2026-01", "worked": 1, "paid": 1_500_000}]}
    await office.ask("PUT", path, body | {"wages": nothing})
    assert await office.refused(f"{path}/moves", {"move": "file", "day": TODAY}) == (422, "nothing-claimed")
    await office.ask("PUT", path, body | {"note": "She kept a diary."})
    tomorrow = str(now().date() + timedelta(days=3))
    assert await office.refused(f"{path}/moves", {"move": "file", "day": tomorrow}) == (422, "day-to-come")
    await office.step(path, "file", authority="Labour court", reference="7/2026")
    assert await office.refused(path, body, "PUT") == (409, "illegal-move")
    await office.step(path, "hear")
    papers = [{"kind": "payslip", "digest": "a" * 64}, {"kind": "contract", "digest": "b" * 64}]
    for _ in range(2):
        kept = await office.post(f"{path}/documents", {"documents": papers})
    assert kept["documents"] == papers
    too_much = {"outcome": "partly_granted", "amount": OWED, "day": TODAY, "authority": "a", "reference": "r"}
    assert await office.refused(f"{path}/decisions", too_much) == (422, "granted-amount")
    await office.decide(path, "partly_granted", 500_000)
    await office.step(path, "appeal")
    await office.decide(path, "granted")
    told = {"amount": 400_000, "day": TODAY, "reference": "bank 1"}
    assert (await office.post(f"{path}/receipts", told))["state"] == "paid_in_part"
    assert await office.refused(f"{path}/receipts", told) == (409, "receipt-known")
    more = told | {"reference": "bank 2"}
    assert await office.refused(f"{path}/receipts", more) == (422, "more-than-granted")
    whole = await office.post(f"{path}/receipts", more | {"amount": OWED - 400_000})
    assert (whole["state"], whole["granted"], whole["received"]) == ("paid", OWED, OWED)
    closed = await office.step(path, "close", note="Settled.")
    assert [event["move"] for event in closed["events"]] == [
        *(None, "file", "hear", "add", "grant_partly", "appeal", "grant", "pay_part", "pay", "close")
    ]
    assert closed["events"][1]["authority"] == "Labour court"
    assert closed["computation"] == preview
    async with database.read() as session:
        row = (await session.scalars(select(ClaimRow).where(ClaimRow.id == drafted["id"]))).one()
        events = (await session.scalars(select(ClaimEventRow).where(ClaimEventRow.claim_seq == row.seq))).all()
    kept_bytes = b"".join([row.content, *(event.told or b"" for event in events)])
    for secret in (b"diary", b"Labour court", b"bank 1", b"Settled", b"2026-01", b"payslip"):
        assert secret not in kept_bytes, "sealed at rest"


async def test_claims_are_one_offices_and_are_not_there_for_anybody_else(door: RegistryDoor) -> None:
    office, other = Office(door, "Shelter B"), Office(door, "Shelter C")
    path = await office.granted(about="S1", forum="civil")
    await office.post(
        "/v1/claims", {"forum": "civil", "currency": "VND", "damages": {"items": [{"what": "x", "amount": 1}]}}
    )
    listed = await office.get("/v1/claims?limit=1")
    assert [each["kind"] for each in listed["items"]] == ["damages"]
    rest = await office.get(f"/v1/claims?limit=1&before={listed['next']}")
    assert ([each["kind"] for each in rest["items"]], rest["next"]) == (["unpaid_wages"], None)
    for query in ("state=granted", "kind=unpaid_wages", "about=S1"):
        assert [each["id"] for each in (await office.get(f"/v1/claims?{query}"))["items"]] == [path.rsplit("/")[-1]]
    assert (await office.get("/v1/claims?against=employer-1"))["items"] == []
    nobodys = "/v1/claims/C" + "0" * 24
    for who in ({"member": "MYS"}, {}):
        answers = [await other.ask("GET", each, **who) for each in (path, nobodys)]
        assert {each.status_code for each in answers} == {404}
        assert answers[0].text.replace(path, "") == answers[1].text.replace(nobodys, "")
    labour = (Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION)
    assert await office.refused(path, None, "GET", role=labour) == (403, "not-a-redress-office")
    unknown = {"forum": "civil", "currency": "IDR", "wages": WAGES, "against": "nobody"}
    assert await office.refused("/v1/claims", unknown) == (422, "unknown-party")
    to_come = {**WAGES, "months": [{"month": "2099-12", "worked": 1}]}
    assert await office.refused("/v1/claims", unknown | {"wages": to_come}) == (422, "day-to-come")


async def test_one_person_proposes_another_releases_and_the_claim_is_paid(door: RegistryDoor) -> None:
    office = Office(door, "Shelter D")
    await office.give(1_000_000)
    claim = await office.granted(about="S9")
    number = claim.rsplit("/", 1)[-1]
    award = {"kind": "award", "claim": number, "about": None}
    told = {"amount": 1, "day": TODAY, "reference": "r"}
    assert await office.refused(f"{claim}/receipts", told) == (409, "fund-pays")
    civil = (await office.granted("civil")).rsplit("/", 1)[-1]
    body = {"currency": "IDR", "amount": 400_000, "kind": "award", "claim": civil, "payee": PAYEE}
    assert await office.refused("/v1/fund/payments", body, key="a0") == (422, "not-the-funds-claim")
    payment = await office.propose(400_000, "a1", **award)
    assert await office.balance() == {
        "contributed": 1_000_000,
        "available": 600_000,
        "reserved": 400_000,
        "paid_out": 0,
    }
    body["claim"] = number
    assert await office.refused("/v1/fund/payments", body, key="a2") == (422, "more-than-granted"), "proposed counts"
    release = f"/v1/fund/payments/{payment}/release"
    assert await office.refused(release) == (403, "same-person")
    offered = [await office.get(f"/v1/fund/payments/{payment}", person=person) for person in ("first", "second")]
    assert [[each["move"] for each in seen["moves"]] for seen in offered] == [["cancel"], ["release", "cancel"]]
    released = await office.release(payment)
    assert (released["state"], released["decided_by"], released["payee"]) == ("released", "second", PAYEE)
    again = await office.release(payment)
    assert again == released, "a retried release pays once"
    assert await office.refused(release, person="third") == (409, "payment-decided")
    assert await office.refused(f"/v1/fund/payments/{payment}/cancel", person="second") == (409, "payment-decided")
    seen = await office.get(claim)
    assert (seen["state"], seen["received"]) == ("paid_in_part", 400_000)
    rest = await office.propose(OWED - 400_000, "a3", **award)
    await office.release(rest)
    await office.step(claim, "close")
    returned = (await office.get(f"/v1/fund/payments/{rest}"))["postings"][-1]
    reversal = await office.post(f"/v1/fund/postings/{returned}/reversal", {"reason": "returned_by_bank"})
    assert reversal["reverses"] == returned
    assert await office.post(f"/v1/fund/postings/{returned}/reversal", {"reason": "returned_by_bank"}) == reversal
    twice = f"/v1/fund/postings/{returned}/reversal"
    assert await office.refused(twice, {"reason": "refunded"}) == (409, "not-reversible")
    assert await office.refused(f"/v1/fund/postings/{reversal['id']}/reversal", {"reason": "refunded"}) == (
        *(409, "not-reversible"),
    )
    seen = await office.get(claim)
    assert (seen["state"], seen["received"]) == ("paid_in_part", 400_000), "what came back is owed again"
    assert (await office.balance())["paid_out"] == 400_000
    states = [each["state"] for each in (await office.get("/v1/fund/payments"))["items"]]
    assert states == ["reversed", "released"]


async def test_a_claim_that_moved_on_is_not_paid(door: RegistryDoor) -> None:
    office = Office(door, "Shelter E")
    await office.give(1_000_000)
    claim = await office.granted()
    payment = await office.propose(400_000, "e1", kind="award", claim=claim.rsplit("/", 1)[-1], about=None)
    await office.step(claim, "appeal")
    release = f"/v1/fund/payments/{payment}/release"
    assert await office.refused(release, person="second") == (409, "illegal-move")
    assert (await office.balance())["paid_out"] == 0
    await office.post(f"/v1/fund/payments/{payment}/cancel")
    assert await office.balance() == {"contributed": 1_000_000, "available": 1_000_000, "reserved": 0, "paid_out": 0}
    assert await office.refused(release, person="second") == (409, "payment-decided")


async def test_what_is_sent_again_counts_once_and_no_key_counts_for_two_things(door: RegistryDoor) -> None:
    office = Office(door, "Shelter F")
    assert await office.give(500, key="g1") == await office.give(500, key="g1")
    gift = {"currency": "IDR", "amount": 501, "donor": "donor-1"}
    assert await office.refused("/v1/fund/contributions", gift, key="g1") == (422, "idempotency-conflict")
    assert await office.refused("/v1/fund/contributions", gift) == (400, "idempotency-key")
    assert await office.propose(300, "p1") == await office.propose(300, "p1")
    body = {"currency": "IDR", "amount": 300, "kind": "travel", "about": "S1", "payee": "Another account"}
    assert await office.refused("/v1/fund/payments", body, key="p1") == (422, "idempotency-conflict")
    assert await office.refused("/v1/fund/payments", body, key="p2") == (409, "insufficient-funds")
    assert await office.balance() == {"contributed": 500, "available": 200, "reserved": 300, "paid_out": 0}
    first = (await office.get("/v1/fund/ledger"))["items"][-1]["id"]
    undo = f"/v1/fund/postings/{first}/reversal"
    assert await office.refused(undo, {"reason": "entered_in_error"}) == (409, "insufficient-funds")
    assert (await office.give(70, "VND", "g2"))["currency"] == "VND"
    assert (await office.balance("VND"))["available"] == 70, "currencies are apart"


async def test_auditors_read_every_ledger_of_their_member_and_no_payment(door: RegistryDoor) -> None:
    office, auditor = Office(door, "Shelter G"), (Role.AUDITOR, Purpose.AUDIT)
    await office.give(500)
    await office.release(await office.propose(100, "p1"))
    page = await Office(door, "Court of audit").get("/v1/fund/ledger?limit=3&currency=IDR", role=auditor)
    assert [each["kind"] for each in page["items"]] == ["release", "reservation", "contribution"]
    assert page["items"][0]["lines"] == [
        {"account": "reserved", "amount": -100, "balance": 0},
        {"account": "paid_out", "amount": 100, "balance": 100},
    ]
    assert not {"payee", "about", "claim"} & page["items"][0].keys()
    for path in ("/v1/fund/payments", "/v1/claims", "/v1/fund/report?year=2026"):
        assert await office.refused(path, None, "GET", role=auditor) == (403, "not-a-redress-office")
    assert (await Office(door, "Shelter H").get("/v1/fund"))["items"] == [], "another office's fund"


async def test_donors_are_told_of_months_that_have_ended(door: RegistryDoor, database: Database) -> None:
    office = Office(door, "Shelter I")
    await office.give(1_000_000)
    for person in range(6):
        await office.release(await office.propose(150_000, f"p{person}", about=f"S{person}"))
    year = now().year
    path = f"/v1/fund/report?year={year}"
    assert (await office.get(path))["results"] == [], "this month has not ended"
    answer = await office.ask("GET", path, accept="text/csv")
    assert answer.text == "month,currency,kind,people,paid\r\n"
    later = datetime(year + 1, 1, 1, tzinfo=UTC)
    report = await donor_report(database, RedressOffice("first", "IDN", "Shelter I"), year, later)
    assert [(row.kind, row.people, row.paid) for row in report.results] == [
        ("travel", "5-9", "9000.00"),
        ("all", "5-9", "9000.00"),
    ]


async def test_the_ledger_adds_up_and_what_does_not_is_found(door: RegistryDoor, database: Database) -> None:
    office = Office(door, "Shelter J")
    await office.give(1_000)
    paid = await office.propose(300, "p1")
    await office.release(paid)
    found = await verify_ledger(database)
    assert (found.ok, found.findings) == (True, [])
    assert found.postings >= 3
    with pytest.raises(DBAPIError, match="never changed"):
        async with database.write() as session:
            await session.execute(update(PostingRow).values(by="nobody"))
    with pytest.raises(DBAPIError, match="never changed"):
        async with database.write() as session:
            await session.execute(text("DELETE FROM registry_fund_lines"))


TAMPERED = {
    "a_payment_has_its_postings": ("payments", "amount = amount + 1", "seq > 0"),
    "a_reversal_reverses": ("postings", "kind = 'reversal'", "{last}"),
    "balances_are_sums": ("lines", "balance = balance + 1", "{last}"),
    "lines_add_up_to_zero": ("lines", "amount = amount + 1", "{last}"),
    "lines_are_numbered_without_a_gap": ("lines", "number = 999", "{last}"),
    "lines_lie_in_the_postings_fund": ("lines", "fund_seq = 1, number = 999", "{last}"),
    "nothing_is_below_zero": ("lines", "account = 'donor:x', number = 1", "{last}"),
    "paid_out_is_what_was_released": ("payments", "state = 'reversed'", "state = 'released'"),
    "postings_are_numbered_without_a_gap": ("postings", "number = 999", "{last}"),
    "reserved_is_what_is_proposed": ("payments", "state = 'cancelled', decided_by = 'x'", "state = 'proposed'"),
    "two_persons_paid": ("postings", "by = 'first'", "kind = 'release'"),
}
"""What somebody with the database's credentials might do (table, what is set, where), by the rule that finds it."""


async def test_each_rule_finds_what_it_is_for(door: RegistryDoor, database: Database) -> None:
    office = Office(door, "Shelter K")
    await office.give(1_000)
    await office.propose(100, "p1")
    await office.release(await office.propose(300, "p2"))
    await office.granted()
    deeds = {rule: _update(*deed) for rule, deed in TAMPERED.items()}
    deeds["claims_received_what_was_released"] = "UPDATE registry_claims SET received = 1 WHERE forum = 'fund'"
    for rule, deed in deeds.items():
        async with database.read() as session:  # what is done in it is not kept
            await _take_the_locks_off(session)
            await session.execute(text(deed))
            assert rule in {each.rule for each in await find_faults(session)}
    assert (await verify_ledger(database)).ok


def _update(table: str, what: str, where: str) -> str:
    last = f"seq = (SELECT max(seq) FROM registry_fund_{table})"  # noqa: S608  words of this file
    return f"UPDATE registry_fund_{table} SET {what} WHERE {where.format(last=last)}"  # noqa: S608  likewise


async def _take_the_locks_off(session: AsyncSession) -> None:
    postgres = session.get_bind().dialect.name == "postgresql"
    for table in ("lines", "postings"):
        for deed in [""] if postgres else ["_update", "_delete"]:
            on = f" ON registry_fund_{table}" if postgres else ""
            await session.execute(text(f"DROP TRIGGER registry_fund_{table}_kept{deed}{on}"))
