"""Bounds on every request, bytes and seconds, as plain ASGI: they hold before anything is parsed."""

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import problem_of_status, problem_response

_CLOSE: Final = {"Connection": "close"}
_MAX_ADDRESS_BYTES: Final = 8_192
"""Path and query as they came; RFC 9110, section 4.1 asks for at least 8000."""
_LONGEST_NUMBER: Final = 18
"""Digits of a length that are worth reading."""


class RequestLimits:
    """Refuses a body over its limit with 413, an address over its own with 414, a request over its time with 504.

    Args:
        app: the application behind.
        max_body_bytes: largest body.
        seconds: longest time until the answer begins.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int, seconds: float) -> None:
        self._app = app
        self._max = max_body_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > _MAX_ADDRESS_BYTES:
            await self._refuse(414, scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or len(length) > _LONGEST_NUMBER or int(length) > self._max:
            await self._refuse(413, scope, receive, send)
            return
        await self._serve(scope, _Metered(receive, self._max), send)

    async def _serve(self, scope: Scope, receive: "_Metered", send: Send) -> None:
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, receive, watched_send)
        except TimeoutError:
            if started:
                raise
            await self._refuse(504, scope, receive, send)

    async def _refuse(self, status: int, scope: Scope, receive: Receive, send: Send) -> None:
        hints = {
            413: f"at most {self._max} bytes",
            414: f"at most {_MAX_ADDRESS_BYTES} bytes of path and query",
            504: f"no answer within {self._seconds:g} s; ask again",
        }
        await problem_response(problem_of_status(status, hints[status]), _CLOSE)(scope, receive, send)


class _Metered:
    """A receive channel that counts what comes through."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413, "the body is larger than the service takes", _CLOSE)
        return message
