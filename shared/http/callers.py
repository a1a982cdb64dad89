"""The caller of a request, as FastAPI sees it: read from the bearer token, default deny."""

from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from starlette.exceptions import HTTPException

from shared.contracts.caller import Caller
from shared.http.tokens import CallerNotTrustedError, CallerVerifier

_bearer = HTTPBearer(auto_error=False, scheme_name="BearerAuth", bearerFormat="JWT")


async def read_caller(
    request: Request,
    scopes: SecurityScopes,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """The vouched-for caller; 401 without one, 403 when a scope that the operation asks for is missing."""
    if credentials is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    caller = _verified(request, credentials.credentials)
    if not caller.scopes.issuperset(scopes.scopes):
        raise HTTPException(403, f"needs scope {' '.join(scopes.scopes)}")
    return caller


def _verified(request: Request, token: str) -> Caller:
    """Verified once a request, however many of its parts ask who it is from."""
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None:
        return known
    verifier = cast("CallerVerifier", request.app.state.caller_verifier)
    try:
        caller = verifier.verify(token)
    except CallerNotTrustedError as error:
        raise HTTPException(401, str(error), {"WWW-Authenticate": 'Bearer error="invalid_token"'}) from error
    request.state.caller = caller
    return caller


CallerDep = Annotated[Caller, Security(read_caller)]
