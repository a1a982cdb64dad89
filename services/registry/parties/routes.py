"""Parties and links over HTTP."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from services.registry.admission import MaintainerDep, ReaderDep
from services.registry.history import DatabaseDep, recording
from services.registry.parties.links import put_link
from services.registry.parties.store import PartyFilter, PartyIndex, get_party, list_parties, party_record, put_party
from shared.contracts.parties import (
    LinkBody,
    LinkRecord,
    PartyBody,
    PartyPage,
    PartyRecord,
    RecordId,
    Schema,
)
from shared.db.database import now

router = APIRouter(tags=["parties"])


def _party_index(request: Request) -> PartyIndex:
    return cast("PartyIndex", request.app.state.party_index)


@router.put("/v1/parties/{party_id}", operation_id="putParty", responses={201: {"model": PartyRecord}})
async def write_party(
    party_id: RecordId,
    body: PartyBody,
    caller: MaintainerDep,
    database: DatabaseDep,
    index: Annotated[PartyIndex, Depends(_party_index)],
    response: Response,
) -> PartyRecord:
    """Create a party or replace it whole; the versions before are kept."""
    if body.id not in (None, party_id):
        raise RequestValidationError([{"loc": ("body", "id"), "msg": "is not the id of the address"}])
    async with recording(database, caller, now()) as recorder:
        record, new = await put_party(recorder, party_id, body, index)
    response.status_code = 201 if new else 200
    return record


@router.get("/v1/parties/{party_id}", operation_id="getParty")
async def read_party(party_id: RecordId, _caller: ReaderDep, database: DatabaseDep) -> PartyRecord:
    """A party as the register holds it now."""
    async with database.read() as session:
        return party_record(await get_party(session, party_id))


@router.get("/v1/parties", operation_id="listParties")
async def read_parties(
    _caller: ReaderDep,
    database: DatabaseDep,
    schema: Schema | None = None,
    country: Annotated[str | None, Query(pattern=r"^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2")] = None,
    name: Annotated[
        str | None, Query(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", description="a part of the caption")
    ] = None,
    cursor: RecordId | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PartyPage:
    """Parties in the order of their ids, page by page."""
    async with database.read() as session:
        rows = await list_parties(session, PartyFilter(schema, country, name), cursor, limit + 1)
    shown = rows[:limit]
    return PartyPage(results=[party_record(row) for row in shown], next=shown[-1].id if len(rows) > limit else None)


@router.put("/v1/links/{link_id}", operation_id="putLink", responses={201: {"model": LinkRecord}})
async def write_link(
    link_id: RecordId, body: LinkBody, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> LinkRecord:
    """Say that one party is the owner, director, representative or principal of another."""
    async with recording(database, caller, now()) as recorder:
        record, new = await put_link(recorder, link_id, body)
    response.status_code = 201 if new else 200
    return record
