"""Red flags over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from services.registry.admission import of_caller
from services.registry.indicators.store import Assessments, office_of
from services.registry.pages import PageBefore, PageLimit
from services.registry.redflags.asking import what_to_ask
from services.registry.redflags.catalogue import RULES
from services.registry.redflags.standing import Flags, inspector
from services.registry.state import KeysDep
from shared.contracts.caller import Caller
from shared.contracts.lines import RecordId
from shared.contracts.red_flags import FlagRule, InterviewFlags, RedFlagPage, RedFlagRules
from shared.http.state import DatabaseDep

router = APIRouter(tags=["red flags"])


InspectorDep = Annotated[Caller, of_caller(inspector)]


@router.get("/v1/red-flag-rules", operation_id="listRedFlagRules")
async def list_red_flag_rules(_who: InspectorDep) -> RedFlagRules:
    """What each rule compares, what it does not prove, and from when it is raised."""
    return RedFlagRules(items=list(RULES.values()))


@router.get("/v1/red-flags", operation_id="listRedFlags")
async def list_red_flags(
    who: InspectorDep,
    database: DatabaseDep,
    party: RecordId | None = None,
    rule: FlagRule | None = None,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> RedFlagPage:
    """The flags of the inspector's member, those raised last first."""
    return await Flags(database).page(who.member, party, rule, before, limit)


@router.get("/v1/assessments/{id}/red-flags", operation_id="listInterviewFlags")
async def list_interview_flags(id: RecordId, who: InspectorDep, database: DatabaseDep, keys: KeysDep) -> InterviewFlags:
    """Flags of the employer that a conversation is about, and what to ask because of them. No lead is raised."""
    assessment = await Assessments(database, keys).read(office_of(who), id)
    flags = await Flags(database).about(who.member, assessment.employer) if assessment.employer else []
    return what_to_ask(assessment, flags)
