"""Zones read from images of pages, pictures that come again, lists of lost documents, and agencies' ages."""

from collections.abc import AsyncIterator
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.registry.documents.image_reader import DocumentImageError, ImageReader
from services.registry.documents.lost import LostDocuments, LostListError
from services.registry.documents.portrait_bits import portrait_bits
from services.registry.documents.portraits import NEAR, PortraitShelf
from services.registry.documents.zone_cells import cells, peaks, width_of
from services.registry.documents.zone_grammar import read_zone
from services.registry.workers.heaping import FEWEST, Heap, heaps, is_at_floor, tail
from services.registry.workers.particulars import Particulars
from services.registry.workers.store import RegistrationStore, Submission
from services.sandbox.faces import CAST, portray
from services.sandbox.pages import SPOILS, draw_page, file_of
from shared.contracts.registrations import RegistrationRequest, SignalCode, Strength
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.settings import Settings
from shared.standards.mrz import MrzFormat, parse_mrz, write_mrz
from shared.standards.mrz.alphabet import ALPHABET

pytestmark = pytest.mark.anyio

KEY = b"k" * 32


def a_zone(mrz_format: MrzFormat = MrzFormat.TD3, number: str = "X1234567", birth: str = "960402") -> str:
    code = {"TD3": "P", "MRV-A": "V", "MRV-B": "V"}.get(mrz_format.value, "I")
    return write_mrz(
        mrz_format,
        document_code=code,
        issuer="IDN",
        surname="Aminah",
        given_names="Siti",
        document_number=number,
        nationality="IDN",
        birth=birth,
        sex="F",
        expiry="310101",
    )


# ---- reading ---------------------------------------------------------------------------------------------------------


def seen(zone: str, doubts: dict[int, tuple[str, float]] | None = None) -> list[np.ndarray]:
    """Lines as a reader sees them that is sure of every character but some."""
    lines, at = [], 0
    for line in zone.split("\n"):
        rows = np.full((len(line), 37), 1e-6)
        for place, character in enumerate(line):
            rows[place, ALPHABET.index(character)] = 1.0
            if doubts and at in doubts:
                other, share = doubts[at]
                rows[place, ALPHABET.index(other)] = share
            at += 1
        lines.append(rows / rows.sum(axis=1, keepdims=True))
    return lines


@pytest.mark.parametrize("mrz_format", list(MrzFormat))
def test_what_is_clearly_seen_is_read_as_it_is(mrz_format: MrzFormat) -> None:
    read = read_zone(seen(a_zone(mrz_format)))
    assert read is not None
    assert (read.text, read.settled, read.wrong) == (a_zone(mrz_format), 0, 0)


def test_a_letter_in_a_date_is_a_digit_and_a_digit_in_a_name_a_letter() -> None:
    zone = a_zone(birth="900801")
    at_birth, at_name = 44 + 13 + 1, 5
    lines = seen(zone, {at_birth: ("O", 50.0), at_name: ("4", 50.0)})
    read = read_zone(lines)
    assert read is not None
    assert (read.text, read.settled) == (zone, 0)


def test_between_two_that_print_alike_the_check_digit_decides() -> None:
    zone = a_zone(number="O1234567")
    read = read_zone(seen(zone, {44: ("0", 3.0)}))  # 0 looks likelier than the O that it is
    assert read is not None
    assert (read.text, read.settled, read.wrong) == (zone, 1, 0)


def test_a_digit_that_was_altered_and_is_clearly_seen_stays_wrong() -> None:
    zone = a_zone()
    altered = zone[: 44 + 1 + 13] + "8" + zone[44 + 1 + 14 :]
    read = read_zone(seen(altered))
    assert read is not None
    assert (read.text, read.settled) == (altered, 0)
    assert read.wrong == 2  # the birth date's digit and the composite


def columns(text: str, dropped: frozenset[int] = frozenset()) -> np.ndarray:
    """A recogniser's columns, four a character, with a character lost here and there."""
    found = np.full((4 * len(text) + 4, 38), 1e-4, dtype=np.float32)
    found[:, 0] = 0.9
    for place, character in enumerate(text):
        share = 0.3 if place in dropped else 0.99
        found[4 * place + 3, ALPHABET.index(character) + 1] = share
        found[4 * place + 3, 0] = 1 - share
    return found


