"""Each user's main path, walked in a real browser."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.office import Office, Watched

PASSWORD = "empat gajah berbaris pelan"


@pytest.fixture
def walk(browser: Browser, office: Office, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page of whoever the test is marked for; nothing may be complained of, and no other host asked."""
    who = getattr(request, "param", None)
    context = office.context(browser, who)
    watched = Watched(context)
    yield watched.page
    context.close()
    assert watched.complaints == []
    assert watched.hosts <= {office.url.removeprefix("http://")}


def as_(who: str | None) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("walk", [who], indirect=True, ids=[str(who)])


@as_(None)
def test_the_first_sign_in_and_the_second(walk: Page, office: Office) -> None:
    walk.goto("/console/screen")
    walk.get_by_role("link", name="First time here?").click()
    walk.get_by_label("The code that you were given").fill(office.invitation)
    walk.get_by_role("button", name="Go on").click()
    expect(walk.locator("svg.code")).to_be_visible()
    secret = walk.locator(".qr code").inner_text().replace(" ", "")
    walk.get_by_label("The number that the app shows").fill(pyotp.TOTP(secret).at(int(time.time()) - 30))
    walk.get_by_label("New password").fill(PASSWORD)
    walk.get_by_role("button", name="Finish").click()
    walk.get_by_label("User").fill("siti")
    walk.get_by_label("Password").fill(PASSWORD)
    walk.get_by_label("Code of your app").fill(pyotp.TOTP(secret).now())
    walk.get_by_role("button", name="Sign in", exact=True).click()
    expect(walk.get_by_role("heading", level=1)).to_have_text("Is this employer, agency or person known?")
    walk.get_by_role("link", name="Siti Rahayu").click()
    walk.get_by_label("auditor").check()
    walk.get_by_role("button", name="Go on in this role").click()
    expect(walk.get_by_role("heading", level=1)).to_have_text("Log of accesses")
    walk.get_by_role("link", name="Siti Rahayu").click()
    walk.get_by_label("Language", exact=True).select_option("id")
    walk.get_by_label("Time zone").select_option("Asia/Yangon")
    walk.get_by_role("button", name="Keep").click()
    expect(walk.locator("html")).to_have_attribute("lang", "id")
    walk.locator("form[action='/logout'] button").click()
    walk.goto("/console/log")
    assert walk.url.endswith("/login?next=%2Fconsole%2Flog")


@as_("licensing_officer")
def test_a_licensing_officer_gets_an_answer_and_keeps_watching(walk: Page) -> None:
    walk.goto("/console")
    walk.get_by_label("Name or number").fill("Sinar Teduh Abadi")
    walk.get_by_text("Tell more").click()
    walk.get_by_label("Country or nationality").fill("id")
    walk.get_by_role("button", name="Screen", exact=True).click()
    hit = walk.locator("article.hit").first
    expect(hit.get_by_role("heading")).to_have_text("PT Sinar Teduh Abadi")
    expect(hit.locator(".tag").filter(has_text="charged: not proven").first).to_be_visible()
    expect(hit.locator("mark")).to_have_count(4)
    expect(hit.get_by_text("suspended")).to_be_visible()
    expect(hit.get_by_text("convicted by a final judgment")).to_be_visible()
    assert "?" not in walk.url
    hit.get_by_role("button", name="Watch this party").click()
    expect(walk.get_by_role("status")).to_contain_text("watched from now on")
    walk.get_by_role("link", name="agency-1").first.click()
    expect(walk.locator(".timeline")).to_contain_text("Told of the case: charged: not proven, wage theft")
    expect(walk.locator(".timeline")).to_contain_text("Tie begins: director – Budi Hartono")
    walk.locator("svg a.node").filter(has_text="Budi Hartono").click()
    expect(walk.get_by_role("heading", level=1)).to_have_text("Budi Hartono")
    walk.get_by_role("heading", name="forced labour").get_by_role("link").click()
    expect(walk.get_by_role("heading", level=1)).to_have_text("forced labour")
    expect(walk.locator(".timeline")).to_contain_text("Decision final")


