"""Every request has a caller, a purpose and, where needed, a case; default deny; no way round it."""

import itertools
import time
from collections.abc import AsyncIterator

import httpx
import jwt
import pytest

from services.cli.connection import Api, Identity, RefusedError, connect
from services.gateway.access.clients import Client, Clients
from services.gateway.access.policy import (
    Action,
    CaseReferenceMissingError,
    Kind,
    NotAllowedError,
    Row,
    load_policy,
)
from services.gateway.access.tokens import ASSERTION_TYPE, write_assertion
from services.gateway.app import create_app
from shared.contracts.caller import NEEDS_CASE, Purpose, Role
from shared.crypto.keyfiles import new_signing_key, public_jwk
from shared.db.database import Database
from shared.settings import Settings
from tests.gateway.unbound import unbind

pytestmark = pytest.mark.anyio

LICENSING = Identity("licensing", Purpose.LICENCE_CHECK)
QUERY = {"queries": {"q": {"schema": "Company", "properties": {"name": ["Sinar Teduh Sdn Bhd"]}}}}


@pytest.fixture(scope="module")
async def api(deployment: Settings) -> AsyncIterator[Api]:
    async with connect(deployment) as connected:
        await unbind(deployment)
        yield connected


@pytest.fixture
def http(api: Api) -> httpx.AsyncClient:
    return api._http


async def bearer(api: Api, client: str = "licensing") -> dict[str, str]:
    return {"Authorization": f"Bearer {await api.token(client, bound=False)}"}


def is_problem(answer: httpx.Response, status: int, slug: str) -> bool:
    body = answer.json()
    return (
        answer.status_code == status
        and answer.headers["content-type"] == "application/problem+json"
        and body["type"] == f"urn:lindung:problem:{slug}"
        and body["status"] == status
    )


async def test_without_a_token_nothing_passes(http: httpx.AsyncClient, deployment: Settings) -> None:
    open_paths = {
        "/health/live",
        "/health/ready",
        "/metrics",
        "/oauth/token",
        "/.well-known/oauth-authorization-server",
    }
    paths = create_app(deployment).openapi()["paths"]
    open_paths |= {path for path in paths if path.startswith("/federation/")}  # a signature opens them, no token
    open_paths |= {path for path in paths if path.startswith("/v1/public/")}  # what everybody may know
    guarded = [(method, path) for path, methods in paths.items() for method in methods if path not in open_paths]
    assert len(guarded) > 10
    for method, path in guarded:
        answer = await http.request(method, path, headers={"Lindung-Purpose": "licence_check"})
        assert is_problem(answer, 401, "not-authenticated"), (method, path)


async def test_a_node_without_federation_has_no_door_for_members(http: httpx.AsyncClient) -> None:
    assert is_problem(await http.post("/federation/v1/match", json=QUERY), 404, "not-found")


async def test_without_a_purpose_nothing_passes(api: Api, http: httpx.AsyncClient) -> None:
    for purpose in ({}, {"Lindung-Purpose": "immigration_enforcement"}, {"Lindung-Purpose": ""}):
        answer = await http.post("/match/default", json=QUERY, headers=await bearer(api) | purpose)
        assert is_problem(answer, 400, "purpose-missing")


async def test_what_no_row_allows_is_denied(api: Api, http: httpx.AsyncClient) -> None:
    headers = await bearer(api) | {"Lindung-Purpose": "worker_registration"}
    answer = await http.get("/v1/registrations", headers=headers)
    assert is_problem(answer, 403, "not-allowed")


async def test_an_investigation_needs_its_case(api: Api) -> None:
    with pytest.raises(RefusedError) as refused:
        await api.ask(Identity("investigator", Purpose.CRIMINAL_INVESTIGATION), "POST", "/match/default", json=QUERY)
    assert refused.value.problem["type"] == "urn:lindung:problem:case-missing"
    numbered = Identity("investigator", Purpose.CRIMINAL_INVESTIGATION, case="PDRM/2026/114")
    assert (await api.ask(numbered, "POST", "/match/default", json=QUERY)).status_code == 200


async def test_every_combination_outside_the_policy_is_denied() -> None:
    policy = load_policy()
    everything = {Row(*parts) for parts in itertools.product(Role, Purpose, Kind, Action)}
    allowed = policy.rows
    assert allowed < everything
    for row in everything:
        if row in allowed and row.purpose in NEEDS_CASE:
            with pytest.raises(CaseReferenceMissingError):
                policy.admit(row, None)
        elif row in allowed:
            policy.admit(row, "case 1")
        else:
            with pytest.raises(NotAllowedError):
                policy.admit(row, "case 1")


def test_no_purpose_of_immigration_enforcement_exists() -> None:
    forbidden = ("immigration", "deport", "border", "removal", "refus")
    assert not [purpose for purpose in Purpose if any(word in purpose for word in forbidden)]


