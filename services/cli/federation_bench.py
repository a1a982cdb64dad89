"""Screening over members measured: real gateways behind sockets, beside a plain gather of the same without proof."""

import asyncio
import datetime as dt
import hashlib
import json
import multiprocessing
import secrets
import shutil
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import uvicorn
from fastapi import FastAPI, Response
from sqlalchemy.engine import make_url

from services.cli.connection import Api, Identity
from services.cli.preparation import LOCAL_CLIENTS, register_clients
from services.gateway.access.policy import Action, Kind
from services.gateway.app import create_app
from services.gateway.audit.log import AuditLog
from services.gateway.federation.directory import sign_document
from services.gateway.federation.membership import Membership
from services.gateway.federation.messages import MessageSigner, Question, Reply, verify_question, verify_reply
from services.gateway.federation.receipts import Receipts, use_nonce
from services.gateway.federation.room import ROOT, SIGNING_KEY
from shared.contracts.caller import Caller, Purpose
from shared.contracts.membership import Directory, MemberEntry, PublicKey, Root
from shared.crypto.keyfiles import make_key_files, new_signing_key, public_jwk
from shared.db.database import Database, now
from shared.db.migrate import upgrade
from shared.settings import Settings

OWN_MS: Final = 20.0
"""What each register takes by itself: near the median that screening takes at a million parties."""
RESULTS: Final = 3
"""In each member's answer."""