@as_("licensing_officer")
def test_a_number_finds_the_licence_and_a_cleared_hit_says_so(walk: Page) -> None:
    walk.goto("/console/screen")
    walk.get_by_label("Name or number").fill("LIC-2024-001")
    walk.get_by_role("button", name="Screen", exact=True).click()
    walk.get_by_role("link", name="Licence LIC-2024-001").click()
    expect(walk.get_by_text("suspended").first).to_be_visible()
    walk.goto("/console/screen")
    for _ in range(2):
        walk.get_by_label("Name or number").fill("Budi Hartono")
        walk.get_by_role("button", name="Screen", exact=True).click()
        if walk.get_by_text("Cleared before").count():
            break
        walk.get_by_text("It is somebody else").first.click()
        walk.get_by_label("Why").first.fill("Another birth date on his passport.")
        walk.get_by_role("button", name="Note it for our office").first.click()
        expect(walk.get_by_role("status")).to_contain_text("Noted")
        walk.goto("/console/screen")
    expect(walk.get_by_text("Another birth date on his passport.")).to_be_visible()


@as_("licensing_officer")
def test_a_list_is_screened_while_one_watches(walk: Page, tmp_path: Path) -> None:
    rows = ["reference,schema,name,country", *(f"r{n},Company,PT Sinar Teduh Abadi,id" for n in range(30))]
    (tmp_path / "partners.csv").write_text("\n".join(rows))
    walk.goto("/console/screen/lists")
    walk.get_by_label("CSV file").set_input_files(tmp_path / "partners.csv")
    walk.get_by_role("button", name="Screen it").click()
    result = walk.get_by_role("link", name="Result (CSV)")
    expect(result).to_be_visible(timeout=20_000)
    with walk.expect_download() as download:
        result.click()
    text = download.value.path().read_text()
    assert text.count("PT Sinar Teduh Abadi") == 30
    assert text.startswith("line,reference,outcome")


@as_("investigator")
def test_an_investigator_is_asked_for_the_case_first(walk: Page) -> None:
    walk.goto("/console/screen")
    expect(walk.get_by_role("heading", level=1)).to_have_text("Why do you ask?")
    walk.get_by_role("button", name="Go on").click()
    expect(walk.get_by_text("Give the case’s number")).to_be_visible()
    walk.get_by_label("Case reference").fill("POL-2026/117")
    walk.get_by_role("button", name="Go on").click()
    expect(walk.get_by_label("Purpose")).to_contain_text("POL-2026/117")
    walk.goto("/console/cases/case-2")
    expect(walk.get_by_text("charged: not proven").first).to_be_visible()


@as_("adjudicator")
def test_two_adjudicators_decide_blind_to_one_another(walk: Page, office: Office, browser: Browser) -> None:
    walk.goto("/console")
    walk.get_by_role("button", name="Take the next case").click()
    expect(walk.get_by_role("heading", level=1)).to_have_text("Is this the same person?")
    expect(walk.locator("tr.differs th")).to_contain_text("Name")
    shown = walk.locator(".pane img")
    expect(shown).to_have_count(4)
    walk.wait_for_load_state("networkidle")
    assert all(shown.nth(place).evaluate("each => each.complete && each.naturalWidth > 0") for place in range(4))
    small = shown.first.bounding_box()
    walk.get_by_label("2×").check()
    large = shown.first.bounding_box()
    assert small
    assert large
    assert large["height"] == pytest.approx(2 * small["height"], rel=0.02)
    walk.get_by_role("link", name="Compare point by point").click()
    ties = walk.locator(".prints .tie")
    expect(ties.first).to_be_visible()
    assert 4 <= ties.count() <= 12
    walk.go_back()
    walk.get_by_role("heading", name="What do you find?").click()
    walk.keyboard.press("3")
    walk.keyboard.press("g")
    walk.keyboard.press("Space")
    walk.keyboard.press("r")
    walk.keyboard.type("Scar over the left eye in both photos.")
    walk.keyboard.press("Control+Enter")
    expect(walk.get_by_role("status")).to_contain_text("second reviewer")
    context = office.context(browser, "second")
    other = context.new_page()
    other.goto(f"/console/decide/{office.case}")
    assert "Scar" not in other.content()
    assert "You found" not in other.content()
    expect(other.get_by_role("button", name="Take it in hand")).to_be_visible()
    context.close()


