"""Access tokens: OAuth 2.0 client credentials, the client proving itself by private_key_jwt (RFC 6749, 7523)."""

import re
import secrets
import time
from datetime import UTC, datetime
from typing import Annotated, Any, Final, cast
from urllib.parse import parse_qsl

import jwt
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.gateway.access.clients import AssertionReusedError, Client, Clients, ClientUnknownError

ALGORITHM: Final = "ES256"
LIFETIME_S: Final = 600
MAX_ASSERTION_S: Final = 300
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AUDIENCE: Final = "lindung"
_LEEWAY_S: Final = 10
_MAX_FORM_BYTES: Final = 16_384
_ID: Final = re.compile(r"[!-~]{1,128}")
"""What the id of a client or of an assertion may look like: it goes into a query before anything is proven."""


class TokenRefusedError(Exception):
    """The client did not prove itself; `code` is the error of RFC 6749, section 5.2."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class AccessTokenError(Exception):
    """An access token is missing, forged, expired, or of a client that was cut off."""


class TokenIssuer:
    """Issues access tokens to clients that prove themselves, and reads them again.

    Args:
        clients: those known.
        private_pem: the gateway's own signing key.
        issuer: the gateway's public address; the audience that an assertion must name.
    """

    def __init__(self, clients: Clients, private_pem: bytes, public_key: jwt.PyJWK, issuer: str) -> None:
        self._clients = clients
        self._private = private_pem
        self._public = public_key
        self._issuer = issuer

    async def exchange(self, form: dict[str, str]) -> str:
        """An access token for a client assertion.

        Raises:
            TokenRefusedError: whatever is wrong with the request.
        """
        if form.get("grant_type") != "client_credentials":
            raise TokenRefusedError("unsupported_grant_type", "only client_credentials is supported")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenRefusedError("invalid_client", "authenticate with private_key_jwt (RFC 7523)")
        try:
            client = await self._prove(form.get("client_assertion", ""))
        except (jwt.PyJWTError, ClientUnknownError, AssertionReusedError, ArithmeticError, ValueError) as error:
            raise TokenRefusedError("invalid_client", "the client assertion does not prove a known client") from error
        return self._issue(client)

    async def read(self, token: str) -> Client:
        """The client that an access token speaks for.

        Raises:
            AccessTokenError: the token does not hold, or its client was cut off.
        """
        try:
            claims = jwt.decode(
                token,
                self._public.key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "sub"]},
            )
            return await self._clients.find(claims["sub"])
        except (jwt.PyJWTError, ClientUnknownError) as error:
            raise AccessTokenError("the access token is not valid (any more); ask for a new one") from error

    async def _prove(self, assertion: str) -> Client:
        claimed = str(jwt.decode(assertion, options={"verify_signature": False}).get("iss"))
        if not _ID.fullmatch(claimed):
            raise ValueError("no client has such an id")
        client = await self._clients.find(claimed)
        claims: dict[str, Any] = jwt.decode(
            assertion,
            jwt.PyJWK(client.jwk).key,
            algorithms=[ALGORITHM],
            audience=[self._issuer, self._issuer + "/oauth/token"],
            issuer=client.client_id,
            subject=client.client_id,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iat", "jti", "sub", "aud"]},
        )
        expires = int(claims["exp"])
        if expires - int(claims["iat"]) > MAX_ASSERTION_S or not _ID.fullmatch(claims["jti"]):
            raise ValueError("an assertion lives at most five minutes and has a short printable id")
        kept_until = datetime.fromtimestamp(expires + _LEEWAY_S, UTC)
        await self._clients.use_assertion(client.client_id, claims["jti"], kept_until)
        return client

    def _issue(self, client: Client) -> str:
        instant = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": client.client_id,
            "jti": secrets.token_hex(16),
        }
        claims |= {"iat": instant, "exp": instant + LIFETIME_S, "role": client.role.value, "member": client.member}
        return jwt.encode(claims, self._private, ALGORITHM, headers={"kid": "gateway"})


def write_assertion(client_id: str, private_pem: bytes, issuer: str) -> str:
    """What a client sends to prove itself: signed, for one use, for a minute."""
    instant = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": issuer, "iat": instant, "exp": instant + 60}
    return jwt.encode(claims | {"jti": secrets.token_hex(16)}, private_pem, ALGORITHM)


class TokenAnswer(BaseModel):
    """A successful answer (RFC 6749, section 5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  the type's name, not a secret
    expires_in: int = LIFETIME_S


class TokenError(BaseModel):
    """A refusal (RFC 6749, section 5.2)."""

    error: str
    error_description: str


def token_issuer(request: Request) -> TokenIssuer:
    """The application's issuer."""
    return cast("TokenIssuer", request.app.state.token_issuer)


router = APIRouter(tags=["access"])


@router.post(
    "/oauth/token",
    summary="An access token for a client that proves itself",
    operation_id="issueToken",
    response_model=TokenAnswer,
    responses={400: {"model": TokenError}, 401: {"model": TokenError}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "required": ["grant_type", "client_assertion_type", "client_assertion"],
                        "properties": {
                            "grant_type": {"const": "client_credentials"},
                            "client_assertion_type": {"const": ASSERTION_TYPE},
                            "client_assertion": {"type": "string"},
                        },
                    }
                }
            },
        }
    },
)
async def issue_token(request: Request, issuer: Annotated[TokenIssuer, Depends(token_issuer)]) -> JSONResponse:
    """RFC 6749 section 4.4 with RFC 7523 section 2.2; errors in the form of RFC 6749 section 5.2."""
    headers = {"Cache-Control": "no-store"}
    try:
        token = await issuer.exchange(await _read_form(request))
    except TokenRefusedError as error:
        status = 401 if error.code == "invalid_client" else 400
        refusal = TokenError(error=error.code, error_description=str(error))
        return JSONResponse(refusal.model_dump(), status, headers)
    return JSONResponse(TokenAnswer(access_token=token).model_dump(), 200, headers)


async def _read_form(request: Request) -> dict[str, str]:
    body = await request.body()
    if len(body) > _MAX_FORM_BYTES:
        raise TokenRefusedError("invalid_request", "the body is too long")
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=20, strict_parsing=True))
    except ValueError as error:
        raise TokenRefusedError("invalid_request", "the body is not a form as RFC 6749 asks for") from error
