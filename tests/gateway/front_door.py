"""The gateway alone, with pages that do what the console's do: they call what signs people in, and answer JSON."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import argon2
import httpx
import pyotp
from fastapi import APIRouter, FastAPI, Request, Response

from services.gateway.access import sessions
from services.gateway.access.enrolment import begin_enrolment, finish_enrolment
from services.gateway.access.people.room import People
from services.gateway.access.people.users import User
from services.gateway.access.signing_in import sign_in
from services.gateway.app import create_app
from shared.contracts.caller import Role
from shared.settings import Settings

PASSWORD = "empat gajah berbaris pelan"
LICENSING = (Role.LICENSING_OFFICER,)


@dataclass
class FrontDoor:
    """The gateway's application, and browsers before it."""

    app: FastAPI
    settings: Settings

    @property
    def people(self) -> People:
        return self.app.state.people

    def browser(self, address: str = "127.0.0.1", url: str | None = None) -> httpx.AsyncClient:
        """A browser of its own; its cookies are kept apart from any other's."""
        transport = httpx.ASGITransport(self.app, client=(address, 40000))
        return httpx.AsyncClient(transport=transport, base_url=url or self.settings.public_url)

    async def somebody(self, user: str, roles: tuple[Role, ...] = LICENSING, organisation: str = "An office") -> str:
        """A person who has enrolled; gives the secret of their app. Their last code was used a minute ago."""
        code = await self.people.users.add(User(user, f"Name of {user}", organisation, "IDN", roles))
        async with self.browser() as browser:
            secret = (await browser.post("/test/enrol/begin", json={"code": code})).json()["secret"]
            body = {"code": code, "password": PASSWORD, "totp": code_of(secret, -1)}
            assert (await browser.post("/test/enrol/finish", json=body)).status_code == 204
        return str(secret)

    async def sign_in(
        self, browser: httpx.AsyncClient, user: str, secret: str, password: str = PASSWORD, step: int = 0
    ) -> httpx.Response:
        body = {"name": user, "password": password, "code": code_of(secret, step)}
        return await browser.post("/test/login", json=body)


def code_of(secret: str, step: int = 0) -> str:
    """What the app shows now, or some steps away."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * step)


def _pages() -> APIRouter:
    router = APIRouter(prefix="/test")
    _add_sessions(router)

    @router.post("/login")
    async def login(request: Request, response: Response) -> dict[str, Any]:
        body = await request.json()
        return vars(await sign_in(request, response, body["name"], body["password"], body["code"]))

    @router.post("/enrol/{step}", status_code=200)
    async def enrol(request: Request, step: str) -> Any:
        body = await request.json()
        if step == "begin":
            return vars(await begin_enrolment(request, body["code"]))
        await finish_enrolment(request, body["code"], body["password"], body["totp"])
        return Response(status_code=204)

    @router.post("/strange-form")
    async def strange_form(request: Request) -> None:
        sessions.require_own_origin(request)

    return router


def _add_sessions(router: APIRouter) -> None:
    @router.get("/me")
    async def me(request: Request) -> Any:
        signed_in = await sessions.read_session(request)
        return None if signed_in is None else vars(signed_in)

    @router.get("/token")
    async def token(request: Request) -> str:
        return sessions.access_token_for(request, await _present(request))

    @router.post("/role/{role}")
    async def role(request: Request, response: Response, role: Role) -> Any:
        return vars(await sessions.switch_role(request, response, await _present(request), role))

    @router.post("/form")
    async def form(request: Request) -> None:
        sessions.require_csrf(await _present(request), request.headers.get("csrf"))

    @router.get("/sessions")
    async def own(request: Request) -> list[dict[str, Any]]:
        return [vars(each) for each in await sessions.list_sessions(request, await _present(request))]

    @router.delete("/sessions/{session}")
    async def end(request: Request, session: str) -> None:
        await sessions.end_session(request, await _present(request), session)

    @router.post("/logout")
    async def logout(request: Request, response: Response) -> None:
        await sessions.sign_out(request, response, await _present(request))


async def _present(request: Request) -> sessions.SignedIn:
    signed_in = await sessions.read_session(request)
    assert signed_in is not None
    return signed_in


@asynccontextmanager
async def open_front_door(settings: Settings) -> AsyncIterator[FrontDoor]:
    """Start the gateway; nobody is behind it. Passwords are kept cheaply: tests type many."""
    away = httpx.ASGITransport(_nothing)
    app = create_app(settings, away, away)
    app.include_router(_pages())
    async with app.router.lifespan_context(app):
        passwords = app.state.people.passwords
        passwords._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        passwords._nobodys = passwords._hasher.hash("nobody's")
        yield FrontDoor(app, settings)


async def _nothing(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
