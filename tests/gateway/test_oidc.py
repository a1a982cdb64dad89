"""Signing in through another provider: one that we did not write, and one of ours that lies."""

import base64
import hashlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
import sqlalchemy as sa

from services.gateway.access.oidc.login import open_provider
from services.gateway.access.oidc.mapping import MappingInvalidError, NotMappedError, external_id, load_mapping
from services.gateway.access.oidc.provider import Provider, ProviderRefusedError, Registration
from services.gateway.tables import AuditRow
from shared.crypto.keyfiles import new_signing_key, public_jwk
from shared.settings import Settings
from tests.conftest import MakeDeployment
from tests.gateway.front_door import FrontDoor, open_front_door

pytestmark = pytest.mark.anyio

MAPPING = """
[[grant]]
claim = "groups"
value = "lindung-licensing"
role = "licensing_officer"
organisation = "Licensing office"
member = "IDN"

[[grant]]
claim = "groups"
value = "lindung-audit"
role = "auditor"
organisation = "Licensing office"
member = "IDN"

[[grant]]
claim = "department"
value = "labour"
role = "labour_inspector"
organisation = "Labour office"
member = "MYS"
"""
OFFICER = {"name": "Officer 7", "groups": ["lindung-audit", "lindung-licensing", "staff"]}
STATE = ("state", "nonce", "code_challenge")


def provided(make_deployment: MakeDeployment, issuer: str, **change: Any) -> Settings:
    settings = make_deployment("sqlite")
    mapping = settings.var / "mapping.toml"
    mapping.write_text(MAPPING)
    secret = settings.var / "secret"
    secret.write_text("a:secret&\n")
    own = {"oidc_issuer": issuer, "oidc_mapping": mapping, "oidc_secret_file": secret}
    return settings.model_copy(update=own | change)


USERS = {
    "u-7": OFFICER,
    "u-8": {"groups": ["staff"]},
    "u-9": {"groups": ["lindung-audit"], "department": "labour"},
    "u-10": OFFICER,
}


