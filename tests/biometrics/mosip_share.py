"""MOSIP as the service meets it: CBEFF documents, sealed shares, and a real HTTP server that has them."""

import base64
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.biometrics.mosip.cbeff import NAMESPACE
from services.biometrics.mosip.routes import PREFIX
from tests.biometrics.osia_client import ALL_SCOPES, Abis, new_id, print_png
from tests.vectors.face_image_records import face_record_2011
from tests.vectors.finger_image_records import record_2011

MODALITIES = {2: "Finger", 7: "Finger", 8: "Face", 9: "Iris"}


def block(
    kind: int | str, data: bytes | str, subtype: str = "", organisation: str = "Mosip", modality: str | None = None
) -> str:
    """One record. `data` that is text is put in as it is."""
    content = data if isinstance(data, str) else base64.b64encode(data).decode()
    named = modality or MODALITIES.get(int(kind) if str(kind).isdecimal() else 0, "Finger")
    which = f"<Subtype>{subtype}</Subtype>" if subtype else ""
    return (
        "<BIR><Version><Major>1</Major><Minor>1</Minor></Version><BIRInfo><Integrity>false</Integrity></BIRInfo>"
        f"<BDBInfo><Format><Organization>{organisation}</Organization><Type>{kind}</Type></Format>"
        f"<CreationDate>2025-02-03T04:05:06.789Z</CreationDate><Type>{named}</Type>{which}<Level>Raw</Level>"
        "<Purpose>Enroll</Purpose><Quality><Algorithm><Organization>HMAC</Organization><Type>SHA-256</Type></Algorithm>"
        f"<Score>100</Score></Quality></BDBInfo><BDB>{content}</BDB></BIR>"
    )


def cbeff(*blocks: str, namespace: str = NAMESPACE, before: str = "") -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>{before}<BIR xmlns="{namespace}">'
    return f"{head}<BIRInfo><Integrity>false</Integrity></BIRInfo>{''.join(blocks)}</BIR>".encode()


def finger_block(seed: int, impression: int = 0, subtype: str = "Right IndexFinger") -> str:
    return block(7, record_2011(print_png(seed, impression), 224, 288, 6), subtype)


def face_block(png: bytes) -> str:
    return block(8, face_record_2011(png))


def sealed(document: bytes, key: RSAPublicKey) -> bytes:
    """A share as MOSIP's datashare gives it."""
    secret, associated = os.urandom(32), os.urandom(32)
    wrapped = key.encrypt(secret, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None))
    content = AESGCM(secret).encrypt(associated[:12], document, associated)
    thumbprint = hashlib.sha256(b"certificate").digest()
    return base64.urlsafe_b64encode(b"VER_R2" + thumbprint + wrapped + b"#KEY_SPLITTER#" + associated + content)


@dataclass
class Shares:
    """What the server has, by path; each is a status, headers and octets. `release` lets `/slow` answer."""

    port: int = 0
    held: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def put(self, content: bytes, status: int = 200, headers: dict[str, str] | None = None, slow: bool = False) -> str:
        path = f"/{'slow' if slow else 'share'}/{new_id()}"
        self.held[path] = (status, headers or {}, content)
        return f"http://{self.host}{path}"


def _handler(shares: Shares) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shares.asked.append(self.path)
            if self.path.startswith("/slow/"):
                shares.arrived.set()
                shares.release.wait(30)
            status, headers, content = shares.held.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:  # the reader has read enough
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def sharing() -> Iterator[Shares]:
    shares = Shares()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shares))
    shares.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield shares
    finally:
        shares.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Mosip:
    """A MOSIP that sends messages; `organisation` is whose records they are about."""

    def __init__(self, abis: Abis, organisation: str = "") -> None:
        self.abis = abis
        self.organisation = organisation or f"mosip-{new_id()}"

    async def send(self, name: str, **changed: Any) -> dict[str, Any]:
        """A message with what it needs; what is changed to None is left out. Its answer."""
        answer = await self.ask(name, self.message(name, **changed))
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def ask(self, name: str, message: Any = None, **asked: Any) -> httpx.Response:
        method = "DELETE" if name == "delete" else "POST"
        asked = {"scopes": ALL_SCOPES, "organisation": self.organisation, "transactionId": None} | asked
        return await self.abis.ask(method, f"{PREFIX}/{name.lower()}request", json=message, **asked)

    @staticmethod
    def message(name: str, **changed: Any) -> dict[str, Any]:
        whole = {
            "id": f"mosip.abis.{name}",
            "version": "1.1",
            "requestId": "91234567-89AB-CDEF-0123-456789ABCDEF",
            "requesttime": "2025-03-29T07:01:24.692Z",
            **changed,
        }
        return {key: value for key, value in whole.items() if value is not None}

    async def insert(self, url: str, reference: str | None = None, **changed: Any) -> str:
        """Insert, as it must succeed; the record's id."""
        reference = reference or new_id()
        answer = await self.send("insert", referenceId=reference, referenceURL=url, **changed)
        assert answer["returnValue"] == "1", answer
        return reference

    async def found(self, **asked: Any) -> list[str]:
        """The records that a search answers."""
        answer = await self.send("identify", **asked)
        assert answer["returnValue"] == "1", answer
        return [each["referenceId"] for each in answer["candidateList"]["candidates"]]
