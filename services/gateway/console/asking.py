"""Asking the gateway's own doors, as the person who is signed in and for the purpose that the page states."""

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx
from fastapi import FastAPI
from jinja2 import ChainableUndefined

from services.gateway.access.admission import CASE_HEADER, PURPOSE_HEADER
from shared.contracts.caller import Purpose

_TIMEOUT_S: Final = 60.0


class DoorRefusedError(Exception):
    """A door answered with a problem (RFC 9457).

    Attributes:
        status: the HTTP status.
        problem: the problem's document.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("title", ""))
        self.status = status
        self.problem = problem


class Told(dict[str, Any]):
    """A document of which the policy may have left fields out: what is not there is empty, and so is what is in it."""

    def __missing__(self, name: str) -> ChainableUndefined:
        """Nothing, whatever is asked of it."""
        return ChainableUndefined(name=name)


class OwnDoors:
    """The gateway's application as a client sees it, in this process: policy, log and limits hold as for any other.

    Args:
        app: the gateway.
    """

    def __init__(self, app: FastAPI) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(
            transport=transport, base_url="http://gateway", timeout=_TIMEOUT_S, trust_env=False
        )

    async def request(self, standing: Mapping[str, str], method: str, path: str, **options: Any) -> httpx.Response:
        """One request, with headers that stand for all of a visitor's; whatever is answered."""
        headers = {**standing, **options.pop("headers", {})}
        return await self._client.request(method, path, headers=headers, **options)


class Asking:
    """Requests of one visitor.

    Args:
        doors: the gateway's.
        token: the access token of the session.
        purpose: why; None: the page asks for nothing that needs one.
        case: the case reference, where the purpose needs one.
    """

    def __init__(self, doors: OwnDoors, token: str, purpose: Purpose | None, case: str | None) -> None:
        self._doors = doors
        self._headers = {"Authorization": f"Bearer {token}"}
        if purpose is not None:
            self._headers[PURPOSE_HEADER] = purpose.value
        if case:
            self._headers[CASE_HEADER] = case

    async def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer as it came.

        Raises:
            DoorRefusedError: a problem.
        """
        answer = await self._doors.request(self._headers, method, path, **options)
        if answer.is_error:
            raise DoorRefusedError(answer.status_code, _problem(answer))
        return answer

    async def get(self, path: str, **params: Any) -> Any:
        """A document.

        Raises:
            DoorRefusedError: a problem.
        """
        known = {name: value for name, value in params.items() if value not in (None, "")}
        return _document(await self.raw("GET", path, params=known))

    async def get_or_none(self, path: str, **params: Any) -> Any:
        """A document; None where there is none, or none for this visitor.

        Raises:
            DoorRefusedError: any other problem.
        """
        try:
            return await self.get(path, **params)
        except DoorRefusedError as error:
            if error.status in {403, 404}:
                return None
            raise

    async def send(self, method: str, path: str, body: Any, **params: Any) -> Any:
        """Send a document and read the answer; None where it has no content.

        Raises:
            DoorRefusedError: a problem.
        """
        answer = await self.raw(method, path, json=body, params=params)
        return _document(answer) if answer.content else None


def _document(answer: httpx.Response) -> Any:
    return json.loads(answer.content, object_hook=Told)


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"title": f"HTTP {answer.status_code}"}
