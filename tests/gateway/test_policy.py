"""The policy matrix: every role, purpose, kind and field of every answer; nothing outside it is ever given."""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import httpx
import pytest
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.gateway.access.clients import Client, Clients
from services.gateway.access.policy import (
    Action,
    CaseReferenceMissingError,
    Kind,
    NotAllowedError,
    Policy,
    PolicyInvalidError,
    Row,
    load_policy,
    policy_text,
)
from services.gateway.access.policy_answers import AnswerUnreadableError, shown_csv, shown_json
from services.gateway.access.policy_fields import GONE, sieve, wire_fields
from services.gateway.access.policy_table import END, START, policy_table
from services.gateway.access.tokens import ASSERTION_TYPE, write_assertion
from services.gateway.app import create_app
from services.gateway.doors import DOORS, Door
from shared.contracts.caller import Purpose, Role
from shared.contracts.disclosure import FieldClass, classed_models, classes_of
from shared.contracts.facts import Fact
from shared.contracts.parties import PartyPage
from shared.contracts.registrations import Registration
from shared.contracts.screening import MatchResponse
from shared.crypto.keyfiles import new_signing_key, public_jwk
from tests.conftest import ROOT, MakeDeployment
from tests.gateway.filled_answers import classes_in, every_model, filled, forms, leaves, own_routes

POLICY = load_policy()
GRANTS = {
    (role, purpose, kind): POLICY.grant(role, purpose, kind)
    for role, purpose, kind in itertools.product(Role, Purpose, Kind)
}
ALL = frozenset(FieldClass)


# What is written


def test_every_field_of_every_answer_has_a_class() -> None:
    """A field without one is seen by nobody: put it into shared/contracts/disclosure.toml."""
    open_ends = {
        model.__name__: missing
        for model in every_model()
        if (missing := sorted(wire_fields(model).keys() - classes_of(model).keys()))
    }
    assert open_ends == {}


def test_no_class_outlives_its_field() -> None:
    assert classed_models() <= {model.__name__ for model in _subclasses(BaseModel)}
    for model in every_model():
        extra = {"reason", "code"} if model.__name__ == "Problem" else set()  # members that a problem may have besides
        assert set(classes_of(model)) <= wire_fields(model).keys() | extra, model.__name__


def _subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from _subclasses(each)


def test_every_door_says_what_its_answer_is() -> None:
    unsaid = [door.operation for door in DOORS if door.form_of(door.status) is None and door.whole is None]
    assert {next(door.status for door in DOORS if door.operation == name) for name in unsaid} <= {204}


def test_every_route_that_the_policy_admits_to_declares_its_answer() -> None:
    """By it the gate lets fields through; screening at every member chooses by itself."""
    assert {route.path for route, _ in own_routes() if route.response_model is None} <= {"/match/{dataset}"}


def test_every_class_is_seen_by_somebody() -> None:
    assert frozenset().union(*(grant.classes for grant in GRANTS.values())) == ALL


def test_no_purpose_of_immigration_enforcement_exists_nor_can_be_written() -> None:
    forbidden = ("immigration", "deport", "border", "removal", "refus", "expul")
    assert not [word for word in (*Purpose, *Role) if any(part in word for part in forbidden)]
    with pytest.raises(PolicyInvalidError):
        Policy(policy_text().replace("labour_inspection", "immigration_enforcement"))


@pytest.mark.parametrize(
    "text",
    [
        "permit (principal, action, resource)",
        'permit (principal == Role::"king", action, resource);',
        'permit (principal, action == Action::"see everything", resource);',
        'permit (principal, action, resource) when { context.nationality == "MMR" };',
    ],
)
def test_a_policy_that_names_what_does_not_exist_is_not_loaded(text: str) -> None:
    with pytest.raises(PolicyInvalidError):
        Policy(text)


def test_no_permit_goes_past_a_prohibition() -> None:
    """With a line that allows everything to everybody, what is forbidden stays forbidden."""
    open_policy = Policy(policy_text() + "\npermit (principal, action, resource);")
    for role, kind in itertools.product(Role, Kind):
        seen = open_policy.grant(role, Purpose.LICENCE_CHECK, kind).classes
        assert (FieldClass.CHILD_CASE in seen) <= (role is Role.CHILD_PROTECTION)
        assert (FieldClass.INVESTIGATION in seen) <= (role in {Role.INVESTIGATOR, Role.REGISTRAR})
        if kind is Kind.VICTIM:
            assert not seen or role in {Role.CHILD_PROTECTION, Role.VICTIM_SUPPORT}
        if role is Role.PARTNER_MEMBER:
            assert not seen & {FieldClass.WHEREABOUTS, FieldClass.FAMILY}
        if role in {Role.INVESTIGATOR, Role.PARTNER_MEMBER, Role.LICENSING_OFFICER}:
            assert not seen or kind not in {Kind.REGISTRATION, Kind.ADJUDICATION, Kind.VICTIM}
    row = Row(Role.INVESTIGATOR, Purpose.CRIMINAL_INVESTIGATION, Kind.PARTY, Action.SCREEN)
    with pytest.raises(CaseReferenceMissingError):
        open_policy.admit(row, None)


