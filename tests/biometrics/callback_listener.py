"""A client's callback address: a real HTTP server on the loopback that remembers what it was sent."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio


@dataclass(frozen=True)
class Sent:
    """One request that arrived."""

    path: str
    query: dict[str, list[str]]
    media: str
    body: Any


@dataclass
class Listener:
    """`statuses` are answered one after another; when they are used up, 204."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    arrived: "queue.Queue[Sent]" = field(default_factory=queue.Queue)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, tail: str = "") -> str:
        return f"http://{self.host}/here{tail}"

    async def next(self, seconds: float = 20.0) -> Sent:
        return await anyio.to_thread.run_sync(lambda: self.arrived.get(timeout=seconds))


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = urlsplit(self.path)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = listener.statuses.pop(0) if listener.statuses else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
            listener.arrived.put(Sent(asked.path, parse_qs(asked.query), self.headers["Content-Type"], body))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(listener))
    listener.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
