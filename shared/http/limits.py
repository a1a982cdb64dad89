"""Bounds on every request, bytes and seconds, as plain ASGI: they hold before anything is parsed."""

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import problem_of_status, problem_response

_CLOSE: Final = {"Connection": "close"}


class RequestLimits:
    """Refuses a body over its limit with 413, a request over its time with 504.

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
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._max:
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
        hint = f"at most {self._max} bytes" if status == 413 else f"no answer within {self._seconds:g} s; ask again"
        await problem_response(problem_of_status(status, hint), _CLOSE)(scope, receive, send)


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
