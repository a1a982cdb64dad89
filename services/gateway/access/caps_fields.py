"""What is left of a cap, told in the header of each answer."""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.access.caps import Left

_STATE = "lindung_cap"


def tell_left(scope: Any, left: Left) -> None:
    """Note what is left, for the answer to this request."""
    scope["state"][_STATE] = left


class CapFields:
    """Adds RateLimit-Policy and RateLimit to answers of requests that were counted, and Retry-After to refusals.

    Args:
        app: the application behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def telling(message: Message) -> None:
            left = state.get(_STATE)
            if left is not None and message["type"] == "http.response.start":
                fields = [(name.lower().encode(), value.encode()) for name, value in left.headers.items()]
                known = {name for name, _ in message.get("headers", ())}
                message["headers"] = [*message.get("headers", ()), *(each for each in fields if each[0] not in known)]
            await send(message)

        await self._app(scope, receive, telling)
