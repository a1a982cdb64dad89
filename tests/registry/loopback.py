"""Gateway and registry behind a real socket, for clients that we did not write."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
import uvicorn
from fastapi import FastAPI

from services.cli.connection import Api, Identity
from services.cli.preparation import register_clients
from services.gateway.access.clients import Client, Clients
from services.gateway.app import create_app as create_gateway
from services.registry.app import create_app as create_registry
from shared.contracts.caller import Purpose, Role
from shared.crypto.keyfiles import public_jwk, write_client_key
from shared.db.database import Database
from shared.settings import Settings

_CLIENTS = (("registrar", Role.REGISTRAR, "IDN"), ("licensing", Role.LICENSING_OFFICER, "IDN"))


@dataclass(frozen=True)
class Served:
    """Where the gateway listens."""

    url: str
    settings: Settings

    def headers(self, client: str = "licensing", purpose: Purpose = Purpose.LICENCE_CHECK) -> dict[str, str]:
        """What a client that can prove no key sends: a token that is not bound, and the purpose."""

        async def token() -> str:
            async with httpx.AsyncClient(base_url=self.url) as http:
                return await Api(http, self.settings).token(f"{client}-unbound", bound=False)

        return {"Authorization": f"Bearer {anyio.run(token)}", "Lindung-Purpose": purpose}

    def tell(self, path: str, body: Any) -> None:
        """Put a record as the registrar."""

        async def put() -> None:
            async with httpx.AsyncClient(base_url=self.url, timeout=60) as http:
                identity = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
                await Api(http, self.settings).ask(identity, "PUT", path, json=body)

        anyio.run(put)

    def party(self, party: str, schema: str, **properties: Any) -> None:
        """Put a party; a bare string stands for a list of one."""
        lists = {name: [value] if isinstance(value, str) else value for name, value in properties.items()}
        self.tell(f"/v1/parties/{party}", {"schema": schema, "properties": lists, "source": "Ministry register"})


@contextmanager
def serving(settings: Settings) -> Iterator[Served]:
    """Serve a deployment on a free port until the block ends."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    bound.listen()  # who comes before the server is ready waits, and is not refused
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    settings = settings.model_copy(update={"public_url": url})
    anyio.run(register_clients, settings, _CLIENTS)
    anyio.run(_register_unbound, settings)
    started = threading.Event()
    server = uvicorn.Server(uvicorn.Config(_application(settings, started), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    assert started.wait(60)
    try:
        yield Served(url, settings)
    finally:
        server.should_exit = True
        thread.join(30)


async def _register_unbound(settings: Settings) -> None:
    database = Database(settings.database_url("gateway"))
    for name, role, member in _CLIENTS:
        key = write_client_key(settings.key_folder, f"{name}-unbound").read_bytes()
        jwk = public_jwk(key, name)
        await Clients(database).register(Client(f"{name}-unbound", f"local {role}", member, role, jwk, bound=False))
    await database.close()


def _application(settings: Settings, started: threading.Event) -> FastAPI:
    registry = create_registry(settings)
    to_registry = httpx.ASGITransport(registry, raise_app_exceptions=False)
    gateway = create_gateway(settings, to_registry, httpx.ASGITransport(_ready_only()))
    own_lifespan = gateway.router.lifespan_context

    @asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[None]:
        async with registry.router.lifespan_context(registry), own_lifespan(app):
            started.set()
            yield

    gateway.router.lifespan_context = both
    return gateway


def _ready_only() -> FastAPI:
    """Screening needs no biometric service; the gateway asks whether it is ready."""
    app = FastAPI()
    app.get("/health/ready")(lambda: {"status": "ready"})
    return app
