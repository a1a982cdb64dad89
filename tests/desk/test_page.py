"""The steps at the desk, as a browser without JavaScript sends them; and who may not send them."""

import asyncio
import re
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from services.desk.app import create_app
from services.desk.lock import Lock, PinRefusedError, PinTooSimpleError, set_pin
from services.desk.page.notices import notices
from services.desk.station import Station
from shared.contracts.packets import PacketReceipt
from shared.contracts.registrations import BirthRecord, FingerException, FingerPosition, NoBiometrics, WorkerContact
from shared.contracts.terms import ContractTerms, Money
from shared.standards.mrz import parse_mrz
from tests.desk.conftest import ADDRESS, PIN, PORT, Held, MakeStation, unlock

pytestmark = pytest.mark.anyio

ZONE = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
"""The specimen of ICAO Doc 9303-4."""
WORK = {
    "contact.phone": "+62 812 3456 789", "contact.account": "BRI 0123-4567", "document.holder": "PT Maju",
    "document.issued": "2024-05", "placement.destination": "mys", "placement.start": "2027-01-10",
    "placement.sector": "domestic", "placement.terms.occupation": "9111", "placement.terms.wage.amount": "1700.50",
    "placement.terms.deductions.amount": "200", "placement.terms.currency": "MYR",
    "placement.terms.hours_a_week": "48", "placement.promised.wage.amount": "2000",
    "placement.promised.currency": "MYR", "placement.paid.amount": "15000000", "placement.paid.currency": "IDR",
    "birth_record.born": "1996-04", "birth_record.number": "3174",
}  # fmt: skip
"""What is asked only in details that stay closed."""
TYPED = {"name": "SITI AMINAH", "born": "1996-04-02", "nationality": "idn", "document.number": "C1234567"}


async def begin(browser: httpx.AsyncClient, choice: str = "agree", language: str = "th") -> None:
    await unlock(browser)
    assert (await browser.post("/start")).headers["location"] == "/consent"
    answer = await browser.post("/consent", data={"choice": choice, "language": language})
    assert answer.headers["location"] == "/document"


async def submit(browser: httpx.AsyncClient, **extra: str) -> str:
    answer = await browser.post("/submit", data=extra)
    assert answer.status_code == 303, re.sub(r"<[^>]+>", "", answer.text)
    return answer.headers["location"]


async def test_from_consent_to_a_receipt_without_a_network(
    browser: httpx.AsyncClient, station: Station, held: Held, photo: bytes, prints: Path
) -> None:
    await begin(browser)
    files = {"document.page": ("page.jpg", b"\xff\xd8 page", "image/jpeg")}
    assert (await browser.post("/document", data=TYPED | WORK, files=files)).headers["location"] == "/photo"
    seen = (await browser.post("/photo/frame", content=photo)).json()
    assert (seen["good"], seen["say"]) == (True, [])
    assert (await browser.post("/photo", files={"photo": ("p.jpg", photo, "image/jpeg")})).status_code == 303
    assert (await browser.post("/fingers/right-index/capture")).status_code == 303
    assert (await browser.post("/fingers/left-index/exception", data={"why": "BANDAGED"})).status_code == 303
    page = (await browser.get("/review")).text
    assert all(told in page for told in ("SITI AMINAH", "PT Maju", "work in a household", "1700.50", "Bandaged"))
    where = await submit(browser)
    receipt = await browser.get(where)
    assert "SITI" not in receipt.text
    assert notices()["th"].receipt in receipt.text
    (waiting,) = station.outbox.waiting()
    contents = held.open(waiting.path)
    wanted = contents.registration
    assert (wanted.name, wanted.nationality, wanted.reference) == ("SITI AMINAH", "IDN", where[9:23])
    assert wanted.notice is not None
    assert (wanted.notice.language, wanted.notice.biometrics_agreed) == ("th", True)
    assert wanted.photo == photo
    assert [(f.position, f.exception) for f in wanted.fingers] == [
        (FingerPosition.RIGHT_INDEX, None),
        (FingerPosition.LEFT_INDEX, FingerException.BANDAGED),
    ]
    assert [(device.adapter, device.signed) for device in contents.devices] == [("simulator", False)]
    assert station.enrolment is None
    placed, terms = wanted.placement, wanted.placement and wanted.placement.terms
    assert wanted.document is not None
    assert (wanted.document.holder, wanted.document.issued) == ("PT Maju", "2024-05")
    assert wanted.contact == WorkerContact(phone="+62 812 3456 789", account="BRI 0123-4567")
    assert wanted.birth_record == BirthRecord(born="1996-04", number="3174")
    assert placed is not None
    assert terms is not None
    assert (placed.destination, placed.sector, placed.paid) == (
        "MYS",
        "domestic",
        Money(amount=Decimal(15_000_000), currency="IDR"),
    )
    assert (terms.wage, terms.deductions) == tuple(
        Money(amount=Decimal(each), currency="MYR") for each in ("1700.50", "200")
    )
    assert (terms.occupation, terms.hours_a_week, terms.months) == ("9111", 48, None)
    assert placed.promised == ContractTerms(wage=Money(amount=Decimal(2000), currency="MYR"))


