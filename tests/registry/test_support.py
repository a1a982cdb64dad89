"""Support through the real gateway: from a referral to a safe return, one case manager, sealed for everybody else."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.cli.connection import Api, Identity, RefusedError, connect
from services.cli.enrol import register
from services.gateway.access.clients import Client, Clients
from services.gateway.support_doors import SUPPORT_DOORS
from services.gateway.tables import AuditRow
from services.registry.support.tables import ProviderRow, SupportCaseRow, SupportEventRow, SupportServiceRow
from shared.contracts.caller import Purpose, Role
from shared.crypto.keyfiles import public_jwk, write_client_key
from shared.db.database import Database, now
from shared.settings import Settings
from tests.registry.hall import BEST

pytestmark = pytest.mark.anyio

ANA = Identity("victim-support", Purpose.VICTIM_SUPPORT)
BEA = Identity("victim-support-2", Purpose.VICTIM_SUPPORT)
CYN = Identity("victim-support-3", Purpose.VICTIM_SUPPORT)
OTHER_SHELTER = Identity("other-shelter", Purpose.VICTIM_SUPPORT)
OTHER_STATE = Identity("other-state", Purpose.VICTIM_SUPPORT)
CHILD = Identity("child-protection", Purpose.CHILD_PROTECTION)
CHILD_2 = Identity("child-protection-2", Purpose.CHILD_PROTECTION)
LABOUR = Identity("labour", Purpose.LABOUR_INSPECTION)
DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
REGISTRAR = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
STRANGERS = (
    LABOUR,
    DESK,
    Identity("investigator", Purpose.CRIMINAL_INVESTIGATION, "C-1"),
    Identity("licensing", Purpose.LICENCE_CHECK),
    REGISTRAR,
    Identity("adjudicator", Purpose.ADJUDICATION),
    Identity("auditor", Purpose.AUDIT),
)
NEW_CLIENTS = (
    ("victim-support-3", "local victim_support", "IDN"),
    ("other-shelter", "Another shelter", "IDN"),
    ("other-state", "local victim_support", "MYS"),
)
TODAY = now().date()
CASES, NOBODYS = "/v1/support-cases", f"S{'0' * 24}"
CONSENT = {"given_on": "2026-11-20", "language": "id"}
OFFICER = {"ground": "officer", "found_on": "2026-11-20", "reason": "She asked for help.", "language": "id"}
SHELTER = {"name": "House of the sun", "services": ["shelter", "counselling"], "languages": ["id", "th"]}
SAFE = {"safe": True, "assessed_on": "2026-11-20", "risks": "The recruiter lives near.", "measures": "Another village."}
WILLING = {"voluntary": True, "asked_on": "2026-11-20", "language": "id"}


class Office:
    """Asks through the gateway."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self.api, self.settings = api, settings

    async def told(self, who: Identity, method: str, path: str, body: Any = None) -> Any:
        return (await self.api.ask(who, method, path, json=body)).json()

    async def post(self, who: Identity, path: str, **body: Any) -> Any:
        return await self.told(who, "POST", path, body)

    async def get(self, who: Identity, path: str) -> Any:
        return await self.told(who, "GET", path)

    async def refused(self, who: Identity, method: str, path: str, body: Any = None) -> tuple[int, str]:
        with pytest.raises(RefusedError) as error:
            await self.api.ask(who, method, path, json=body)
        return error.value.status, str(error.value.problem["type"]).rpartition(":")[2]

    async def problem(self, who: Identity, method: str, path: str, body: Any = None) -> dict[str, Any]:
        with pytest.raises(RefusedError) as error:
            await self.api.ask(who, method, path, json=body)
        return dict(error.value.problem)

    async def case(self, who: Identity = ANA, **body: Any) -> str:
        opened = await self.post(who, CASES, **(OFFICER | {"child": "no"} | body))
        return f"{CASES}/{opened['id']}"

    async def provider(self, who: Identity = ANA, name: str = "sun", **changes: Any) -> str:
        body = SHELTER | {"accepts_children": False} | changes
        await self.told(who, "PUT", f"/v1/support-providers/{name}", body)
        return name

    async def service(self, case: str, kind: str = "shelter", who: Identity = ANA, **body: Any) -> str:
        planned = await self.post(who, f"{case}/services", service=kind, **body)
        return f"{case}/services/{planned['content']['services'][-1]['id']}"

    async def move(self, service: str, move: str, who: Identity = ANA, **body: Any) -> dict[str, Any]:
        case = await self.post(who, f"{service}/moves", move=move, **body)
        wanted = service.rpartition("/")[2]
        return next(each for each in case["content"]["services"] if each["id"] == wanted)

    async def rows(self, *tables: Any) -> list[Any]:
        database = Database(self.settings.database_url("registry"))
        async with database.read() as session:
            found = [row for table in tables for row in (await session.scalars(sa.select(table))).all()]
        await database.close()
        return found


