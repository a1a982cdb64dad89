"""For the gateway, when another member asks; no door leads here. What is kept back is as if it were not there."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.registry.adjudication.routes import StoreDep
from services.registry.admission import require_purpose
from services.registry.workers.inquiries import Inquiries
from services.registry.workers.views import Record
from shared.contracts.adjudication import RegistrationId
from shared.contracts.caller import Purpose, Role
from shared.contracts.region import DocumentQuestion, HeldRecord, HeldRecords, InquiryAnswer
from shared.contracts.region import Inquiries as InquiriesDue
from shared.contracts.registrations import Progress, RegistrationState
from shared.http.callers import CallerDep
from shared.http.state import DatabaseDep

_PURPOSES = frozenset({Purpose.WORKER_REGISTRATION, Purpose.ADJUDICATION, Purpose.CHILD_PROTECTION})
_REGISTERING = frozenset({Purpose.WORKER_REGISTRATION})

router = APIRouter(prefix="/v1/region", tags=["region"])


class Persons(BaseModel):
    """Opaque ids under which the biometric service knows people; they never leave the member."""

    model_config = ConfigDict(extra="forbid")

    persons: list[str] = Field(max_length=50)


@router.post("/documents", operation_id="findDocument")
async def find_document(body: DocumentQuestion, caller: CallerDep, store: StoreDep) -> Persons:
    """Who showed a number; also whoever is kept back: a hit says nothing of whom."""
    require_purpose(caller, _PURPOSES)
    records = await store.with_document((body.issuer, body.number), other_than="")
    return Persons(persons=[each.person_id for each in records if each.state is not RegistrationState.WITHDRAWN])


@router.post("/records", operation_id="readHeldRecords")
async def read_records(body: Persons, caller: CallerDep, store: StoreDep) -> HeldRecords:
    """What is told of a person's registrations. Nothing of a child's, a presumed victim's, or one not yet checked."""
    require_purpose(caller, _PURPOSES)
    found = (await store.by_persons(body.persons)).values()
    protects = caller.purpose is Purpose.CHILD_PROTECTION and caller.role is Role.PARTNER_MEMBER
    return HeldRecords(records=[_told(record) for record in found if _may_be_told(record, child_too=protects)])


def _may_be_told(record: Record, *, child_too: bool) -> bool:
    kept_back = record.presumed_victim or record.withdrawal_asked or record.state is RegistrationState.WITHDRAWN
    return record.progress is Progress.CHECKED and not kept_back and (child_too or not record.child_sealed)


def _told(record: Record) -> HeldRecord:
    known = {name: getattr(record.particulars, name) for name in ("name", "native_name", "born", "sex", "nationality")}
    return HeldRecord(registration=record.id, member=record.member, registered_on=record.created_at, **known)


@router.get("/inquiries", operation_id="readInquiries")
async def read_inquiries(
    caller: CallerDep, database: DatabaseDep, store: StoreDep, limit: Annotated[int, Query(ge=1, le=50)] = 8
) -> InquiriesDue:
    """Registrations of the caller's member that other members are to be asked about now; the same until answered."""
    require_purpose(caller, _REGISTERING)
    return InquiriesDue(inquiries=await Inquiries(database, store).due(caller.member, limit))


@router.post("/inquiries/{registration}", operation_id="answerInquiry", status_code=204)
async def answer_inquiry(
    request: Request,
    registration: RegistrationId,
    body: InquiryAnswer,
    caller: CallerDep,
    database: DatabaseDep,
    store: StoreDep,
) -> Response:
    """What other members answered."""
    require_purpose(caller, _REGISTERING)
    await Inquiries(database, store).answer(registration, body.members)
    request.app.state.job_runner.wake()
    return Response(status_code=204)