async def test_the_first_page_tells_when_the_gateway_is_away_and_when_it_has_a_packet(
    browser: httpx.AsyncClient, station: Station
) -> None:
    await begin(browser, "disagree")
    await browser.post("/document", data=TYPED)
    reference = (await submit(browser))[9:23]
    before = (await browser.get(f"/status?reference={reference}")).json()
    assert (before["line"], before["waiting"], before["received"]) == ("Not connected yet", "1 waiting", False)
    await station.sender.drain()
    away = (await browser.get("/status")).json()
    assert (away["line"], away["stamp"] == before["stamp"]) == ("Not sending", False)
    assert "the gateway does not answer" in (await browser.get("/state")).text
    (waiting,) = station.outbox.waiting()
    given = {"packet": waiting.packet, "registration": "R1", "reference": reference, "state": "PROVISIONAL"}
    station.outbox.sent(waiting, PacketReceipt.model_validate(given))
    after = (await browser.get(f"/status?reference={reference}")).json()
    assert (after["waiting"], after["received"], after["stamp"] == away["stamp"]) == ("0 waiting", True, False)
    assert reference in (await browser.get("/state")).text


async def test_nothing_readable_is_left_on_the_disk(
    browser: httpx.AsyncClient, station: Station, photo: bytes, tmp_path: Path
) -> None:
    big = b"PAGE-OF-THE-PASSPORT" * 100_000  # larger than what a framework would put into a temporary file
    await begin(browser)
    files = {"document.page": ("page.jpg", big, "image/jpeg")}
    await browser.post("/document", data=TYPED | {"native_name": "สิติ อามินะห์"}, files=files)
    await browser.post("/photo", files={"photo": ("p.jpg", photo, "image/jpeg")})
    await browser.post("/fingers/right-index/capture")
    capture = station.enrolment.finger(FingerPosition.RIGHT_INDEX).best
    await submit(browser)
    secrets = [b"SITI", b"AMINAH", "สิติ".encode(), b"1996-04-02", b"C1234567", b"OF-THE-PASSPORT"]
    secrets += [photo[400:432], capture.image[400:432], capture.evidence("x", FingerPosition.UNKNOWN).sha256.encode()]
    found = [path for path in (tmp_path / "desk").rglob("*") if path.is_file()]
    assert len(found) == 3
    assert not [path for path in found for secret in secrets if secret in path.read_bytes()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in found)


async def test_who_does_not_agree_is_registered_without_being_captured(
    browser: httpx.AsyncClient, station: Station, held: Held, photo: bytes
) -> None:
    await begin(browser, "disagree", "id")
    assert (await browser.post("/document", data=TYPED)).headers["location"] == "/review"
    for path in ("/photo", "/fingers/right-index/capture", "/photo/frame"):
        answer = await browser.post(path, files={"photo": ("p.jpg", photo, "image/jpeg")})
        assert answer.headers.get("location") == "/"
    await submit(browser)
    wanted = held.open(station.outbox.waiting()[0].path).registration
    assert (wanted.photo, wanted.fingers, wanted.no_biometrics) == (None, [], NoBiometrics.REFUSED)


