"""An officer and a worker at the desk, in a real browser with a camera that plays a picture: from consent to receipt.

Screenshots are kept in var/screenshots/desk, or in the folder that LINDUNG_SCREENSHOTS names, and then at both widths
in both colour schemes.
"""

import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import httpx
import numpy as np
import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright

from services.desk.queue.receipts import ReceiptBook
from services.sandbox.faces import CAST, portray
from tests.conftest import ROOT, MakeDeployment
from tests.deploy.forking import Starter
from tests.desk.conftest import PIN
from tests.desk.test_drain import Server, free_port
from tests.desk.test_page import ZONE

CHROMIUM: Final = Path("/usr/bin/chromium")
MOST_CPU_S: Final = 20.0
LOOKS: Final = tuple(itertools.product((1280, 390), ("light", "dark")))
FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
)  # fmt: skip

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium: run scripts/set-up-browser"),
]


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face before a wall, seen by a camera of 640 x 480, moving a little."""
    path = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    with path.open("wb") as file:
        for shift in (0, 1, 2, 1):
            frame = Image.new("RGB", (640, 480), (150, 156, 158))
            frame.paste(Image.fromarray(portray(CAST[2], 1)), (120 + shift, 0))
            frame.save(file, "JPEG", quality=92)
    return path


@pytest.fixture(scope="module")
def gateway(make_deployment: MakeDeployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port, log = free_port(), tmp_path_factory.mktemp("gateway") / "log"
    settings = make_deployment("sqlite").model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    environment = {"LINDUNG_VAR": str(settings.var), "LINDUNG_PUBLIC_URL": settings.public_url}
    server = Server(settings, Starter(ROOT, ["serve", "--port", str(port)], environment, log))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def desk(
    gateway: Server, prints: Path, pin_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, int]]:
    """`lindung desk` as a process: address, folder and process id."""
    folder, port = tmp_path_factory.mktemp("desk"), free_port()
    shutil.copy(pin_file, folder)
    (folder / "desk.toml").write_text(f'scanner = "simulator"\n[scanners.simulator]\nprints = "{prints}"\n')
    key = gateway.settings.key_folder / "clients" / "desk.pem"
    words = ["desk", "--folder", str(folder), "--key", str(key), "--port", str(port)]
    words += ["--url", gateway.settings.public_url]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
    process = subprocess.Popen([sys.executable, "-m", "services.cli", *words], cwd=ROOT, env=kept)
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while not _answers(f"{address}/unlock"):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)  # another process can set no event here
        yield address, folder, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


@dataclass
class Watched:
    """What the browser complained about, and whom it asked."""

    complaints: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", lambda told: self._note(told.type, told.text))
        context.on("weberror", lambda told: self.complaints.append(str(told.error)))
        context.on("request", lambda request: self.asked.add("/".join(request.url.split("/")[:3])))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def page(camera: Path, profile: Path, watched: Watched) -> Iterator[Page]:
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=CHROMIUM,
            args=[*FLAGS, f"--use-file-for-fake-video-capture={camera}"],
            viewport={"width": 1280, "height": 900},
            reduced_motion="reduce",  # a screenshot shows no colour half-way to another
        )
        watched.watch(context)
        context.set_default_timeout(30_000)
        yield context.pages[0]
        context.close()


Look = Callable[[str], None]
expect.set_options(timeout=30_000)


def open_desk(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_label("PIN")).to_be_focused()
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Enrol a worker").wait_for()
    left = page.get_by_role("button", name="Forget this worker")  # of a test that failed
    if left.count():
        left.click()
        page.get_by_role("button", name="New worker").wait_for()


def press_focused(page: Page, button: Locator) -> None:
    """Enter, on what has the focus by itself."""
    expect(button).to_be_focused()
    page.keyboard.press("Enter")


def enrol(page: Page, look: Look) -> str:
    """From the first page to the receipt, with keys where a key is enough; the reference."""
    look("start")
    press_focused(page, page.get_by_role("button", name="New worker"))
    expect(page.locator(".languages [aria-pressed]")).to_be_focused()
    page.get_by_role("button", name="ไทย").press("Enter")
    expect(page.get_by_role("button", name="ไทย")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[value=agree]")).to_be_focused()
    page.keyboard.press("Space")
    look("consent")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Machine-readable zone")).to_be_focused()
    page.keyboard.type(ZONE.replace("\n", "\r") + "\r")  # as a scanner types it, into the field that has the focus
    expect(page.get_by_label("Name", exact=True)).to_have_value("ANNA MARIA ERIKSSON")
    look("document")
    press_focused(page, page.get_by_role("button", name="Go on"))
    page.locator("#take[data-good=yes]").wait_for()
    look("camera")
    press_focused(page, page.get_by_role("button", name="Take the photo"))
    page.get_by_role("link", name="Go on", exact=True).wait_for()
    look("photo")
    press_focused(page, page.get_by_role("link", name="Go on", exact=True))
    for done, finger in enumerate(("right-index", "left-index"), 1):
        press_focused(page, page.locator(f"#{finger} form.capture button"))
        expect(page.locator(".print img")).to_have_count(done)
    look("fingers")
    press_focused(page, page.get_by_role("link", name="Go on", exact=True))
    page.get_by_role("button", name="Seal and send").wait_for()
    look("review")
    press_focused(page, page.get_by_role("button", name="Seal and send"))
    reference = page.locator("#reference").inner_text()
    page.get_by_text("The gateway has it.", exact=True).wait_for()
    expect(page.get_by_role("button", name="Print")).to_be_focused()
    look("receipt")
    return reference


def cpu_of(processes: list[int]) -> float:
    """Seconds of CPU that these and all below them have used."""
    found = [psutil.Process(process) for process in processes]
    every = [*found, *(child for each in found for child in each.children(recursive=True))]
    return sum(sum(each.cpu_times()[:2]) for each in every)


def test_from_consent_to_receipt(
    page: Page, watched: Watched, profile: Path, gateway: Server, desk: tuple[str, Path, int], capsys: Any
) -> None:
    address, folder, process = desk
    open_desk(page, address)
    assert gateway.group is not None
    browser = [
        each.pid for each in psutil.process_iter(["cmdline"]) if str(profile) in " ".join(each.info["cmdline"] or ())
    ]
    machines = [process, gateway.group, browser[0]]
    started, cpu = time.monotonic(), cpu_of(machines)
    reference = enrol(page, lambda _name: None)
    spent = cpu_of(machines) - cpu
    with capsys.disabled():
        print(f"\nconsent to receipt: {spent:.1f} s of CPU, {time.monotonic() - started:.1f} s by the clock")  # noqa: T201
    assert spent < MOST_CPU_S

    code = cv2.imdecode(np.frombuffer(page.locator(".qr").screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert cv2.QRCodeDetector().detectAndDecode(code)[0] == reference
    assert "ERIKSSON" not in page.content()
    receipt = ReceiptBook(folder / "receipts.jsonl").find(reference)
    assert receipt is not None
    assert (receipt.left_out, receipt.registration[:1]) == ([], "R")
    assert watched.complaints == []
    assert {each for each in watched.asked if each.startswith("http")} == {address}
    page.context.close()
    for kept in (folder, profile):
        assert _files_with(kept, (b"ERIKSSON", "ERIKSSON".encode("utf-16-le"), b"L898902C3")) == []


def _files_with(folder: Path, secrets: tuple[bytes, ...]) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    contents = ((path, path.read_bytes()) for path in files)
    return [str(path) for path, content in contents if any(secret in content for secret in secrets)]


def test_every_step_is_accessible_in_both_widths_and_schemes(
    page: Page, watched: Watched, desk: tuple[str, Path, int]
) -> None:
    named = os.environ.get("LINDUNG_SCREENSHOTS")
    looks, shots = (LOOKS if named else (LOOKS[0], LOOKS[3])), Path(named or ROOT / "var" / "screenshots") / "desk"
    wrong: dict[str, list[str]] = {}

    def look(name: str) -> None:
        for width, scheme in looks:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=shots / f"{name}-{width}-{scheme}.png", full_page=True)
            page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
            found = Axe().run(page).response["violations"]
            told = [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]
            if told:
                wrong[f"{name} {width} {scheme}"] = told
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong[f"{name} {width} {scheme} scrolls sideways"] = []

    address = desk[0]
    page.goto(address)
    look("locked")
    open_desk(page, address)
    enrol(page, look)
    page.emulate_media(media="print", color_scheme="light")
    page.screenshot(path=shots / "receipt-print.png", full_page=True)
    assert wrong == {}
    assert watched.complaints == []


def test_the_gateway_goes_away_and_comes_back(page: Page, gateway: Server, desk: tuple[str, Path, int]) -> None:
    open_desk(page, desk[0])
    line = page.locator("#line")
    expect(line).to_have_text("Connected")
    gateway.kill()
    press_focused(page, page.get_by_role("button", name="New worker"))
    page.keyboard.press("Enter")  # the language that is offered
    page.locator("[value=disagree]").press("Space")
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("SITI AMINAH")
    page.get_by_label("Date of birth", exact=True).fill("1996-04-02")
    page.keyboard.press("Enter")  # in a field: goes on
    press_focused(page, page.get_by_role("button", name="Seal and send"))
    expect(page.locator("#received")).to_have_text("Sealed, and kept here until the gateway has it.")
    expect(line).to_have_text("Not sending")
    reference = page.locator("#reference").inner_text()
    page.get_by_role("link", name="To the start").press("Enter")
    expect(page.get_by_text("Why: the gateway does not answer.")).to_be_visible()
    gateway.start()
    expect(line).to_have_text("Connected")
    expect(page.get_by_role("rowheader", name=reference)).to_be_visible()  # the page was not loaded again:
    expect(page.get_by_role("button", name="New worker")).to_be_focused()
    expect(page.get_by_text("does not answer")).to_have_count(0)


def test_an_unattended_page_locks_and_keeps_nothing_on_the_screen(page: Page, desk: tuple[str, Path, int]) -> None:
    address = desk[0]
    open_desk(page, address)
    press_focused(page, page.get_by_role("button", name="New worker"))
    page.locator("[value=agree]").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name", exact=True).fill("SITI AMINAH")
    page.evaluate("Date.now = () => 9e15")  # nobody touches anything for a long time
    page.wait_for_url("**/unlock")
    assert "SITI" not in page.content()
    page.go_back()
    page.wait_for_load_state()
    assert "SITI" not in page.content() or page.url.endswith("/unlock")
    page.goto(address)
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    press_focused(page, page.get_by_role("link", name="Go on with the worker at the desk"))
    expect(page.get_by_label("Name", exact=True)).to_have_value("SITI AMINAH")  # what was typed until then is kept
