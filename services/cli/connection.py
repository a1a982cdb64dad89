"""How a command reaches the API: the server that runs, or the same applications in this process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from services.cli.preparation import hold, prepare, serving_address
from services.gateway.access.binding import write_proof
from services.gateway.access.tokens import ASSERTION_TYPE, write_assertion
from shared.contracts.caller import Purpose
from shared.crypto.keyfiles import new_signing_key
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
    """The gateway, as a client sees it: every token bound to a key that lives as long as this does (DPoP, RFC 9449).

    Args:
        http: to the gateway.
        settings: where the clients' keys lie, and which address their assertions and proofs name.
    """

    def __init__(self, http: httpx.AsyncClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        self._tokens: dict[str, str] = {}
        self._key = new_signing_key()
        self._nonce: str | None = None

    async def token(self, client: str, *, bound: bool = True) -> str:
        """An access token for a local client; one that is not bound is anybody's who has it.

        Raises:
            RefusedError: the gateway does not know the client, or gives it bound tokens only.
            OSError: its key file cannot be read.
        """
        private = (self._settings.key_folder / "clients" / f"{client}.pem").read_bytes()
        answer = await self._exchange(client, private, bound=bound)
        if answer.status_code == 400 and answer.json().get("error") == "use_dpop_nonce":
            answer = await self._exchange(client, private, bound=bound)
        if not answer.is_success:
            error = answer.json()
            raise RefusedError(answer.status_code, {"title": error["error"], "detail": error["error_description"]})
        return str(answer.json()["access_token"])

    async def headers(self, client: str, method: str, path: str) -> dict[str, str]:
        """What proves a local client in one request, good once.

        Raises:
            RefusedError, OSError: as for `token`.
        """
        if client not in self._tokens:
            self._tokens[client] = await self.token(client)
        token = self._tokens[client]
        return {"Authorization": f"DPoP {token}", "DPoP": self._proof(method, path, token)}

    async def ask(self, identity: Identity, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask as a local client; asks for a new token once when the old one has run out.

        Raises:
            RefusedError: the API answered with a problem.
        """
        answer = await self._send(identity, method, path, **options)
        if answer.status_code == 401:
            if "use_dpop_nonce" not in answer.headers.get("www-authenticate", ""):
                self._tokens.pop(identity.client, None)
            answer = await self._send(identity, method, path, **options)
        if not answer.is_success:
            raise RefusedError(answer.status_code, _problem(answer))
        return answer

    async def _send(self, identity: Identity, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {
            **options.pop("headers", {}),
            **await self.headers(identity.client, method, path),
            "Lindung-Purpose": identity.purpose.value,
        }
        if identity.case:
            headers["Lindung-Case"] = identity.case
        return self._noting_nonce(await self._http.request(method, path, headers=headers, **options))

    async def _exchange(self, client: str, private: bytes, *, bound: bool) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": write_assertion(client, private, self._settings.public_url),
        }
        headers = {"DPoP": self._proof("POST", "/oauth/token")} if bound else {}
        return self._noting_nonce(await self._http.post("/oauth/token", data=form, headers=headers))

    def _proof(self, method: str, path: str, token: str | None = None) -> str:
        url = self._settings.public_url.rstrip("/") + path.partition("?")[0]
        return write_proof(self._key, method, url, self._nonce, token)

    def _noting_nonce(self, answer: httpx.Response) -> httpx.Response:
        self._nonce = answer.headers.get("dpop-nonce", self._nonce)
        return answer


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