@pytest.fixture(scope="module")
async def office(deployment: Settings) -> AsyncIterator[Office]:
    async with connect(deployment) as api:
        database = Database(deployment.database_url("gateway"))
        for name, organisation, member in NEW_CLIENTS:
            key = write_client_key(deployment.key_folder, name).read_bytes()
            client = Client(name, organisation, member, Role.VICTIM_SUPPORT, public_jwk(key, name))
            await Clients(database).register(client)
        await database.close()
        yield Office(api, deployment)


async def test_an_employer_that_the_register_does_not_hold_is_refused(office: Office) -> None:
    nobody = {"language": "id", "employer": "agency-7"}
    unknown = await office.problem(LABOUR, "POST", "/v1/assessments", nobody)
    assert (unknown["status"], str(unknown["type"]).rpartition(":")[2]) == (422, "unknown-party")
    assert str(unknown["detail"]).startswith("employer: the register holds no party")
    agency = {"schema": "Company", "source": "Register", "properties": {"name": ["Cahaya"]}}
    await office.told(REGISTRAR, "PUT", "/v1/parties/agency-7", agency)
    assert (await office.post(LABOUR, "/v1/assessments", **nobody))["employer"] == "agency-7"


async def test_from_a_referral_to_a_safe_return(office: Office) -> None:
    begun = await office.post(LABOUR, "/v1/assessments", language="id", child="no", employer="agency-7")
    ticks = [{"code": "FL07", "answer": "yes", "confidence": "high"}]
    await office.post(LABOUR, f"/v1/assessments/{begun['id']}/answers", ticks=ticks)
    sent = await office.post(LABOUR, "/v1/referrals", to="victim_services", assessment=begun["id"], consent=CONSENT)
    lead = {"ground": "lead", "found_on": "2026-11-20", "referral": sent["id"], "child": "no", "language": "id"}
    assert await office.refused(ANA, "POST", CASES, lead) == (422, "no-lead"), "nobody received it yet"
    await office.post(ANA, f"/v1/referrals/{sent['id']}/moves", move="receive")
    opened = await office.post(ANA, CASES, **lead)
    case, content = f"{CASES}/{opened['id']}", opened["content"]
    assert (opened["manager"], opened["mine"], opened["state"]) == ("victim-support", True, "open")
    assert (content["presumption"]["status"], content["presumption"]["lead"]) == ("PRESUMED", "weak")
    ends = f"{TODAY + timedelta(days=30)}"
    assert (content["reflection"]["ends"], content["reflection"]["running"]) == (ends, True)
    assert content["reflection"]["confirmed"] is False
    assert await office.refused(BEA, "POST", CASES, lead) == (409, "support-case-known")

    await office.provider()
    shelter = await office.service(case, follow_up_on=f"{TODAY - timedelta(days=1)}")
    assert (await office.move(shelter, "offer", provider="sun"))["provider_name"] == "House of the sun"
    assert await office.refused(ANA, "POST", f"{shelter}/moves", {"move": "accept"}) == (422, "part-not-for-move")
    assert await office.refused(ANA, "POST", f"{shelter}/moves", {"move": "begin"}) == (409, "illegal-move")
    assert (await office.move(shelter, "accept", consent=CONSENT))["consent"] == CONSENT
    told = (await office.move(shelter, "refer"))["told"]
    assert told | {"told_at": ""} == {
        "reference": shelter.rpartition("/")[2],
        "service": "shelter",
        "language": "id",
        "child": "no",
        "told_at": "",
        "by": "victim-support",
    }
    assert (await office.move(shelter, "begin"))["state"] == "under_way"
    assert [each["overdue"] for each in (await office.get(ANA, f"{CASES}?overdue=true"))["items"]] == [True]
    await office.post(ANA, f"{shelter}/follow-ups", found="She sleeps well.", next=f"{TODAY + timedelta(days=7)}")
    assert (await office.get(ANA, f"{CASES}?overdue=true"))["items"] == []

    await office.post(ANA, f"{case}/repatriation", country="IDN")
    moves = f"{case}/repatriation/moves"
    await office.post(ANA, moves, move="arrange")
    assert await office.refused(ANA, "POST", moves, {"move": "depart"}) == (409, "return-lacks")
    await office.post(ANA, f"{case}/repatriation/safety", **SAFE)
    await office.post(ANA, f"{case}/repatriation/voluntariness", **WILLING)
    ready = await office.post(ANA, moves, move="depart")
    assert ready["content"]["repatriation"]["lacks"] == []
    await office.post(ANA, f"{case}/repatriation/voluntariness", **(WILLING | {"voluntary": False}))
    assert await office.refused(ANA, "POST", moves, {"move": "arrive"}) == (409, "return-lacks"), "the last word holds"
    back = await office.post(ANA, f"{case}/repatriation/voluntariness", **WILLING)
    assert back["content"]["repatriation"]["voluntariness"]["by"] == "victim-support"
    assert (await office.post(ANA, moves, move="arrive"))["content"]["repatriation"]["state"] == "returned"
    assert await office.refused(ANA, "POST", f"{case}/repatriation/safety", SAFE) == (409, "illegal-move")

    assert await office.refused(ANA, "POST", f"{case}/close", {"reason": "Home."}) == (409, "still-running")
    await office.move(shelter, "end", outcome="achieved")
    await office.post(ANA, f"{shelter}/follow-ups", found="She works again.", next=None)
    closed = await office.post(ANA, f"{case}/close", reason="She is home and well.")
    assert (closed["state"], closed["content"]["reflection"]["ends"]) == ("closed", ends), "not cut short"
    assert await office.refused(ANA, "POST", f"{case}/services", {"service": "medical"}) == (
        409,
        "support-case-closed",
    )
    kinds = [each["kind"] for each in closed["content"]["events"]]
    assert (kinds[0], kinds[-1], kinds.count("follow_up"), kinds.count("voluntariness")) == ("opened", "closed", 2, 3)


