"""Red flags over HTTP."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request

from services.registry.history import DatabaseDep
from services.registry.indicators.store import Assessments, office_of
from services.registry.pages import PageLimit
from services.registry.redflags.asking import what_to_ask
from services.registry.redflags.catalogue import RULES
from services.registry.redflags.standing import Flags, inspector
from shared.contracts.caller import Caller
from shared.contracts.lines import RecordId
from shared.contracts.red_flags import FlagRule, InterviewFlags, RedFlagPage, RedFlagRules
from shared.crypto.sealing import KeyRing
from shared.http.callers import CallerDep

router = APIRouter(tags=["red flags"])


async def _inspector(caller: CallerDep) -> Caller:
    return inspector(caller)


InspectorDep = Annotated[Caller, Depends(_inspector)]


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
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: PageLimit = 50,
) -> RedFlagPage:
    """The flags of the inspector's member, those raised last first."""
    return await Flags(database).page(who.member, party, rule, before, limit)


@router.get("/v1/assessments/{id}/red-flags", operation_id="listInterviewFlags")
async def list_interview_flags(
    id: RecordId,  # noqa: A002
    who: InspectorDep,
    database: DatabaseDep,
    request: Request,
) -> InterviewFlags:
    """Flags of the employer that a conversation is about, and what to ask because of them. No lead is raised."""
    keys = cast("KeyRing", request.app.state.sealing_keys)
    assessment = await Assessments(database, keys).read(office_of(who), id)
    flags = await Flags(database).about(who.member, assessment.employer) if assessment.employer else []
    return what_to_ask(assessment, flags)