@pytest.fixture(scope="module")
def provider_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The package oidc-provider-mock as a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    users = [f"--user-claims={json.dumps({'sub': subject, **claims})}" for subject, claims in USERS.items()]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", port, "--require-nonce", *users]
    with (tmp_path_factory.mktemp("provider") / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < end and process.poll() is None:
            try:
                if client.get(f"{address}/jwks").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
    pytest.fail("the provider did not start")


@pytest.fixture(scope="module")
async def door(make_deployment: MakeDeployment, provider_url: str) -> AsyncIterator[FrontDoor]:
    async with open_front_door(provided(make_deployment, provider_url)) as opened:
        yield opened


@pytest.fixture
async def browser(door: FrontDoor) -> AsyncIterator[httpx.AsyncClient]:
    async with door.browser() as opened:
        yield opened


async def go(browser: httpx.AsyncClient, where: str = "/console/x") -> str:
    answer = await browser.get("/login/oidc", params={"next": where})
    assert answer.status_code == 303
    return answer.headers["location"]


async def agree(address: str, subject: str) -> str:
    """What somebody does at the provider; gives the address that their browser is sent back to."""
    async with httpx.AsyncClient() as at_provider:
        answer = await at_provider.post(address, data={"sub": subject})
    assert answer.status_code == 302
    return answer.headers["location"]


def refused(answer: httpx.Response) -> bool:
    kept = answer.headers.get("set-cookie", "").startswith("lindung=")
    return (answer.status_code, answer.headers["location"], kept) == (303, "/login?refused=provider", False)


async def test_whom_the_provider_proves_has_the_roles_that_the_mapping_gives(
    door: FrontDoor, browser: httpx.AsyncClient, provider_url: str
) -> None:
    address = await go(browser)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == (
        "code",
        "S256",
        "openid profile",
    )
    assert all(len(asked[name]) == 43 for name in STATE)
    back = await agree(address, "u-7")
    answer = await browser.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/x")
    me = (await browser.get("/test/me")).json()
    assert me["user"] == external_id(provider_url, "u-7")
    assert (me["name"], me["roles"]) == ("Officer 7", ["licensing_officer", "auditor"])
    assert (me["organisation"], me["member"]) == ("Licensing office", "IDN")
    assert refused(await browser.get(back))  # the attempt has ended
    assert (await browser.get("/test/me")).json()["user"] == me["user"]


async def test_the_same_answer_again_is_refused_even_with_the_cookie(
    door: FrontDoor, browser: httpx.AsyncClient
) -> None:
    back = await agree(await go(browser), "u-7")
    async with door.browser() as thief:
        thief.cookies.update(browser.cookies)
        assert (await browser.get(back)).headers["location"] == "/console/x"
        assert refused(await thief.get(back))


async def test_another_browser_gains_nothing_by_the_answer(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    back = await agree(await go(browser), "u-7")
    async with door.browser() as victim:
        assert refused(await victim.get(back))
        await go(victim)
        assert refused(await victim.get(back))


async def test_default_deny(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    for subject in ("u-8", "u-9", "somebody-else"):
        assert refused(await browser.get(await agree(await go(browser), subject)))
    async with door.app.state.database.read() as session:
        entry = await session.scalar(sa.select(AuditRow).order_by(AuditRow.number.desc()))
    assert (entry.action, entry.outcome, entry.user_id) == ("sign_in", "refused", None)


async def test_who_is_cut_off_here_stays_so(door: FrontDoor, browser: httpx.AsyncClient, provider_url: str) -> None:
    await browser.get(await agree(await go(browser), "u-7"))
    await door.people.users.cut(external_id(provider_url, "u-7"))
    assert (await browser.get("/test/me")).json() is None
    assert refused(await browser.get(await agree(await go(browser), "u-7")))


@pytest.mark.parametrize(
    "query", ["", "error=access_denied", "code=", "code=made-up", "code=x&iss=https://evil.example"]
)
async def test_an_answer_without_a_code_of_this_provider_is_refused(browser: httpx.AsyncClient, query: str) -> None:
    state = parse_qs(urlsplit(await go(browser)).query)["state"][0]
    assert refused(await browser.get(f"/login/oidc/callback?state={state}&{query}"))


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example", "/a b", "x", ""])
async def test_nobody_is_sent_elsewhere_afterwards(browser: httpx.AsyncClient, where: str) -> None:
    answer = await browser.get(await agree(await go(browser, where), "u-10"))
    assert answer.headers["location"] == "/console"


@dataclass
class Liar:
    """A provider that answers what it is told to, as ASGI."""

    key: bytes = field(default_factory=new_signing_key)
    kid: str = "1"
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    published: list[dict[str, Any]] | None = None
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    issuer = "https://provider.example"

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if request.url.path.startswith("/.well-known"):
            ends = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return httpx.Response(200, json={"issuer": self.issuer, **ends, **self.document})
        if request.url.path == "/jwks_uri":
            return httpx.Response(200, json={"keys": self.published or [public_jwk(self.key, self.kid)]})
        self.forms.append(parse_qs(request.content.decode()))
        instant = int(time.time())
        good = {"iss": self.issuer, "aud": "lindung", "sub": "u", "iat": instant, "exp": instant + 60, "nonce": "n"}
        told = {name: value for name, value in (good | OFFICER | self.claims).items() if value is not None}
        return httpx.Response(200, json={"id_token": jwt.encode(told, self.key, "ES256", headers={"kid": self.kid})})

    def client(self) -> Provider:
        own = Registration(self.issuer, "lindung", None, OWN_KEY, "https://gateway.example/login/oidc/callback")
        return Provider(own, httpx.MockTransport(self.handle))


OWN_KEY = new_signing_key()


@contextmanager
def refusing(reason: str) -> Iterator[None]:
    with pytest.raises(ProviderRefusedError) as error:
        yield
    assert reason in error.value.reason


async def prove(provider: Provider) -> Any:
    return await provider.prove("code", "verifier", "n", frozenset({"groups"}))


async def test_without_a_secret_the_gateway_signs_for_itself() -> None:
    liar = Liar()
    assert (await prove(liar.client()))["sub"] == "u"
    (form,) = liar.forms
    key = jwt.PyJWK(public_jwk(OWN_KEY, "gateway")).key
    claims = jwt.decode(form["client_assertion"][0], key, ["ES256"], audience=liar.issuer, issuer="lindung")
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("lindung", 60)
    assert (form["code_verifier"], form["grant_type"]) == (["verifier"], ["authorization_code"])


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 7},
        {"sub": None},
        {"exp": -120},
        {"exp": None},
        {"iat": 600},
    ],
    ids=str,
)
async def test_an_id_token_that_says_something_else_is_refused(claims: dict[str, Any]) -> None:
    """Instants are seconds from now: a test's name must not tell the time, and it may run long after it was named."""
    instants = {name: int(time.time()) + claims[name] for name in ("exp", "iat") if claims.get(name) is not None}
    with pytest.raises(ProviderRefusedError):
        await prove(Liar(claims=claims | instants).client())


