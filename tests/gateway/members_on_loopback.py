"""Members of a region in this process, each behind a real socket with its own databases and keys."""

import asyncio
import datetime as dt
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from services.cli.connection import Api
from services.cli.preparation import LOCAL_CLIENTS, register_clients
from services.gateway.federation.directory import sign_document
from services.gateway.federation.room import ROOT, SIGNING_KEY
from services.gateway.probes.seals import SEALING_KEY
from services.standalone import create_app
from shared.contracts.caller import Purpose
from shared.contracts.membership import Directory, MemberEntry, PublicKey, Root, SealingKey
from shared.crypto.keyfiles import new_signing_key, public_jwk, sealing_jwk
from shared.settings import Settings
from tests.conftest import MakeDeployment


@dataclass
class Member:
    """One of them."""

    code: str
    settings: Settings
    app: FastAPI
    api: Api
    entry: MemberEntry


@dataclass
class Region:
    """All of them, and the secretariat."""

    folder: Path
    key: bytes = field(default_factory=new_signing_key)
    members: dict[str, Member] = field(default_factory=dict)
    version: int = 0

    def __getitem__(self, code: str) -> Member:
        return self.members[code]

    async def publish(self, **changes: dict[str, Any]) -> None:
        """A new directory, and everybody has it."""
        self.version += 1
        expires = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        entries = [each.entry.model_copy(update=changes.get(code, {})) for code, each in self.members.items()]
        document = sign_document(Directory(version=self.version, expires=expires, members=entries), {"s": self.key})
        for member in self.members.values():
            await member.app.state.federation.membership.update([], document)


@asynccontextmanager
async def a_region(
    folder: Path,
    make_deployment: MakeDeployment,
    codes: tuple[str, ...],
    purposes: tuple[Purpose, ...],
    make_app: Callable[[Settings], FastAPI] = create_app,
) -> AsyncIterator[Region]:
    """Members that all trust one secretariat."""
    region = Region(folder)
    root = Root(
        version=1, expires=dt.datetime.now(dt.UTC) + dt.timedelta(days=1), threshold=1,
        keys=[PublicKey.model_validate(public_jwk(region.key, "s"))],
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        for code in codes:
            bound = socket.socket()
            bound.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{bound.getsockname()[1]}"
            changes = {"member": code, "public_url": url, "directory": str(folder), "federation_seconds": 20}
            settings = make_deployment("sqlite").model_copy(update=changes)
            keys = settings.key_folder
            signing, sealing = new_signing_key(), new_signing_key()
            (keys / SIGNING_KEY).write_bytes(signing)
            (keys / SEALING_KEY).write_bytes(sealing)
            (keys / ROOT).write_text(root.model_dump_json())
            await register_clients(settings, ((name, role, code) for name, role in LOCAL_CLIENTS.items()))
            app = make_app(settings)
            await stack.enter_async_context(_serving(app, bound))
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=60, trust_env=False))
            entry = MemberEntry(
                member=code, name=f"State {code}", address=url, asks=list(purposes), answers=list(purposes),
                keys=[PublicKey.model_validate(public_jwk(signing, "1"))],
                sealing_key=SealingKey.model_validate(sealing_jwk(sealing, "1")),
                log_key=PublicKey.model_validate(public_jwk((keys / "gateway-signing.pem").read_bytes(), "gateway")),
                agreement="Agreement of the tests", contact="duty",
            )  # fmt: skip
            region.members[code] = Member(code, settings, app, Api(http, settings), entry)
        await region.publish()
        yield region


@asynccontextmanager
async def _serving(app: FastAPI, bound: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        assert not task.done()
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        await task
