"""Access tokens: OAuth 2.0 client credentials, the client proving itself by private_key_jwt (RFC 6749, 7523).

After FAPI 2.0's rules for confidential clients: signed with ES256 or PS256, for this issuer alone, once, for minutes;
and the token is bound to a key or a certificate of the client (binding.py), unless it is registered as unbound.
"""

import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

import jwt
from fastapi import Request

from services.gateway.access.binding import ALGORITHMS, DpopVerifier, Presented, ProofRefusedError
from services.gateway.access.clients import AssertionReusedError, Client, Clients, ClientUnknownError
from services.gateway.access.people.session_store import Sessions
from shared.contracts.caller import Caller, Role

ALGORITHM: Final = "ES256"
LIFETIME_S: Final = 600
SESSION_LIFETIME_S: Final = 60
MAX_ASSERTION_S: Final = 300
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AUDIENCE: Final = "lindung"
CONSOLE: Final = "console"
"""The client that people work with, in their browsers."""
_LEEWAY_S: Final = 10
_ID: Final = re.compile(r"[!-~]{1,128}")
"""What the id of a client or of an assertion may look like: it goes into a query before anything is proven."""


class TokenRefusedError(Exception):
    """The client did not prove itself; `code` is the error of RFC 6749, section 5.2, or of RFC 9449, section 12.2."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class AccessTokenError(Exception):
    """An access token is missing, forged, expired, not the sender's, or of somebody who was cut off."""

    def __init__(self, text: str, code: str | None = None, nonce: str | None = None) -> None:
        super().__init__(text)
        error = f'error="{code}", ' if code else ""
        self.headers = {"WWW-Authenticate": f'DPoP {error}algs="{" ".join(ALGORITHMS)}"'}
        self.headers |= {"DPoP-Nonce": nonce} if nonce else {}


@dataclass(frozen=True)
class Issued:
    """A token, for whom, and how it is sent."""

    token: str
    client: Client
    token_type: str


