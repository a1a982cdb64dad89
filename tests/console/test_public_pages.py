"""A worker at the public page: checks an agency, complains without a name, comes back for the answer."""

import re

from playwright.sync_api import Browser, expect

from tests.console.office import Office, Watched


def test_a_worker_checks_an_agency_and_complains_without_a_name(browser: Browser, office: Office) -> None:
    watched = Watched(office.context(browser, None, viewport={"width": 390, "height": 800}))
    page = watched.page
    page.goto("/public")
    page.get_by_label("Name or licence number").fill("Sinar Teduh Abadi")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("status")).to_contain_text("Compare the licence number")

    page.get_by_label("What happened?").fill("They keep my passport.")
    page.get_by_label("keeping passports").check()
    page.get_by_role("button", name="Send").click()
    reference = page.locator(".number strong").inner_text()
    assert re.fullmatch(r"(\w{4}-){4}\w{4}", reference)
    assert reference not in page.url

    page.get_by_role("link", name="Back").click()
    page.get_by_label("Your secret reference").fill(reference.lower())
    page.get_by_role("button", name="Read the answer").click()
    expect(page.get_by_text("They keep my passport.")).to_be_visible()
    expect(page.get_by_text("received, not read yet")).to_be_visible()
    page.get_by_label("Say something more").fill("And my telephone.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("And my telephone.")).to_be_visible()

    page.goto("/public")
    page.get_by_label("Your secret reference").fill("0000-0000-0000-0000-0000")
    page.get_by_role("button", name="Read the answer").click()
    expect(page.get_by_role("alert")).to_contain_text("No complaint has this reference")
    page.get_by_role("button", name="ไทย").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ก่อนไปทำงานต่างประเทศ")
    assert watched.complaints == []
    assert watched.hosts == {office.url.removeprefix("http://")}