async def test_consent_taken_back_ends_a_service_and_declined_is_declined(office: Office) -> None:
    case = await office.case()
    await office.provider()
    first, second = await office.service(case), await office.service(case, "counselling")
    assert await office.refused(ANA, "POST", f"{first}/moves", {"move": "offer", "provider": "moon"}) == (
        422,
        "provider-unknown",
    )
    await office.provider(name="school", services=["education"])
    unfit = {"move": "offer", "provider": "school"}
    assert await office.refused(ANA, "POST", f"{first}/moves", unfit) == (422, "provider-unfit")
    for service in (first, second):
        await office.move(service, "offer", provider="sun")
    to_come = {"given_on": f"{TODAY + timedelta(days=9)}", "language": "id"}
    late = {"move": "accept", "consent": to_come}
    assert await office.refused(ANA, "POST", f"{first}/moves", late) == (422, "day-to-come")
    await office.move(first, "accept", consent=CONSENT)
    gone = await office.move(first, "revoke", remark="She wants to think.")
    assert (gone["state"], gone["outcome"]) == ("ended", "consent_revoked")
    assert (await office.move(second, "decline"))["state"] == "declined"
    absent = f"{case}/services/P{'0' * 24}/moves"
    assert await office.refused(ANA, "POST", absent, {"move": "decline"}) == (404, "not-found")


async def test_one_person_reads_a_case_and_it_is_handed_over_with_a_reason(office: Office) -> None:
    case = await office.case(called="Sari", manager="victim-support-2")
    seen = await office.get(ANA, case)
    assert (seen["manager"], seen["mine"], seen["overdue"], seen["content"]) == ("victim-support-2", False, None, None)
    assert (await office.get(BEA, case))["content"]["called"] == "Sari"
    assert await office.refused(ANA, "POST", f"{case}/services", {"service": "medical"}) == (403, "not-case-manager")
    to_self = {"person": "victim-support", "reason": "I am curious."}
    assert await office.refused(ANA, "POST", f"{case}/manager", to_self) == (403, "self-transfer")

    until = f"{TODAY + timedelta(days=5)}"
    for wrong in ({"person": "victim-support-2", "until": until}, {"person": "x", "until": "2099-01-01"}):
        body = wrong | {"reason": "On leave."}
        assert await office.refused(BEA, "POST", f"{case}/stand-in", body) == (422, "stand-in-refused")
    await office.post(BEA, f"{case}/stand-in", person="victim-support-3", until=until, reason="On leave.")
    assert (await office.get(CYN, case))["content"]["called"] == "Sari"
    await office.service(case, who=CYN)
    await office.post(BEA, f"{case}/stand-in", person=None, reason="I am back.")
    assert (await office.get(CYN, case))["content"] is None

    given = await office.post(ANA, f"{case}/manager", person="victim-support-3", reason="She left the office.")
    assert (given["manager"], given["content"]) == ("victim-support-3", None)
    assert (await office.get(BEA, case))["content"] is None, "who had it reads it no longer"
    events = (await office.get(CYN, case))["content"]["events"]
    last = {name: events[-1][name] for name in ("kind", "code", "text", "by")}
    assert last == {
        "kind": "manager",
        "code": "victim-support-3",
        "text": "She left the office.",
        "by": "victim-support",
    }


