"""Papers at the public door: chips, pages, birth records and pictures, as a desk sends them and as it is told."""

import base64
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.cli.connection import Api, Identity, connect
from services.cli.enrol import encode, register
from services.registry.documents.lost import LostDocuments
from services.sandbox.faces import CAST, portray
from services.sandbox.pages import draw_page, file_of
from services.sandbox.region import Shot
from services.sandbox.studio import Studio
from shared.contracts.caller import Purpose
from shared.db.database import Database
from shared.settings import Settings
from shared.standards.mrz import MrzFormat, write_mrz
from tests.vectors import passports
from tests.vectors.face_image_records import face_record_2005

pytestmark = pytest.mark.anyio

DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
CHILD = Identity("child-protection", Purpose.CHILD_PROTECTION)
STUDIO = Studio()


@pytest.fixture(scope="module")
async def api(deployment: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    folder = tmp_path_factory.mktemp("csca")
    certificate = passports.csca().certificate
    (folder / "csca.der").write_bytes(certificate.public_bytes(passports.serialization.Encoding.DER))
    (folder / "csca.crl").write_bytes(
        passports.revoking(passports.csca()).public_bytes(passports.serialization.Encoding.DER)
    )
    async with connect(deployment.model_copy(update={"csca": folder})) as connected:
        yield connected


def a_zone(number: str, name: str, birth: str = "960402") -> str:
    given, surname = name.upper().split(" ", 1)
    return write_mrz(
        MrzFormat.TD3,
        document_code="P",
        issuer="IDN",
        surname=surname,
        given_names=given,
        document_number=number,
        nationality="IDN",
        birth=birth,
        sex="F",
        expiry="330101",
    )


def a_worker(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "born": "1996-04-02", "nationality": "IDN", "sex": "F"} | more


def a_chip(zone: str, face: bytes, by: passports.Authority) -> dict[str, str]:
    one, two = passports.dg1(zone), passports.dg2(face_record_2005(face))
    parts = {"dg1": one, "dg2": two, "sod": passports.ef_sod({1: one, 2: two}, by)}
    return {name: base64.b64encode(octets).decode() for name, octets in parts.items()}


def codes(registration: dict[str, Any]) -> set[str]:
    return {signal["code"] for signal in registration["signals"]}


def portrait(person: int) -> bytes:
    buffer = BytesIO()
    Image.fromarray(portray(CAST[person], 0)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


async def test_a_genuine_chip_is_silent_and_its_portrait_is_the_bearers(api: Api) -> None:
    zone = a_zone("X1000001", "Siti Aminah")
    chip = a_chip(zone, portrait(0), passports.signer(passports.csca()))
    photo = encode(STUDIO.photo(Shot(CAST[0], 1)))
    made = await register(api, DESK, a_worker("Siti Aminah", document={"mrz": zone, "chip": chip}, photo=photo), "chip")
    assert (made["signals"], made["missing"]) == ([], [])


async def test_a_chip_of_another_person_and_of_an_unknown_authority(api: Api) -> None:
    zone = a_zone("X1000002", "Dewi Lestari")
    foreign = passports.signer(passports.csca(number=2, common="CSCA of nowhere"))
    photo = encode(STUDIO.photo(Shot(CAST[1], 1)))
    shown = {"mrz": zone, "chip": a_chip(a_zone("X1000003", "Dewi Lestari"), portrait(2), foreign)}
    made = await register(api, DESK, a_worker("Dewi Lestari", document=shown, photo=photo), "foreign chip")
    assert codes(made) == {"CHIP_AUTHORITY_UNKNOWN", "CHIP_DATA_MISMATCH", "PORTRAIT_MISMATCH"}


async def test_the_zone_is_read_from_the_photo_of_the_page_and_its_number_is_remembered(api: Api) -> None:
    page = encode(file_of(draw_page(a_zone("X1000004", "Rina Wati"), 1)))
    first = await register(api, DESK, a_worker("Rina Wati", document={"page": page}), "page")
    assert codes(first) == set()
    other = a_worker("Putri Sari", document={"mrz": a_zone("X1000004", "Putri Sari")})
    assert "DOCUMENT_NUMBER_REUSED" in codes(await register(api, DESK, other, "same number"))


async def test_one_picture_on_the_documents_of_two_people(api: Api) -> None:
    made = []
    for person, name in ((4, "Ana Reyes"), (5, "Luz Cruz")):
        image = Image.open(BytesIO(portrait(6))).resize((300 + 20 * person, 400))
        buffer = BytesIO()
        image.save(buffer, "JPEG", quality=60)
        photo = encode(STUDIO.photo(Shot(CAST[person], 1)))
        shown = {"portrait": encode(buffer.getvalue())}
        made.append(await register(api, DESK, a_worker(name, document=shown, photo=photo), name))
    assert "PORTRAIT_REUSED" not in codes(made[0])
    (signal,) = (each for each in made[1]["signals"] if each["code"] == "PORTRAIT_REUSED")
    assert signal["evidence"]["registrations"] == [made[0]["registration"]]
    assert signal["strength"] == "strong"  # the faces agree too


async def test_a_birth_record_can_tell_that_it_is_a_child(api: Api) -> None:
    made = await register(api, DESK, a_worker("Thida Win", birth_record={"born": "2015-01-01"}), "record")
    assert codes(made) == set()  # the desk goes on seeing what it saw
    sealed = (await api.ask(CHILD, "GET", f"/v1/registrations/{made['registration']}")).json()
    assert {"CHILD_POSSIBLE", "BIRTH_RECORD_MISMATCH"} <= codes(sealed)


async def test_a_document_that_was_reported_lost(api: Api, deployment: Settings, tmp_path: Path) -> None:
    file = tmp_path / "sltd.csv"
    file.write_text("issuer,number,type,status,reported_on\nIDN,X1000009,P,STOLEN,2025-03-01\n")
    database = Database(deployment.database_url("registry"))
    key = base64.b64decode((deployment.key_folder / "registry-digest.key").read_text())
    assert await LostDocuments(database, key).load("sltd", file) == 1
    await database.close()
    for number, expected in (("X1000009", {"DOCUMENT_REPORTED_LOST"}), ("X1000008", set())):
        shown = {"mrz": a_zone(number, "Siti Fatimah")}
        assert codes(await register(api, DESK, a_worker("Siti Fatimah", document=shown), number)) == expected
