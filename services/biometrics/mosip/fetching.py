"""Fetches what a reference URL points at, from hosts that the operator has named, within bounds.

Whoever sends a message chooses the address: without the list a caller could let this service read inside its own
network. No redirect is followed, no proxy of the environment is used, nothing is unpacked.
"""

import asyncio
import json
from typing import Any, Final

import httpx

from services.biometrics.mosip.cbeff import MAX_BYTES
from services.biometrics.mosip.datashare import DataShareKey
from services.biometrics.mosip.refusals import MosipRefusedError
from services.biometrics.refusals import RefusedRequestError
from services.biometrics.tasks.addresses import NamedHosts
from shared.contracts.mosip import FailureReason

_SECONDS: Final = 20.0
_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
_MAX_ENVELOPE: Final = MAX_BYTES * 4 // 3 + 4096
_GONE: Final = 410


class ShareFetcher:
    """Gets CBEFF documents.

    Args:
        hosts: where they may be.
        key: opens their envelope; None: they come without one. What comes without although there is a key is refused.
    """

    def __init__(self, hosts: NamedHosts, key: DataShareKey | None) -> None:
        self._hosts = hosts
        self._key = key
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    async def fetch(self, address: str) -> bytes:
        """The document at an address, out of its envelope.

        Raises:
            MosipRefusedError: NOT_FETCHED, SHARE_EXPIRED.
        """
        try:
            url = self._hosts.check(address)
            async with asyncio.timeout(_SECONDS):
                content = await self._get(url)
        except RefusedRequestError as error:
            raise _unfetched(str(error)) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise _unfetched(type(error).__name__) from error
        _refuse_errors(content)
        return content if self._key is None else await asyncio.to_thread(self._key.open, content)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def _get(self, url: httpx.URL) -> bytes:
        content = bytearray()
        async with self._client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as answer:
            if answer.status_code == _GONE:
                raise MosipRefusedError(FailureReason.SHARE_EXPIRED)
            if answer.status_code != httpx.codes.OK:
                raise _unfetched(f"status {answer.status_code}")
            async for chunk in answer.aiter_raw():
                content += chunk
                if len(content) > (MAX_BYTES if self._key is None else _MAX_ENVELOPE):
                    raise _unfetched("more octets than are taken")
        return bytes(content)


def _refuse_errors(content: bytes) -> None:
    """MOSIP tells its failures with status 200: a JSON object with `errors`."""
    if content.lstrip()[:1] != b"{":
        return
    errors = _errors(content)
    if any("expired" in str(error.get("message", "")).casefold() for error in errors if isinstance(error, dict)):
        raise MosipRefusedError(FailureReason.SHARE_EXPIRED)
    raise _unfetched("the share answers with an error")


def _errors(content: bytes) -> list[Any]:
    try:
        errors = json.loads(content).get("errors")
    except (ValueError, RecursionError):
        return []
    return errors if isinstance(errors, list) else []


def _unfetched(detail: str) -> MosipRefusedError:
    return MosipRefusedError(FailureReason.NOT_FETCHED, detail)