@as_("child_protection")
def test_child_protection_sees_children_and_nobody_else(walk: Page) -> None:
    walk.goto("/console/registrations")
    expect(walk.get_by_role("heading", level=1)).to_have_text("Children, or workers who may be")
    expect(walk.locator("tbody tr")).to_have_count(1)
    walk.get_by_role("link", name="Lia Putri").click()
    walk.get_by_label("Why").fill("She asked for help.")
    walk.get_by_role("button", name="Keep").click()
    expect(walk.get_by_text("presumed, since")).to_be_visible()
    walk.goto("/console/decide")
    walk.get_by_role("button", name="Take the next case").click()
    expect(walk.get_by_text("First write down what is best for the child")).to_be_visible()


@as_("auditor")
def test_an_auditor_checks_a_proof_in_the_browser(walk: Page) -> None:
    walk.goto("/console/log")
    walk.locator("table.log tbody a").first.click()
    expect(walk.get_by_role("status")).to_contain_text("Computed in your browser")
    forged = walk.content().count("data-root")
    assert forged == 1


@as_("registrar")
def test_a_registrar_raises_a_threshold_and_cannot_lower_it(walk: Page) -> None:
    walk.goto("/console/administration")
    for bar, told in (("0.8", "In force from now on"), ("0.2", "This was not taken")):
        walk.get_by_label("Match from").last.fill(bar)
        walk.get_by_label("Shown from").last.fill("0.5" if bar == "0.8" else "0.1")
        walk.get_by_label("Why").last.fill("Many names alike here.")
        walk.get_by_role("button", name="Put it in force").click()
        expect(walk.locator("[role=status], [role=alert]")).to_contain_text(told)


@as_("registrar")
def test_a_registrar_reads_the_curves_and_who_received_a_party(walk: Page, office: Office, browser: Browser) -> None:
    asking = office.context(browser, "licensing_officer")
    asking.new_page().goto("/console/parties/director-1")
    asking.close()
    walk.goto("/console/parties/director-1")
    received = walk.get_by_role("region", name="Who received it")
    expect(received).to_contain_text("Ministry of Manpower")
    expect(received).to_contain_text("Indonesia")
    walk.get_by_role("link", name="Accuracy & operations").click()
    faces = walk.get_by_role("region", name="Faces")
    expect(faces.get_by_role("img", name="Errors against each other")).to_be_visible()
    expect(faces.get_by_role("img", name="How scores are spread")).to_be_visible()
    faces.get_by_text("The same as a table").click()
    expect(faces.get_by_role("row").nth(1)).to_contain_text("measured")
    expect(walk.get_by_role("region", name="Time to answer")).to_contain_text("/v1/parties/{id}")


def test_it_works_without_a_script_and_by_keyboard(browser: Browser, office: Office) -> None:
    context = office.context(browser, "licensing_officer", java_script_enabled=False)
    page = context.new_page()
    page.goto("/console/screen")
    page.keyboard.type("Sinar Teduh Abadi")
    page.keyboard.press("Enter")
    expect(page.locator("article.hit").first).to_be_visible()
    assert page.get_by_role("button", name="Print").count() == 0
    context.close()


def test_a_form_of_another_site_is_refused(browser: Browser, office: Office) -> None:
    context = office.context(browser, "licensing_officer")
    answer = context.request.post("/console/watches/end", form={"watch": "x", "csrf": "0" * 64})
    assert answer.status == 403
    assert re.search("Not allowed", answer.text())
    context.close()
