"""The plan over HTTP: services, follow-ups, the return, the directory of providers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.registry.pages import PageBefore, PageLimit
from services.registry.state import KeysDep
from services.registry.support.plan import Plan
from services.registry.support.providers import ProviderFilter, Providers
from services.registry.support.returning import Returning
from services.registry.support.routes import SupporterDep
from shared.contracts.assessments import Language
from shared.contracts.lines import RecordId
from shared.contracts.support import SupportCase
from shared.contracts.support_plan import (
    DeterminationBody,
    FollowUpBody,
    Provider,
    ProviderBody,
    ProviderPage,
    RepatriationBody,
    RepatriationStep,
    SafetyBody,
    ServiceBody,
    ServiceKind,
    ServiceStep,
    VoluntarinessBody,
)
from shared.http.state import DatabaseDep

router = APIRouter(tags=["support"])

_CASE = "/v1/support-cases/{id}"


async def _plan(database: DatabaseDep, keys: KeysDep) -> Plan:
    return Plan(database, keys)


async def _returning(database: DatabaseDep, keys: KeysDep) -> Returning:
    return Returning(database, keys)


async def _providers(database: DatabaseDep) -> Providers:
    return Providers(database)


PlanDep = Annotated[Plan, Depends(_plan)]
ReturningDep = Annotated[Returning, Depends(_returning)]
ProvidersDep = Annotated[Providers, Depends(_providers)]


@router.post(f"{_CASE}/services", status_code=201, operation_id="planService")
async def plan_service(id: RecordId, body: ServiceBody, who: SupporterDep, plan: PlanDep) -> SupportCase:
    """Plan a service."""
    return await plan.add(who, id, body)


@router.post(f"{_CASE}/services/{{service}}/moves", operation_id="moveService")
async def move_service(
    id: RecordId, service: RecordId, body: ServiceStep, who: SupporterDep, plan: PlanDep
) -> SupportCase:
    """Offer, accept, decline, refer, begin, end, drop a service, or take the consent back."""
    return await plan.step(who, id, service, body)


@router.post(f"{_CASE}/services/{{service}}/follow-ups", operation_id="followUpService")
async def follow_up(
    id: RecordId, service: RecordId, body: FollowUpBody, who: SupporterDep, plan: PlanDep
) -> SupportCase:
    """Write down what a look after the person found, and when to look next."""
    return await plan.follow_up(who, id, service, body)


@router.post(f"{_CASE}/repatriation", status_code=201, operation_id="planRepatriation")
async def plan_return(id: RecordId, body: RepatriationBody, who: SupporterDep, returning: ReturningDep) -> SupportCase:
    """Think of a return."""
    return await returning.plan(who, id, body)


@router.post(f"{_CASE}/repatriation/moves", operation_id="moveRepatriation")
async def move_return(id: RecordId, body: RepatriationStep, who: SupporterDep, returning: ReturningDep) -> SupportCase:
    """Arrange, depart, arrive or cancel."""
    return await returning.step(who, id, body)


@router.post(f"{_CASE}/repatriation/voluntariness", operation_id="tellVoluntariness")
async def tell_voluntariness(
    id: RecordId, body: VoluntarinessBody, who: SupporterDep, returning: ReturningDep
) -> SupportCase:
    """What the person said of returning; the last word holds."""
    return await returning.tell_voluntariness(who, id, body)


@router.post(f"{_CASE}/repatriation/safety", operation_id="tellSafety")
async def tell_safety(id: RecordId, body: SafetyBody, who: SupporterDep, returning: ReturningDep) -> SupportCase:
    """Whether a return is safe; the last assessment holds."""
    return await returning.tell_safety(who, id, body)


@router.post(f"{_CASE}/repatriation/best-interests", operation_id="determineBestInterests")
async def determine(id: RecordId, body: DeterminationBody, who: SupporterDep, returning: ReturningDep) -> SupportCase:
    """What child protection determined to be best for the child."""
    return await returning.determine(who, id, body)


@router.put("/v1/support-providers/{id}", operation_id="putSupportProvider")
async def put_provider(id: RecordId, body: ProviderBody, who: SupporterDep, providers: ProvidersDep) -> Provider:
    """Add a provider to the office's directory, or say anew what it does."""
    return await providers.put(who, id, body)


@router.get("/v1/support-providers", operation_id="listSupportProviders")
async def list_providers(
    who: SupporterDep,
    providers: ProvidersDep,
    service: ServiceKind | None = None,
    language: Annotated[Language | None, Query()] = None,
    accepts_children: bool | None = None,
    active: bool | None = None,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> ProviderPage:
    """The office's directory, newest first."""
    return await providers.newest(who, ProviderFilter(service, language, accepts_children, active), before, limit)
