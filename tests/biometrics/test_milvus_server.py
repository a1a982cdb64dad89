"""The Milvus index against a real server, with TLS and a password, killed and started again: `make test-milvus`."""

import datetime as dt
import ipaddress
import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.biometrics.capacity.prediction import Gallery, predict
from services.biometrics.index import IndexUnavailableError
from services.biometrics.index.milvus import MOST_HITS, MilvusIndex
from services.biometrics.index.milvus_connection import MilvusConnection, connect
from shared.settings import Settings
from tests.biometrics.index_contract import DIMENSION, IndexContract, assert_same, brute_force, fill, unit
from tests.conftest import ROOT

pytestmark = [
    pytest.mark.skipif("MILVUS_ENV" not in os.environ, reason="a real Milvus server is tested by `make test-milvus`"),
    pytest.mark.timeout(900),
]

PASSWORD = "root:Milvus"
START_S = 180


def _certificate(folder):
    """A key and a certificate for this machine that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(made - dt.timedelta(hours=1))
        .not_valid_after(made + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    unprotected = serialization.NoEncryption()
    key_file, certificate_file = folder / "server.key", folder / "server.pem"
    key_file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, unprotected))
    certificate_file.write_bytes(certificate.public_bytes(pem))
    return key_file, certificate_file


class Server:
    def __init__(self, folder):
        self._folder = folder
        self._key, self.certificate = _certificate(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"https://127.0.0.1:{self._port}"

    def start(self):
        options = [
            "tls_mode=1",
            f"server_pem_path={self.certificate}",
            f"server_key_path={self._key}",
            "authorization_enabled=true",
        ]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [ROOT / "scripts" / "milvus-server", self._folder / "data", str(self._port), *options],
                stdout=log,
                stderr=log,
            )

    def wait(self):
        ends = time.monotonic() + START_S
        while True:
            assert self._process.poll() is None, "the server ended"
            try:
                return self.connection(5).close()
            except IndexUnavailableError:
                assert time.monotonic() < ends, "the server does not start"

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def memory(self):
        return psutil.Process(self._process.pid).memory_info().rss

    def disk(self):
        return sum(path.stat().st_size for path in (self._folder / "data" / "data").rglob("*") if path.is_file())

    def connection(self, seconds=60.0):
        return MilvusConnection(self.url, PASSWORD, str(self.certificate), seconds)

    def index(self, gallery, model_id="model-1"):
        return MilvusIndex(self.connection(), gallery, model_id, DIMENSION)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    started = Server(tmp_path_factory.mktemp("milvus"))
    started.start()
    started.wait()
    yield started
    started.kill()


@pytest.fixture
def index(server, request):
    opened = server.index(request.node.nodeid)
    yield opened
    opened.close()


class TestMilvusServer(IndexContract):
    ROUNDS = 4

    @pytest.fixture
    def index(self, index):
        return index


def test_more_hits_than_one_answer_holds(index):
    count = MOST_HITS + 4_000
    rows = unit(count)
    rows[1000:1040] = rows[1000]
    gallery = {f"key-{i}": row for i, row in enumerate(rows)}
    index.add(list(gallery), rows)
    assert len(index) == len(list(index.keys())) == count
    probe = rows[1000]
    assert {hit.key for hit in index.search_at(probe[np.newaxis], -1.0)[0]} == gallery.keys()
    assert len(index.search(probe[np.newaxis], MOST_HITS + 100)[0]) == MOST_HITS + 100
    assert_same(index.search(probe[np.newaxis], 20)[0], brute_force(gallery, probe, 20))
    assert_same(index.search_at(probe[np.newaxis], 0.8)[0], brute_force(gallery, probe, floor=0.8))


def test_neither_a_wrong_password_nor_an_unknown_authority_gets_in(server, tmp_path):
    with pytest.raises(IndexUnavailableError):
        MilvusConnection(server.url, "root:wrong", str(server.certificate), 5.0)
    _, other = _certificate(tmp_path)
    with pytest.raises(IndexUnavailableError):
        MilvusConnection(server.url, PASSWORD, str(other), 5.0)


def test_settings_carry_password_and_authority(server, tmp_path):
    token = tmp_path / "token"
    token.write_text(f"{PASSWORD}\n")
    settings = Settings(
        var=tmp_path,
        index="milvus",
        milvus_url=server.url,
        milvus_token_file=token,
        milvus_ca_file=server.certificate,
        milvus_vouched=True,
    )
    connect(settings).close()


def test_everything_acknowledged_is_there_after_a_kill_and_nothing_removed(server, index, request):
    """Half of it flushed to the store, half only in the log; searches that wait meanwhile are answered in the end."""
    gallery = fill(index, 2_000)
    index._connection.call("flush", index._collection)
    gallery |= fill(index, 2_000, seed=3, name="later")
    gone = [f"{name}-{i}" for name in ("key", "later") for i in range(0, 2_000, 5)]
    index.remove(gone)
    removed = {key: gallery.pop(key) for key in gone}
    server.kill()
    with ThreadPoolExecutor(1) as pool:
        patient = MilvusIndex._nearest
        waiting = pool.submit(patient, _with_patience(server, index), unit(1), 5, -2.0)
        server.start()
        server.wait()
        assert len(waiting.result()[0]) == 5
    again = server.index(request.node.nodeid)
    assert set(again.keys()) == gallery.keys()
    assert len(again) == len(gallery)
    probes = unit(20, seed=8)
    for probe, hits in zip(probes, again.search(probes, 50), strict=True):
        assert_same(hits, brute_force(gallery, probe, 50))
    found = again.search_at(np.stack(list(removed.values())), 0.9999)
    assert not {hit.key for hits in found for hit in hits} & removed.keys()
    np.testing.assert_array_equal(again.vectors(["later-1", "key-1"]), [gallery["later-1"], gallery["key-1"]])
    again.close()


def _with_patience(server, index):
    """The same index over a connection that waits as long as a restart takes."""
    index._connection._seconds = float(START_S)
    return index


def test_what_vectors_weigh_on_the_server(server):
    """Memory and disk of 100,000 vectors, printed: the source of `lindung capacity`'s figures."""
    count, dimension = 100_000, 512
    before = server.memory(), server.disk()
    index = MilvusIndex(server.connection(), "workers", "weights", dimension)
    for start in range(0, count, 10_000):
        keys = [str(1_000_000 + start + place) for place in range(10_000)]
        index.put(keys, unit(10_000, seed=start, dimension=dimension))
    full = server.memory() - before[0], server.disk() - before[1]
    index._connection.call("flush", index._collection, seconds=300)
    index.search(unit(1, dimension=dimension), 50)
    settled = server.memory() - before[0], server.disk() - before[1]
    for name, (memory, disk) in {"filled": full, "flushed": settled}.items():
        print(f"{name}: {memory / count:.0f} bytes of memory and {disk / count:.0f} of disk a vector of {dimension}")  # noqa: T201  with -s
    need = predict(Gallery(count, 0, dimension), "milvus")
    foretold = need.server_memory - predict(Gallery(0, 0, dimension), "milvus").server_memory
    assert settled[0] < 5 * foretold
    assert settled[1] < 2 * need.disk["index"]
    index.close()
