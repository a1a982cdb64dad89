"""What everybody may ask, and complaints, over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import PlainTextResponse

from services.registry.admission import of_caller, with_purpose
from services.registry.pages import PageBefore, PageLimit
from services.registry.public.complaints import Complaints, ComplaintsOffice, complaints_office
from services.registry.public.lookup import look_up
from services.registry.public.texts import HELP, read_message, say_age, say_fees, say_lookup
from services.registry.screening.routes import ScreenerDep
from services.registry.state import DigestKeyDep, KeysDep
from shared.contracts.caller import Caller, Member, Purpose
from shared.contracts.complaints import (
    Complaint,
    ComplaintBody,
    ComplaintPage,
    ComplaintReceipt,
    ComplaintState,
    ComplaintStatus,
    ComplaintStep,
    OfficeMessage,
    ReferenceBody,
    WorkerFile,
    WorkerMessage,
)
from shared.contracts.lines import RecordId
from shared.contracts.public import Asked, PublicFees, PublicLookup, PublicMinimumAge, PublicRule
from shared.db.database import now
from shared.http.state import DatabaseDep
from shared.standards.ages import AgeRule, Confidence, Sector, age_floor, load_rules
from shared.standards.placement_fees import FeeRule, fee_rules, load_fee_rules

router = APIRouter(tags=["public"])

_AGES: Final = load_rules()
_FEES: Final = load_fee_rules()
_SAYS: Final = (
    "Never pay without a receipt. A debt to an agency is no reason to stay: complain, you need not say who you are."
)


async def _complaints(database: DatabaseDep, keys: KeysDep, digest_key: DigestKeyDep) -> Complaints:
    return Complaints(database, keys, digest_key)


EverybodyDep = Annotated[Caller, with_purpose({Purpose.PUBLIC})]
OfficeDep = Annotated[ComplaintsOffice, of_caller(complaints_office)]
ComplaintsDep = Annotated[Complaints, Depends(_complaints)]
State = Annotated[Member, Query(description="ISO 3166-1 alpha-3")]


@router.get("/v1/public/lookup", operation_id="lookUpAgency")
async def read_lookup(
    _caller: EverybodyDep, database: DatabaseDep, screener: ScreenerDep, q: Annotated[Asked, Query()]
) -> PublicLookup:
    """An agency or an employer by name or licence number, as everybody may know it."""
    return await look_up(database, screener, q, now().date())


@router.get("/v1/public/minimum-age", operation_id="readMinimumAge")
async def read_minimum_age(
    _caller: EverybodyDep, origin: State, destination: State, sector: Sector = Sector.ANY
) -> PublicMinimumAge:
    """The lowest lawful age for work of a kind, from one state to another, from today on."""
    return _minimum_age(origin, destination, sector)


@router.get("/v1/public/fees", operation_id="readFees")
async def read_fees(
    _caller: EverybodyDep, origin: State, destination: State, sector: Sector = Sector.ANY
) -> PublicFees:
    """What a worker may be charged, from one state to another."""
    return _fees(origin, destination, sector)


@router.get("/v1/public/text", operation_id="answerText", response_class=PlainTextResponse)
async def answer_text(
    _caller: EverybodyDep, database: DatabaseDep, screener: ScreenerDep, q: Annotated[str, Query(max_length=300)]
) -> PlainTextResponse:
    """The same in plain text of at most three short messages, for an SMS or USSD gateway."""
    message = read_message(q)
    match message.command:
        case "licence":
            text = say_lookup(await look_up(database, screener, message.name[:200], now().date()))
        case "age":
            text = say_age(_minimum_age(message.origin, message.destination, message.sector))
        case "fees":
            text = say_fees(_fees(message.origin, message.destination, message.sector))
        case "help":
            text = HELP
    return PlainTextResponse(text)


@router.post("/v1/public/complaints", status_code=201, operation_id="complain")
async def complain(body: ComplaintBody, caller: EverybodyDep, complaints: ComplaintsDep) -> ComplaintReceipt:
    """Say what happened, anonymously if you wish. The reference in the answer is the only way back to it."""
    return await complaints.take(caller.member, body)


@router.post("/v1/public/complaints/status", operation_id="readOwnComplaint")
async def read_own(body: ReferenceBody, _caller: EverybodyDep, complaints: ComplaintsDep) -> ComplaintStatus:
    """How far it has got, and what the office answered."""
    return await complaints.status(body.reference)


@router.post("/v1/public/complaints/messages", operation_id="addToOwnComplaint")
async def add_message(body: WorkerMessage, _caller: EverybodyDep, complaints: ComplaintsDep) -> ComplaintStatus:
    """Say something more."""
    return await complaints.say(body.reference, body.text)


@router.post("/v1/public/complaints/files", operation_id="attachToOwnComplaint")
async def add_file(body: WorkerFile, _caller: EverybodyDep, complaints: ComplaintsDep) -> ComplaintStatus:
    """Add a photo or a document."""
    return await complaints.attach(body)


@router.get("/v1/complaints", operation_id="listComplaints")
async def list_complaints(
    office: OfficeDep,
    complaints: ComplaintsDep,
    state: ComplaintState | None = None,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> ComplaintPage:
    """This office's complaints, newest first."""
    return await complaints.newest(office, state, before, limit)