def test_the_document_tells_the_whole_policy() -> None:
    """Written anew by `python -m services.gateway.access.policy_table docs/policy.md`."""
    text = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    assert text[text.index(START) : text.index(END)] == START + policy_table()


# The matrix


def test_nothing_outside_the_matrix_is_shown() -> None:
    """Every role, purpose, kind and field: what comes through is what is allowed, all of it and nothing else."""
    answers = {kind: [(form, filled(form)) for form in some] for kind, some in forms().items()}
    told = {id(document): set(leaves(document)) for some in answers.values() for _, document in some}
    judged = 0
    for kind, classes in sorted({(kind, grant.classes) for (_, _, kind), grant in GRANTS.items()}, key=str):
        for form, document in answers[kind]:
            shown = sieve(form, classes)(document)
            expected = {leaf for leaf in told[id(document)] if classes_in(leaf) <= classes}
            assert set(leaves(shown)) == expected, (kind, sorted(classes), form)
            judged += len(told[id(document)])
    assert judged > 5_000


def test_a_role_that_may_do_nothing_sees_nothing() -> None:
    for key, grant in GRANTS.items():
        assert bool(grant.classes) <= bool(grant.actions), key


def test_who_sees_what_of_a_worker() -> None:
    """Sentences of the safeguards, one by one."""

    def seen(role: Role, purpose: Purpose, kind: Kind) -> frozenset[FieldClass]:
        return GRANTS[role, purpose, kind].classes

    desk = seen(Role.DESK_OFFICER, Purpose.WORKER_REGISTRATION, Kind.REGISTRATION)
    assert not desk & {FieldClass.COMPARISON, FieldClass.BIOMETRIC_DATA, FieldClass.DECISION}
    labour = seen(Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION, Kind.REGISTRATION)
    assert labour - {FieldClass.PROBLEM} == {FieldClass.RECORD, FieldClass.IDENTITY, FieldClass.FINDING}
    assert FieldClass.INVESTIGATION not in seen(Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION, Kind.PARTY)
    for kind in Kind:
        assert FieldClass.OFFICE not in seen(Role.ADJUDICATOR, Purpose.ADJUDICATION, kind)
    partner = seen(Role.PARTNER_MEMBER, Purpose.LICENCE_CHECK, Kind.PARTY)
    for role in (Role.LICENSING_OFFICER, Role.REGISTRAR):
        purpose = Purpose.LICENCE_CHECK if role is Role.LICENSING_OFFICER else Purpose.REGISTER_MAINTENANCE
        assert partner < seen(role, purpose, Kind.PARTY)
    assert not partner & {FieldClass.DOCUMENT, FieldClass.WHEREABOUTS, FieldClass.OFFICE, FieldClass.HISTORY}


def test_a_partner_still_gets_an_answer_of_the_protocol() -> None:
    """What is withheld from other members is nothing that their software needs to read the answer."""
    for purpose in Purpose:
        classes = GRANTS[Role.PARTNER_MEMBER, purpose, Kind.PARTY].classes
        if not classes:
            continue
        left = sieve(MatchResponse, classes)(filled(MatchResponse))
        for model, document in ((MatchResponse, left), *_parts(left)):
            needed = {known.alias or name for name, known in model.model_fields.items() if known.is_required()}
            assert needed <= set(document), model.__name__


def _parts(answer: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    query = answer["responses"]["key"]
    parts = [(MatchResponse.model_fields["responses"].annotation.__args__[1], query)]  # type: ignore[union-attr]
    result_model = parts[0][0].model_fields["results"].annotation.__args__[0]
    return [*parts, (result_model, query["results"][0])]


# Forms that a service must not use to get past it


@pytest.mark.parametrize(
    ("form", "document", "shown"),
    [
        (Registration, {"name": {"x": 1}, "born": ["y"], "state": "Z"}, {"state": "Z"}),
        (Registration, [{"name": "x"}], GONE),
        (list[Registration], {"name": "x"}, GONE),
        (list[Registration], [["x"], {"made": "up"}, None], [{}, None]),
        (Fact, {"value": "x"}, GONE),
        (Fact, {"property": ["name"], "value": "x"}, GONE),
    ],
)
def test_another_form_does_not_come_through(form: Any, document: Any, shown: Any) -> None:
    assert sieve(form, ALL)(document) == shown


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b'"text"', b"[]"])
def test_an_answer_of_another_form_is_refused(body: bytes) -> None:
    with pytest.raises(AnswerUnreadableError):
        shown_json(Registration, ALL, body)


