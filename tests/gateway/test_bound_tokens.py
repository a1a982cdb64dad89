"""A token is of use to its client only: proofs of a key (DPoP), a certificate behind a proxy; and nothing weaker."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from services.gateway.access.binding import NONCE_LIFETIME_S, token_digest, write_proof
from services.gateway.access.clients import Client, Clients
from services.gateway.access.people.slowing import FREE_TOGETHER
from services.gateway.access.tokens import ASSERTION_TYPE, TokenIssuer, write_assertion
from shared.contracts.caller import Role
from shared.crypto.keyfiles import new_signing_key, public_jwk
from tests.conftest import MakeDeployment
from tests.gateway.front_door import FrontDoor, open_front_door

pytestmark = pytest.mark.anyio

KEY, OTHER_KEY, DPOP_KEY = new_signing_key(), new_signing_key(), new_signing_key()
RSA_KEY = rsa.generate_private_key(65537, 2048)
HEAD = "/v1/log/head"
PROXY = "192.0.2.7"
CERTIFICATE = b"any octets: the proxy has verified them"


@pytest.fixture(scope="module")
async def door(make_deployment: MakeDeployment) -> AsyncIterator[FrontDoor]:
    settings = make_deployment("sqlite").model_copy(update={"proxies": f"10.1.0.0/16, {PROXY}"})
    async with open_front_door(settings) as opened:
        clients = Clients(opened.app.state.database)
        for name, bound in (("bound", True), ("unbound", False)):
            await clients.register(Client(name, "o", "IDN", Role.AUDITOR, public_jwk(KEY, name), bound=bound))
        jwk = json.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())) | {"alg": "PS256"}
        await clients.register(Client("rsa", "o", "IDN", Role.AUDITOR, jwk))
        yield opened


@pytest.fixture
async def http(door: FrontDoor) -> AsyncIterator[httpx.AsyncClient]:
    async with door.browser() as opened:
        yield opened


@pytest.fixture
def nonce(door: FrontDoor) -> str:
    return issuer(door).dpop.nonce()


def issuer(door: FrontDoor) -> TokenIssuer:
    return door.app.state.token_issuer


def at(door: FrontDoor, path: str) -> str:
    return door.settings.public_url + path


async def exchange(
    door: FrontDoor, http: httpx.AsyncClient, client: str = "bound", assertion: str | None = None, **headers: str
) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    form["client_assertion"] = assertion or write_assertion(client, KEY, door.settings.public_url)
    return await http.post("/oauth/token", data=form, headers=headers)


async def bound_token(door: FrontDoor, http: httpx.AsyncClient, nonce: str, client: str = "bound") -> str:
    proof = write_proof(DPOP_KEY, "POST", at(door, "/oauth/token"), nonce)
    answer = await exchange(door, http, client, DPoP=proof)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "DPoP")
    return str(answer.json()["access_token"])


async def read_head(http: httpx.AsyncClient, scheme: str, token: str, **headers: str) -> httpx.Response:
    given = {"Authorization": f"{scheme} {token}", "Lindung-Purpose": "audit"} | headers
    return await http.get(HEAD, headers=given)


async def test_a_nonce_is_asked_for_and_then_the_proof_is_taken(door: FrontDoor, http: httpx.AsyncClient) -> None:
    first = await exchange(door, http, DPoP=write_proof(DPOP_KEY, "POST", at(door, "/oauth/token")))
    assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
    token = await bound_token(door, http, first.headers["dpop-nonce"])
    bare = await read_head(http, "DPoP", token, DPoP=write_proof(DPOP_KEY, "GET", at(door, HEAD), token=token))
    assert bare.status_code == 401
    assert 'error="use_dpop_nonce"' in bare.headers["www-authenticate"]
    proof = write_proof(DPOP_KEY, "GET", at(door, HEAD), bare.headers["dpop-nonce"], token)
    assert (await read_head(http, "DPoP", token, DPoP=proof)).status_code == 200
    again = await read_head(http, "DPoP", token, DPoP=proof)
    assert (again.status_code, "used before" in again.json()["detail"]) == (401, True)


def forged(door: FrontDoor, token: str, nonce: str) -> dict[str, str]:
    """Proofs of which each has one thing wrong with it."""
    private = serialization.load_pem_private_key(DPOP_KEY, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    public = json.loads(ECAlgorithm.to_jwk(private.public_key()))
    weak = ec.generate_private_key(ec.SECP384R1())
    claims = {"jti": "j", "iat": int(time.time()), "htm": "GET", "htu": at(door, HEAD), "nonce": nonce}
    claims |= {"ath": token_digest(token)}

    def proof(key: Any = private, alg: str = "ES256", typ: str = "dpop+jwt", jwk: Any = public, **change: Any) -> str:
        content = {name: value for name, value in (claims | change).items() if value is not None}
        return jwt.encode(content, key, alg, headers={"typ": typ, "jwk": jwk})

    return {
        "another method": proof(htm="POST"),
        "another address": proof(htu=at(door, "/v1/log/entries")),
        "another host": proof(htu=f"https://elsewhere.example{HEAD}"),
        "another token": proof(ath=token_digest("x")),
        "no token": proof(ath=None),
        "another nonce": proof(nonce="x"),
        "no id": proof(jti=""),
        "a number for an id": proof(jti=7),
        "no instant": proof(iat=None),
        "no address": proof(htu=None),
        "another type": proof(typ="JWT"),
        "another key in the header": proof(jwk=public_jwk(OTHER_KEY, "k")),
        "a private key in the header": proof(jwk=json.loads(ECAlgorithm.to_jwk(private))),
        "another curve": proof(weak, "ES384", jwk=json.loads(ECAlgorithm.to_jwk(weak.public_key()))),
        "a shared secret": proof(b"k" * 32, "HS256", jwk={"kty": "oct", "k": base64.b64encode(b"k" * 32).decode()}),
        "no signature": proof(None, "none"),
        "not signed by the token's key": write_proof(OTHER_KEY, "GET", at(door, HEAD), nonce, token),
        "no key": proof(jwk="x"),
        "keys": proof(jwk=[public]),
        "a broken key": proof(jwk=public | {"x": 7}),
        "a broken address": proof(htu="http://["),
        "no proof": "x",
        "long": "x" * 5000,
    }


async def test_a_proof_that_is_wrong_in_anything_is_refused(
    door: FrontDoor, http: httpx.AsyncClient, nonce: str
) -> None:
    token = await bound_token(door, http, nonce)
    for name, proof in forged(door, token, nonce).items():
        answer = await read_head(http, "DPoP", token, DPoP=proof)
        assert answer.status_code == 401, name
        assert answer.headers["www-authenticate"].startswith("DPoP error="), name
    good = write_proof(DPOP_KEY, "GET", at(door, HEAD) + "?x=1#y", nonce, token)  # query and fragment do not count
    given = {"Authorization": f"DPoP {token}", "Lindung-Purpose": "audit"}
    twice = await http.get(HEAD, headers=[*given.items(), ("DPoP", good), ("DPoP", good)])
    assert twice.status_code == 401
    assert (await read_head(http, "DPoP", token, DPoP=good)).status_code == 200


async def test_a_bound_token_is_no_bearer_token(door: FrontDoor, http: httpx.AsyncClient, nonce: str) -> None:
    token = await bound_token(door, http, nonce)
    proof = write_proof(DPOP_KEY, "GET", at(door, HEAD), nonce, token)
    assert (await read_head(http, "Bearer", token)).status_code == 401
    assert (await read_head(http, "Bearer", token, DPoP=proof)).status_code == 401
    assert (await read_head(http, "DPoP", token)).status_code == 401


async def test_who_is_bound_gets_nothing_else(door: FrontDoor, http: httpx.AsyncClient, nonce: str) -> None:
    refused = await exchange(door, http)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof")
    bearer = (await exchange(door, http, "unbound")).json()
    assert bearer["token_type"] == "Bearer"
    assert (await read_head(http, "Bearer", bearer["access_token"])).status_code == 200
    assert (await read_head(http, "DPoP", bearer["access_token"])).status_code == 401
    token = await bound_token(door, http, nonce, "unbound")  # may be, need not
    assert (await read_head(http, "Bearer", token)).status_code == 401
    clients = Clients(door.app.state.database)
    unbound = await clients.find("unbound")
    await clients.register(Client("unbound", "o", "IDN", Role.AUDITOR, unbound.jwk, bound=True))
    assert (await read_head(http, "Bearer", bearer["access_token"])).status_code == 401
    await clients.register(unbound)


async def test_a_nonce_runs_out(door: FrontDoor, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    nonce = issuer(door).dpop.nonce()
    token, instant = await bound_token(door, http, nonce), time.monotonic()
    for later, status in ((NONCE_LIFETIME_S, 200), (2 * NONCE_LIFETIME_S, 401)):
        monkeypatch.setattr(time, "monotonic", lambda later=later: instant + later)
        proof = write_proof(DPOP_KEY, "GET", at(door, HEAD), nonce, token)
        answer = await read_head(http, "DPoP", token, DPoP=proof)
        monkeypatch.undo()
        assert answer.status_code == status


async def test_a_certificate_binds_where_a_proxy_of_ours_vouches_for_it(door: FrontDoor) -> None:
    field = f":{base64.b64encode(CERTIFICATE).decode()}:"
    other = f":{base64.b64encode(b'another').decode()}:"
    async with door.browser(PROXY) as proxied, door.browser("203.0.113.5") as direct:
        assert (await exchange(door, direct, **{"Client-Cert": field})).status_code == 400
        answer = (await exchange(door, proxied, **{"Client-Cert": field})).json()
        assert answer["token_type"] == "Bearer"
        claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
        digest = base64.urlsafe_b64encode(hashlib.sha256(CERTIFICATE).digest()).decode().rstrip("=")
        assert claims["cnf"] == {"x5t#S256": digest}
        token = answer["access_token"]
        for browser, value, status in ((proxied, field, 200), (proxied, other, 401), (direct, field, 401)):
            assert (await read_head(browser, "Bearer", token, **{"Client-Cert": value})).status_code == status
        assert (await read_head(proxied, "Bearer", token)).status_code == 401
        for broken in ("", "::x", ":%%:", ":QQ:", field + ", " + other):
            assert (await exchange(door, proxied, **{"Client-Cert": broken})).status_code == 400


def rsa_assertion(door: FrontDoor, algorithm: str, **change: Any) -> str:
    instant = int(time.time())
    claims = {"iss": "rsa", "sub": "rsa", "aud": door.settings.public_url, "iat": instant, "exp": instant + 60}
    return jwt.encode(claims | {"jti": secrets.token_hex(8)} | change, RSA_KEY, algorithm)


async def test_clients_sign_as_fapi_asks(door: FrontDoor, http: httpx.AsyncClient) -> None:
    url = door.settings.public_url
    told = (await http.get("/.well-known/oauth-authorization-server")).json()
    assert (told["issuer"], told["token_endpoint"]) == (url, url + "/oauth/token")
    assert set(told["token_endpoint_auth_signing_alg_values_supported"]) == {"ES256", "PS256"}
    for assertion, status in (
        (rsa_assertion(door, "PS256"), 200),
        (rsa_assertion(door, "RS256"), 401),
        (rsa_assertion(door, "PS256", aud=url + "/oauth/token"), 401),
        (rsa_assertion(door, "PS256", aud=[url]), 401),
        (rsa_assertion(door, "PS256", exp=int(time.time()) + 3600), 401),
    ):
        proof = write_proof(DPOP_KEY, "POST", at(door, "/oauth/token"), issuer(door).dpop.nonce())
        assert (await exchange(door, http, assertion=assertion, DPoP=proof)).status_code == status


async def test_failures_are_counted_for_the_address_that_a_proxy_of_ours_names(door: FrontDoor) -> None:
    body = {"name": "nobody", "password": "wrong, and long enough", "code": "000000"}

    async def attempt(browser: httpx.AsyncClient, came_from: str) -> int:
        answer = await browser.post("/test/login", json=body, headers={"X-Forwarded-For": came_from})
        return answer.status_code

    async with door.browser(PROXY) as proxied, door.browser("203.0.113.5") as direct:
        assert {await attempt(proxied, "198.51.100.1, 10.1.2.3") for _ in range(FREE_TOGETHER)} == {401}
        assert await attempt(proxied, "spoofed, 198.51.100.1") == 429
        assert await attempt(proxied, "198.51.100.1, 198.51.100.2") == 401
        assert await attempt(direct, "198.51.100.1") == 401
