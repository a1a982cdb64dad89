"""Every page, wide and narrow, light and dark: nobody is kept out, nothing is complained of, nothing is cut off."""

from collections.abc import Container
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.console.office import Office, Watched


def _claimed(page: Page) -> None:
    page.goto("/console/decide")
    page.get_by_role("button", name="Take the next case").click()


def _screened(page: Page) -> None:
    page.goto("/console/screen")
    page.get_by_label("Name or number").fill("Sinar Teduh")
    page.get_by_role("button", name="Screen", exact=True).click()


def _asked(page: Page) -> None:
    page.goto("/console/people")
    page.get_by_text("Let somebody in").click()
    page.get_by_label("Id", exact=True).fill("o-30")
    page.get_by_label("Name", exact=True).fill("Officer 30")
    page.get_by_label("auditor").check()
    page.get_by_role("button", name="Ask for it").click()


def _as_evidence(page: Page) -> None:
    page.goto("/console/cases/case-1")
    page.get_by_text("As evidence for another state").click()
    expect(page.get_by_text("lindung evidence package case-1")).to_be_visible()
    expect(page.get_by_text("lindung evidence verify evidence.zip --member IDN.json")).to_be_visible()


PAGES = {
    "login": (None, "/login"),
    "enrol": (None, "/enrol"),
    "front": (None, "/"),
    "public": (None, "/public?q=Sinar+Teduh+Abadi&origin=IDN&destination=MYS&sector=domestic"),
    "statistics": (None, "/public/statistics"),
    "screen": ("licensing_officer", _screened),
    "list": ("licensing_officer", "/console/screen/lists"),
    "party": ("licensing_officer", "/console/parties/agency-1"),
    "case": ("registrar", _as_evidence),
    "licence": ("licensing_officer", "/console/licences/lic-1"),
    "watches": ("licensing_officer", "/console/watches"),
    "settings": ("licensing_officer", "/console/settings"),
    "purpose": ("investigator", "/console/purpose"),
    "decide": ("second", _claimed),
    "queue": ("adjudicator", "/console/decide"),
    "registrations": ("adjudicator", "/console/registrations"),
    "children": ("child_protection", "/console/registrations"),
    "labour": ("labour_inspector", "/console/registrations"),
    "log": ("auditor", "/console/log"),
    "entry": ("auditor", "/console/log/3"),
    "operations": ("registrar", "/console/operations"),
    "recipients": ("auditor", "/console/parties/agency-1/recipients"),
    "members": ("auditor", "/console/members"),
    "administration": ("registrar", "/console/administration"),
    "alerts": ("auditor", "/console/alerts"),
    "people": ("administrator", "/console/people"),
    "person": ("administrator", "/console/people/registrar"),
    "system": ("administrator", "/console/systems/desk"),
    "acts": ("administrator-2", _asked),
    "keys": ("administrator", "/console/keys"),
}
VIEWS = (("light", 1280), ("light", 390), ("dark", 390), ("dark", 1280))
CHECKED = {("light", 1280), ("dark", 390)}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def look(page: Page, screenshots: Path, name: str, checked: Container[tuple[str, int]] = CHECKED) -> None:
    """A page in every view: kept as a picture, nothing over the edge, and by the rules of axe in some of them."""
    for scheme, width in VIEWS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=screenshots / f"{name}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if (scheme, width) in checked:
            found = Axe().run(page, options=RULES).response["violations"]
            assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_whole(name: str, browser: Browser, office: Office, screenshots: Path) -> None:
    who, way = PAGES[name]
    context = office.context(browser, who, viewport={"width": 1280, "height": 900})
    watched = Watched(context)
    page = watched.page
    if callable(way):
        way(page)
    else:
        page.goto(way)
    page.wait_for_load_state("networkidle")
    look(page, screenshots, name)
    assert watched.complaints == []
    assert watched.hosts <= {office.url.removeprefix("http://")}
    context.close()