@given(st.sets(st.integers(1, 42), max_size=2))
def test_characters_that_the_recogniser_dropped_are_read_in_their_place(dropped: set[int]) -> None:
    line = a_zone().split("\n")[1]
    given_columns = columns(line, frozenset(dropped))
    found = peaks(given_columns)
    assert len(found) == 44 - len(dropped)
    assert width_of(found) == 44
    read = cells(given_columns, found, 44).argmax(axis=1)
    assert "".join(ALPHABET[each] for each in read) == line


def test_a_line_of_another_length_is_no_zone() -> None:
    found = peaks(columns("A" + "BC" * 11))
    assert width_of(found) is None
    assert width_of(found[:5]) is None


@pytest.fixture(scope="module")
async def reader() -> AsyncIterator[ImageReader]:
    images = ImageReader()
    yield images
    await images.close()


@pytest.mark.parametrize("kind", ["clean", "upside down"])
async def test_a_page_is_read_by_the_child(reader: ImageReader, kind: str) -> None:
    page = SPOILS[kind](draw_page(a_zone(), 1), np.random.default_rng(1))
    read = await reader.zone(file_of(page))
    assert read is not None
    assert parse_mrz(read.text).document_number == "X1234567"


async def test_a_page_without_a_zone_and_a_file_that_is_no_image(reader: ImageReader) -> None:
    blank = Image.new("RGB", (400, 300), (230, 230, 230))
    assert await reader.zone(file_of(blank)) is None
    with pytest.raises(DocumentImageError):
        await reader.zone(b"no image")
    assert await reader.zone(file_of(blank)) is None  # and goes on answering


# ---- pictures --------------------------------------------------------------------------------------------------------


def recompressed(pixels: np.ndarray, size: float, quality: int) -> np.ndarray:
    image = Image.fromarray(pixels)
    buffer = BytesIO()
    image.resize((int(image.width * size), int(image.height * size))).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


@pytest.mark.parametrize(("size", "quality"), [(1.0, 30), (0.5, 80), (1.7, 60)])
def test_the_same_picture_in_another_file(size: float, quality: int) -> None:
    picture = portray(CAST[0], 0)
    one, other = (int(portrait_bits(each), 16) for each in (picture, recompressed(picture, size, quality)))
    assert (one ^ other).bit_count() <= NEAR


def test_two_photos_of_one_person_are_two_pictures() -> None:
    one, other = (int(portrait_bits(portray(CAST[0], shot)), 16) for shot in (1, 2))
    assert (one ^ other).bit_count() > NEAR


@pytest.fixture(scope="module")
async def register(deployment: Settings) -> AsyncIterator[tuple[Database, list[str]]]:
    """A registry's database with three registrations in it."""
    database = Database(deployment.database_url("registry"))
    store = RegistrationStore(database, KeyRing.load(deployment.key_folder / "registry-sealing.json"), KEY)
    ids = []
    for number in range(3):
        request = RegistrationRequest(name="Siti", born="1996")
        particulars = Particulars("Siti", None, "1996", None, None, None)
        made = await store.accept(Submission("IDN", "desk", f"k{number}", b"{}", request, particulars))
        ids.append(made.id)
    yield database, ids
    await database.close()


async def test_a_picture_is_found_again_and_forgotten(register: tuple[Database, list[str]]) -> None:
    database, (one, two, three) = register
    shelf = PortraitShelf(database, KEY)
    bits = int(portrait_bits(portray(CAST[1], 0)), 16)
    stranger = int(portrait_bits(portray(CAST[2], 1)), 16)
    await shelf.put(one, [bits])
    await shelf.put(three, [stranger])
    near = bits ^ (2**NEAR - 1)  # as far as still counts
    assert [(each.registration, each.distance) for each in await shelf.near(two, [near])] == [(one, NEAR)]
    assert await shelf.near(two, [near ^ 2**NEAR]) == []
    assert await shelf.near(one, [bits]) == []  # not oneself
    await shelf.put(one, [])
    assert await PortraitShelf(database, KEY).near(two, [bits]) == []
    assert await shelf.near(two, [bits]) == []


async def test_the_table_does_not_tell_the_picture(register: tuple[Database, list[str]]) -> None:
    database, _ = register
    bits = 2**256 - 1
    shelf, other = PortraitShelf(database, KEY), PortraitShelf(database, b"another key" * 3)
    assert shelf._hidden(bits) != bits.to_bytes(32, "big")
    assert shelf._hidden(bits) != other._hidden(bits)
    hidden = int.from_bytes(shelf._hidden(bits)) ^ int.from_bytes(shelf._hidden(bits ^ 5))
    assert hidden.bit_count() == 2  # distances stay


