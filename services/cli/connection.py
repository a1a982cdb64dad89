"""How a command reaches the API: the server that runs, or the same applications in this process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from services.cli.preparation import hold, prepare, serving_address
from services.gateway.access.tokens import ASSERTION_TYPE, write_assertion
from shared.contracts.caller import Purpose
from shared.settings import Settings


class RefusedError(Exception):
    """The API answered with a problem."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{problem.get('title', 'refused')}: {problem.get('detail') or ''}".rstrip(": "))
        self.status = status
        self.problem = problem


@dataclass(frozen=True)
class Identity:
    """As which local client a command asks, and why."""

    client: str
    purpose: Purpose
    case: str | None = None


class Api:
    """The gateway, as a client sees it.

    Args:
        http: to the gateway.
        settings: where the clients' keys lie, and which address their assertions name.
    """

    def __init__(self, http: httpx.AsyncClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        self._tokens: dict[str, str] = {}

    async def token(self, client: str) -> str:
        """An access token for a local client.

        Raises:
            RefusedError: the gateway does not know it.
            OSError: its key file cannot be read.
        """
        private = (self._settings.key_folder / "clients" / f"{client}.pem").read_bytes()
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": write_assertion(client, private, self._settings.public_url),
        }
        answer = await self._http.post("/oauth/token", data=form)
        if not answer.is_success:
            error = answer.json()
            raise RefusedError(answer.status_code, {"title": error["error"], "detail": error["error_description"]})
        return str(answer.json()["access_token"])

    async def ask(self, identity: Identity, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask as a local client; asks for a new token once when the old one has run out.

        Raises:
            RefusedError: the API answered with a problem.
        """
        answer = await self._send(identity, method, path, **options)
        if answer.status_code == 401:
            self._tokens.pop(identity.client, None)
            answer = await self._send(identity, method, path, **options)
        if not answer.is_success:
            raise RefusedError(answer.status_code, _problem(answer))
        return answer

    async def _send(self, identity: Identity, method: str, path: str, **options: Any) -> httpx.Response:
        if identity.client not in self._tokens:
            self._tokens[identity.client] = await self.token(identity.client)
        headers = {
            **options.pop("headers", {}),
            "Authorization": f"Bearer {self._tokens[identity.client]}",
            "Lindung-Purpose": identity.purpose.value,
        }
        if identity.case:
            headers["Lindung-Case"] = identity.case
        return await self._http.request(method, path, headers=headers, **options)


@asynccontextmanager
async def connect(settings: Settings, url: str | None = None) -> AsyncIterator[Api]:
    """Reach the API at `url`, else at the server of this folder, else in this process.

    Raises:
        DeploymentBusyError: another process holds the folder and does not say where it listens.
    """
    async with AsyncExitStack() as stack:
        address = url or serving_address(settings.var)
        transport: httpx.AsyncBaseTransport | None = None
        if address is None:
            stack.enter_context(hold(settings.var))
            await prepare(settings)
            from services.standalone import create_app  # engines load only for those who need them

            app = create_app(settings)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        http = httpx.AsyncClient(
            base_url=address or settings.public_url, transport=transport, timeout=90, trust_env=False
        )
        yield Api(await stack.enter_async_context(http), settings)


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body: Mapping[str, Any] = answer.json()
    except ValueError:
        return {"title": f"HTTP {answer.status_code}"}
    return body if "title" in body else {"title": f"HTTP {answer.status_code}", "detail": body.get("message")}
