"""Administrators and registrars at work: two people for whatever lets somebody in, or says what scores are worth."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page, expect

from services.biometrics.evidence.calibration import Calibration
from services.biometrics.evidence.documents import OFFICERS_FILE, CalibrationDocument
from shared.crypto.keyfiles import new_signing_key, public_jwk
from tests.console.office import Office, Watched

STRANGERS = tuple((0.1 * n, 0.5 * n) for n in range(1, 9))
MATES = tuple((0.1 * n, 0.5 * (9 - n)) for n in range(1, 9))


@pytest.fixture
def two(browser: Browser, office: Office, request: pytest.FixtureRequest) -> Iterator[tuple[Page, Page]]:
    """Two people of one role, each with a browser; nothing may be complained of."""
    contexts = [office.context(browser, who, viewport={"width": 1280, "height": 900}) for who in request.param]
    watched = [Watched(context) for context in contexts]
    yield watched[0].page, watched[1].page
    for context in contexts:
        context.close()
    assert [each.complaints for each in watched] == [[], []]


@pytest.mark.parametrize("two", [("administrator", "administrator-2")], indirect=True)
def test_two_administrators_let_a_person_and_a_system_in(two: tuple[Page, Page], office: Office) -> None:
    one, other = two
    one.goto("/console")
    one.get_by_role("link", name="People").click()
    one.get_by_text("Let somebody in").click()
    one.get_by_label("Id", exact=True).fill("o-1047")
    one.get_by_label("Name", exact=True).fill("Officer 1047")
    one.get_by_label("administrator").check()
    one.get_by_label("auditor").check()
    one.get_by_role("button", name="Ask for it").click()
    expect(one.get_by_role("alert")).to_contain_text("an administrator has no other role")
    expect(one.get_by_label("Name", exact=True)).to_have_value("Officer 1047")
    one.get_by_label("administrator").uncheck()
    one.get_by_role("button", name="Ask for it").click()
    expect(one.get_by_role("status")).to_contain_text("when another administrator confirms")
    expect(one.get_by_role("button", name="Confirm")).to_have_count(0)

    other.goto("/console")
    other.get_by_role("button", name="Confirm o-1047").click()
    code = other.locator(".code-once").inner_text()
    other.get_by_role("link", name="To confirm").click()
    assert code not in other.content()
    expect(other.get_by_role("region", name="Decided")).to_contain_text("administrator-2")

    other.get_by_role("link", name="Systems and desks").click()
    other.get_by_text("Let a system in").click()
    other.get_by_label("Id", exact=True).fill("desk-batam")
    other.get_by_label("Public key").fill(json.dumps(public_jwk(new_signing_key(), "any")))
    other.get_by_role("button", name="Ask for it").click()
    one.get_by_role("link", name="To confirm").click()
    one.get_by_role("button", name="Confirm desk-batam").click()
    expect(one.get_by_role("status")).to_contain_text("Confirmed and done")
    one.goto("/console/systems/desk-batam")
    expect(one.get_by_text("active").first).to_be_visible()
    one.get_by_role("button", name="Cut off now").click()
    expect(one.get_by_role("status")).to_contain_text("holds from now on")
    one.goto("/console/people/administrator")
    expect(one.get_by_text("This is you")).to_be_visible()
    expect(one.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("two", [("registrar", "registrar-2")], indirect=True)
def test_two_officers_sign_a_calibration(two: tuple[Page, Page], office: Office, tmp_path: Path) -> None:
    keys = {name: Ed25519PrivateKey.generate() for name in ("registrar", "registrar-2")}
    public = {name: base64.b64encode(key.public_key().public_bytes_raw()).decode() for name, key in keys.items()}
    (office.settings.key_folder / OFFICERS_FILE).write_text(json.dumps(public))
    made = Calibration("dlib-resnet-v1", "100 people of the ministry, 4,950 pairs", STRANGERS, MATES, 1.5)
    (tmp_path / "face.json").write_bytes(CalibrationDocument(made, {"date": "2026-11-20"}).to_bytes())
    first, second = two
    first.goto("/console/administration")
    first.get_by_label("Calibration file").set_input_files(tmp_path / "face.json")
    first.get_by_role("button", name="Propose it").click()
    expect(first.get_by_text("nobody yet")).to_be_visible()
    for page, name in ((first, "registrar"), (second, "registrar-2")):
        page.goto("/console/administration")
        page.get_by_text("Sign it").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="the document").click()
        content = download.value.path().read_bytes()
        for key in (Ed25519PrivateKey.generate(), keys[name]):
            (tmp_path / "face.sig").write_bytes(key.sign(content))
            page.get_by_label("Signature").set_input_files(tmp_path / "face.sig")
            page.get_by_role("button", name="Keep my signature").click()
            if key is not keys[name]:
                expect(page.get_by_role("alert")).to_contain_text("is no officer with this key")
                page.get_by_text("Sign it").click()
        expect(page.get_by_role("status")).to_contain_text("Your signature holds")
    second.get_by_role("button", name="Put it in force").last.click()
    expect(second.get_by_role("status")).to_contain_text("from the next start")
