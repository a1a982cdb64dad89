"""Offices at work in the browser: from a complaint over a conversation, a lead and a referral to help and a claim.

And two people who let somebody in, say what scores are worth, or pay out of the aid fund.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page, expect

from services.biometrics.evidence.calibration import Calibration
from services.biometrics.evidence.documents import OFFICERS_FILE, CalibrationDocument
from shared.crypto.keyfiles import new_signing_key, public_jwk
from shared.db.database import now
from tests.console.office import Office, Watched
from tests.console.test_every_page import look

STRANGERS = tuple((0.1 * n, 0.5 * n) for n in range(1, 9))
MATES = tuple((0.1 * n, 0.5 * (9 - n)) for n in range(1, 9))
NARROW = {("dark", 390)}
SAID = "They keep my passport and say that I owe them money."


@contextmanager
def working(browser: Browser, office: Office, who: str | None) -> Iterator[Page]:
    context = office.context(browser, who, viewport={"width": 1280, "height": 900})
    watched = Watched(context)
    yield watched.page
    context.close()
    assert watched.complaints == []


def test_from_a_complaint_to_help(browser: Browser, office: Office, screenshots: Path) -> None:
    with working(browser, office, None) as worker:
        worker.goto("/public")
        worker.get_by_label("What happened?").fill(SAID)
        worker.get_by_label("keeping passports").check()
        worker.get_by_role("button", name="Send").click()
        reference = worker.locator(".number strong").inner_text()
    with working(browser, office, "labour_inspector") as inspector:
        _answer(inspector, screenshots)
        _talk(inspector, screenshots)
        _refer(inspector, screenshots)
        sent = inspector.url
        _inspect(inspector, screenshots)
        with working(browser, office, "victim_support") as supporter:
            _accept(supporter, screenshots)
            _support(supporter, screenshots)
            _claim(supporter, screenshots)
        inspector.goto(sent)
        expect(inspector.locator(".timeline")).to_contain_text("accepted")
        assert "We have a bed" not in inspector.content()
    with working(browser, office, "licensing_officer") as licensing:
        licensing.goto("/console/licences/lic-1")
        expect(licensing.get_by_role("main")).to_contain_text("suspended")
    with working(browser, office, None) as worker:
        worker.goto("/public")
        worker.get_by_label("Your secret reference").fill(reference)
        worker.get_by_role("button", name="Read the answer").click()
        expect(worker.get_by_text("We come on Tuesday.")).to_be_visible()
        worker.goto("/public")
        worker.get_by_role("link", name="Statistics").click()
        expect(worker.get_by_role("region", name="Licences of agencies, today")).to_contain_text("suspended")


def _answer(page: Page, screenshots: Path) -> None:
    page.goto("/console/red-flags")
    expect(page.get_by_role("region", name="What each compares").locator("details")).to_have_count(7)
    look(page, screenshots, "red-flags", NARROW)
    page.goto("/console/complaints")
    look(page, screenshots, "complaints", NARROW)
    page.get_by_label("State").select_option("received")
    page.get_by_role("button", name="Show").click()
    page.locator("tbody a").first.click()
    expect(page.locator(".talk")).to_contain_text(SAID)
    page.get_by_label("Answer the worker").fill("We come on Tuesday.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("secret reference")
    look(page, screenshots, "complaint", NARROW)


def _talk(page: Page, screenshots: Path) -> None:
    complaint = page.url.partition("?")[0]
    stale = "<input type=hidden name=employer value=nobody>"  # a party that is not in the register (any more)
    page.locator("form[action='/console/interviews']").evaluate(f"it => it.insertAdjacentHTML('beforeend', '{stale}')")
    page.get_by_role("button", name="Begin a conversation").click()
    expect(page.get_by_role("alert")).to_contain_text("employer: the register holds no party of this id")
    expect(page.get_by_label("Employer: party of the register")).to_have_value("nobody")
    page.get_by_label("Employer: party of the register").fill("")
    page.get_by_role("button", name="Begin", exact=True).click()
    expect(page.locator("#question")).to_be_visible()
    interview = page.url
    page.goto(complaint)
    page.locator("dd a[href^='/console/interviews/']").click()
    expect(page).to_have_url(interview)
    first = page.locator("#question").inner_text()
    page.get_by_label("In the worker’s own words").fill("I am safe here.")
    page.get_by_role("button", name="Keep and go on").click()
    assert page.locator("#question").inner_text() != first
    page.get_by_text("All that is still to be asked, in order").click()
    page.locator("details ol a[href*=papers_now]").click()
    page.locator(".tick").first.get_by_label("yes").check()
    page.get_by_label("sure", exact=True).first.check()
    page.get_by_text("What it rests on").first.click()
    page.get_by_label("Documents or photos").first.set_input_files(
        {"name": "passport.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff"}
    )
    page.get_by_role("button", name="Keep and go on").click()
    expect(page.get_by_role("region", name="The lead")).not_to_contain_text("no lead")
    expect(page.get_by_role("region", name="What was told")).to_contain_text("yes")
    page.reload()  # left and resumed: what was asked is not asked again
    expect(page.locator("a[href*=papers_now]")).to_have_count(0)
    page.get_by_role("group", name="Under 18?").get_by_label("no", exact=True).check()
    page.locator("form[action$=person]").get_by_role("button", name="Keep").click()
    look(page, screenshots, "interview", NARROW)


def _refer(page: Page, screenshots: Path) -> None:
    page.get_by_role("link", name="Refer", exact=True).click()
    page.get_by_label("To", exact=True).select_option("victim_services")
    page.get_by_label("How to reach the person").fill("through the shop beside the house")
    page.get_by_label("The person agreed").check()
    look(page, screenshots, "referral-new", NARROW)
    page.get_by_role("button", name="Show what would be sent").click()
    shown = page.get_by_role("region", name="What would be sent")
    expect(shown).to_contain_text("through the shop beside the house")
    assert SAID not in page.content()
    look(page, screenshots, "referral-preview", NARROW)
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("How to reach the person")).to_have_value("through the shop beside the house")
    page.get_by_role("button", name="Show what would be sent").click()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("status")).to_contain_text("Sent")


def _accept(page: Page, screenshots: Path) -> None:
    page.goto("/console/referrals?direction=in")
    page.locator("tbody a").first.click()
    assert "through the shop" not in page.content()
    page.get_by_role("button", name="Receive it").click()
    expect(page.get_by_role("region", name="What we were told")).to_contain_text("through the shop")
    page.locator("summary").filter(has_text="Accept").click()
    look(page, screenshots, "referral", NARROW)
    page.get_by_label("Note for our own office").first.fill("We have a bed.")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_contain_text("Noted")
    accepted = page.url.partition("?")[0]
    page.goto("/console/referrals")
    look(page, screenshots, "referrals", NARROW)
    page.goto(accepted)


def _support(page: Page, screenshots: Path) -> None:
    here = page.url
    page.goto("/console/providers")
    page.get_by_text("Add a provider").click()
    page.get_by_label("Id", exact=True).fill("home-1")
    page.get_by_label("Name", exact=True).fill("A home")
    page.get_by_label("counselling").check()
    page.get_by_label("English").check()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("region", name="Providers")).to_contain_text("A home")
    page.goto(here)
    page.get_by_role("link", name="Support this person").click()
    page.get_by_label("What the person wishes to be called").fill("Nur")
    page.get_by_role("group", name="Under 18?").get_by_label("no", exact=True).check()
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nur")
    page.get_by_label("Service", exact=True).select_option("counselling")
    page.get_by_role("button", name="Plan it").click()
    service = page.get_by_role("article", name="counselling")
    for move in ("Offer it", "The person accepts", "Tell the provider", "It has begun"):
        service.locator("summary").filter(has_text=move).click()
        if move == "Offer it":
            service.get_by_label("By whom").select_option(label="A home")
        service.get_by_role("button", name=move).click()
        expect(page.get_by_role("status")).to_contain_text("Noted")
    expect(service).to_contain_text("under way")
    page.get_by_label("A return is thought of, to").select_option("IDN")
    page.get_by_role("button", name="Think of it").click()
    expect(page.get_by_role("region", name="Return")).to_contain_text("Nobody asked the person")
    _hold(page)
    look(page, screenshots, "support-case", NARROW)


def _hold(page: Page) -> None:
    until = now().date() + timedelta(days=30)
    kept = page.get_by_role("region", name="How long it is kept")
    expect(kept).to_contain_text("As long as somebody works with it")
    kept.locator("summary").click()
    kept.get_by_label("Last day").fill(f"{until}")
    kept.get_by_label("Why").fill("A court asks for it.")
    kept.get_by_role("button", name="Keep").click()
    expect(kept).to_contain_text("Held until")
    expect(page.locator(".timeline")).to_contain_text("held")


def _claim(page: Page, screenshots: Path) -> None:
    page.get_by_role("link", name="Claim what is owed").click()
    page.get_by_label("Before whom").select_option("labour")
    page.get_by_label("Currency").select_option("IDR")
    page.get_by_label("Wage by contract").fill("1500000")
    page.get_by_label("Hours a day").fill("8")
    page.get_by_label("Days a week").fill("6")
    for label, typed in (
        ("Month 1", "2026-01"),
        ("Worked, in periods of the wage 1", "1"),
        ("Reached the worker 1", "1"),
    ):
        page.get_by_label(label, exact=True).fill(typed)
    page.get_by_role("button", name="Show what it comes to").click()
    expect(page.get_by_role("region", name="What it comes to")).to_contain_text("1,499,999.00 IDR")
    look(page, screenshots, "claim-new", NARROW)
    page.get_by_role("button", name="Keep it as a draft").click()
    page.locator("summary").filter(has_text="File it").click()
    page.get_by_label("Authority or court").first.fill("Labour office")
    page.get_by_role("button", name="File it").click()
    expect(page.locator(".timeline")).to_contain_text("Labour office")
    _hold(page)
    look(page, screenshots, "claim", NARROW)
    page.get_by_role("link", name="Claims").first.click()
    expect(page.locator("tbody")).to_contain_text("1,499,999.00 IDR")
    look(page, screenshots, "claims", NARROW)
    page.get_by_label("Support case, or complaint").fill("nobody")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("None that you may see.")).to_be_visible()


def _inspect(page: Page, screenshots: Path) -> None:
    page.goto("/console/visits")
    look(page, screenshots, "visits", NARROW)
    page.get_by_label("Workplace", exact=True).select_option("agency_office")
    page.get_by_label("Area (code, no address)").fill("Jalan Mawar")
    page.get_by_label("Day", exact=True).fill("2026-11-20")
    page.get_by_label("Party of the register").fill("agency-1")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Party of the register")).to_have_value("agency-1")
    page.get_by_label("Area (code, no address)").fill("ID-JK")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("status")).to_contain_text("It is planned.")
    page.get_by_label("Carried out on").fill("2026-11-20")
    page.get_by_label("How you came in").select_option("consent")
    page.get_by_role("checkbox", name="keeping passports").check()
    page.get_by_label("To be put right by: keeping passports").fill("2026-11-21")
    look(page, screenshots, "visit", NARROW)
    page.get_by_role("button", name="It was carried out").click()
    expect(page.get_by_text("overdue").first).to_be_visible()
    page.get_by_label("Done on: keeping passports").fill("2026-11-21")
    page.get_by_role("button", name="Everything is done").click()
    expect(page.locator(".timeline")).to_contain_text("closed")


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


@pytest.mark.parametrize("two", [("victim_support", "victim-support-2")], indirect=True)
def test_two_people_pay_out_of_the_fund(
    two: tuple[Page, Page], browser: Browser, office: Office, screenshots: Path
) -> None:
    one, other = two
    _contribute(one)
    payment = _propose(one, screenshots)
    other.goto("/console/payments?state=proposed")
    expect(other.locator("tbody")).to_contain_text("you, or another of your office")
    other.locator("tbody a").first.click()
    assert other.url == payment
    expect(other.locator(".notice.warn")).to_contain_text("victim-support proposed it, and cannot release it")
    other.get_by_role("button", name="Release it").click()
    expect(other.locator(".tag").first).to_have_text("released")
    other.locator("summary").filter(has_text="Take it back").click()
    other.get_by_label("returned by the bank").check()
    look(other, screenshots, "payment", NARROW)
    other.get_by_role("button", name="Take it back").click()
    expect(other.get_by_role("status")).to_contain_text("Taken back")
    expect(other.locator(".tag").first).to_have_text("taken back")

    one.goto("/console/fund?currency=THB")
    look(one, screenshots, "fund", NARROW)
    rows = one.locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("returned by the bank")
    rows.first.get_by_role("link").click()  # to the posting that it takes back
    expect(rows.nth(1).locator("summary")).to_have_count(0)
    rows.nth(3).locator("summary").click()
    rows.nth(3).get_by_label("entered in error").check()
    rows.nth(3).get_by_role("button", name="Take it back").click()
    expect(one.get_by_role("status")).to_contain_text("Taken back")
    one.get_by_role("link", name="What donors are told").click()
    look(one, screenshots, "fund-report", NARROW)
    with one.expect_download() as download:
        one.get_by_role("link", name="CSV").click()
    assert download.value.path().read_text() == "month,currency,kind,people,paid\n"
    with working(browser, office, "auditor") as auditor:
        auditor.goto("/console")
        auditor.get_by_role("link", name="Aid fund").click()
        expect(auditor.locator("tbody tr")).to_have_count(5)
        expect(auditor.get_by_text("Take it back")).to_have_count(0)
        assert "victim-support" not in auditor.content()
        auditor.get_by_role("link", name="Add it up again").click()
        expect(auditor.get_by_role("status")).to_contain_text("It adds up. Postings: 5")
        look(auditor, screenshots, "fund-check", NARROW)


def _contribute(page: Page) -> None:
    page.goto("/console/fund")
    expect(page.get_by_text("Nothing was posted yet.")).to_be_visible()
    page.get_by_text("Take in a contribution").click()
    page.get_by_label("Currency").first.select_option("THB")
    page.get_by_label("Amount").fill("a lot")
    page.get_by_label("Donor").fill("donor-7")
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_role("alert")).to_contain_text("amount")
    expect(page.get_by_label("Donor")).to_have_value("donor-7")
    expect(page.get_by_role("search")).to_have_attribute("action", "/console/fund")  # filters what is listed
    page.get_by_label("Amount").fill("5,000,000.50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Taken in")
    expect(page.locator(".figures")).to_contain_text("5,000,000.50 THB")


def _propose(page: Page, screenshots: Path) -> str:
    page.get_by_role("link", name="Payments of the fund").click()
    page.get_by_text("Propose a payment").click()
    page.get_by_label("What", exact=True).select_option("medical")
    page.get_by_label("Or support case").fill("S1")
    page.get_by_label("Currency").select_option("THB")
    page.get_by_label("Amount").fill("1200")
    page.get_by_label("Where the money goes").fill("The clinic")
    page.get_by_label("Note").fill("Two visits.")
    page.get_by_role("button", name="Propose it").click()
    expect(page.locator(".notice.warn")).to_contain_text("You proposed it, so you cannot release it.")
    expect(page.get_by_text("Two visits.")).to_be_visible()
    expect(page.get_by_role("button", name="Release it")).to_have_count(0)
    payment = page.url.partition("?")[0]
    page.get_by_role("link", name="Payments of the fund").click()
    expect(page.locator("tbody")).to_contain_text("somebody else of your office")
    look(page, screenshots, "payments", NARROW)
    return payment


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
    expect(second.get_by_role("status")).to_contain_text("In force from now on")