async def test_another_person_ends_a_presumption_and_the_reflection_period_goes_on(office: Office) -> None:
    made = await register(
        office.api, DESK, {"name": "Lia", "born": "1996", "no_biometrics": "INJURED"}, secrets.token_hex(8)
    )
    worker = f"/v1/registrations/{made['registration']}"
    case = await office.case(registration=made["registration"])
    assert (await office.get(BEA, f"{worker}/victim-status"))["status"] == "PRESUMED", "one truth for the registered"
    end = {"reason": "She is safe and wishes it."}
    assert await office.refused(ANA, "POST", f"{case}/presumption/end", end) == (403, "own-presumption")
    body = {"status": "ENDED", "reason": "A way around."}
    assert await office.refused(ANA, "PUT", f"{worker}/victim-status", body) == (403, "own-presumption")
    before = (await office.get(ANA, case))["content"]["reflection"]["ends"]
    later = f"{TODAY + timedelta(days=40)}"
    assert await office.refused(ANA, "POST", f"{case}/reflection", {"until": before, "reason": "Done."}) == (
        422,
        "reflection-shortened",
    )
    await office.post(ANA, f"{case}/reflection", until=later, reason="She is ill.")
    await office.post(ANA, f"{case}/manager", person="victim-support-2", reason="I go on leave.")
    ended = (await office.post(BEA, f"{case}/presumption/end", **end))["content"]
    assert (ended["presumption"]["status"], ended["presumption"]["ended_by"]) == ("ENDED", "victim-support-2")
    assert (await office.get(ANA, f"{worker}/victim-status"))["status"] == "ENDED"
    assert (ended["reflection"]["ends"], ended["reflection"]["running"]) == (later, True)
    assert await office.refused(BEA, "POST", f"{case}/presumption/end", end) == (409, "illegal-move")
    wish = {"wished_on": f"{TODAY}", "language": "id"}
    at_wish = (await office.post(BEA, f"{case}/reflection/wish", **wish))["content"]["reflection"]
    assert (at_wish["ends"], at_wish["running"], at_wish["wish"]) == (f"{TODAY}", False, wish)


async def test_a_child_is_child_protections_and_returns_by_what_is_best_for_them(office: Office) -> None:
    case = await office.case(child="unknown")
    await office.provider(accepts_children=False)
    shelter = await office.service(case)
    unfit = {"move": "offer", "provider": "sun"}
    assert await office.refused(ANA, "POST", f"{shelter}/moves", unfit) == (422, "provider-unfit"), "may be a child"
    await office.post(ANA, f"{case}/repatriation", country="IDN")
    await office.post(ANA, f"{case}/repatriation/safety", **SAFE)
    await office.post(ANA, f"{case}/repatriation/voluntariness", **WILLING)
    await office.post(ANA, f"{case}/repatriation/moves", move="arrange")
    best = BEST | {"return_recommended": True}
    assert await office.refused(ANA, "POST", f"{case}/repatriation/best-interests", best) == (
        403,
        "not-child-protection",
    )
    assert await office.refused(ANA, "POST", f"{case}/repatriation/moves", {"move": "depart"}) == (409, "return-lacks")
    assert await office.refused(CHILD, "GET", case) == (404, "not-found"), "nobody said that it is a child"

    gone = await office.api.ask(ANA, "POST", f"{case}/person", json={"child": "yes", "reason": "She is fourteen."})
    assert (gone.status_code, gone.content) == (204, b"")
    for who in (ANA, BEA):
        assert await office.refused(who, "GET", case) == (404, "not-found")
        assert case.rpartition("/")[2] not in str(await office.get(who, f"{CASES}?limit=200"))
    seen = await office.get(CHILD, case)
    assert (seen["manager"], seen["content"]) == (None, None)
    await office.post(CHILD, f"{case}/manager", person="child-protection", reason="I take it.")
    assert await office.refused(CHILD_2, "POST", f"{case}/repatriation/best-interests", best) == (
        403,
        "not-case-manager",
    )
    moves = f"{case}/repatriation/moves"
    assert await office.refused(CHILD, "POST", moves, {"move": "depart"}) == (409, "return-lacks")
    kept = await office.post(CHILD, f"{case}/repatriation/best-interests", **(best | {"return_recommended": False}))
    assert kept["content"]["repatriation"]["lacks"] == ["not_in_best_interests"]
    kept = await office.post(CHILD, f"{case}/repatriation/best-interests", **best)
    assert kept["content"]["repatriation"]["determination"]["child_heard"] == BEST["child_heard"]
    for move in ("depart", "arrive"):
        await office.post(CHILD, moves, move=move)
    assert (await office.get(CHILD, case))["content"]["repatriation"]["state"] == "returned"

    begun = await office.api.ask(ANA, "POST", CASES, json=OFFICER | {"child": "yes"})
    assert (begun.status_code, begun.content) == (204, b"")