# ---- lost documents --------------------------------------------------------------------------------------------------

LIST = "issuer,number,type,status,reported_on\nIDN,X 1234567,P,STOLEN,2025-03-01\nPHL,P7654321B,P,LOST,\n"


async def test_a_listed_document_is_told_and_its_neighbour_is_not(
    register: tuple[Database, list[str]], tmp_path: Path
) -> None:
    database, _ = register
    file = tmp_path / "sltd.csv"
    file.write_text(LIST)
    lost = LostDocuments(database, KEY)
    assert await lost.load("sltd", file) == 2
    found = await lost.signal(("IDN", "X1234567"))
    assert found is not None
    assert (found.code, found.strength) == (SignalCode.DOCUMENT_REPORTED_LOST, Strength.STRONG)
    assert found.evidence["listed"][0]["reported_on"] == date(2025, 3, 1).isoformat()
    for identity in (("IDN", "X1234568"), ("PHL", "X1234567"), None):
        assert await lost.signal(identity) is None
    file.write_text(LIST.splitlines()[0] + "\n")
    assert await lost.load("sltd", file) == 0  # the newer list takes the older one's place
    assert await lost.signal(("IDN", "X1234567")) is None


@pytest.mark.parametrize(
    "text",
    [
        "number,status\nX1,LOST\n",
        LIST + "IDN,X2,P,MISLAID,\n",
        LIST + "IDN,,P,LOST,\n",
        LIST + "IDN,X2,P,LOST,yesterday\n",
    ],
)
async def test_a_list_that_cannot_be_read_changes_nothing(
    register: tuple[Database, list[str]], tmp_path: Path, text: str
) -> None:
    database, _ = register
    lost, file = LostDocuments(database, KEY), tmp_path / "list.csv"
    file.write_text(LIST)
    await lost.load("other", file)
    file.write_text(text)
    with pytest.raises(LostListError):
        await lost.load("other", file)
    assert await lost.signal(("PHL", "P7654321B")) is not None
    file.write_text(LIST.splitlines()[0] + "\n")
    await lost.load("other", file)


# ---- agencies --------------------------------------------------------------------------------------------------------


def spread(count: int) -> list[int]:
    """Ages as they come: evenly over fifteen years above the minimum."""
    return [int(15 * 365 * (n + 0.5) / count) for n in range(count)]


def compared(above: dict[str, list[int]]) -> list[Heap]:
    """Agencies by the days that each worker is above the minimum."""
    counted = {agency: [each for each in map(is_at_floor, days) if each is not None] for agency, days in above.items()}
    return heaps({agency: (len(some), sum(some)) for agency, some in counted.items()})


def test_an_agency_whose_workers_are_all_just_old_enough_is_named() -> None:
    honest = {f"A{n}": spread(60) for n in range(8)}
    (first, *others) = compared(honest | {"B": [10 + n for n in range(20)] + spread(20)})
    assert (first.agency, first.named, first.workers) == ("B", True, 40)
    assert not any(each.named for each in others)


def test_agencies_that_do_not_differ_are_not_named() -> None:
    assert not any(each.named for each in compared({f"A{n}": spread(50) for n in range(10)}))
    young = {f"A{n}": spread(40)[:10] + [100] * 10 for n in range(5)}  # all recruit the young: nothing to compare
    assert not any(each.named for each in compared(young))


def test_few_workers_are_not_compared() -> None:
    assert {each.agency for each in compared({"A": spread(100), "B": [5] * (FEWEST - 1)})} <= {"A"}
    assert compared({"A": spread(100)}) == []


def test_workers_below_the_minimum_do_not_count() -> None:
    (heap, *_) = compared({"A": [-5] * 50 + spread(30), "B": spread(30)})
    assert heap.workers == 30


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_tail_is_a_chance(drawn: int, marked: int, at_least: int) -> None:
    assert tail(0, drawn, marked, 60) == pytest.approx(1)
    assert 0 <= tail(at_least, drawn, marked, 60) <= 1
    assert tail(at_least + 1, drawn, marked, 60) <= tail(at_least, drawn, marked, 60)
