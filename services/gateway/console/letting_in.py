"""Pages for administrators: people, systems, what waits for a second administrator, and keys."""

import json
from typing import Annotated, Any, Final

from fastapi import Depends, Response
from starlette.datastructures import FormData

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.languages import marked
from services.gateway.console.office_words import CAP
from services.gateway.console.records import Book, Column, comes_back, entered, list_page
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, texts_of, visiting
from shared.contracts.caller import APPOINTED, Role

router = page_router()
ListDep = Annotated[Visit, Depends(visiting((Kind.APPOINTMENT, Action.LIST)))]
WriteDep = Annotated[Visit, Depends(visiting((Kind.APPOINTMENT, Action.WRITE)))]

_STANDS: Final = {"active": "good", "invited": "warn", "cut off": "bad"}
PEOPLE: Final = Book(
    "/console/people", "/v1/access/people", marked("People"),
    marked("Who can sign in. What changes it is asked for by one administrator and confirmed by another."),
    (
        Column("user", marked("Id"), "code"), Column("name", marked("Name")),
        Column("organisation", marked("Office")), Column("roles", marked("Roles"), "role"),
        Column("state", marked("State"), "person_state", _STANDS), Column("since", marked("Since"), "day"),
    ),
    key="user", cursor="after",
)  # fmt: skip
SYSTEMS: Final = Book(
    "/console/systems", "/v1/access/clients", marked("Systems and desks"),
    marked("Programs that ask by themselves. Each proves itself by a key of its own."),
    (
        Column("client", marked("Id"), "code"), Column("organisation", marked("Office")),
        Column("role", marked("Role"), "role"),
        Column("active", marked("Active"), word=marked("active"), tones={"true": "good"}),
        Column("bound", marked("Tokens bound to a key"), word=marked("bound")), Column("since", marked("Since"), "day"),
    ),
    key="client", cursor="after",
)  # fmt: skip
PERSONS_ROLES: Final = tuple(role for role in APPOINTED if role is not Role.MEMBER_SYSTEM)
SYSTEMS_ROLES: Final = tuple(role for role in APPOINTED if role is not Role.ADMINISTRATOR)
_NOT_JSON: Final = {"title": "The public key is not a JSON Web Key"}


@router.get("/people")
async def people_page(visit: ListDep) -> Response:
    """Everybody, by id, and a form to let somebody in."""
    return await list_page(visit, PEOPLE, "people.html", roles=PERSONS_ROLES)


@router.get("/people/{user}")
async def person_page(visit: ListDep, user: str) -> Response:
    """Somebody, and what can be asked for about them."""
    person = await visit.ask.get(f"/v1/access/people/{user}")
    return visit.show("person.html", person=person, roles=PERSONS_ROLES)


@router.get("/systems")
async def systems_page(visit: ListDep) -> Response:
    """All client systems, and a form to let one in."""
    return await list_page(visit, SYSTEMS, "systems.html", roles=SYSTEMS_ROLES)


@router.get("/systems/{client}")
async def system_page(visit: ListDep, client: str) -> Response:
    """One client system, its caps, and what can be asked for about it."""
    system = await visit.ask.get(f"/v1/access/clients/{client}")
    return visit.show("system.html", system=system, caps=tuple(CAP))


@router.get("/keys")
async def keys_page(visit: ListDep) -> Response:
    """Which keys are in use, and since when."""
    return visit.show("keys.html", keys=await visit.ask.get("/v1/access/keys"))


@router.get("/acts")
async def acts_page(visit: ListDep, before: int | None = None, done: str | None = None) -> Response:
    """What waits for a second administrator, and what was decided."""
    return await _acts(visit, before, done)


async def _acts(
    visit: Visit, before: int | None = None, done: str | None = None, refused: Any = None, act: Any = None
) -> Response:
    waiting = await visit.ask.get("/v1/access/acts", state="waiting", limit=200)
    page = await visit.ask.get("/v1/access/acts", before=before, limit=50)
    decided = [each for each in page["items"] if each["state"] != "waiting"]
    return visit.show(
        "acts.html", 422 if refused else 200,
        waiting=waiting["items"], decided=decided, following=page["next"], done=done, refused=refused, act=act,
    )  # fmt: skip


@router.post("/acts")
async def ask(visit: WriteDep) -> Response:
    """Ask for a change; a refusal comes back with what was entered."""
    form = await visit.form()
    body = act_in(form)
    if body is None:
        return await _again(visit, form, _NOT_JSON)
    try:
        act = await visit.ask.send("POST", "/v1/access/acts", body)
    except DoorRefusedError as error:
        return await _again(visit, form, comes_back(error))
    return forward_to("/console/acts", done="asked" if act["state"] == "waiting" else "cut")


@router.post("/acts/{act}/{decision}")
async def decide(visit: WriteDep, act: str, decision: str) -> Response:
    """Confirm or let be. A code that a person needs stands on the page that answers, once."""
    await visit.form()
    how = "confirmation" if decision == "confirm" else "refusal"
    try:
        decided = await visit.ask.send("POST", f"/v1/access/acts/{act}/{how}", {})
    except DoorRefusedError as error:
        return await _acts(visit, refused=comes_back(error))
    if decided["code"]:
        return await _acts(visit, act=decided)
    return forward_to("/console/acts", done="confirmed" if how == "confirmation" else "left")


def act_in(form: FormData) -> dict[str, Any] | None:
    """The act that a form asks for; None: its key cannot be read."""
    body: dict[str, Any] = {"act": text_of(form, "act")}
    for name in ("user", "client", "name", "organisation", "role", "cap", "minute", "day"):
        if text_of(form, name):
            body[name] = text_of(form, name)
    if texts_of(form, "roles"):
        body["roles"] = texts_of(form, "roles")
    if text_of(form, "unbound"):
        body["bound"] = False
    if text_of(form, "jwk"):
        try:
            body["jwk"] = json.loads(text_of(form, "jwk"))
        except ValueError:
            return None
    return body


async def _again(visit: Visit, form: FormData, problem: Any) -> Response:
    """The page that asked, with what was typed and why it was not taken."""
    typed = entered(form)
    match text_of(form, "act"):
        case "add_person":
            shown = await list_page(visit, PEOPLE, "people.html", roles=PERSONS_ROLES, refused=problem, typed=typed)
        case "add_client":
            shown = await list_page(visit, SYSTEMS, "systems.html", roles=SYSTEMS_ROLES, refused=problem, typed=typed)
        case _:
            shown = await _acts(visit, refused=problem)
    return shown