async def test_what_becomes_known_of_the_age_elsewhere_counts_here(office: Office) -> None:
    begun = await office.post(ANA, "/v1/assessments", language="id", child="unknown")
    weak = {"ground": "lead", "assessment": begun["id"], "reason": None}
    assert await office.refused(ANA, "POST", CASES, OFFICER | weak) == (422, "no-lead")
    ticks = [{"code": "FL07", "answer": "yes", "confidence": "high"}]
    await office.post(ANA, f"/v1/assessments/{begun['id']}/answers", ticks=ticks)
    case = await office.case(**weak)
    body = {"child": "yes", "recruited_or_moved": "unknown"}
    await office.api.ask(ANA, "POST", f"/v1/assessments/{begun['id']}/person", json=body)
    assert await office.refused(ANA, "GET", case) == (404, "not-found")
    await office.post(CHILD, f"{case}/manager", person="child-protection", reason="I take it.")
    assert (await office.get(CHILD, case))["content"]["child"] == "yes"


async def test_two_at_once_open_one_case(office: Office) -> None:
    begun = await office.post(ANA, "/v1/assessments", language="id", child="no")
    ticks = [{"code": "FL07", "answer": "yes", "confidence": "high"}]
    await office.post(ANA, f"/v1/assessments/{begun['id']}/answers", ticks=ticks)
    lead = OFFICER | {"ground": "lead", "assessment": begun["id"], "reason": None, "child": "no"}

    async def open_one(who: Identity) -> int:
        try:
            return (await office.api.ask(who, "POST", CASES, json=lead)).status_code
        except RefusedError as error:
            return error.status

    assert sorted(await asyncio.gather(open_one(ANA), open_one(BEA))) == [201, 409]


BODIES: dict[str, Any] = {
    "handOverSupportCase": {"person": "somebody", "reason": "As agreed."},
    "nameStandIn": {"person": "somebody", "until": f"{TODAY}", "reason": "As agreed."},
    "tellSupportedPerson": {"child": "no", "reason": "Her papers."},
    "endPresumption": {"reason": "As agreed."},
    "extendReflection": {"until": "2099-01-01", "reason": "As agreed."},
    "endReflectionAtWish": {"wished_on": "2026-11-20", "language": "id"},
    "planService": {"service": "medical"},
    "moveService": {"move": "decline"},
    "followUpService": {"found": "All is well.", "next": None},
    "planRepatriation": {"country": "IDN"},
    "moveRepatriation": {"move": "arrange"},
    "tellVoluntariness": WILLING,
    "tellSafety": SAFE,
    "determineBestInterests": BEST | {"return_recommended": True},
    "closeSupportCase": {"reason": "As agreed."},
    "holdSupportCase": {"until": f"{TODAY}", "reason": "As agreed."},
}


