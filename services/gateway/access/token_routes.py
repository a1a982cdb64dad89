"""The token endpoint, and what the gateway says of itself as an authorization server."""

from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.gateway.access.binding import ALGORITHMS, presented
from services.gateway.access.recording import Step, client_subject, record
from services.gateway.access.sessions import audit_log_of
from services.gateway.access.tokens import (
    ASSERTION_TYPE,
    LIFETIME_S,
    TokenIssuer,
    TokenRefusedError,
    caller_of,
    token_issuer,
)

_MAX_FORM_BYTES: Final = 16_384
IssuerDep = Annotated[TokenIssuer, Depends(token_issuer)]


class TokenAnswer(BaseModel):
    """A successful answer (RFC 6749, section 5.1)."""

    access_token: str
    token_type: str
    expires_in: int = LIFETIME_S


class TokenError(BaseModel):
    """A refusal (RFC 6749, section 5.2)."""

    error: str
    error_description: str


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
async def issue_token(request: Request, issuer: IssuerDep) -> JSONResponse:
    """RFC 6749 section 4.4 with RFC 7523 section 2.2 and RFC 9449 section 5; errors in the form of RFC 6749."""
    headers = {"Cache-Control": "no-store", "DPoP-Nonce": issuer.dpop.nonce()}
    try:
        issued = await issuer.exchange(await _read_form(request), presented(request, issuer.issuer))
    except TokenRefusedError as error:
        status = 401 if error.code == "invalid_client" else 400
        refusal = TokenError(error=error.code, error_description=str(error))
        return JSONResponse(refusal.model_dump(), status, headers)
    client = issued.client
    await record(audit_log_of(request), caller_of(client), Step.TOKEN, client_subject(client.client_id))
    answer = TokenAnswer(access_token=issued.token, token_type=issued.token_type)
    return JSONResponse(answer.model_dump(), 200, headers)


@router.get(
    "/.well-known/oauth-authorization-server",
    summary="What the token endpoint takes (RFC 8414)",
    operation_id="describeTokens",
)
async def describe(issuer: IssuerDep) -> dict[str, Any]:
    """The metadata that FAPI 2.0 asks for."""
    return {
        "issuer": issuer.issuer,
        "token_endpoint": issuer.issuer.rstrip("/") + "/oauth/token",
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "tls_client_certificate_bound_access_tokens": True,
    }


async def _read_form(request: Request) -> dict[str, str]:
    body = await request.body()
    if len(body) > _MAX_FORM_BYTES:
        raise TokenRefusedError("invalid_request", "the body is too long")
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=20, strict_parsing=True))
    except ValueError as error:
        raise TokenRefusedError("invalid_request", "the body is not a form as RFC 6749 asks for") from error
