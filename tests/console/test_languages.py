"""Catalogues are whole: nothing untranslated, nothing left over, no placeholder lost; pages say their language."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.gateway.console.languages import LANGUAGES, ZONES, Language, zone_of_member
from services.gateway.console.pages import render
from services.gateway.console.words import GLOSSARY
from tests.conftest import ROOT

CONSOLE = ROOT / "services" / "gateway" / "console"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
WORDS = {"_": None, "marked": None, "Saying": (1,), "gettext": None, "ngettext": (1, 2)}
TRANSLATED = sorted(set(LANGUAGES) - {"en"})
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


Text = str | tuple[str, ...]


def texts_of(folder: Path) -> set[Text]:
    """Every text that a folder's modules and templates mark."""
    found = extract_from_dir(folder, method_map=METHODS, options_map=OPTIONS, keywords=WORDS)
    return {text if isinstance(text, str) else tuple(text) for _, _, text, _, _ in found}


def catalogue_of(folder: Path, language: str) -> Catalog:
    return read_po(BytesIO((folder / "locale" / f"{language}.po").read_bytes()), locale=language, abort_invalid=True)


def assert_whole(catalogue: Catalog, texts: set[Text]) -> None:
    """Every text is translated, with its placeholders, and no other."""
    known = {each.id if isinstance(each.id, str) else tuple(each.id): each for each in catalogue if each.id}
    assert set(known) - texts == set()
    assert texts - set(known) == set()
    assert [each.id for each in known.values() if each.fuzzy or not each.string] == []
    for text, each in known.items():
        asked = {*PLACEHOLDER.findall(text if isinstance(text, str) else text[-1])}
        told = each.string if isinstance(each.string, tuple) else (each.string,)
        assert all({*PLACEHOLDER.findall(some)} == asked for some in told), text


@pytest.fixture(scope="module")
def texts() -> set[Text]:
    return texts_of(CONSOLE)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_no_other(language: str, texts: set[Text]) -> None:
    assert_whole(catalogue_of(CONSOLE, language), texts)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_page_is_in_its_language(language: str) -> None:
    page = render(
        "refused.html", Language(language, "UTC"), visit=None, title="Not allowed", detail="", errors=[], back="/"
    )
    assert f'<html lang="{language}">' in page
    said = {"en": "Not allowed", "id": "Tidak diizinkan", "th": "ไม่อนุญาต"}
    assert said[language] in page


def test_days_and_instants_are_of_the_visitors_zone() -> None:
    late = "2026-11-22T20:30:00Z"
    assert Language("en", "Asia/Jakarta").instant(late) == "23 Nov 2026, 03:30 (UTC+7)"
    assert Language("th", "Asia/Yangon").instant(late).endswith("03:00 (UTC+6:30)")
    assert Language("id", "Asia/Manila").day(late) == "23 Nov 2026"
    assert [Language("en", "UTC").day(some) for some in ("1994", "1994-05", "1994-05-06", None)] == [
        "1994", "1994-05", "6 May 1994", "",
    ]  # fmt: skip
    assert [zone_of_member(member) for member in ("MMR", "XXX")] == ["Asia/Yangon", "UTC"]
    assert all(Language("en", zone).tz for zone in ZONES)


def test_every_code_of_the_contracts_has_a_word() -> None:
    from shared.contracts import adjudication, caller, cases, licences, listings, parties, registrations, watches

    for kind, codes in {
        "status": cases.LegalStatus, "offence": cases.Offence, "stage": cases.Stage, "appeal": cases.Appeal,
        "licence": licences.LicenceStatus, "listing": listings.ListingState, "link": parties.LinkKind,
        "signal": registrations.SignalCode, "finding": adjudication.Finding, "ground": adjudication.Ground,
        "paper": adjudication.Paper, "change": watches.ChangeKind, "purpose": caller.Purpose,
        "registration": registrations.RegistrationState, "case_state": adjudication.AdjudicationState,
    }.items():  # fmt: skip
        assert [code.value for code in codes if code.value not in GLOSSARY[kind]] == [], kind