async def test_for_everybody_else_a_case_and_none_are_one(office: Office) -> None:
    case = await office.case(called="Sari")
    service = (await office.service(case)).rpartition("/")[2]
    known = case.rpartition("/")[2]
    doors = [door for door in SUPPORT_DOORS if door.path.startswith(f"{CASES}/{{id}}")]
    assert {door.operation for door in doors} == BODIES.keys() | {"readSupportCase"}
    for who, some in ((OTHER_SHELTER, doors), (OTHER_STATE, doors[:2]), (CHILD, doors[:2])):
        assert known not in str(await office.get(who, f"{CASES}?limit=200"))
        for door in some:
            asked = [door.path.format(id=each, service=service) for each in (known, NOBODYS)]
            body = BODIES.get(door.operation)
            sealed, absent = [await office.problem(who, door.method, path, body) for path in asked]
            assert sealed["status"] == 404, door.operation
            for problem, path in ((sealed, asked[0]), (absent, asked[1])):
                assert problem.pop("instance", path) == path
            assert sealed == absent
    for who in STRANGERS:
        sealed, absent = [await office.problem(who, "GET", f"{CASES}/{each}") for each in (known, NOBODYS)]
        assert sealed["status"] == absent["status"] == 403
        assert (await office.refused(who, "GET", CASES))[0] == 403
    child = await office.case(CHILD, child="yes")
    for part in ("", "/manager"):
        body = BODIES["handOverSupportCase"] if part else None
        method = "POST" if part else "GET"
        problems = [await office.problem(ANA, method, f"{each}{part}", body) for each in (child, f"{CASES}/{NOBODYS}")]
        for problem in problems:
            problem.pop("instance", None)
        assert problems[0] == problems[1]


async def test_lists_are_filtered_and_paged(office: Office) -> None:
    for name in ("a", "b", "c"):
        await office.provider(OTHER_SHELTER, name, active=name != "c", languages=["km"] if name == "b" else ["id"])
    await office.provider(OTHER_SHELTER, "d", services=["medical"], accepts_children=True)

    async def found(query: str = "") -> list[str]:
        return [each["id"] for each in (await office.get(OTHER_SHELTER, f"/v1/support-providers{query}"))["items"]]

    assert await found() == ["d", "c", "b", "a"]
    assert await found("?service=medical") == await found("?accepts_children=true") == ["d"]
    assert await found("?language=km") == ["b"]
    assert await found("?active=false") == ["c"]
    page = await office.get(OTHER_SHELTER, "/v1/support-providers?limit=3")
    assert await found(f"?limit=3&before={page['next']}") == ["a"]
    changed = await office.told(
        OTHER_SHELTER, "PUT", "/v1/support-providers/a", SHELTER | {"name": "New name", "accepts_children": True}
    )
    assert (changed["name"], len(await found())) == ("New name", 4)
    assert "New name" not in str(await office.get(ANA, "/v1/support-providers")), "each office has its own"

    mine, given = await office.case(OTHER_SHELTER), await office.case(OTHER_SHELTER, manager="colleague")
    await office.post(OTHER_SHELTER, f"{mine}/close", reason="A mistake.")

    async def listed(query: str) -> list[str]:
        return [f"{CASES}/{each['id']}" for each in (await office.get(OTHER_SHELTER, CASES + query))["items"]]

    assert await listed("") == [given, mine]
    assert await listed("?mine=true") == await listed("?state=closed") == [mine]
    assert await listed("?state=open") == [given]
    assert await listed("?mine=true&state=open") == await listed("?overdue=true") == []
    page = await office.get(OTHER_SHELTER, f"{CASES}?limit=1")
    assert await listed(f"?limit=1&before={page['next']}") == [mine]


async def test_what_is_about_a_person_is_sealed_and_every_look_is_logged(office: Office) -> None:
    case = await office.case(called="Melati", reason="Her passport was taken.")
    service = await office.service(case, "medical")
    await office.provider(services=["medical"])
    await office.move(service, "offer", provider="sun", remark="The clinic by name.")
    kept = await office.rows(SupportCaseRow, SupportServiceRow, SupportEventRow)
    words = [b"Melati", b"passport", b"medical", b"sun", b"clinic", b"offered", b"PRESUMED"]
    for row in kept:
        values = [value for name, value in vars(row).items() if name != "_sa_instance_state"]
        text = b"|".join(value if isinstance(value, bytes) else f"{value}".encode() for value in values)
        assert [word for word in words if word in text] == []
    assert {row.name for row in await office.rows(ProviderRow)} >= {"House of the sun"}

    database = Database(office.settings.database_url("gateway"))
    async with database.read() as session:
        before = await session.scalar(sa.select(sa.func.max(AuditRow.number)))
    await office.get(ANA, case)
    await office.get(ANA, CASES)
    async with database.read() as session:
        query = sa.select(AuditRow.outcome).where(AuditRow.number > before).order_by(AuditRow.number)
        outcomes = list(await session.scalars(query))
    await database.close()
    assert len(outcomes) >= 3
    assert outcomes[-1] == "shown"
