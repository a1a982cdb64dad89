"""A biometric service that is killed with a promised result in hand delivers it when it starts again."""

import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.contracts.caller import Caller
from shared.http.tokens import CallerSigner
from shared.settings import Settings
from tests.conftest import ROOT, Backend, MakeDeployment
from tests.deploy.processes import ServiceProcess

GONE = {"biometricType": "FINGER", "missing": [{"biometricSubType": "LEFT_THUMB", "presence": "AMPUTATED"}]}
ENCOUNTER = {"status": "ACTIVE", "encounterType": "visit", "galleries": ["g"], "biometricData": [GONE]}


class _Listener:
    """A callback address that takes nothing until it is told to."""

    def __init__(self) -> None:
        self.takes = threading.Event()
        self.asked = threading.Event()
        self.taken: Queue[tuple[str, Any]] = Queue()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                takes = listener.takes.is_set()
                self.send_response(204 if takes else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()
                listener.asked.set()
                if takes:
                    listener.taken.put((parse_qs(urlsplit(self.path).query)["taskId"][0], body))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener() -> Iterator[_Listener]:
    started = _Listener()
    yield started
    started.server.shutdown()
    started.server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ask(settings: Settings, method: str, url: str, body: Any = None) -> tuple[int, Any]:
    signer = CallerSigner("gateway", (settings.key_folder / "gateway-signing.pem").read_bytes())
    scopes = frozenset({"abis.encounter.read", "abis.encounter.write", "abis.gallery.read", "abis.task.read"})
    token = signer.sign(Caller(client_id="t", organisation="t", member="IDN", scopes=scopes), "biometrics")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, json.load(answer)


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> Backend:
    return request.param


def test_a_killed_service_keeps_its_promise(
    kind: Backend, make_deployment: MakeDeployment, listener: _Listener, tmp_path: Path
) -> None:
    settings = make_deployment(kind)
    port = free_port()
    environment = {"LINDUNG_VAR": str(settings.var.absolute()), "LINDUNG_CALLBACK_HOSTS": listener.host}
    if settings.biometrics_database_url:
        environment["LINDUNG_BIOMETRICS_DATABASE_URL"] = settings.biometrics_database_url
    words = ["serve", "biometrics", "--host", "127.0.0.1", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    service = ServiceProcess("biometrics", words, environment, ROOT, url, tmp_path / "log")
    try:
        service.start()
        service.wait_ready()
        callback = f"transactionId=T&callback=http://{listener.host}/here"
        status, told = ask(settings, "POST", f"{url}/v1/persons?{callback}", ENCOUNTER)
        assert status == 202
        assert listener.asked.wait(20)  # done, and not taken
        service.kill()
        listener.takes.set()
        service.start()
        service.wait_ready()
        task, made = listener.taken.get(timeout=60)
        assert task == told["taskId"]
        status, content = ask(settings, "GET", f"{url}/v1/galleries/g?transactionId=T")
        assert content == [{"personId": made["personId"], "encounterId": made["encounterId"]}]
    finally:
        service.kill()