async def test_the_zone_fills_the_form_and_says_when_a_digit_is_wrong(browser: httpx.AsyncClient) -> None:
    await begin(browser)
    told = (await browser.post("/document/zone", data={"document.mrz": ZONE})).json()
    assert told["fields"] == {
        "name": "ANNA MARIA ERIKSSON", "born": "1974-08-12", "sex": "F", "nationality": "UTO",
        "document.number": "L898902C3", "document.issuer": "UTO", "document.expires": "2012-04-15",
    }  # fmt: skip
    wrong = ZONE.replace("7408122", "7408132")
    assert not parse_mrz(wrong).checks_ok
    assert "birth" in (await browser.post("/document/zone", data={"document.mrz": wrong})).json()["said"]
    page = await browser.post("/document", data={"document.mrz": ZONE, "do": "read"})
    assert 'value="ANNA MARIA ERIKSSON"' in page.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("born", "1996-13-01"), ("born", "2999-01-01"), ("born", "yesterday"), ("name", ""),
        ("nationality", "INDONESIA"), ("contact.phone", "call me"), ("contact.account", "?"),
        ("document.holder", "x" * 501), ("document.issued", "2999"), ("birth_record.born", "1996-02-31"),
        ("placement.start", ""), ("placement.destination", "Malaysia"), ("placement.terms.currency", ""),
        ("placement.terms.wage.amount", "1.500"), ("placement.terms.occupation", "maid"),
        ("placement.promised.hours_a_week", "200"), ("placement.paid.amount", "-1"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_told_at_its_field(browser: httpx.AsyncClient, field: str, value: str) -> None:
    await begin(browser)
    page = await browser.post("/document", data=TYPED | WORK | {field: value})
    assert page.status_code == 422
    assert re.findall(r'id="([\w.]+)-told">', re.sub(r'<p class="hint".*?</p>', "", page.text)) == [field]
    focused = re.findall(r'id="([^"]+)"[^>]* autofocus', page.text)
    assert focused == [field]
    await browser.post("/language", data={"language": "th"})
    assert re.search(
        rf'id="{re.escape(field)}-told">[ก-๙]',
        (await browser.post("/document", data=TYPED | WORK | {field: value})).text,
    )


async def test_three_tries_and_no_more(browser: httpx.AsyncClient, station: Station) -> None:
    await begin(browser)
    for _ in range(5):
        await browser.post("/fingers/right-index/capture")
    assert len(station.enrolment.finger(FingerPosition.RIGHT_INDEX).tries) == 3
    answer = await browser.post("/fingers/left-little/capture")
    assert (answer.status_code, "no print of the left-little" in answer.text) == (409, True)
    card = answer.text.partition('id="left-little"')[2]
    assert "Look at its cable and its program, then capture again." in card
    assert re.search(r'aria-describedby="left-little-name left-little-said" autofocus', card)


async def test_a_print_that_the_gateway_cannot_use_is_tried_again_first(
    browser: httpx.AsyncClient, station: Station
) -> None:
    await begin(browser)
    await browser.post("/fingers/right-index/capture")
    assert 'aria-describedby="left-index-name" autofocus' in (await browser.get("/fingers")).text
    station.enrolment.finger(FingerPosition.RIGHT_INDEX).usable[0] = False
    page = (await browser.get("/fingers")).text
    assert "Wipe the glass and the finger" in page
    assert 'aria-describedby="right-index-name right-index-said" autofocus' in page


async def test_the_same_worker_again_is_told_and_decided_by_the_officer(
    browser: httpx.AsyncClient, station: Station
) -> None:
    await begin(browser)
    await browser.post("/document", data=TYPED)
    await submit(browser)
    await browser.post("/start")
    await browser.post("/consent", data={"choice": "agree", "language": "en"})
    await browser.post("/document", data=TYPED | {"name": "Aminah, Siti", "document.number": "X9"})
    answer = await browser.post("/submit")
    assert (answer.status_code, "seems to wait" in answer.text) == (409, True)
    await submit(browser, double="seen")
    assert len(station.outbox.waiting()) == 2


async def test_pressed_twice_is_packed_once(browser: httpx.AsyncClient, station: Station) -> None:
    await begin(browser, "disagree")
    await browser.post("/document", data=TYPED)
    first, second = await asyncio.gather(browser.post("/submit"), browser.post("/submit"))
    assert (first.status_code, second.status_code) == (303, 303)
    assert any(each.headers["location"].startswith("/receipt") for each in (first, second))
    assert len(station.outbox.waiting()) == 1


async def test_requests_from_elsewhere_are_refused(browser: httpx.AsyncClient, station: Station) -> None:
    await begin(browser)
    wrong = [
        ("GET", {"Host": f"evil.example:{PORT}"}),  # a name that was rebound to 127.0.0.1
        ("GET", {"Host": "127.0.0.1:9999"}),
        ("GET", {"Sec-Fetch-Site": "cross-site"}),
        ("GET", {"Sec-Fetch-Site": "same-site"}),  # another page on this PC
        ("POST", {"Origin": "https://evil.example"}),
        ("POST", {"Origin": "null"}),
        ("POST", {"Origin": "http://127.0.0.1:9999"}),
        ("POST", {"Sec-Fetch-Site": "cross-site"}),
    ]
    for method, headers in wrong:
        answer = await browser.request(method, "/cancel" if method == "POST" else "/review", headers=headers)
        assert answer.status_code == 403, headers
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert station.enrolment is not None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(station)), base_url=ADDRESS) as bare:
        bare.cookies.update(browser.cookies)
        assert (await bare.post("/cancel")).status_code == 403  # no Origin at all


