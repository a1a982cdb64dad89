"""Only this page talks to the desk: no other site, no other name for this PC, no other page on it.

A browser lets any site send requests to 127.0.0.1. Three checks, before anything is read: the Host is ours (a name
that was rebound to 127.0.0.1 is not), the browser does not say that the request comes from elsewhere (Fetch Metadata),
and what changes something has our Origin.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import problem_of_status, problem_response
from shared.pages import PAGE_HEADERS

_SAFE: Final = frozenset({"GET", "HEAD"})
_FROM_HERE: Final = frozenset({"same-origin", "none"})
_HEADERS: Final = PAGE_HEADERS | {"Permissions-Policy": "camera=(self), microphone=(), geolocation=(), usb=()"}


class LoopbackGuard:
    """Refuses with 403 what does not come from the desk's own page, and puts the page's headers on every answer.

    Args:
        app: the application behind.
        port: where it listens.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reason = self._refusal(scope)
        if reason is None:
            await self._app(scope, receive, _with_headers(send))
            return
        await problem_response(problem_of_status(403, reason))(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> str | None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get(b"host") not in self._hosts:
            return "another host was asked for"
        site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
        if site is not None and site not in _FROM_HERE:
            return "the request comes from another site"
        if scope["method"] in _SAFE:
            return None
        return None if origin in self._origins else "the request does not come from the desk's page"


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
            names = {name for name, _ in added}
            kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in names]
            message["headers"] = [*kept, *added]
        await send(message)

    return sending
