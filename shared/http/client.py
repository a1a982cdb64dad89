"""The way from one service to another: the same client in process (ASGI) and over the network."""

from typing import Any

import httpx
import structlog

from shared.contracts.caller import Caller
from shared.http.observation import REQUEST_ID_HEADER, current_request_id
from shared.http.tokens import CallerSigner

log = structlog.get_logger(__name__)

_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=50)
"""Many desks may wait for their checks at once; they must not stand in the way of other requests."""


class ServiceUnavailableError(Exception):
    """Another service did not answer; what was asked may be asked again."""


class ServiceClient:
    """Calls one other service, vouching for the caller of each request.

    Args:
        audience: the other service's name.
        signer: this service's own key.
        base_url: where the other service is.
        transport: the in-process transport; none: the network.
    """

    def __init__(
        self,
        audience: str,
        signer: CallerSigner,
        base_url: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._audience = audience
        self._signer = signer
        self._client = httpx.AsyncClient(
            base_url=base_url,
            transport=transport,
            timeout=_TIMEOUT,
            limits=_LIMITS,
            follow_redirects=False,
            trust_env=False,
        )

    async def request(self, caller: Caller, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask, and return whatever is answered.

        Raises:
            ServiceUnavailableError: no answer, or 502, 503, 504.
        """
        headers = {
            **options.pop("headers", {}),
            "Authorization": f"Bearer {self._signer.sign(caller, self._audience)}",
        }
        request_id = current_request_id()
        if request_id is not None:
            headers[REQUEST_ID_HEADER] = request_id
        try:
            response = await self._client.request(method, path, headers=headers, **options)
        except httpx.TransportError as error:
            log.warning("service_away", callee=self._audience, error=type(error).__name__)
            raise ServiceUnavailableError(f"the {self._audience} service does not answer") from error
        if response.status_code in (502, 503, 504):
            raise ServiceUnavailableError(f"the {self._audience} service answered {response.status_code}")
        return response

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
