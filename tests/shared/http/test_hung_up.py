"""Whoever hangs up in the middle of an upload is no fault of ours: told quietly, and as what it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from fastapi import FastAPI, Request
from starlette.types import Message

from services.gateway.console.routing import page_router
from shared.http.application import frame_application
from shared.http.observation import configure_logging
from shared.settings import Settings

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def _nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


async def _ready(_app: FastAPI) -> None: ...


@pytest.fixture
def app(tmp_path: Any) -> FastAPI:
    settings = Settings(var=tmp_path)
    configure_logging(settings.log_level)  # a command that ran before may have asked for less
    framed = frame_application("gateway", settings, lifespan=_nothing, ready=_ready, problems={}, description={})
    pages = page_router("/pages")

    @framed.post("/body")
    async def body(request: Request) -> int:
        return len(await request.body())

    @pages.post("/form")
    async def form(request: Request) -> int:
        return len(await request.form())

    framed.include_router(pages)
    return framed


@pytest.mark.parametrize(
    ("path", "media"), [("/body", b"application/octet-stream"), ("/pages/form", b"multipart/form-data; boundary=x")]
)
async def test_an_upload_that_hangs_up_is_no_failure(app: FastAPI, path: str, media: bytes) -> None:
    arriving: list[Message] = [
        {"type": "http.request", "body": b"--x\r\n", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return arriving.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"content-type", media), (b"content-length", b"1000")], "app": app,
    }  # fmt: skip
    with structlog.testing.capture_logs() as lines:
        await app(scope, receive, send)
    assert [(line["event"], line["log_level"], line.get("status")) for line in lines] == [("request", "info", 499)]
    assert sent[0]["status"] == 499
