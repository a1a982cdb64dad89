"""The gateway, as a desk reaches it: with its own key, and with its clock in mind."""

import base64
import json
import secrets
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import jwt
from pydantic import ValidationError

from services.desk.languages import Saying
from services.desk.queue.clock import Clock
from services.desk.queue.proofs import ALGORITHM, Prover
from shared.contracts.caller import Purpose
from shared.contracts.packets import PACKET_TYPE, PacketKey, PacketReceipt
from shared.crypto.packets import decode_public

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)
_UNAUTHORISED: Final = 401
_NEW_NONCE: Final = "use_dpop_nonce"
_TRIES: Final = 3
_SOMEBODY_ELSE: Final = Saying("something else answers at the gateway's address (a network that asks to sign in?)")
_LATER: Final = frozenset({401, 403, 404, 408, 425, 429})
"""Answers that are about the desk, the gateway or the moment, not about the packet: it is kept and sent again."""


class GatewayAwayError(Exception):
    """No answer, or one that says: later. `said` is for the officer, `wait_s` how long the gateway asked to wait."""

    def __init__(self, said: Saying, wait_s: float = 0.0) -> None:
        super().__init__(str(said))
        self.said = said
        self.wait_s = wait_s


class GatewayRefusedError(Exception):
    """The gateway will never take this packet. `reason` is its code."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Gateway:
    """Asks with the desk's own access token (OAuth 2.0 client credentials, private_key_jwt, DPoP).

    Args:
        url: its address.
        audience: the address that assertions name (the gateway's LINDUNG_PUBLIC_URL).
        client: the desk's name as a client.
        key_file: the desk's private key.
        clock: learns the gateway's time; assertions are dated by it, so that a wrong PC clock locks nobody out.
        transport: for tests; none: the network.
    """

    def __init__(
        self,
        url: str,
        audience: str,
        client: str,
        key_file: Path,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.client = client
        self._audience = audience
        self._key_file = key_file
        self._clock = clock
        self._token: str | None = None
        self._prover = Prover(audience)
        self._http = httpx.AsyncClient(base_url=url, transport=transport, timeout=_TIMEOUT, trust_env=False)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def packet_key(self) -> PacketKey:
        """The key that packets are sealed to now.

        Raises:
            GatewayAwayError: not reached, or this client is not known there.
        """
        answer = await self._ask("GET", "/v1/desk/key")
        if not answer.is_success:
            raise GatewayAwayError(Saying(_told(answer)))
        try:
            told = PacketKey.model_validate_json(answer.content)
            decode_public(told.x25519)
        except ValueError as error:
            raise GatewayAwayError(_SOMEBODY_ELSE) from error
        return told

    async def send(self, packet: UUID, sealed: bytes) -> PacketReceipt:
        """Hand a packet over.

        Raises:
            GatewayAwayError: to be sent again later, whole; the gateway makes nothing twice.
            GatewayRefusedError: never to be sent again.
        """
        answer = await self._ask("POST", "/v1/desk/packets", content=sealed, headers={"Content-Type": PACKET_TYPE})
        if answer.is_server_error or answer.status_code in _LATER:
            raise GatewayAwayError(Saying(_told(answer)), _retry_after(answer))
        if not answer.is_success:
            raise GatewayRefusedError(_reason(answer), _told(answer))
        try:
            receipt = PacketReceipt.model_validate_json(answer.content)
        except ValidationError as error:
            raise GatewayAwayError(_SOMEBODY_ELSE) from error
        if receipt.packet != packet:
            raise GatewayAwayError(Saying("the gateway gave a receipt for another packet"))
        return receipt

    async def quality(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """How good a capture is (`POST /v1/quality`); none when the gateway is not reached or does not say."""
        try:
            answer = await self._ask("POST", "/v1/quality", json=item, params={"transactionId": secrets.token_hex(8)})
        except GatewayAwayError:
            return None
        return _object(answer) or None if answer.is_success else None

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Twice, when the first answer shows that the token has run out or brings another nonce."""
        answer = await self._with_token(method, path, **options)
        if answer.status_code == _UNAUTHORISED:
            if _NEW_NONCE not in answer.headers.get("www-authenticate", ""):
                self._token = None
            answer = await self._with_token(method, path, **options)
        return answer

    async def _with_token(self, method: str, path: str, **options: Any) -> httpx.Response:
        token = self._token or await self._prove()
        headers = {**options.pop("headers", {}), "Authorization": f"DPoP {token}"}
        headers["DPoP"] = self._prover.proof(method, path, self._clock.now(), token)
        headers["Lindung-Purpose"] = Purpose.WORKER_REGISTRATION.value
        return await self._request(method, path, headers=headers, **options)

    async def _prove(self) -> str:
        """An access token. The first answers may bring the nonce, and the time when the PC's clock is wrong."""
        for _ in range(_TRIES):
            headers = {"DPoP": self._prover.proof("POST", "/oauth/token", self._clock.now())}
            answer = await self._request("POST", "/oauth/token", data=self._assertion(), headers=headers)
            if answer.is_success and "access_token" not in _object(answer):
                raise GatewayAwayError(_SOMEBODY_ELSE)
            if answer.is_success:
                self._token = str(_object(answer)["access_token"])
                return self._token
        known = Saying(
            "the gateway does not know this desk as %(client)s (%(status)s)",
            client=self.client,
            status=str(answer.status_code),
        )
        raise GatewayAwayError(known)

    def _assertion(self) -> dict[str, str]:
        instant = int(self._clock.now())
        claims: dict[str, Any] = {"iss": self.client, "sub": self.client, "aud": self._audience}
        claims |= {"iat": instant, "exp": instant + 60, "jti": secrets.token_hex(16)}
        signed = jwt.encode(claims, self._key_file.read_bytes(), ALGORITHM)
        kind = {"grant_type": "client_credentials", "client_assertion_type": _ASSERTION_TYPE}
        return kind | {"client_assertion": signed}

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **options)
        except (httpx.TransportError, OSError) as error:
            raise GatewayAwayError(Saying("the gateway does not answer")) from error
        self._clock.learn(answer.headers.get("date"))
        self._prover.note(answer.headers.get("dpop-nonce"))
        return answer


def encode(image: bytes) -> str:
    """An image as JSON carries it."""
    return base64.b64encode(image).decode()


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return told if isinstance(told, dict) else {}


def _told(answer: httpx.Response) -> str:
    problem = _object(answer)
    return str(problem.get("detail") or problem.get("title") or f"HTTP {answer.status_code}")


def _reason(answer: httpx.Response) -> str:
    problem = _object(answer)
    return str(problem.get("reason") or str(problem.get("type", "")).rpartition(":")[2] or answer.status_code)


def _retry_after(answer: httpx.Response) -> float:
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), 600.0) if asked.isdigit() else 0.0
