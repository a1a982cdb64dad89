"""Whatever is thrown at the doors: a clear problem, never a fault of ours, and nothing changed.

Each door meets a third of the addresses, queries and headers, the next door the next third: together they meet all.
LINDUNG_HOSTILE=all throws everything at every door (minutes).
"""

import base64
import json
import os
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

import httpx
import jwt
import pytest
import sqlalchemy as sa

from services.cli.connection import Api, connect
from services.gateway.access.policy import Action, Kind
from services.gateway.access.tokens import ASSERTION_TYPE
from services.gateway.doors import DOORS, Door
from services.gateway.tables import AuditRow
from services.registry.history import HistoryRow
from services.registry.workers.tables import RegistrationRow
from shared.db.database import Database
from shared.settings import Settings
from tests.conftest import Backend
from tests.gateway.unbound import unbind

pytestmark = pytest.mark.anyio

CALLERS = {
    "registration": ("desk", "worker_registration"),
    "biometric": ("desk", "worker_registration"),
    "party": ("registrar", "register_maintenance"),
    "adjudication": ("adjudicator", "adjudication"),
    "victim": ("child-protection", "victim_support"),
    "assessment": ("labour", "labour_inspection"),
    "complaint": ("labour", "labour_inspection"),
    "referral": ("labour", "labour_inspection"),
    "red_flag": ("labour", "labour_inspection"),
    "visit": ("labour", "labour_inspection"),
    "calibration": ("registrar", "register_maintenance"),
    "support": ("victim-support", "victim_support"),
    "claim": ("victim-support", "victim_support"),
    "fund": ("victim-support", "victim_support"),
}
Thrown = TypeVar("Thrown")
MATCH = Door(
    "POST", "/match/{dataset}", Action.SCREEN, "match", "", service="registry", kind=Kind.PARTY, tag="screening"
)
EVERY = (*DOORS, MATCH)
BODIED = [door for door in EVERY if door.method in {"POST", "PUT"}]

SEGMENTS = (
    *("%00", "%2e%2e", "%2E", "a%3Fb", "a%23b", "a%2Fb", "%252F", "%2500", "%25FF", "%5C", "%0A", "%7F"),
    *("%FF%FE", "%ED%A0%80", "%F0%9F%98%80", "x" * 3000, "x" * 20_000, "%FF" * 9000),
)
VALUES = (
    *("%00", "", "%FF", "%ED%A0%80", "%E2%80%AE", "-1", "0", "1e999", "nan", "inf", "-inf", "true", "[]", "{}"),
    *("9" * 18, "9" * 5000, "%D9%A3", "0000-00-00", "9999-12-31", "99999999999999", "%25", "'", "%5C", "_", "x" * 9000),
)
BODIES = {
    "nothing": b"",
    "null": b"null",
    "list": b"[]",
    "number": b"1e999",
    "long number": b'{"name":' + b"9" * 6000 + b"}",
    "cut off": b'{"name',
    "no text": b"\xff\xfe",
    "deep list": b"[" * 20_000,
    "deep object": b'{"a":' * 20_000,
    "surrogate key": b'{"\\ud800":1}',
    "surrogate value": b'{"name":"\\ud800","born":"\\udfff","schema":"\\ud800","party":"\\ud800","from":"\\ud800"}',
    "surrogate query": b'{"queries":{"\\ud800":{"schema":"\\ud800"}}}',
    "long key": json.dumps({"k" * 100_000: 1}).encode(),
    "long query": json.dumps({"queries": {"k" * 100_000: {"schema": "x"}}}).encode(),
    "pointer": json.dumps({"queries": {"a/b~c": {"schema": "x"}}}).encode(),
    "numbers": json.dumps(dict.fromkeys(("name", "schema", "party", "from", "queries"), 10**300)).encode(),
}
NAMES = ("Idempotency-Key", "Prefer", "Content-Type", "Lindung-Case", "Range")
PARTS = 1 if os.environ.get("LINDUNG_HOSTILE") == "all" else 3
HEADERS = (b"\xe9", b"wait=99999999999", b"wait=-1", b"wait=\xd9\xa3", b"a" * 4000, b"")


