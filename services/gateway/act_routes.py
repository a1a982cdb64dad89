"""Doors for administrators: people, clients, acts that wait for a second person, and keys."""

from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.gateway.access.acts.asking import Acts, NoPersonError
from services.gateway.access.acts.carrying import Registers
from services.gateway.access.admission import admit
from services.gateway.access.binding import thumbprint_of
from services.gateway.access.caps import own_caps
from services.gateway.access.clients import Clients, KnownClient
from services.gateway.access.people.room import people_of
from services.gateway.access.people.tables import UserRow
from services.gateway.access.people.users import state_of
from services.gateway.access.policy import Action, Kind
from services.gateway.passage import shown_model
from shared.contracts.access import (
    AccessAct,
    ActBody,
    ActPage,
    ActState,
    ClientPage,
    ClientView,
    KeyList,
    OwnCap,
    PersonPage,
    PersonView,
)
from shared.contracts.caller import Caller, Role
from shared.db.database import Database
from shared.http.client import ServiceClient, ServiceUnavailableError
from shared.http.key_routes import keys_in
from shared.settings import Settings

router = APIRouter(prefix="/v1/access", tags=["access"])

_MOST: Final = 200
After = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9.-]*$", description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=_MOST)]
SubjectId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9.-]+$")]
ActId = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]


def _person(caller: Caller) -> Caller:
    if caller.user is None:
        raise NoPersonError("administration is for people who have signed in")
    return caller


async def _lister(caller: Annotated[Caller, Depends(admit(Kind.APPOINTMENT, Action.LIST))]) -> Caller:
    return _person(caller)


async def _writer(caller: Annotated[Caller, Depends(admit(Kind.APPOINTMENT, Action.WRITE))]) -> Caller:
    return _person(caller)


ListerDep = Annotated[Caller, Depends(_lister)]
WriterDep = Annotated[Caller, Depends(_writer)]


def _acts(request: Request, caller: Caller) -> Acts:
    return Acts(request.app.state.database, request.app.state.audit_log, caller)


@router.get("/people", summary="Who can sign in", operation_id="listPeople", response_model=PersonPage)
async def list_people(request: Request, caller: ListerDep, after: After = "", limit: Limit = 50) -> Response:
    """Of the administrator's member, by id."""
    rows = await people_of(request).users.of_member(caller.member, after, limit + 1)
    more = rows[limit - 1].id if len(rows) > limit else None
    page = PersonPage(items=[_view(row) for row in rows[:limit]], next=more)
    return shown_model(request, caller, Kind.APPOINTMENT, page)


@router.get("/people/{id}", summary="Somebody who can sign in, or could", operation_id="readPerson",
            response_model=PersonView)  # fmt: skip
async def read_person(request: Request, caller: ListerDep, id: SubjectId) -> Response:
    """Of the administrator's member."""
    row = await Registers(request.app.state.database, caller.member).person(id)
    return shown_model(request, caller, Kind.APPOINTMENT, _view(row))


@router.get("/clients", summary="Systems and desks", operation_id="listClients", response_model=ClientPage)
async def list_clients(request: Request, caller: ListerDep, after: After = "", limit: Limit = 50) -> Response:
    """Of the administrator's member, by id, with limits of their own."""
    database = cast("Database", request.app.state.database)
    found = await Clients(database).of_member(caller.member, after, limit + 1)
    caps = await _caps(database)
    more = found[limit - 1].client.client_id if len(found) > limit else None
    page = ClientPage(items=[_client(each, caps) for each in found[:limit]], next=more)
    return shown_model(request, caller, Kind.APPOINTMENT, page)


@router.get("/clients/{id}", summary="A system or a desk", operation_id="readClient", response_model=ClientView)
async def read_client(request: Request, caller: ListerDep, id: SubjectId) -> Response:
    """Of the administrator's member."""
    database = cast("Database", request.app.state.database)
    known = await Registers(database, caller.member).known_client(id)
    return shown_model(request, caller, Kind.APPOINTMENT, _client(known, await _caps(database)))


@router.get("/keys", summary="Keys of the node: ids and ages", operation_id="listNodeKeys", response_model=KeyList)
async def list_keys(request: Request, caller: ListerDep) -> Response:
    """As each service tells of its own; what stands in one folder is told once."""
    state = request.app.state
    found = {each.name: each for each in keys_in(cast("Settings", state.settings).key_folder)}
    silent = []
    for name in ("registry", "biometrics"):
        try:
            answer = await cast("ServiceClient", getattr(state, name)).request(caller, "GET", "/v1/keys")
        except ServiceUnavailableError:
            answer = None
        if answer is None or answer.is_error:
            silent.append(name)
        else:
            found |= {each.name: each for each in KeyList.model_validate_json(answer.content).items}
    keys = KeyList(items=sorted(found.values(), key=lambda each: (each.use, each.name)), silent=silent)
    return shown_model(request, caller, Kind.APPOINTMENT, keys)


@router.get("/acts", summary="Changes that were asked for", operation_id="listAccessActs", response_model=ActPage)
async def list_acts(
    request: Request,
    caller: ListerDep,
    state: ActState | None = None,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Limit = 50,
) -> Response:
    """Newest first."""
    page = await _acts(request, caller).newest(state, before, limit)
    return shown_model(request, caller, Kind.APPOINTMENT, page)


@router.post("/acts", status_code=201, summary="Ask for a change", operation_id="askAccessAct",
             response_model=AccessAct)  # fmt: skip
async def ask(request: Request, caller: WriterDep, body: ActBody) -> Response:
    """It waits for another administrator; cutting off is done at once."""
    act = await _acts(request, caller).ask(body)
    return shown_model(request, caller, Kind.APPOINTMENT, act, 201)


@router.post("/acts/{id}/confirmation", summary="Carry out what another administrator asked for",
             operation_id="confirmAccessAct", response_model=AccessAct)  # fmt: skip
async def confirm(request: Request, caller: WriterDep, id: ActId) -> Response:
    """A code that lets a person in is in this answer and nowhere else."""
    return shown_model(request, caller, Kind.APPOINTMENT, await _acts(request, caller).confirm(id))


@router.post("/acts/{id}/refusal", summary="Let a change be", operation_id="refuseAccessAct",
             response_model=AccessAct)  # fmt: skip
async def refuse(request: Request, caller: WriterDep, id: ActId) -> Response:
    """By any administrator, also by the one who asked."""
    return shown_model(request, caller, Kind.APPOINTMENT, await _acts(request, caller).refuse(id))


def _view(row: UserRow) -> PersonView:
    roles = [Role(role) for role in row.roles]
    return PersonView(
        user=row.id,
        name=row.name,
        organisation=row.organisation,
        roles=roles,
        state=state_of(row),
        since=row.created_at,
    )


async def _caps(database: Database) -> dict[str, list[OwnCap]]:
    caps: dict[str, list[OwnCap]] = {}
    for row in await own_caps(database):
        caps.setdefault(row.client_id, []).append(OwnCap(cap=row.cap, minute=row.minute, day=row.day))
    return caps


def _client(known: KnownClient, caps: dict[str, list[OwnCap]]) -> ClientView:
    client = known.client
    return ClientView(
        client=client.client_id,
        organisation=client.organisation,
        role=client.role,
        bound=client.bound,
        active=known.active,
        since=known.since,
        thumbprint=thumbprint_of(client.jwk),
        caps=caps.get(client.client_id, []),
    )
