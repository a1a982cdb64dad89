"""Another OpenID provider, as its client sees it: discovery, code for token, an ID token that is believed or not."""

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import quote, urlencode, urlsplit

import httpx
import jwt

ALGORITHMS: Final = ("ES256", "PS256", "RS256")
_LEEWAY_S: Final = 30
_BELIEVED_S: Final = 3600.0
_TIMEOUT_S: Final = 10.0
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ProviderRefusedError(Exception):
    """The provider does not answer, or what it says does not hold; `reason` is one word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Metadata:
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    tells_issuer: bool

    @classmethod
    def read(cls, document: Mapping[str, Any], issuer: str) -> Self:
        """Out of the document at the issuer's address.

        Raises:
            ProviderRefusedError: it is another issuer's, or names an address without TLS.
        """
        if document.get("issuer") != issuer:
            raise ProviderRefusedError("issuer")
        found = cls(
            str(document.get("authorization_endpoint")),
            str(document.get("token_endpoint")),
            str(document.get("jwks_uri")),
            document.get("userinfo_endpoint"),
            document.get("authorization_response_iss_parameter_supported") is True,
        )
        addresses = [found.authorization_endpoint, found.token_endpoint, found.jwks_uri]
        if not all(map(is_protected, [*addresses, *([found.userinfo_endpoint] if found.userinfo_endpoint else [])])):
            raise ProviderRefusedError("address")
        return found


@dataclass(frozen=True)
class Registration:
    """As what the gateway is known at the provider; without a secret it signs (private_key_jwt)."""

    issuer: str
    client_id: str
    secret: str | None
    private_pem: bytes
    redirect_uri: str


class Provider:
    """Asks one provider.

    Args:
        registration: as what.
        transport: none: the network.
    """

    def __init__(self, registration: Registration, transport: httpx.AsyncBaseTransport | None = None) -> None:
        if not is_protected(registration.issuer):
            raise ProviderRefusedError("address")
        self.registration = registration
        self._http = httpx.AsyncClient(transport=transport, timeout=_TIMEOUT_S, trust_env=False)
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: dict[str | None, jwt.PyJWK] = {}

    async def metadata(self) -> Metadata:
        """What the provider says of itself, at most an hour old.

        Raises:
            ProviderRefusedError: it does not answer, or not for itself.
        """
        if self._metadata is None or self._metadata[0] < time.monotonic() - _BELIEVED_S:
            address = self.registration.issuer.rstrip("/") + "/.well-known/openid-configuration"
            document = await self._get(address)
            self._metadata = time.monotonic(), Metadata.read(document, self.registration.issuer)
        return self._metadata[1]

    async def authorization_url(self, state: str, nonce: str, challenge: str) -> str:
        """Where the browser is sent; `challenge` is PKCE's, S256 (RFC 7636, section 4.2).

        Raises:
            ProviderRefusedError: as for `metadata`.
        """
        query = {
            "response_type": "code", "scope": "openid profile", "client_id": self.registration.client_id,
            "redirect_uri": self.registration.redirect_uri, "state": state, "nonce": nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        address = (await self.metadata()).authorization_endpoint
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"

    async def prove(self, code: str, verifier: str, nonce: str, wanted: frozenset[str]) -> Mapping[str, Any]:
        """Whom a code was given for.

        Args:
            code, verifier: of this attempt.
            nonce: that the ID token must name.
            wanted: claims that are asked for at `userinfo` when the ID token has none of them.

        Raises:
            ProviderRefusedError: the code is not taken, or the ID token does not hold.
        """
        metadata = await self.metadata()
        tokens = await self._exchange(metadata, code, verifier)
        claims = await self._read(metadata, str(tokens.get("id_token")), nonce)
        if wanted & claims.keys() or metadata.userinfo_endpoint is None:
            return claims
        told = await self._get(metadata.userinfo_endpoint, {"Authorization": f"Bearer {tokens.get('access_token')}"})
        if told.get("sub") != claims["sub"]:
            raise ProviderRefusedError("userinfo")
        return {**told, **claims}

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _exchange(self, metadata: Metadata, code: str, verifier: str) -> Mapping[str, Any]:
        own = self.registration
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": own.redirect_uri}
        form |= {"code_verifier": verifier, "client_id": own.client_id}
        headers = {"Accept": "application/json"}
        if own.secret is None:
            form |= {"client_assertion_type": _ASSERTION, "client_assertion": self._assertion()}
        else:
            pair = f"{quote(own.client_id, safe='')}:{quote(own.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return await self._document("POST", metadata.token_endpoint, "code", data=form, headers=headers)

    def _assertion(self) -> str:
        own, instant = self.registration, int(time.time())
        claims = {"iss": own.client_id, "sub": own.client_id, "aud": own.issuer, "iat": instant, "exp": instant + 60}
        claims |= {"jti": secrets.token_hex(16)}
        return jwt.encode(claims, own.private_pem, "ES256", headers={"kid": "gateway"})

    async def _read(self, metadata: Metadata, id_token: str, nonce: str) -> dict[str, Any]:
        own = self.registration
        try:
            key = await self._key(metadata, jwt.get_unverified_header(id_token).get("kid"))
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key.key,
                algorithms=list(ALGORITHMS),
                audience=own.client_id,
                issuer=own.issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "nonce"]},
            )
        except (jwt.PyJWTError, TypeError) as error:
            raise ProviderRefusedError(f"id_token_{type(error).__name__}") from error
        if not isinstance(claims["nonce"], str) or not secrets.compare_digest(claims["nonce"].encode(), nonce.encode()):
            raise ProviderRefusedError("nonce")
        if claims.get("azp", own.client_id) != own.client_id:
            raise ProviderRefusedError("azp")
        return claims

    async def _key(self, metadata: Metadata, kid: str | None) -> jwt.PyJWK:
        """The provider's key of this id; its set is fetched again, once, when it has none."""
        if kid not in self._keys:
            try:
                found = jwt.PyJWKSet.from_dict(dict(await self._get(metadata.jwks_uri))).keys
            except jwt.PyJWTError as error:
                raise ProviderRefusedError("jwks") from error
            self._keys = {key.key_id: key for key in found}
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        if kid not in self._keys:
            raise ProviderRefusedError("kid")
        return self._keys[kid]

    async def _get(self, address: str, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        return await self._document("GET", address, "away", headers={"Accept": "application/json", **(headers or {})})

    async def _document(self, method: str, address: str, reason: str, **options: Any) -> Mapping[str, Any]:
        try:
            answer = await self._http.request(method, address, **options)
            document = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderRefusedError("away") from error
        if not answer.is_success or not isinstance(document, dict):
            raise ProviderRefusedError(reason)
        return document


def is_protected(address: str) -> bool:
    """Whether an address has TLS, or stays on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
