"""Nothing that was admitted leaves unsieved: an answer whose fields nobody has chosen yet is chosen from here.

Doors choose by themselves, before what is shown is logged. Every other route is sieved here, by the model that it
declares; without one nothing of its answer is given.
"""

from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.access.policy_answers import AnswerUnreadableError, shown_json
from services.gateway.access.policy_fields import Classes
from shared.http.problems import problem_of_status, problem_response

_STATE = "lindung_fields"
_MEDIA = b"application/json"


@dataclass(frozen=True)
class _Owed:
    form: Any
    seen: Classes


def owe_fields(scope: Any, seen: Classes) -> None:
    """Note that the request was admitted, and which classes its caller sees."""
    scope["state"][_STATE] = _Owed(getattr(scope.get("route"), "response_model", None), seen)


def fields_shown(scope: Any) -> None:
    """Say that the answer holds only what the caller sees."""
    scope["state"].pop(_STATE, None)


class PolicyFields:
    """Sieves answers to admitted requests whose endpoint did not do it.

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
        held: list[Message] = []

        async def holding(message: Message) -> None:
            owed: _Owed | None = state.get(_STATE)
            if owed is not None and message.get("status", 200) >= 300:  # a problem is the gateway's own
                owed = None
                fields_shown(scope)
            if owed is None:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await _give(owed, held, scope, receive, send)

        await self._app(scope, receive, holding)


async def _give(owed: _Owed, held: list[Message], scope: Scope, receive: Receive, send: Send) -> None:
    start, *parts = held
    body = b"".join(part.get("body", b"") for part in parts)
    headers = [(name, value) for name, value in start.get("headers", ()) if name != b"content-length"]
    try:
        kept = _kept(owed, dict(headers).get(b"content-type", b""), body)
    except AnswerUnreadableError:
        await problem_response(problem_of_status(502, "the answer has no declared form"))(scope, receive, send)
        return
    await send({**start, "headers": [*headers, (b"content-length", str(len(kept)).encode())]})
    await send({"type": "http.response.body", "body": kept})


def _kept(owed: _Owed, media: bytes, body: bytes) -> bytes:
    if not body:
        return body
    if owed.form is None or not media.startswith(_MEDIA):
        raise AnswerUnreadableError("the route declares no model")
    return shown_json(owed.form, owed.seen, body)
