"""One story through the real doors of two member states; after each step every role sees what it may, and no more.

A domestic worker in Malaysia complains on the public page. An inspector speaks with her; the lead goes to victim
services and, with her consent, to the police of Indonesia, where the agency sits. A plan, a claim for wages that the
aid fund pays, a review of the agency's licence; later a conviction, an acquittal that is told to all who heard of the
charge, and the figures.
"""

import re
import time
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest

from services.cli.connection import Identity, RefusedError
from services.cli.preparation import LOCAL_CLIENTS
from services.gateway.corrections.clocks import load_clocks
from services.gateway.referrals import sender as sending
from services.gateway.referrals.sender import ReferralSender
from shared.contracts.caller import Purpose, Role
from shared.db.database import now
from tests.conftest import MakeDeployment
from tests.gateway.members_on_loopback import Region, a_region

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

CASE = "KES 7/2026"
PURPOSE_OF = {
    Role.DESK_OFFICER: Purpose.WORKER_REGISTRATION,
    Role.LICENSING_OFFICER: Purpose.LICENCE_CHECK,
    Role.LABOUR_INSPECTOR: Purpose.LABOUR_INSPECTION,
    Role.INVESTIGATOR: Purpose.CRIMINAL_INVESTIGATION,
    Role.PROSECUTOR: Purpose.CRIMINAL_INVESTIGATION,
    Role.CHILD_PROTECTION: Purpose.CHILD_PROTECTION,
    Role.VICTIM_SUPPORT: Purpose.VICTIM_SUPPORT,
    Role.CONSULAR_OFFICER: Purpose.CONSULAR_ASSISTANCE,
    Role.ADJUDICATOR: Purpose.ADJUDICATION,
    Role.REGISTRAR: Purpose.REGISTER_MAINTENANCE,
    Role.AUDITOR: Purpose.AUDIT,
    Role.MEMBER_SYSTEM: Purpose.EMPLOYER_SCREENING,
}
EVERYBODY = {
    name: Identity(name, PURPOSE_OF[role], CASE if PURPOSE_OF[role] is Purpose.CRIMINAL_INVESTIGATION else None)
    for name, role in LOCAL_CLIENTS.items()
}
LABOUR, POLICE, LICENSING = EVERYBODY["labour"], EVERYBODY["investigator"], EVERYBODY["licensing"]
REGISTRAR, HELPER, SECOND = EVERYBODY["registrar"], EVERYBODY["victim-support"], EVERYBODY["victim-support-2"]
PURPOSES = (
    Purpose.LABOUR_INSPECTION, Purpose.CRIMINAL_INVESTIGATION, Purpose.VICTIM_SUPPORT, Purpose.LICENCE_CHECK,
)  # fmt: skip
SAID = "They keep my passport, I work from five to midnight, and they have not paid me since March."
REACH = "the neighbour's telephone after nine"
CONSENT = {"given_on": "2026-11-20", "language": "id"}
NAMED = {"name": ["Cahaya Timur Penempatan"], "registrationNumber": ["AHU-77"]}
AGENCY = {"schema": "Company", "source": "Register of agencies", "properties": NAMED | {"country": ["id"]}}
QUERY = {"queries": {"q": {"schema": "Company", "properties": NAMED}}}
SCREEN = Identity("licensing", Purpose.LICENCE_CHECK)


@pytest.fixture(scope="module")
async def region(tmp_path_factory: pytest.TempPathFactory, make_deployment: MakeDeployment) -> AsyncIterator[Region]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "CHECK_S", 3600.0)  # the story says when
        async with a_region(tmp_path_factory.mktemp("story"), make_deployment, ("IDN", "MYS"), PURPOSES) as region:
            yield region


