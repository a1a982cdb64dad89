"""What offices hold, made for `lindung bench console`: complaints to claims and payments, people, two prints."""

import base64
import secrets
from dataclasses import dataclass
from typing import Any, Final

import anyio
import httpx

from services.cli.connection import Api, Identity
from services.cli.enrol import encode, register
from services.cli.preparation import register_clients
from services.gateway.access.people.users import User, Users
from services.registry.adjudication.victims import Victims
from services.registry.indicators.store import Assessments
from services.registry.indicators.store import office_of as interviewing_office
from services.registry.public.complaints import Complaints, complaints_office
from services.registry.redress.claims import Claims
from services.registry.redress.fund import Fund
from services.registry.redress.offices import redress_office
from services.registry.referrals.offices import referrer_of
from services.registry.referrals.store import Referrals
from services.registry.support.cases import SupportCases
from services.registry.support.offices import supporter_of
from services.registry.workers.store import RegistrationStore
from services.sandbox.faces import CAST
from services.sandbox.region import Impression, Shot
from services.sandbox.studio import Studio
from shared.contracts.assessments import AssessmentBody, TickBody, TickConfidence, TicksBody
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.complaints import ComplaintBody
from shared.contracts.fund import ContributionBody, PaymentBody, PaymentKind
from shared.contracts.redress import ClaimBody, Damage, DamagesBody, Forum
from shared.contracts.referrals import PartyReason, ReferralBody, ReferralOffice
from shared.contracts.support import PresumptionGround, SupportCaseBody
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.settings import Settings
from shared.standards.indicators.rules import Answer

INSPECTOR: Final = "labour-inspector"
SUPPORTER: Final = "victim-support"
ORGANISATION: Final = "bench"
_REGISTRAR: Final = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
_DESK: Final = Identity("desk", Purpose.WORKER_REGISTRATION)
_ADJUDICATOR: Final = Identity("adjudicator", Purpose.ADJUDICATION)
_FINGER: Final = "right-index"


@dataclass(frozen=True)
class OfficeRecords:
    """Addresses of one record of each kind, as pages have them."""

    case: str
    licence: str
    prints: str
    complaint: str
    interview: str
    referral: str
    support: str
    claim: str
    payment: str


async def fill_offices(settings: Settings, http: httpx.AsyncClient, party: str, count: int) -> OfficeRecords:
    """As many complaints, conversations, referrals, support cases, claims, payments and people; and two prints.

    Args:
        settings: of a deployment that runs.
        http: to its gateway.
        party: that they are about.
        count: of each.
    """
    roles = (("registrar", Role.REGISTRAR), ("desk", Role.DESK_OFFICER), ("adjudicator", Role.ADJUDICATOR))
    await register_clients(settings, tuple((name, role, settings.member) for name, role in roles))
    api = Api(http, settings)
    await _tell_party(api, party)
    prints = await _two_prints(api)
    gateway = Database(settings.database_url("gateway"))
    for number in range(count):
        person = User(f"person-{number:06}", f"Person {number}", ORGANISATION, settings.member, (Role.DESK_OFFICER,))
        await Users(gateway).add(person)
    await gateway.close()
    complaint, interview, referral = await _inspectorate(settings, party, count)
    support, claim, payment = await _supporters(settings, count)
    return OfficeRecords(
        "/console/cases/bench-case", "/console/licences/bench-licence", prints,
        f"/console/complaints/{complaint}", f"/console/interviews/{interview}", f"/console/referrals/{referral}",
        f"/console/support/{support}", f"/console/claims/{claim}", f"/console/payments/{payment}",
    )  # fmt: skip


async def _tell_party(api: Api, party: str) -> None:
    case = {"party": party, "offences": ["wage_theft"], "stage": "charged", "opened_on": "2026-03-02", "source": "b"}
    licence = {
        "party": party, "number": "BENCH-1", "authority": "b", "status": "valid", "valid_from": "2024-01-01",
        "valid_to": "2027-12-31",
    }  # fmt: skip
    await api.ask(_REGISTRAR, "PUT", "/v1/cases/bench-case", json=case)
    await api.ask(_REGISTRAR, "PUT", "/v1/licences/bench-licence", json=licence)


