"""Signed statements between services: 'I vouch for this caller, now, to you' (JWT, RFC 7519, ES256)."""

import time
from collections.abc import Mapping
from typing import Any, Final

import jwt
from pydantic import ValidationError

from shared.contracts.caller import Caller

LIFETIME_S: Final = 60
_LEEWAY_S: Final = 10
ALGORITHM: Final = "ES256"


class CallerNotTrustedError(Exception):
    """The statement is missing, forged, expired, or meant for somebody else."""


class CallerSigner:
    """A service that vouches for callers with its own key.

    Args:
        issuer: the service's name, also its key id in `trusted.jwks`.
        private_pem: its ES256 private key.
    """

    def __init__(self, issuer: str, private_pem: bytes) -> None:
        self._issuer = issuer
        self._key = jwt.get_algorithm_by_name(ALGORITHM).prepare_key(private_pem)  # once: reading it takes as long

    def sign(self, caller: Caller, audience: str) -> str:
        """A statement for one other service, valid for a minute."""
        instant = int(time.time())
        claims = {"iss": self._issuer, "aud": audience, "iat": instant, "exp": instant + LIFETIME_S}
        claims |= {"caller": caller.model_dump(mode="json")}
        return jwt.encode(claims, self._key, ALGORITHM, headers={"kid": self._issuer})


class CallerVerifier:
    """Reads statements that trusted services signed for this one.

    Args:
        audience: this service's name.
        trusted: public keys by key id (`shared.crypto.keyfiles.load_trusted`).
    """

    def __init__(self, audience: str, trusted: Mapping[str, jwt.PyJWK]) -> None:
        self._audience = audience
        self._trusted = trusted

    def verify(self, token: str) -> Caller:
        """The caller that is vouched for.

        Raises:
            CallerNotTrustedError: whatever is wrong with the statement.
        """
        try:
            issuer = str(jwt.get_unverified_header(token).get("kid"))
            claims: dict[str, Any] = jwt.decode(
                token,
                self._trusted[issuer].key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud"]},
            )
            return Caller.model_validate(claims.get("caller"))
        except (jwt.PyJWTError, KeyError, ValidationError) as error:
            raise CallerNotTrustedError("the caller is not vouched for by a trusted service") from error
