"""Asking a vendor's service on this PC: bounded in time and size, and every failure in words."""

import ssl
from typing import Any, Final

import httpx

from services.desk.scanners.scanner import AnswerUnreadableError, CaptureTimeoutError, ScannerAwayError

MAX_ANSWER: Final = 16_000_000
_CONNECT_S: Final = 2.0


async def ask(method: str, url: str, wait_s: float, ca: str | None = None, **options: Any) -> bytes:
    """The body of a service's answer, whole.

    Args:
        method: also a verb of the vendor's own.
        wait_s: how long the answer may take.
        ca: file of the authority (PEM) that the service's certificate is checked with; https only.

    Raises:
        ScannerAwayError: nothing listens, it fell silent in the middle, or it answers with an error.
        CaptureTimeoutError: it took too long.
        AnswerUnreadableError: the answer is larger than any print.
    """
    trusted = ssl.create_default_context(cafile=ca) if ca else url.startswith("https")
    timeout = httpx.Timeout(wait_s, connect=_CONNECT_S)
    try:
        async with (
            httpx.AsyncClient(verify=trusted, timeout=timeout, trust_env=False) as client,
            client.stream(method, url, **options) as answer,
        ):
            if not answer.is_success:
                raise ScannerAwayError(f"the scanner's service answered HTTP {answer.status_code}")
            return await _whole(answer)
    except httpx.ConnectError as error:
        raise ScannerAwayError("the scanner's service does not answer; is it running?") from error
    except httpx.TimeoutException as error:
        raise CaptureTimeoutError("the scanner's service took too long") from error
    except httpx.TransportError as error:
        raise ScannerAwayError("the scanner's service broke off in the middle of its answer") from error


async def _whole(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > MAX_ANSWER:
            raise AnswerUnreadableError("the scanner's answer is larger than any print")
    return bytes(body)
