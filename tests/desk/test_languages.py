"""The officer's page in each language: the catalogues are whole, every code has a word, and a choice is kept."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.desk.languages import Language, Saying
from services.desk.page import words
from services.desk.particulars import FIELDS, FILES, GROUPS
from services.desk.scanners.scanner import ScannerError
from shared.contracts.registrations import FingerException, FingerPosition, NoBiometrics
from shared.pages.languages import LANGUAGES
from tests.conftest import ROOT
from tests.console.test_languages import TRANSLATED, assert_whole, catalogue_of, texts_of
from tests.desk.conftest import PIN

DESK: Path = ROOT / "services" / "desk"

pytestmark = pytest.mark.anyio


def test_every_text_is_translated_and_no_other() -> None:
    texts = texts_of(DESK)
    for language in TRANSLATED:
        assert_whole(catalogue_of(DESK, language), texts)


def test_every_code_and_every_field_has_a_word() -> None:
    assert set(words.FINGER) == set(FingerPosition) - {FingerPosition.UNKNOWN}
    assert set(words.EXCEPTION) == set(FingerException)
    assert set(words.NO_BIOMETRICS) == set(NoBiometrics) - {NoBiometrics.REFUSED}
    assert set(words.GROUP) == set(GROUPS) - {"person"}
    asked = {*FIELDS, *FILES} - {"document.mrz"}
    assert [name for name in sorted(asked) if not words.of_field(words.FIELD, name)] == []
    kinds = ScannerError.__subclasses__()
    told = {words.how_to_mend(kind("x")) for kind in kinds}
    assert len(told) == len(kinds)


def test_values_are_written_as_the_language_writes_them() -> None:
    said = Saying("This PC's clock is %(time)s ahead of the gateway's.", time=timedelta(hours=3))
    assert str(said) == "This PC's clock is 3 hours ahead of the gateway's."
    assert Language("id").say(said) == "Jam PC ini 3 jam lebih cepat daripada jam gerbang."
    assert [Language(each).number(78_000) for each in sorted(LANGUAGES)] == ["78,000", "78.000", "78,000"]
    assert Language("th").say("words of the gateway's own, 100% its") == "words of the gateway's own, 100% its"


async def test_a_choice_is_kept_and_asked_for_before_the_pin(browser: httpx.AsyncClient) -> None:
    for language, locked, start in (
        ("th", "จุดลงทะเบียนนี้ล็อกอยู่", "แรงงานคนใหม่"), ("id", "Loket ini terkunci", "Pekerja baru"),
        ("en", "This desk is locked", "New worker"),
    ):  # fmt: skip
        chosen = await browser.post("/language", data={"language": language})
        assert "Max-Age=31536000" in chosen.headers["set-cookie"]
        assert chosen.headers["location"] == "/"
        page = await browser.get("/unlock")
        assert f'<html lang="{language}">' in page.text
        assert locked in page.text
        await browser.post("/unlock", data={"pin": PIN})
        assert start in (await browser.get("/")).text
        await browser.post("/lock")
    assert "set-cookie" not in (await browser.post("/language", data={"language": "xx"})).headers