@pytest.fixture(scope="module")
def backend() -> Backend:
    """PostgreSQL alone: it is the stricter about letters, numbers and lengths, and this is the longest file."""
    return "postgres"


@pytest.fixture(scope="module")
async def api(deployment: Settings) -> AsyncIterator[Api]:
    async with connect(deployment) as connected:
        await unbind(deployment)
        yield connected


class Thrower:
    """Sends what no client of ours would, as the client that the door is for."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.tokens: dict[str, str] = {}

    async def send(
        self, door: Door, path: str | None = None, headers: dict[str, Any] | None = None, **options: Any
    ) -> httpx.Response:
        client, purpose = CALLERS[door.kind]
        if client not in self.tokens:
            self.tokens[client] = await self.api.token(client, bound=False)
        known = {"Authorization": f"Bearer {self.tokens[client]}", "Lindung-Purpose": purpose}
        known |= {"Idempotency-Key": secrets.token_hex(8), "Content-Type": "application/json"}
        names = {"{registration}": f"R{'0' * 24}", "{id}": "nobody", "{dataset}": "default"}
        address = path or door.path
        for name, value in names.items():
            address = address.replace(name, value)
        return await self.api._http.request(door.method, address, headers=known | (headers or {}), **options)


@pytest.fixture(scope="module")
def thrower(api: Api) -> Thrower:
    return Thrower(api)


@pytest.fixture(scope="module")
async def database(deployment: Settings) -> AsyncIterator[Database]:
    """The registry's tables; the gateway's lie elsewhere on SQLite."""
    opened = Database(deployment.database_url("registry"))
    yield opened
    await opened.close()


async def written(database: Database) -> tuple[int, int]:
    async with database.read() as session:
        counts = [
            (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for table in (RegistrationRow, HistoryRow)
        ]
    return counts[0], counts[1]


def is_answered_well(answer: httpx.Response) -> bool:
    if answer.status_code < 400:
        return answer.status_code < 300
    problem = answer.headers["content-type"] == "application/problem+json"
    return answer.status_code < 500 and problem and answer.json()["status"] == answer.status_code


def some(values: Sequence[Thrown], door: Door, what: int = 0) -> Sequence[Thrown]:
    """The share of a door; `what` is thrown tells one share of it from another."""
    return values[(EVERY.index(door) + what) % PARTS :: PARTS]


def shown(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.headers.get('content-type')} {answer.text[:200]}"


@pytest.mark.parametrize("door", [door for door in EVERY if "{" in door.path], ids=lambda door: door.operation)
async def test_any_address(thrower: Thrower, database: Database, door: Door) -> None:
    before = await written(database)
    for segment in some(SEGMENTS, door):
        answer = await thrower.send(door, door.path[: door.path.index("{")] + segment)
        assert is_answered_well(answer), (segment[:30], shown(answer))
        assert answer.status_code >= 400, (segment[:30], shown(answer))
    assert await written(database) == before


@pytest.mark.parametrize("door", EVERY, ids=lambda door: door.operation)
async def test_any_query(thrower: Thrower, database: Database, door: Door) -> None:
    before = await written(database)
    known = {"match": ("limit", "threshold", "cutoff"), "verifyFromBio": (*door.query, "callback", "priority")}
    for number, name in enumerate(known.get(door.operation, door.query or ("limit",))):
        for value in some(VALUES, door, number):
            answer = await thrower.send(door, f"{door.path}?{name}={value}&{name}={value}")
            assert is_answered_well(answer), (name, value[:30], shown(answer))
    assert await written(database) == before


@pytest.mark.parametrize("door", BODIED, ids=lambda door: door.operation)
async def test_any_body(thrower: Thrower, database: Database, door: Door) -> None:
    before = await written(database)
    for name, body in BODIES.items():
        answer = await thrower.send(door, content=body)
        assert is_answered_well(answer), (name, shown(answer))
        assert answer.status_code >= 400, (name, shown(answer))
        assert len(answer.content) < 20_000, name
    assert await written(database) == before


@pytest.mark.parametrize("door", EVERY, ids=lambda door: door.operation)
@pytest.mark.parametrize("name", NAMES)
async def test_any_header(thrower: Thrower, database: Database, door: Door, name: str) -> None:
    before = await written(database)
    for value in some(HEADERS, door, NAMES.index(name)):
        answer = await thrower.send(door, headers={name: value}, content=b"{}")
        assert is_answered_well(answer), (value[:30], shown(answer))
    assert await written(database) == before


def unsigned(header: bytes, claims: bytes) -> str:
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, claims, b"x"))


ES256 = b'{"alg":"ES256","kid":"gateway"}'
FORGED = {
    "deep claims": unsigned(ES256, b'{"iss":' + b"[" * 8000),
    "deep header": unsigned(b'{"alg":' + b"[" * 8000, b"{}"),
    "NUL": unsigned(ES256, b'{"iss":"\\u0000","sub":"\\u0000"}'),
    "surrogate": unsigned(ES256, b'{"iss":"\\ud800","sub":"\\ud800"}'),
    "long number": unsigned(ES256, b'{"iss":' + b"9" * 6000 + b"}"),
    "no object": unsigned(ES256, b"[]"),
    "no key id": unsigned(b'{"alg":"ES256","kid":7}', b"{}"),
    "none": unsigned(b'{"alg":"none"}', b'{"iss":"desk"}'),
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_stranger_causes_no_fault(api: Api, name: str) -> None:
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    refused = await api._http.post("/oauth/token", data=form | {"client_assertion": FORGED[name]})
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    headers = {"Authorization": f"Bearer {FORGED[name]}", "Lindung-Purpose": "licence_check"}
    answer = await api._http.get("/v1/parties", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


CLAIMS = (
    {"jti": "a\0b"},
    {"jti": 7},
    {"jti": ""},
    {"exp": float("inf")},
    {"exp": "soon"},
    {"exp": 10**300},
    {"iat": "1"},
)


@pytest.mark.parametrize("change", CLAIMS, ids=str)
async def test_a_client_causes_no_fault_by_its_claims(api: Api, deployment: Settings, change: dict[str, Any]) -> None:
    private = (deployment.key_folder / "clients" / "desk.pem").read_bytes()
    good = {"iss": "desk", "sub": "desk", "aud": deployment.public_url, "iat": 1, "exp": 4e9, "jti": "j"}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(good | change, private, "ES256"),
    }
    answer = await api._http.post("/oauth/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_one_record_has_one_entry_in_the_log_however_its_address_is_written(
    thrower: Thrower, deployment: Settings
) -> None:
    put = next(door for door in DOORS if door.operation == "putParty")
    read = next(door for door in DOORS if door.operation == "readParty")
    body = {"schema": "Person", "properties": {"name": ["Niran"]}, "source": "Register"}
    assert (await thrower.send(put, "/v1/parties/P1", json=body)).status_code == 201
    log = Database(deployment.database_url("gateway"))
    found = set()
    for address in ("/v1/parties/P1", "/v1/parties/%50%31", "/v1/parties/P1?x=1", "/v1/parties/P1?"):
        assert (await thrower.send(read, address)).status_code == 200
        async with log.read() as session:
            found.add((await session.scalars(sa.select(AuditRow).order_by(AuditRow.number.desc()))).first())
    await log.close()
    assert len({row.subject_digest for row in found if row is not None}) == 1
    for address in ("/v1/parties/%2550%2531", "/v1/parties/P1%3Fx", "/v1/parties/x%252F..%252FP1", "/v1/parties/P1/"):
        assert (await thrower.send(read, address)).status_code in {404, 422}, address


async def test_a_pointer_escapes_and_shortens_what_the_caller_made_up(thrower: Thrower) -> None:
    answer = await thrower.send(MATCH, content=BODIES["pointer"])
    assert any(error["pointer"].startswith("/body/queries/a~1b~0c") for error in answer.json()["errors"])


async def test_made_up_methods_leave_no_trace(api: Api) -> None:
    for number in range(5):
        assert (await api._http.request(f"SITI{number}", "/v1/parties")).status_code == 405
    figures = (await api._http.get("/metrics")).text
    assert 'method="OTHER"' in figures
    assert "SITI" not in figures
