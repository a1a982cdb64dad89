"""Vendors' services for scanners, as their published protocols describe them, on real sockets of this PC.

They are ours: what passes here was tested against our reading of the protocols, not against a device.
"""

import base64
import hashlib
import io
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.vectors.finger_image_records import record_2011

Answer = Callable[[str, str, bytes], tuple[int, bytes]]
"""Verb, path and body of a request; status and body of the answer."""


@contextmanager
def serving(answer: Answer, port: int = 0, tls: ssl.SSLContext | None = None, cut: bool = False) -> Iterator[int]:
    """A server on 127.0.0.1; its port. `cut`: it promises more than it sends, and hangs up."""

    class Handler(BaseHTTPRequestHandler):
        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._serve
            raise AttributeError(name)

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, told = answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(told) * (2 if cut else 1)))
            self.end_headers()
            self.wfile.write(told)
            self.close_connection = True

        def log_message(self, *_told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Authority:
    """Signs certificates of devices."""

    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))

    def __post_init__(self) -> None:
        self.certificate = certify("Device provider", self.key, None, ca=True)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def certify(
    name: str,
    key: RSAPrivateKey,
    issuer: Authority | None,
    *,
    ca: bool = False,
    days: int = 30,
    host: str | None = None,
) -> x509.Certificate:
    """A certificate that runs out in `days`."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    until = datetime.now(UTC) + timedelta(days=days)
    builder = (
        x509.CertificateBuilder(subject_name=subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=60))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return builder.sign(issuer.key if issuer else key, hashes.SHA256())


def url64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@dataclass
class SbiDevice:
    """One registered device and its service. `spoil` names what goes wrong."""

    authority: Authority
    key: RSAPrivateKey
    pixels: bytes
    width: int
    height: int
    spoil: str = ""
    serial: str = "MSIP00000001"
    previous: str = hashlib.sha256(b"").hexdigest().upper()
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, verb: str, path: str, body: bytes) -> tuple[int, bytes]:
        told = {
            ("MOSIPDISC", "/device"): self.discovery,
            ("MOSIPDINFO", "/info"): self.information,
            ("RCAPTURE", "/capture"): lambda: self.capture(json.loads(body)),
        }
        if (verb, path) not in told:
            return 404, b"{}"
        text = json.dumps(told[verb, path]())
        return 200, (text[: len(text) // 2] if self.spoil == "half" else text).encode()

    def discovery(self) -> list[dict[str, Any]]:
        return [self.state() | {"digitalId": url64(json.dumps(self.identity()).encode()), "error": self.error("0")}]

    def information(self) -> list[dict[str, Any]]:
        told = self.state() | {"digitalId": self.sign(self.identity()), "deviceCode": self.serial}
        return [{"deviceInfo": self.sign(told), "error": self.error("0")}]

    def capture(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(asked)
        wanted = asked["bio"][0]
        if self.spoil == "timeout":
            return {"biometrics": [{"data": "", "hash": "", "error": self.error("701")}]}
        dpi = 1000 if self.spoil == "dpi" else 500
        record = record_2011(self.pixels, self.width, self.height, 0, dpi)
        told = {
            "digitalId": self.sign(self.identity() | ({"serialNo": "ANOTHER"} if self.spoil == "device" else {})),
            "deviceCode": self.serial,
            "bioType": "Finger",
            "bioSubType": "Left Thumb" if self.spoil == "finger" else wanted["bioSubType"][0],
            "purpose": "Registration",
            "env": asked["env"],
            "bioValue": url64(record),
            "transactionId": "replayed" if self.spoil == "replay" else asked["transactionId"],
            "timestamp": (datetime.now(UTC) - timedelta(hours=self.spoil == "old")).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "requestedScore": wanted["requestedScore"],
            "qualityScore": "78.4",
        }
        digest = hashlib.sha256(record).digest()
        self.previous = hashlib.sha256(bytes.fromhex(self.previous) + digest).hexdigest().upper()
        link = "00" * 32 if self.spoil == "chain" else self.previous
        data = self.sign(told)
        if self.spoil == "signature":
            head, _, signature = data.split(".")
            data = f"{head}.{url64(json.dumps(told | {'qualityScore': '99'}).encode())}.{signature}"
        if self.spoil == "unsigned":
            data = url64(json.dumps(told).encode())
        return {"biometrics": [{"specVersion": "0.9.5", "data": data, "hash": link, "error": self.error("0")}]}

    def identity(self) -> dict[str, Any]:
        return {
            "serialNo": self.serial, "make": "Testmake", "model": "T-1", "type": "Finger", "deviceSubType": "Single",
            "deviceProvider": "Test provider", "deviceProviderId": "1", "dateTime": "2026-01-01T00:00:00Z",
        }  # fmt: skip

    def state(self) -> dict[str, Any]:
        return {
            "deviceId": "1", "deviceStatus": "Busy" if self.spoil == "busy" else "Ready", "certification": "L1",
            "serviceVersion": "0.9.5", "deviceSubId": ["0"], "callbackId": "", "specVersion": ["0.9.5"],
            "purpose": "Registration", "deviceCode": self.serial,
        }  # fmt: skip

    def error(self, code: str) -> dict[str, str]:
        return {"errorCode": code, "errorInfo": "Success" if code == "0" else "Capture timed out"}

    def sign(self, payload: Mapping[str, Any]) -> str:
        days = -1 if self.spoil == "expired" else 30
        certificate = certify("Device", self.key, None if self.spoil == "stranger" else self.authority, days=days)
        x5c = [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()]
        header = {"alg": "none" if self.spoil == "algorithm" else "RS256", "typ": "JWT", "x5c": x5c}
        signed = f"{url64(json.dumps(header).encode())}.{url64(json.dumps(payload).encode())}"
        return f"{signed}.{url64(self.key.sign(signed.encode(), PKCS1v15(), hashes.SHA256()))}"


@dataclass
class SecuGenService:
    """SgiBioSrv. `told` is put over a good answer."""

    bitmap: bytes
    told: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    def answer(self, verb: str, path: str, body: bytes) -> tuple[int, bytes]:
        if (verb, path) != ("POST", "/SGIFPCapture"):
            return 404, b""
        self.asked.append(parse_qs(body.decode(), keep_blank_values=True))
        good = {
            "ErrorCode": 0, "Manufacturer": "SecuGen", "Model": "HU20", "SerialNumber": "H1", "ImageWidth": 300,
            "ImageHeight": 400, "ImageDPI": 500, "ImageQuality": 82, "NFIQ": 1,
            "BMPBase64": base64.b64encode(self.bitmap).decode(),
        }  # fmt: skip
        return 200, json.dumps(good | self.told).encode()


def localhost_tls(authority: Authority, folder: Any) -> ssl.SSLContext:
    """A server's side, with a certificate for localhost."""
    certificate = certify("localhost", authority.key, authority, host="localhost")
    key = authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "localhost.pem"
    path.write_bytes(key + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def rd_answer(capture: bytes) -> Answer:
    """A registered device's service, which answers a capture with the given XML."""

    def answer(verb: str, path: str, _body: bytes) -> tuple[int, bytes]:
        told = {
            ("RDSERVICE", "/"): b'<?xml version="1.0"?><RDService status="READY" info="Test RD">'
            b'<Interface id="CAPTURE" path="/rd/capture"/><Interface id="DEVICEINFO" path="/rd/info"/></RDService>',
            ("DEVICEINFO", "/rd/info"): b'<DeviceInfo dpId="TEST.MAKER" rdsId="T" rdsVer="1" dc="D-1" mi="T-2" mc=""/>',
            ("CAPTURE", "/rd/capture"): capture,
        }
        return (200, told[verb, path]) if (verb, path) in told else (404, b"")

    return answer


RD_SEALED = (
    b'<PidData><Resp errCode="0" errInfo="" fCount="1" fType="2" nmPoints="40" qScore="80"/>'
    b'<DeviceInfo dpId="TEST.MAKER"/><Skey ci="20300101">c2VhbGVk</Skey><Hmac>aG1hYw==</Hmac>'
    b'<Data type="X">c2VhbGVk</Data></PidData>'
)


def bitmap_of(png: bytes) -> bytes:
    """A print as the bitmap that a device gives."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.save(buffer, "BMP", dpi=(500, 500))
    return buffer.getvalue()
