"""For people: the heads that were seen, how the other members are, and what needs a human."""

from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import select

from services.gateway.access.admission import admit
from services.gateway.access.policy import Action, Kind
from services.gateway.corrections.sender import open_by_member
from services.gateway.federation.inbound import NotInFederationError
from services.gateway.federation.room import Federation
from services.gateway.passage import shown_model
from services.gateway.tables import FederationAlertRow, WitnessedHeadRow
from services.gateway.witness.heads import head_of
from services.gateway.witness.round import Rounds, Seen
from shared.contracts.caller import Caller
from shared.contracts.membership import MemberEntry
from shared.contracts.witness import (
    FederationAlert,
    FederationAlerts,
    MemberHealth,
    MembersHealth,
    Witnessed,
    WitnessedHead,
)
from shared.db.database import Database
from shared.http.state import DatabaseDep

AuditorDep = Annotated[Caller, Depends(admit(Kind.AUDIT, Action.READ))]
OverseerDep = Annotated[Caller, Depends(admit(Kind.REGION, Action.LIST))]
_MOST: Final = 500

router = APIRouter(tags=["region"])


@router.get(
    "/v1/log/witnessed",
    summary="Heads of other members' logs",
    operation_id="listWitnessedHeads",
    response_model=Witnessed,
)
async def list_witnessed(request: Request, caller: AuditorDep, database: DatabaseDep) -> Response:
    """The newest of each, and every one that does not fit."""
    return shown_model(request, caller, Kind.AUDIT, await witnessed_heads(database))


@router.get(
    "/v1/members", summary="How the other members are", operation_id="listMembers", response_model=MembersHealth
)
async def list_members(request: Request, caller: OverseerDep, database: DatabaseDep) -> Response:
    """Reachable or not, how far its clock and log are, and what it has not acknowledged."""
    federation = cast("Federation | None", request.app.state.federation)
    if federation is None:
        raise NotInFederationError("this node has joined no federation")
    membership, rounds = federation.membership, cast("Rounds", request.app.state.rounds)
    async with database.read() as session:
        owed = await open_by_member(session)
    heads = (await witnessed_heads(database)).heads
    members = [
        _health(entry, rounds.seen.get(entry.member, Seen()), heads, owed.get(entry.member, 0))
        for entry in sorted(membership.others(), key=lambda each: each.member)
    ]
    told = MembersHealth(directory=membership.version, current=membership.current, members=members)
    return shown_model(request, caller, Kind.REGION, told)


@router.get(
    "/v1/members/alerts",
    summary="What needs a human",
    operation_id="listFederationAlerts",
    response_model=FederationAlerts,
)
async def list_alerts(
    request: Request,
    caller: OverseerDep,
    database: DatabaseDep,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Response:
    """Newest first."""
    query = select(FederationAlertRow).order_by(FederationAlertRow.at.desc()).limit(limit)
    async with database.read() as session:
        rows = (await session.execute(query)).scalars().all()
    names = FederationAlert.model_fields
    results = [FederationAlert.model_validate({name: getattr(row, name) for name in names}) for row in rows]
    return shown_model(request, caller, Kind.REGION, FederationAlerts(results=results))


async def witnessed_heads(database: Database) -> Witnessed:
    """The newest head of each member, and every one that does not fit."""
    async with database.read() as session:
        rows = (await session.execute(select(WitnessedHeadRow).order_by(WitnessedHeadRow.size))).scalars().all()
    newest = {row.member: row for row in rows if not row.forked}
    shown = [row for row in rows if row.forked or newest.get(row.member) is row]
    shown.sort(key=lambda row: (row.member, row.size))
    return Witnessed(heads=[_witnessed(row) for row in shown])


def _witnessed(row: WitnessedHeadRow) -> WitnessedHead:
    told = head_of(row).model_dump(mode="json")
    return WitnessedHead.model_validate(told | {"received_at": row.received_at, "forked": row.forked})


def _health(entry: MemberEntry, seen: Seen, heads: list[WitnessedHead], owed: int) -> MemberHealth:
    mine = [head for head in heads if head.member == entry.member]
    newest = max((head for head in mine if not head.forked), key=lambda head: head.size, default=None)
    reachable = None if seen.tried_at is None else seen.reason is None
    return MemberHealth(
        member=entry.member, name=entry.name, active=entry.active, reachable=reachable, reason=seen.reason,
        tried_at=seen.tried_at, answered_at=seen.answered_at, ms=seen.ms, clock_skew_s=seen.skew_s,
        versions=seen.versions, directory=seen.directory,
        head_size=newest.size if newest else None, head_at=newest.at if newest else None,
        forked=any(head.forked for head in mine), corrections_open=owed,
    )  # fmt: skip