def test_a_list_as_csv_has_the_columns_that_are_seen() -> None:
    head = "id,schema,caption,properties,facts,member,secret,damaged"
    cells = """P1,Person,Siti,"{""name"":[""Siti""],""address"":[""Jl. 1""]}","[{""property"":""address""}]",IDN,x,"""
    seen = frozenset({FieldClass.RECORD, FieldClass.IDENTITY})
    answer = shown_csv(PartyPage, seen, f"{head}\r\n{cells}\r\n".encode()).decode()
    assert (
        answer
        == 'id,schema,caption,properties,facts,member,damaged\r\nP1,Person,Siti,"{""name"": [""Siti""]}",,IDN,\r\n'
    )
    assert "caption" not in shown_csv(PartyPage, frozenset({FieldClass.RECORD}), head.encode()).decode()


# Through the real gateway, in front of a service that answers with every field filled


def _answering(door: Door) -> Route:
    form = door.form_of(door.status)
    body = "" if door.status == 204 else "everything" if form is None else json.dumps(filled(form))
    media = "text/html" if form is None else "application/json"

    async def answer(_request: Request) -> Response:
        return Response(body, door.status, media_type=media)

    return Route(door.path, answer, methods=[door.method])


@pytest.fixture(scope="module")
async def http(make_deployment: MakeDeployment) -> AsyncIterator[httpx.AsyncClient]:
    settings = make_deployment("sqlite")
    behind = httpx.ASGITransport(Starlette(routes=[_answering(door) for door in DOORS]))
    app = create_app(settings, behind, behind)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url, timeout=60) as client:
            yield client


@pytest.fixture(scope="module")
async def tokens(http: httpx.AsyncClient) -> dict[Role, str]:
    """A token of each role: also of one that no client has."""
    state = http._transport.app.state  # type: ignore[attr-defined]
    found = {}
    for role in Role:
        private = new_signing_key()
        await Clients(state.database).register(Client(role, role, "IDN", role, public_jwk(private, role), bound=False))
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
        form["client_assertion"] = write_assertion(role, private, str(http.base_url).rstrip("/"))
        found[role] = (await http.post("/oauth/token", data=form)).json()["access_token"]
    return found


async def ask(http: httpx.AsyncClient, token: str, purpose: Purpose, method: str, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Lindung-Purpose": purpose, "Lindung-Case": "C 1"}
    address = path.replace("{", "").replace("}", "")
    return await http.request(method, address, headers=headers, content=b"{}")


@pytest.mark.anyio
async def test_every_door_shows_what_is_allowed_and_opens_to_nobody_else(
    http: httpx.AsyncClient, tokens: dict[Role, str]
) -> None:
    """Every door, for every role: for each purpose that opens it, and for one that does not."""
    shut, opened = 0, 0
    limit = anyio.CapacityLimiter(24)

    async def try_door(door: Door, role: Role, purpose: Purpose) -> None:
        nonlocal shut, opened
        grant = GRANTS[role, purpose, door.kind]
        async with limit:
            answer = await ask(http, tokens[role], purpose, door.method, door.path)
        if door.action not in grant.actions:
            assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
            shut += 1
            return
        assert answer.status_code == door.status, (door.operation, answer.text[:300])
        opened += 1
        form = door.form_of(door.status)
        if form is not None:
            expected = {leaf for leaf in leaves(filled(form)) if classes_in(leaf) <= grant.classes}
            assert set(leaves(answer.json())) == expected, (door.operation, role, purpose)
        elif door.whole is not None:
            assert answer.text == ("everything" if door.whole in grant.classes else "")

    async with anyio.create_task_group() as group:
        for number, (door, role) in enumerate(itertools.product(DOORS, Role)):
            opening = [each for each in Purpose if door.action in GRANTS[role, each, door.kind].actions]
            closed = [each for each in Purpose if each not in opening]
            for purpose in (*opening, closed[number % len(closed)]):
                group.start_soon(try_door, door, role, purpose)
    assert shut >= len(DOORS) * len(Role)
    assert opened > len(DOORS)


def test_every_door_asks_the_policy_for_its_own_kind_and_action() -> None:
    """The rest of the route matrix without HTTP: every door, role and purpose."""
    for door, role, purpose in itertools.product(DOORS, Role, Purpose):
        row = Row(role, purpose, door.kind, door.action)
        if row.action in GRANTS[role, purpose, door.kind].actions:
            POLICY.admit(row, "C 1")
        else:
            with pytest.raises(NotAllowedError):
                POLICY.admit(row, "C 1")
