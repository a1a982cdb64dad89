"""Parties and links over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.exceptions import RequestValidationError

from services.registry.admission import MaintainerDep, ReaderDep
from services.registry.history import (
    DaysDep,
    KnownOn,
    RecordKind,
    SpanDep,
    answer_put,
    history_page,
    recording,
    versions_of,
)
from services.registry.parties.links import link_on, links_of, put_link
from services.registry.parties.store import PartyFilter, PartyIndex, get_party, list_parties, party_on, put_party
from services.registry.tabular import ListAskedDep, list_answer
from shared.contracts.lines import RecordId
from shared.contracts.parties import LinkBody, LinkRecord, LinksOnDay, PartyBody, PartyPage, PartyRecord, Schema
from shared.contracts.provenance import HistoryPage
from shared.db.database import now
from shared.http.state import DatabaseDep, held

router = APIRouter(tags=["parties"])


@router.put("/v1/parties/{party_id}", operation_id="putParty", responses={201: {"model": PartyRecord}})
async def write_party(
    party_id: RecordId,
    body: PartyBody,
    caller: MaintainerDep,
    database: DatabaseDep,
    index: Annotated[PartyIndex, held("party_index")],
    response: Response,
) -> PartyRecord:
    """Create a party or tell it anew; the versions before are kept."""
    if body.id not in (None, party_id):
        raise RequestValidationError([{"loc": ("body", "id"), "msg": "is not the id of the address"}])
    async with recording(database, caller, now()) as recorder:
        return answer_put(response, await put_party(recorder, party_id, body, index))


@router.get("/v1/parties/{party_id}", operation_id="getParty")
async def read_party(party_id: RecordId, _caller: ReaderDep, database: DatabaseDep, days: DaysDep) -> PartyRecord:
    """A party as the register holds it now, or as it was on a day by what was known on another."""
    async with database.read() as session:
        return await party_on(session, party_id, now().date(), *days)


@router.get("/v1/parties/{party_id}/history", operation_id="partyHistory")
async def read_party_history(
    party_id: RecordId, _caller: ReaderDep, database: DatabaseDep, span: SpanDep
) -> HistoryPage:
    """Everything that was told of a party, and by whom."""
    async with database.read() as session:
        await get_party(session, party_id)
        return history_page(await versions_of(session, RecordKind.PARTY, party_id), span)


@router.get("/v1/parties/{party_id}/links", operation_id="partyLinks")
async def read_party_links(party_id: RecordId, _caller: ReaderDep, database: DatabaseDep, days: DaysDep) -> LinksOnDay:
    """Who owned, directed, represented or succeeded whom on a day, by what was known on another."""
    day = days.valid_on or now().date()
    async with database.read() as session:
        seq = (await get_party(session, party_id)).seq
        return LinksOnDay(party=party_id, on=day, links=await links_of(session, seq, day, days.known_on))


@router.get("/v1/parties", operation_id="listParties", response_model=PartyPage)
async def read_parties(
    _caller: ReaderDep,
    database: DatabaseDep,
    asked: ListAskedDep,
    schema: Schema | None = None,
    country: Annotated[str | None, Query(pattern=r"^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2")] = None,
    name: Annotated[
        str | None, Query(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", description="a part of the caption")
    ] = None,
) -> PartyPage | Response:
    """Parties in the order of their ids, page by page; as CSV on `Accept: text/csv`."""
    async with database.read() as session:
        page = await list_parties(session, PartyFilter(schema, country, name), asked.cursor, asked.limit)
    return list_answer(asked, PartyPage(**vars(page)), PartyRecord)


@router.put("/v1/links/{link_id}", operation_id="putLink", responses={201: {"model": LinkRecord}})
async def write_link(
    link_id: RecordId, body: LinkBody, caller: MaintainerDep, database: DatabaseDep, response: Response
) -> LinkRecord:
    """Say that one party is the owner, director, representative, principal, successor or family of another."""
    async with recording(database, caller, now()) as recorder:
        return answer_put(response, await put_link(recorder, link_id, body))


@router.get("/v1/links/{link_id}", operation_id="getLink")
async def read_link(
    link_id: RecordId, _caller: ReaderDep, database: DatabaseDep, known_on: KnownOn = None
) -> LinkRecord:
    """A link as it was told last, or had been told by a day."""
    async with database.read() as session:
        return await link_on(session, link_id, known_on)


@router.get("/v1/links/{link_id}/history", operation_id="linkHistory")
async def read_link_history(link_id: RecordId, _caller: ReaderDep, database: DatabaseDep, span: SpanDep) -> HistoryPage:
    """Everything that was told of a link, and by whom."""
    async with database.read() as session:
        await link_on(session, link_id, None)
        return history_page(await versions_of(session, RecordKind.LINK, link_id), span)
