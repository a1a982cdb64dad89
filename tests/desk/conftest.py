"""A desk, with a gateway's key that the test holds: it can open what the desk sealed."""

import io
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from PIL import Image

from services.desk.app import create_app
from services.desk.lock import set_pin
from services.desk.station import DeskSettings, Station
from services.sandbox.faces import CAST, portray
from services.sandbox.region import Impression
from services.sandbox.studio import Studio
from shared.contracts.packets import PacketContents, PacketKey
from shared.crypto.keyfiles import new_signing_key
from shared.crypto.packets import PacketOpener, encode_public, key_id, new_packet_key

PIN = "246813"
PORT = 8100
ADDRESS = f"http://127.0.0.1:{PORT}"
NOWHERE = "http://127.0.0.1:9"


@dataclass
class Held:
    """A gateway's packet key."""

    pem: bytes

    @property
    def opener(self) -> PacketOpener:
        return PacketOpener([load_pem_private_key(self.pem, None)])

    @property
    def told(self) -> PacketKey:
        public = self.opener.current
        return PacketKey(kid=key_id(public), x25519=encode_public(public))

    def open(self, path: Path) -> PacketContents:
        return PacketContents.model_validate_json(self.opener.open(path.read_bytes())[1])


@pytest.fixture(scope="session")
def held() -> Held:
    return Held(new_packet_key())


@pytest.fixture(scope="session")
def prints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prints")
    studio = Studio()
    for number, finger in enumerate(("right-index", "left-index")):
        (folder / f"{finger}.1.png").write_bytes(studio.fingerprint(Impression(700 + number, 1)))
    return folder


@pytest.fixture(scope="session")
def photo() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(portray(CAST[0], 1)).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


MakeStation = Callable[..., Station]


@pytest.fixture(scope="session")
def pin_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pin")
    set_pin(folder, PIN)
    return folder / "pin"


@pytest.fixture
def make_station(tmp_path: Path, held: Held, prints: Path, pin_file: Path) -> MakeStation:
    """A desk that has been connected once, and is not now."""

    def make(**given: object) -> Station:
        folder = tmp_path / "desk"
        folder.mkdir(mode=0o700, exist_ok=True)
        shutil.copy(pin_file, folder)
        key_file = tmp_path / "desk.pem"
        if not key_file.exists():
            key_file.write_bytes(new_signing_key())
        told = {
            "folder": folder, "gateway": NOWHERE, "key_file": key_file, "port": PORT, "keep_free": 0,
            "scanner": "simulator", "scanners": {"simulator": {"prints": str(prints)}},
        }  # fmt: skip
        station = Station(DeskSettings.model_validate(told | given))
        station.keys.take(held.told)
        return station

    return make


@pytest.fixture
async def station(make_station: MakeStation) -> AsyncIterator[Station]:
    made = make_station()
    yield made
    await made.gateway.close()


@pytest.fixture
async def browser(station: Station) -> AsyncIterator[httpx.AsyncClient]:
    """What a browser sends, without the browser."""
    transport = httpx.ASGITransport(create_app(station))
    headers = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers) as client:
        yield client


async def unlock(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/unlock", data={"pin": PIN})
    assert answer.status_code == 303, answer.text