async def exchange(http: httpx.AsyncClient, assertion: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    return await http.post("/oauth/token", data=form)


async def test_an_assertion_is_good_once(http: httpx.AsyncClient, deployment: Settings) -> None:
    private = (deployment.key_folder / "clients" / "desk.pem").read_bytes()
    assertion = write_assertion("desk", private, deployment.public_url)
    assert (await exchange(http, assertion)).status_code == 200
    again = await exchange(http, assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


async def test_assertions_that_prove_nothing(http: httpx.AsyncClient, deployment: Settings) -> None:
    private = (deployment.key_folder / "clients" / "desk.pem").read_bytes()
    instant = int(time.time())
    good = {"iss": "desk", "sub": "desk", "aud": deployment.public_url, "iat": instant, "exp": instant + 60}
    wrong = {
        "another key": jwt.encode(good | {"jti": "a"}, new_signing_key(), "ES256"),
        "another audience": jwt.encode(good | {"jti": "b", "aud": "https://elsewhere.example"}, private, "ES256"),
        "expired": jwt.encode(good | {"jti": "c", "iat": instant - 900, "exp": instant - 600}, private, "ES256"),
        "too long-lived": jwt.encode(good | {"jti": "d", "exp": instant + 3600}, private, "ES256"),
        "no jti": jwt.encode(good, private, "ES256"),
        "another subject": jwt.encode(good | {"jti": "e", "sub": "registrar"}, private, "ES256"),
        "unknown client": jwt.encode(good | {"jti": "f", "iss": "nobody", "sub": "nobody"}, private, "ES256"),
        "no signature": jwt.encode(good | {"jti": "g"}, None, "none"),
        "not a token": "x",
    }
    for name, assertion in wrong.items():
        answer = await exchange(http, assertion)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), name


@pytest.mark.parametrize("body", ["", "grant_type=password", "\xff", "a=b&" * 50, "x" * 20_000])
async def test_a_malformed_token_request_is_refused(http: httpx.AsyncClient, body: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await http.post("/oauth/token", content=body.encode("latin-1"), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_request", "unsupported_grant_type"}


async def test_a_client_that_is_cut_off_is_refused_at_once(api: Api, http: httpx.AsyncClient) -> None:
    database = Database(api._settings.database_url("gateway"))
    clients = Clients(database)
    private = new_signing_key()
    (api._settings.key_folder / "clients" / "passing.pem").write_bytes(private)
    await clients.register(
        Client("passing", "A visitor", "MYS", Role.LICENSING_OFFICER, public_jwk(private, "p"), bound=False)
    )
    headers = await bearer(api, "passing") | {"Lindung-Purpose": "licence_check"}
    assert (await http.get("/v1/parties", headers=headers)).status_code == 200
    await clients.deactivate("passing")
    assert is_problem(await http.get("/v1/parties", headers=headers), 401, "not-authenticated")
    await database.close()


async def test_an_access_token_of_another_key_is_refused(http: httpx.AsyncClient, deployment: Settings) -> None:
    instant = int(time.time())
    claims = {"iss": deployment.public_url, "aud": "lindung", "sub": "desk", "iat": instant, "exp": instant + 60}
    headers = {"Lindung-Purpose": "worker_registration"}
    for forged in (jwt.encode(claims, new_signing_key(), "ES256"), jwt.encode(claims, None, "none")):
        answer = await http.get("/v1/registrations", headers=headers | {"Authorization": f"Bearer {forged}"})
        assert is_problem(answer, 401, "not-authenticated")


async def test_bounds_hold_before_anything_is_parsed(api: Api, http: httpx.AsyncClient, deployment: Settings) -> None:
    headers = await bearer(api) | {"Lindung-Purpose": "licence_check", "Content-Type": "application/json"}
    too_large = b"x" * (deployment.max_body_bytes + 1)
    assert is_problem(await http.post("/match/default", content=too_large, headers=headers), 413, "too-large")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(deployment.max_body_bytes // 1_000_000 + 2):
            yield b"x" * 1_000_000

    assert is_problem(await http.post("/match/default", content=endless(), headers=headers), 413, "too-large")
    nested = b"[" * 100_000 + b"]" * 100_000
    answer = await http.post("/match/default", content=nested, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_errors_are_problems_and_repeat_no_value(api: Api, http: httpx.AsyncClient) -> None:
    headers = await bearer(api) | {"Lindung-Purpose": "licence_check"}
    body = {"queries": {"q": {"schema": "Spaceship", "properties": {"name": ["Rahasia Sekali"]}}}}
    answer = await http.post("/match/default", json=body, headers=headers)
    assert is_problem(answer, 422, "invalid")
    assert "Rahasia" not in answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/body/queries")
    assert is_problem(await http.get("/nowhere", headers=headers), 404, "not-found")
    assert is_problem(await http.delete("/v1/parties", headers=headers), 405, "method-not-allowed")
    assert answer.headers["x-request-id"]


async def test_a_search_that_found_nobody_says_who_was_asked(api: Api, deployment: Settings) -> None:
    answer = (await api.ask(LICENSING, "POST", "/match/default", json=QUERY)).json()
    assert answer["members_asked"] == [deployment.member]
    assert answer["members_silent"] == []
    assert answer["responses"]["q"]["results"] == []
