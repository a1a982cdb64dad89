"""A browser and an office, made once for all tests of this folder."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from shared.settings import Settings
from tests.conftest import ROOT, MakeDeployment
from tests.console.office import Office, open_office

CHROMIUM = Path("/usr/bin/chromium")
expect.set_options(timeout=20_000)  # a machine that does other things too
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")  # longer, and its loop would be in the way of other folders' tests
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("no Chromium: scripts/set-up-browser installs it")
        pytest.skip("no Chromium on this machine: scripts/set-up-browser installs it where it may")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")  # what one file decides is not another's
def office(make_deployment: MakeDeployment) -> Iterator[Office]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    update = {"public_url": f"http://127.0.0.1:{port}", "face_engine": "dlib"}
    settings: Settings = make_deployment("sqlite").model_copy(update=update)
    with open_office(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def screenshots() -> Path:
    folder = Path(os.environ.get("LINDUNG_SCREENSHOTS", ROOT / "var" / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