_QUERY: Final = {"queries": {"q": {"schema": "Company", "properties": {"name": ["Sinar Teduh Sdn Bhd"]}}}}
_OFFICER: Final = Identity("licensing", Purpose.LICENCE_CHECK)
_CODES: Final = [first + second + "X" for first in "ABCDE" for second in "ABCDEFGHIJ"]
_READY_S: Final = 60.0


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes:
        members: of the region, the asking one among them.
        screenings: one after the other, for the times.
        seconds: that screenings are made at the same time, for the rate.
        desks: that make them.
    """

    members: int = 11
    screenings: int = 200
    seconds: float = 10.0
    desks: int = 8


QUICK: Final = Plan(screenings=30, seconds=3.0)


def measure(plan: Plan, tell: Callable[[str], None]) -> dict[str, Any]:
    """Start the members, measure, stop them.

    Returns:
        Times and rates of both ways, their ratio, and what each part of an exchange costs.
    """
    with TemporaryDirectory() as folder:
        nodes = _prepare(Path(folder), plan.members)
        tell(f"{plan.members} members, a process each")
        with _running(nodes):
            return asyncio.run(_measure(plan, nodes, tell)) | {"members": plan.members, "own_ms": OWN_MS}


@dataclass(frozen=True)
class _Node:
    settings: Settings
    gateway: socket.socket
    plain: socket.socket

    @property
    def plain_url(self) -> str:
        return f"http://127.0.0.1:{self.plain.getsockname()[1]}/match/default"


def _register(member: str, own_ms: float) -> FastAPI:
    """A register that takes its time and answers always the same."""
    results = [_result(member, number) for number in range(RESULTS)]
    answer = {"status": 200, "results": results, "total": {"value": RESULTS}, "query": _QUERY["queries"]["q"]}
    body = json.dumps({"responses": {"q": answer}, "matcher": {}, "limit": 5}).encode()
    app = FastAPI()

    @app.post("/match/default")
    async def match() -> Response:
        await asyncio.sleep(own_ms / 1000)
        return Response(body, media_type="application/json")

    @app.get("/v1/record-changes")
    async def changes() -> dict[str, list[int]]:
        return {"changes": [], "numbers": []}

    return app


def _result(member: str, number: int) -> dict[str, Any]:
    at = "2026-11-01T00:00:00Z"
    plain: dict[str, Any] = {name: [] for name in ("referents", "cases", "licences", "listings", "links", "reasons")}
    return plain | {
        "id": f"{member.lower()}-{number}", "caption": "Sinar Teduh Sdn Bhd", "schema": "Company", "member": member,
        "properties": {"name": ["Sinar Teduh Sdn Bhd"], "registrationNumber": [f"{member}-{number}"]},
        "datasets": [member], "target": False, "first_seen": at, "last_seen": at, "last_change": at,
        "score": 0.9, "match": True, "features": {}, "status": "NONE", "status_label": "no case", "proven": False,
        "explanations": {}, "topics": [], "facts": [],
    }  # fmt: skip


def _prepare(folder: Path, members: int) -> list[_Node]:
    """Keys, databases and a directory of members that are in agreement."""
    upgrade("gateway", make_url(f"sqlite+aiosqlite:///{folder / 'empty.db'}"))
    secretariat, expires = new_signing_key(), dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    root = Root(version=1, expires=expires, threshold=1, keys=[PublicKey.model_validate(public_jwk(secretariat, "s"))])
    nodes, entries = [], []
    for code in _CODES[:members]:
        bound = [socket.socket(), socket.socket()]
        for each in bound:
            each.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound[0].getsockname()[1]}"
        settings = Settings(
            var=folder / code, member=code, public_url=url, directory=str(folder), directory_seconds=60,
            federation_seconds=30, cap_factor=1_000_000, log_level="error",
        )  # fmt: skip
        make_key_files(settings.key_folder)
        shutil.copy(folder / "empty.db", folder / code / "gateway.db")
        signing = new_signing_key()
        (settings.key_folder / SIGNING_KEY).write_bytes(signing)
        (settings.key_folder / ROOT).write_text(root.model_dump_json())
        entries.append(
            MemberEntry(
                member=code, name=code, address=url, keys=[PublicKey.model_validate(public_jwk(signing, "1"))],
                asks=[Purpose.LICENCE_CHECK], answers=[Purpose.LICENCE_CHECK], agreement="bench", contact="bench",
            )
        )  # fmt: skip
        nodes.append(_Node(settings, *bound))
    document = sign_document(Directory(version=1, expires=expires, members=entries), {"s": secretariat})
    (folder / "directory.json").write_text(document.model_dump_json())
    asyncio.run(register_clients(nodes[0].settings, ((n, r, _CODES[0]) for n, r in LOCAL_CLIENTS.items())))
    return nodes


@contextmanager
def _running(nodes: list[_Node]) -> Iterator[None]:
    """Each member in a process of its own, forked from this one: the code is in memory once."""
    context = multiprocessing.get_context("fork")
    processes: list[BaseProcess] = [context.Process(target=_serve, args=(node,), daemon=True) for node in nodes]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()  # nothing of it is kept
        for process in processes:
            process.join(10)


def _serve(node: _Node) -> None:
    register = _register(node.settings.member, OWN_MS)
    gateway = create_app(node.settings, httpx.ASGITransport(register), httpx.ASGITransport(FastAPI()))

    async def both() -> None:
        servers = [
            (uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)), bound)
            for app, bound in ((gateway, node.gateway), (register, node.plain))
        ]
        await asyncio.gather(*(server.serve(sockets=[bound]) for server, bound in servers))

    asyncio.run(both())


async def _measure(plan: Plan, nodes: list[_Node], tell: Callable[[str], None]) -> dict[str, Any]:
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30, limits=httpx.Limits(max_connections=200)) as plain,
        httpx.AsyncClient(base_url=nodes[0].settings.public_url, trust_env=False, timeout=30) as http,
    ):
        api = Api(http, nodes[0].settings)
        await _until_all_answer(api, plan.members)

        async def federated() -> None:
            answer = (await api.ask(_OFFICER, "POST", "/match/default", json=_QUERY)).json()
            if len(answer["members"]) != plan.members or answer["members_silent"]:
                raise RuntimeError("a member was silent")

        async def gathered() -> None:
            answers = await asyncio.gather(*(plain.post(node.plain_url, json=_QUERY) for node in nodes))
            if len([answer.json() for answer in answers]) != plan.members:
                raise RuntimeError("a member was silent")

        found: dict[str, Any] = {}
        for name, ask in (("federated", federated), ("plain", gathered)):
            tell(f"{name}: {plan.screenings} one after the other, then {plan.desks} desks for {plan.seconds} s")
            found[name] = await _times(plan, ask) | {"a_second": await _rate(plan, ask)}
    p50, plain_p50 = found["federated"]["p50_ms"], found["plain"]["p50_ms"]
    found |= {
        "added_ms": round(p50 - OWN_MS, 1),
        "ratio_p50": round(p50 / plain_p50, 2),
        "ratio_rate": round(found["plain"]["a_second"] / found["federated"]["a_second"], 1),
    }
    return found | {"cpu_ms": await _parts(nodes[0])}


async def _until_all_answer(api: Api, members: int) -> None:
    deadline = time.monotonic() + _READY_S
    while True:
        try:
            answer = (await api.ask(_OFFICER, "POST", "/match/default", json=_QUERY)).json()
            if len(answer["members"]) == members and not answer["members_silent"]:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError("the members did not all answer in time")
        await asyncio.sleep(0.5)


async def _times(plan: Plan, ask: Callable[[], Awaitable[None]]) -> dict[str, float]:
    taken = []
    for _ in range(plan.screenings):
        began = time.perf_counter()
        await ask()
        taken.append(1000 * (time.perf_counter() - began))
    taken.sort()
    return {"p50_ms": round(taken[len(taken) // 2], 1), "p95_ms": round(taken[int(len(taken) * 0.95)], 1)}


async def _rate(plan: Plan, ask: Callable[[], Awaitable[None]]) -> float:
    began, done = time.perf_counter(), 0

    async def desk() -> None:
        nonlocal done
        while time.perf_counter() - began < plan.seconds:
            await ask()
            done += 1

    await asyncio.gather(*(desk() for _ in range(plan.desks)))
    return round(done / (time.perf_counter() - began), 1)


async def _parts(node: _Node) -> dict[str, float]:
    """CPU milliseconds of this process for each part of one exchange with one member; both sides' parts."""
    database = Database(node.settings.database_url("gateway"))
    pem = (node.settings.key_folder / SIGNING_KEY).read_bytes()
    root = Root.model_validate_json((node.settings.key_folder / ROOT).read_text())
    membership = Membership(database, node.settings.member, root)
    await membership.load()
    signer, keys = MessageSigner(f"{node.settings.member}/1", pem), membership.keys()
    body = json.dumps({"responses": [_result("AAX", number) for number in range(RESULTS)]}).encode()
    caller = Caller(client_id="bench", organisation="bench", member=node.settings.member)
    log, receipts = AuditLog(database, b"k" * 32), Receipts(database)

    def asked() -> Question:
        question = Question("POST", f"{node.settings.public_url}/federation/v1/match", {}, json.dumps(_QUERY).encode())
        signer.sign_question(question, now())
        question.headers = {name.lower(): value for name, value in question.headers.items()}
        return question

    def answered(question: Question) -> Reply:
        reply = Reply(200, {}, body, question)
        signer.sign_reply(reply, now())
        reply.headers = {name.lower(): value for name, value in reply.headers.items()}
        return reply

    question = asked()
    reply, proven = answered(question), verify_question(question, keys, now())

    async def log_one() -> None:
        await log.append(caller, Kind.PARTY.value, Action.SCREEN.value, secrets.token_bytes(8))

    async def nonce_one() -> None:
        await use_nonce(database, node.settings.member, replace(proven, nonce=secrets.token_urlsafe(18)))

    found = {
        "sign the question": _cpu(asked),
        "verify the question": _cpu(lambda: verify_question(question, keys, now())),
        "sign the answer": _cpu(lambda: answered(question)),
        "verify the answer": _cpu(lambda: verify_reply(reply, keys, now())),
        "digest of the answer": _cpu(lambda: hashlib.sha256(body).digest()),
        "JSON of the answer, once": _cpu(lambda: json.loads(json.dumps(json.loads(body)))),
        "nonce": await _cpu_of(nonce_one),
        "receipt": await _cpu_of(lambda: receipts.keep("asked", node.settings.member, reply)),
        "log entry": await _cpu_of(log_one),
    }
    await database.close()
    return found


def _cpu(work: Callable[[], Any], times: int = 100) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return round(1000 * (time.process_time() - began) / times, 3)


async def _cpu_of(work: Callable[[], Awaitable[Any]], times: int = 50) -> float:
    began = time.process_time()
    for _ in range(times):
        await work()
    return round(1000 * (time.process_time() - began) / times, 3)