class TokenIssuer:
    """Issues access tokens to clients that prove themselves and to people who are signed in, and reads them again.

    Args:
        clients: those known.
        sessions: of people.
        private_pem: the gateway's own signing key.
        issuer: the gateway's public address; the audience that an assertion must name.
    """

    def __init__(
        self, clients: Clients, sessions: Sessions, private_pem: bytes, public_key: jwt.PyJWK, issuer: str
    ) -> None:
        self._clients = clients
        self._sessions = sessions
        self._private = private_pem
        self._public = public_key
        self.issuer = issuer
        self.dpop = DpopVerifier()

    async def exchange(self, form: dict[str, str], given: Presented) -> Issued:
        """An access token for a client assertion, bound to what the client proves beside it.

        Raises:
            TokenRefusedError: whatever is wrong with the request.
        """
        if form.get("grant_type") != "client_credentials":
            raise TokenRefusedError("unsupported_grant_type", "only client_credentials is supported")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenRefusedError("invalid_client", "authenticate with private_key_jwt (RFC 7523)")
        try:
            proof = self.dpop.check(given) if given.proofs else None
            client = await self._prove(form.get("client_assertion", ""))
            if proof is not None:
                self.dpop.spend(proof)
        except ProofRefusedError as error:
            raise TokenRefusedError(error.code, str(error)) from error
        except (jwt.PyJWTError, ClientUnknownError, AssertionReusedError, ArithmeticError, ValueError) as error:
            raise TokenRefusedError("invalid_client", "the client assertion does not prove a known client") from error
        if proof is not None:
            return self._issue(client, {"jkt": proof.thumbprint})
        if given.certificate is not None:
            return self._issue(client, {"x5t#S256": given.certificate})
        if client.bound:
            text = "this client's tokens are bound: send a DPoP proof, or come with your certificate"
            raise TokenRefusedError("invalid_dpop_proof", text)
        return self._issue(client, None)

    def issue_to_session(self, session: str, user: str) -> str:
        """A token of somebody who is signed in, for use inside this process within a minute."""
        return self._sign({"sub": user, "sid": session}, SESSION_LIFETIME_S)

    async def read(self, given: Presented) -> Caller:
        """Whom an access token speaks for; the purpose is not known yet.

        Raises:
            AccessTokenError: the token does not hold, is not the sender's, or its client or person was cut off.
        """
        if given.scheme not in {"bearer", "dpop"}:
            raise AccessTokenError("send an access token: Authorization: DPoP …, with a proof; or Bearer …")
        try:
            claims = jwt.decode(
                given.token,
                self._public.key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self.issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "sub"]},
            )
            bound_to = claims.get("cnf") or {}
            self._hold(bound_to, given)
            if "sid" in claims:
                return await self._signed_in(claims["sid"], claims["sub"])
            client = await self._clients.find(claims["sub"])
        except ProofRefusedError as error:
            raise self._refused(str(error), error.code) from error
        except (jwt.PyJWTError, ClientUnknownError) as error:
            raise self._refused("the access token is not valid (any more); ask for a new one") from error
        if client.bound and not bound_to:
            raise self._refused("this client's tokens are bound; ask for a new one")
        return caller_of(client)

    def _hold(self, bound_to: dict[str, str], given: Presented) -> None:
        if given.scheme == "dpop" or "jkt" in bound_to:
            proof = self.dpop.check(given)
            if given.scheme != "dpop" or bound_to.get("jkt") != proof.thumbprint:
                raise ProofRefusedError("the token is bound to another key", "invalid_token")
            self.dpop.spend(proof)
        elif bound_to and bound_to.get("x5t#S256") != given.certificate:
            raise ProofRefusedError("the token is bound to another certificate", "invalid_token")

    def _refused(self, text: str, code: str = "invalid_token") -> AccessTokenError:
        nonce = self.dpop.nonce() if code == "use_dpop_nonce" else None
        return AccessTokenError(text, code, nonce)

    async def _signed_in(self, session: str, user: str) -> Caller:
        standing = await self._sessions.find(session)
        if standing is None or standing.user.id != user:
            raise self._refused("the session has ended")
        person = standing.user
        return Caller(
            client_id=CONSOLE,
            user=person.id,
            organisation=person.organisation,
            member=person.member,
            role=Role(standing.session.role),
        )

    async def _prove(self, assertion: str) -> Client:
        claimed = str(jwt.decode(assertion, options={"verify_signature": False}).get("iss"))
        if not _ID.fullmatch(claimed):
            raise ValueError("no client has such an id")
        client = await self._clients.find(claimed)
        claims: dict[str, Any] = jwt.decode(
            assertion,
            jwt.PyJWK(client.jwk).key,
            algorithms=[client.jwk["alg"]] if client.jwk["alg"] in ALGORITHMS else [],
            audience=self.issuer,
            issuer=client.client_id,
            subject=client.client_id,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iat", "jti", "sub", "aud"], "strict_aud": True},
        )
        expires = int(claims["exp"])
        if expires - int(claims["iat"]) > MAX_ASSERTION_S or not _ID.fullmatch(claims["jti"]):
            raise ValueError("an assertion lives at most five minutes and has a short printable id")
        kept_until = datetime.fromtimestamp(expires + _LEEWAY_S, UTC)
        await self._clients.use_assertion(client.client_id, claims["jti"], kept_until)
        return client

    def _issue(self, client: Client, bound_to: dict[str, str] | None) -> Issued:
        claims: dict[str, Any] = {"sub": client.client_id, "role": client.role.value, "member": client.member}
        claims |= {"cnf": bound_to} if bound_to else {}
        token_type = "DPoP" if bound_to and "jkt" in bound_to else "Bearer"
        return Issued(self._sign(claims, LIFETIME_S), client, token_type)

    def _sign(self, claims: dict[str, Any], seconds: int) -> str:
        instant = int(time.time())
        claims |= {"iss": self.issuer, "aud": AUDIENCE, "jti": secrets.token_hex(16)}
        return jwt.encode(
            claims | {"iat": instant, "exp": instant + seconds}, self._private, ALGORITHM, headers={"kid": "gateway"}
        )


def caller_of(client: Client) -> Caller:
    """A client as a caller; the purpose is not known yet."""
    return Caller(client_id=client.client_id, organisation=client.organisation, member=client.member, role=client.role)


def write_assertion(client_id: str, private_pem: bytes, issuer: str) -> str:
    """What a client sends to prove itself: signed, for one use, for a minute."""
    instant = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": issuer, "iat": instant, "exp": instant + 60}
    return jwt.encode(claims | {"jti": secrets.token_hex(16)}, private_pem, ALGORITHM)


async def token_issuer(request: Request) -> TokenIssuer:
    """The application's issuer."""
    return cast("TokenIssuer", request.app.state.token_issuer)