async def test_locked_shows_nothing(browser: httpx.AsyncClient, station: Station) -> None:
    await begin(browser)
    await browser.post("/document", data=TYPED)
    await browser.post("/lock")
    for path in ("/", "/consent", "/document", "/photo/taken", "/fingers", "/review", "/status"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/unlock")
    assert "SITI" not in (await browser.get("/unlock")).text
    assert (await browser.get("/status", headers={"Accept": "application/json"})).status_code == 401
    assert (await browser.post("/unlock", data={"pin": "000000"})).status_code == 403
    await unlock(browser)
    assert 'href="/photo" autofocus' in (await browser.get("/")).text  # at the step that comes next
    assert "SITI" in (await browser.get("/review")).text  # what was begun is still there
    assert station.lock.is_open(browser.cookies["lindung-desk"])


def test_a_pin_cannot_be_tried_out(tmp_path: Path) -> None:
    instant = [0.0]
    for simple in ("12345", "111111", "abcdef"):
        with pytest.raises(PinTooSimpleError):
            set_pin(tmp_path, simple)
    set_pin(tmp_path, PIN)
    assert PIN.encode() not in (tmp_path / "pin").read_bytes()
    lock = Lock(tmp_path, 60, lambda: instant[0])
    for _ in range(5):
        with pytest.raises(PinRefusedError, match="wrong"):
            lock.open("135791")
    with pytest.raises(PinRefusedError, match="Wait 15"):
        lock.open(PIN)
    instant[0] = 16
    session = lock.open(PIN)
    instant[0] = 75
    assert lock.is_open(session)
    assert not lock.is_open(session[:-1] + "?")
    instant[0] = 77
    assert not lock.is_open(session)


async def test_a_desk_that_was_never_connected_takes_nobody(make_station: MakeStation, tmp_path: Path) -> None:
    made = make_station()
    (tmp_path / "desk" / "gateway-key.json").unlink()
    fresh = Station(made.settings)
    headers = {"Origin": ADDRESS}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(fresh)), base_url=ADDRESS, headers=headers
    ) as page:
        await unlock(page)
        assert (await page.post("/start")).status_code == 503
    for each in (made, fresh):
        await each.gateway.close()


def test_every_notice_says_the_same_number_of_things() -> None:
    texts = notices()
    assert {"en", "id", "th"} <= set(texts)
    assert {(len(text.said), text.version) for text in texts.values()} == {(5, texts["en"].version)}