class Story:
    """What happens, where, and who sees it."""

    def __init__(self, region: Region) -> None:
        self.region = region

    async def get(self, member: str, who: Identity, path: str) -> Any:
        return (await self.region[member].api.ask(who, "GET", path)).json()

    async def post(self, member: str, who: Identity, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return (await self.region[member].api.ask(who, "POST", path, json=body, headers=headers)).json()

    async def put(self, member: str, path: str, body: Any) -> None:
        await self.region[member].api.ask(REGISTRAR, "PUT", path, json=body)

    async def public(self, member: str, method: str, path: str, body: Any = None) -> Any:
        async with httpx.AsyncClient(base_url=self.region[member].entry.address, trust_env=False) as http:
            answer = await http.request(method, f"/v1/public/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def refusal(self, member: str, who: Identity, path: str) -> tuple[int, str] | None:
        """How a look is refused, without the record's own name; None: it is not."""
        try:
            await self.get(member, who, path)
        except RefusedError as error:
            return error.status, str(error.problem).replace(path, "PATH")
        return None

    async def seen_by(self, member: str, path: str) -> set[str]:
        """Who is shown a record; to all others it is as one that never was, word for word."""
        shown = set()
        for name, who in EVERYBODY.items():
            refused = await self.refusal(member, who, path)
            if refused is None:
                shown.add(name)
                continue
            never = re.sub(r"[0-9A-Za-z]{24,}$", "0" * 24, path)
            assert refused == await self.refusal(member, who, never), f"{name} can tell {path} from nothing"
        return shown

    async def carry(self) -> None:
        """What is owed between the two goes there, and back."""
        for code in ("MYS", "IDN", "MYS"):
            state = self.region[code].app.state
            await ReferralSender(state.registry, state.federation, load_clocks(), now).send_owed()


async def test_from_a_complaint_to_help_and_a_conviction(region: Region) -> None:
    story = Story(region)
    await _a_licensed_agency(story)
    complaint, reference = await _she_complains(story)
    assessment = await _the_inspector_listens(story, complaint)
    helped, crossing = await _she_is_referred(story, assessment)
    case = await _she_is_supported(story, helped)
    await _her_wages(story, case)
    await _the_police_of_the_other_state(story, crossing)
    await _the_licence(story)
    await _a_conviction(story)
    mine = await story.public("MYS", "POST", "complaints/status", {"reference": reference})
    assert [each["text"] for each in mine["messages"] if each["by"] == "office"] == ["We come on Tuesday."]


async def _a_licensed_agency(story: Story) -> None:
    for member in ("MYS", "IDN"):
        await story.put(member, "/v1/parties/agency-1", AGENCY)
    licence = {"party": "agency-1", "number": "SIP-77", "authority": "Ministry of Manpower", "status": "valid",
               "valid_from": "2024-01-01", "valid_to": "2030-01-01"}  # fmt: skip
    await story.put("IDN", "/v1/licences/licence-1", licence)
    found = await story.public("IDN", "GET", "lookup?q=Cahaya+Timur+Penempatan")
    assert [each["status"] for each in found["licences"]] == ["valid"]


async def _she_complains(story: Story) -> tuple[str, str]:
    said = {"text": SAID, "about": "Cahaya Timur", "offences": ["passport_retention", "wage_theft"], "contact": REACH,
            "language": "id"}  # fmt: skip
    receipt = await story.public("MYS", "POST", "complaints", said)
    (item,) = (await story.get("MYS", LABOUR, "/v1/complaints"))["items"]
    path = f"/v1/complaints/{item['id']}"
    assert await story.seen_by("MYS", path) == {"labour"}
    assert await story.seen_by("IDN", path) == set()
    await story.post("MYS", LABOUR, f"{path}/messages", {"text": "We come on Tuesday."})
    return path, receipt["reference"]


async def _the_inspector_listens(story: Story, complaint: str) -> str:
    begun = {"language": "id", "child": "no", "recruited_or_moved": "yes", "employer": "agency-1"}
    opened = await story.post("MYS", LABOUR, "/v1/assessments", begun)
    path = f"/v1/assessments/{opened['id']}"
    assert opened["lead"]["strength"] == "none"
    (first, *_) = (await story.get("MYS", LABOUR, f"{path}/questions"))["items"]
    ticks = [{"code": code, "answer": answer, "confidence": "high"}
             for code, answer in (("FL07", "yes"), ("FL08", "yes"), ("FL05", "unknown"))]  # fmt: skip
    told = await story.post("MYS", LABOUR, f"{path}/answers", {"ticks": ticks, "question": first["code"], "note": SAID})
    assert told["lead"]["strength"] != "none"
    assert told["lead"]["label"].startswith("A lead, not a finding")
    assert "FL05" not in told["lead"]["because"]  # unknown is not yes, and not no
    left = (await story.get("MYS", LABOUR, f"{path}/questions"))["items"]
    assert first["code"] not in {each["code"] for each in left}  # nothing is asked twice
    step = {"state": "in_hand", "party": "agency-1", "assessment": opened["id"]}
    await story.post("MYS", LABOUR, f"{complaint}/state", step)
    assert await story.seen_by("MYS", path) == {"labour"}
    return str(opened["id"])


async def _she_is_referred(story: Story, assessment: str) -> tuple[str, str]:
    ask = {"to": "victim_services", "assessment": assessment, "contact": REACH, "consent": CONSENT}
    shown = await story.post("MYS", LABOUR, "/v1/referrals/preview", ask)
    assert shown["employer"] is None  # whom she works for is nothing that helping her needs
    sent = await story.post("MYS", LABOUR, "/v1/referrals", ask)
    helped = f"/v1/referrals/{sent['id']}"
    assert await story.seen_by("MYS", helped) == {"labour", "victim-support", "victim-support-2"}
    received = await story.post("MYS", HELPER, f"{helped}/moves", {"move": "receive"})
    assert received["content"] == shown
    await story.post("MYS", HELPER, f"{helped}/moves", {"move": "accept", "note": "A bed from tonight."})
    back = await story.get("MYS", LABOUR, helped)
    assert (back["state"], back["content"]) == ("accepted", None)
    assert "A bed" not in str(back)

    across = {"to": "police", "member": "IDN", "assessment": assessment, "consent": CONSENT}
    with pytest.raises(RefusedError) as refused:
        await story.post("MYS", LABOUR, "/v1/referrals", across | {"contact": REACH})
    assert refused.value.status == 422  # no way to reach her goes to the police
    crossing = f"/v1/referrals/{(await story.post('MYS', LABOUR, '/v1/referrals', across))['id']}"
    assert await story.seen_by("IDN", crossing) == set()
    await story.carry()
    return helped, crossing


async def _she_is_supported(story: Story, helped: str) -> str:
    begun = {"ground": "lead", "referral": helped.rpartition("/")[2], "found_on": "2026-11-20", "child": "no",
             "language": "id", "called": "Mawar"}  # fmt: skip
    opened = await story.post("MYS", HELPER, "/v1/support-cases", begun)
    path = f"/v1/support-cases/{opened['id']}"
    assert opened["content"]["reflection"]["running"]
    assert await story.seen_by("MYS", path) == {"victim-support", "victim-support-2"}
    other = await story.get("MYS", SECOND, path)
    assert (other["manager"], other["content"]) == ("victim-support", None)  # one manager reads; the office knows who
    provider = {"name": "House of the sun", "services": ["shelter", "counselling"], "languages": ["id"],
                "accepts_children": False}  # fmt: skip
    await story.region["MYS"].api.ask(HELPER, "PUT", "/v1/support-providers/sun", json=provider)
    planned = await story.post("MYS", HELPER, f"{path}/services", {"service": "shelter", "follow_up_on": "2026-12-01"})
    (service,) = planned["content"]["services"]
    moves = f"{path}/services/{service['id']}/moves"
    await story.post("MYS", HELPER, moves, {"move": "offer", "provider": "sun"})
    with pytest.raises(RefusedError) as refused:
        await story.post("MYS", HELPER, moves, {"move": "accept"})
    assert refused.value.status == 422  # nothing without her consent
    await story.post("MYS", HELPER, moves, {"move": "accept", "consent": CONSENT})
    await story.post("MYS", HELPER, moves, {"move": "refer"})
    begun = await story.post("MYS", HELPER, moves, {"move": "begin"})
    (service,) = begun["content"]["services"]
    assert service["state"] == "under_way"
    assert {"Mawar", REACH}.isdisjoint(str(service["told"]).split())
    return str(opened["id"])


async def _her_wages(story: Story, case: str) -> None:
    months = [{"month": f"2026-{month:02}", "worked": 1, "overtime_hours": 60, "paid": 0} for month in (4, 5, 6)]
    wages = {"wage": 150_000, "period": "month", "hours_a_day": 8, "days_a_week": 6, "months": months}
    body = {"about": case, "against": "agency-1", "forum": "fund", "currency": "MYR", "wages": wages}
    computed = await story.post("MYS", HELPER, "/v1/claims/preview", body)
    assert computed["total"] == sum(line["amount"] for line in computed["lines"]) > 3 * 150_000
    claim = await story.post("MYS", HELPER, "/v1/claims", body)
    path = f"/v1/claims/{claim['id']}"
    assert await story.seen_by("MYS", path) == {"victim-support", "victim-support-2"}
    for move in ("file", "hear"):
        await story.post("MYS", HELPER, f"{path}/moves", {"move": move, "day": "2026-11-20"})
    decision = {"outcome": "granted", "day": "2026-11-21", "authority": "Fund's board", "reference": "B-1"}
    await story.post("MYS", HELPER, f"{path}/decisions", decision)
    total = computed["total"]
    await story.post(
        "MYS", HELPER, "/v1/fund/contributions", {"currency": "MYR", "amount": total, "donor": "donor-1"}, "c"
    )
    paying = {"currency": "MYR", "amount": total, "kind": "award", "claim": claim["id"], "payee": "her account"}
    payment = await story.post("MYS", HELPER, "/v1/fund/payments", paying, "p")
    release = f"/v1/fund/payments/{payment['id']}/release"
    with pytest.raises(RefusedError):
        await story.post("MYS", HELPER, release)  # not the one who proposed it
    await story.post("MYS", SECOND, release)
    assert (await story.get("MYS", HELPER, path))["state"] == "paid"
    (balance,) = (await story.get("MYS", HELPER, "/v1/fund"))["items"]
    assert balance["contributed"] == balance["available"] + balance["reserved"] + balance["paid_out"]
    assert balance["paid_out"] == total


async def _the_police_of_the_other_state(story: Story, crossing: str) -> None:
    assert await story.seen_by("IDN", crossing) == {"investigator"}
    received = await story.post("IDN", POLICE, f"{crossing}/moves", {"move": "receive"})
    told = received["content"]
    assert (told["contact"], told["consent"]) == (None, CONSENT)
    assert {SAID, REACH, "Mawar"}.isdisjoint(map(str, told.values()))
    await story.post("IDN", POLICE, f"{crossing}/moves", {"move": "accept", "note": "Unit 4."})
    await story.carry()
    mine = await story.get("MYS", LABOUR, crossing)
    assert (mine["state"], mine["content"]) == ("accepted", None)
    assert "Unit 4." not in str(mine)
    again = {"party": "agency-1", "reasons": ["fees", "documents_kept"], "to": "licensing", "member": "IDN"}
    sent = await story.post("MYS", LABOUR, "/v1/referrals", again)
    await story.carry()
    path = f"/v1/referrals/{sent['id']}"
    assert await story.seen_by("IDN", path) == {"licensing"}
    content = (await story.post("IDN", LICENSING, f"{path}/moves", {"move": "receive"}))["content"]
    assert {name for name, value in content.items() if value is not None} == {"purpose", "party", "reasons"}


async def _the_licence(story: Story) -> None:
    suspended = {"party": "agency-1", "number": "SIP-77", "authority": "Ministry of Manpower", "status": "suspended",
                 "valid_from": "2026-11-21", "valid_to": "2030-01-01"}  # fmt: skip
    await story.put("IDN", "/v1/licences/licence-1", suspended)
    found = await story.public("IDN", "GET", "lookup?q=SIP-77")
    assert [each["status"] for each in found["licences"]] == ["suspended"]
    assert found["listings"] == []  # nothing is proven yet


async def _screened(story: Story) -> dict[str, Any]:
    """What Malaysia's licensing office is told of the agency by Indonesia."""
    found = (await story.post("MYS", SCREEN, "/match/default", QUERY))["responses"]["q"]["results"]
    assert "Mawar" not in str(found)
    (theirs,) = (each for each in found if each["member"] == "IDN")
    return dict(theirs)


async def _a_conviction(story: Story) -> None:
    charged = {"party": "agency-1", "offences": ["forced_labour"], "stage": "charged", "opened_on": "2026-01-10",
               "source": "Court register"}  # fmt: skip
    for case in ("case-1", "case-2"):
        await story.put("IDN", f"/v1/cases/{case}", charged)
    theirs = await _screened(story)
    assert (theirs["status"], theirs["proven"], len(theirs["cases"])) == ("CHARGED", False, 2)
    assert (await story.public("IDN", "GET", "listings"))["results"] == []

    for stage in ({"stage": "on_trial"}, {"stage": "convicted", "final_on": "2026-11-01"}):
        await story.put("IDN", "/v1/cases/case-1", charged | stage)
    theirs = await _screened(story)
    assert (theirs["status"], theirs["proven"]) == ("CONVICTED_FINAL", True)

    for stage in ("on_trial", "acquitted"):
        await story.put("IDN", "/v1/cases/case-2", charged | {"stage": stage})
    deadline = time.monotonic() + 60
    while not (told := (await story.get("MYS", SCREEN, "/v1/corrections"))["results"]):
        assert time.monotonic() < deadline
        await anyio.sleep(0.1)
    assert [(each["source"], each["record"], each["change"]) for each in told] == [("IDN", "case-2", "fell_away")]
    assert [case["id"] for case in (await _screened(story))["cases"]] == ["case-1"]

    figures = (await story.public("IDN", "GET", "statistics"))["results"]
    assert {each["count"] % 3 for each in figures if not each["exact"]} == {0}
    assert next(each["count"] for each in figures if each["value"] == "suspended") == 1