@router.get("/v1/complaints/{id}", operation_id="readComplaint")
async def read_complaint(id: RecordId, office: OfficeDep, complaints: ComplaintsDep) -> Complaint:
    """A complaint, with what was said."""
    return await complaints.read(office, id)


@router.get("/v1/complaints/{id}/files/{number}", operation_id="readComplaintFile")
async def read_file(
    id: RecordId, number: Annotated[int, Path(ge=1, le=1000)], office: OfficeDep, complaints: ComplaintsDep
) -> Response:
    """A photo or a document of the worker's. It comes from outside: never opened in the page."""
    media, content = await complaints.file(office, id, number)
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media, headers=headers)


@router.post("/v1/complaints/{id}/messages", operation_id="answerComplaint")
async def answer_complaint(
    id: RecordId, body: OfficeMessage, office: OfficeDep, complaints: ComplaintsDep
) -> Complaint:
    """Answer the worker."""
    return await complaints.answer(office, id, body.text)


@router.post("/v1/complaints/{id}/state", operation_id="moveComplaint")
async def move_complaint(id: RecordId, body: ComplaintStep, office: OfficeDep, complaints: ComplaintsDep) -> Complaint:
    """Take a complaint in hand, refer it, close it, or open it again."""
    return await complaints.step(office, id, body)


def _minimum_age(origin: str, destination: str, sector: Sector) -> PublicMinimumAge:
    floor = age_floor(origin, destination, sector, now().date(), _AGES)
    return PublicMinimumAge(
        minimum=floor.minimum,
        rules=[_age_rule(rule) for rule in floor.fired],
        advisory=[_age_rule(rule) for rule in floor.advisory],
    )


def _age_rule(rule: AgeRule) -> PublicRule:
    text = f"{rule.minimum} years ({rule.sector.value.replace('_', ' ')})"
    confirmed = rule.confidence is not Confidence.UNCONFIRMED
    return PublicRule(set_by=rule.iso, rule=text, basis=rule.basis, confirmed=confirmed)


def _fees(origin: str, destination: str, sector: Sector) -> PublicFees:
    found = fee_rules(origin, destination, sector, now().date(), _FEES)
    return PublicFees(rules=[_fee_rule(rule) for rule in found], says=_SAYS)


def _fee_rule(rule: FeeRule) -> PublicRule:
    confirmed = rule.confidence is not Confidence.UNCONFIRMED
    return PublicRule(set_by=rule.iso, rule=rule.rule, basis=rule.basis, confirmed=confirmed)