@pytest.mark.parametrize("skew", [-25, 25])
async def test_clocks_may_differ_a_little(skew: int) -> None:
    instant = int(time.time()) + skew
    assert await prove(Liar(claims={"iat": instant, "exp": instant + 10}).client())


async def test_a_new_key_of_the_provider_is_fetched_once_and_a_forged_one_never_believed() -> None:
    liar = Liar()
    provider = liar.client()
    await prove(provider)
    await prove(provider)
    assert liar.asked.count("/jwks_uri") == 1
    liar.key, liar.kid = new_signing_key(), "2"
    await prove(provider)
    assert liar.asked.count("/jwks_uri") == 2
    assert liar.asked.count("/.well-known/openid-configuration") == 1
    liar.published = [public_jwk(new_signing_key(), "2")]
    liar.key = new_signing_key()
    with refusing("InvalidSignature"):
        await prove(provider)
    liar.kid = "3"
    with refusing("kid"):
        await prove(provider)


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
async def test_a_public_key_signs_nothing(algorithm: str) -> None:
    liar = Liar()
    provider = liar.client()
    metadata = await provider.metadata()
    secret = base64.b64encode(hashlib.sha256(json.dumps(public_jwk(liar.key, "1")).encode()).digest())
    forged = jwt.encode({"sub": "u"}, secret if algorithm == "HS256" else None, algorithm, headers={"kid": "1"})
    with refusing("id_token"):
        await provider._read(metadata, forged, "n")


@pytest.mark.parametrize(
    ("document", "reason"),
    [({"issuer": "https://evil.example"}, "issuer"), ({"token_endpoint": "http://provider.example/t"}, "address")],
)
async def test_a_provider_speaks_for_itself_and_over_tls(document: dict[str, Any], reason: str) -> None:
    with refusing(reason):
        await Liar(document=document).client().metadata()


async def test_a_provider_that_tells_its_name_must_tell_it(door: FrontDoor, browser: httpx.AsyncClient) -> None:
    provider: Provider = door.app.state.oidc[0]
    back = await agree(await go(browser), "somebody-else")
    metadata = await provider.metadata()
    object.__setattr__(metadata, "tells_issuer", True)  # what a newer provider says of itself (RFC 9207)
    assert refused(await browser.get(back))
    object.__setattr__(metadata, "tells_issuer", False)


def test_a_mapping_holds_or_the_gateway_does_not_start(tmp_path: Path, make_deployment: MakeDeployment) -> None:
    file = tmp_path / "mapping.toml"
    wrong = [
        "",
        "grant = 1",
        MAPPING.replace("auditor", "king"),
        MAPPING.replace('"MYS"', '"Malaysia"'),
        MAPPING + "x=1",
    ]
    for text in wrong:
        file.write_text(text)
        with pytest.raises(MappingInvalidError):
            load_mapping(file)
    with pytest.raises(MappingInvalidError):
        load_mapping(None)
    settings = provided(make_deployment, "http://provider.example")
    with refusing("address"):
        open_provider(settings, OWN_KEY)
    file.write_text(MAPPING.replace("labour_inspector", "member_system"))
    with pytest.raises(NotMappedError):
        load_mapping(file).person({"iss": "i", "sub": "s", "department": "labour"})