async def _two_prints(api: Api) -> str:
    """One person registered twice under two names, and the page that compares their prints point by point."""
    studio, made = Studio(), {}
    for shot, name in ((1, "Maya Sari"), (2, "Dewi Lestari")):
        worker: dict[str, Any] = {
            "photo": encode(studio.photo(Shot(CAST[9], shot))), "name": name, "born": "1994-05-06",
            "fingers": [{"position": _FINGER, "image": encode(studio.fingerprint(Impression(640, shot)))}],
        }  # fmt: skip
        made = await register(api, _DESK, worker, secrets.token_hex(8))
    with anyio.fail_after(120):
        while True:
            for item in (await api.ask(_ADJUDICATOR, "GET", "/v1/adjudications")).json()["items"]:
                if item["registration"] == made["registration"]:
                    return await _prints_page(api, str(item["case"]))
            await anyio.sleep(0.1)


async def _prints_page(api: Api, case: str) -> str:
    await api.ask(_ADJUDICATOR, "POST", f"/v1/adjudications/{case}/claim", json={})
    records = (await api.ask(_ADJUDICATOR, "GET", f"/v1/adjudications/{case}")).json()["records"]
    other = next(each["registration"] for each in records if not each["subject"])
    return f"/console/decide/{case}/prints/{other}/{_FINGER}"


async def _inspectorate(settings: Settings, party: str, count: int) -> tuple[str, str, str]:
    """An inspector's records, straight into the register's stores.

    Returns:
        A complaint's id, that of a conversation in which something was told, a referral's.
    """
    caller = Caller(
        client_id="console", user=INSPECTOR, organisation=ORGANISATION, member=settings.member,
        role=Role.LABOUR_INSPECTOR, purpose=Purpose.LABOUR_INSPECTION,
    )  # fmt: skip
    database = Database(settings.database_url("registry"))
    ring = KeyRing.load(settings.key_folder / "registry-sealing.json")
    digest_key = base64.b64decode((settings.key_folder / "registry-digest.key").read_text())
    complaints = Complaints(database, ring, digest_key)
    assessments, office = Assessments(database, ring), interviewing_office(caller)
    referrals, referrer = Referrals(database, ring), referrer_of(caller)
    referred = ReferralBody(to=ReferralOffice.LICENSING, party=party, reasons=[PartyReason.FEES])
    interview = referral = ""
    for number in range(count):
        await complaints.take(settings.member, ComplaintBody(text=f"Complaint {number}: they keep my passport."))
        opened = await assessments.open(office, AssessmentBody(employer=party))
        interview = opened.id if opened else interview
        referral = (await referrals.send(referrer, referred)).id
    told = [
        TickBody(code=code, answer=Answer.YES, confidence=TickConfidence.HIGH) for code in ("FL07", "FL11", "D5.01")
    ]
    await assessments.tell(office, interview, TicksBody(ticks=told))
    newest = await complaints.newest(complaints_office(caller), None, None, 1)
    await database.close()
    return newest.items[0].id, interview, referral


async def _supporters(settings: Settings, count: int) -> tuple[str, str, str]:
    """A victim support office's cases, claims and payments out of what was contributed; of one of each the id."""
    caller = Caller(
        client_id="console", user=SUPPORTER, organisation=ORGANISATION, member=settings.member,
        role=Role.VICTIM_SUPPORT, purpose=Purpose.VICTIM_SUPPORT,
    )  # fmt: skip
    database = Database(settings.database_url("registry"))
    ring = KeyRing.load(settings.key_folder / "registry-sealing.json")
    digest_key = base64.b64decode((settings.key_folder / "registry-digest.key").read_text())
    cases = SupportCases(database, ring, Victims(database, RegistrationStore(database, ring, digest_key)))
    claims, office, supporter = Claims(database, ring), redress_office(caller), supporter_of(caller)
    fund = Fund(database, ring)
    opened = SupportCaseBody(ground=PresumptionGround.OFFICER, found_on=now().date(), reason="Seen at the shelter.")
    harm = DamagesBody(items=[Damage(what="Care", amount=100_000)])
    case = claim = payment = ""
    for number in range(count):
        made = await cases.open(supporter, opened)
        case = made.id if made else case
        await fund.contribute(office, str(number), ContributionBody(currency="IDR", amount=100_000, donor="donor-7"))
        care = PaymentBody(currency="IDR", amount=100_000, kind=PaymentKind.MEDICAL, about=case, payee="The clinic")
        payment = (await fund.propose(office, str(number), care)).id
        claim = (await claims.draft(office, ClaimBody(about=case, forum=Forum.LABOUR, currency="IDR", damages=harm))).id
    await database.close()
    return case, claim, payment
