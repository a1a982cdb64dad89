"""A complaint becomes a conversation, a lead, and a referral that victim services accept; all in the browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.console.office import Office, Watched
from tests.console.test_every_page import look

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
        with working(browser, office, "victim_support") as supporter:
            _accept(supporter, screenshots)
            _support(supporter, screenshots)
            _claim(supporter, screenshots)
        inspector.goto(sent)
        expect(inspector.locator(".timeline")).to_contain_text("accepted")
        assert "We have a bed" not in inspector.content()
    with working(browser, office, None) as worker:
        worker.goto("/public")
        worker.get_by_label("Your secret reference").fill(reference)
        worker.get_by_role("button", name="Read the answer").click()
        expect(worker.get_by_text("We come on Tuesday.")).to_be_visible()


def _answer(page: Page, screenshots: Path) -> None:
    page.goto("/console/complaints")
    look(page, screenshots, "complaints")
    page.get_by_label("State").select_option("received")
    page.get_by_role("button", name="Show").click()
    page.locator("tbody a").first.click()
    expect(page.locator(".talk")).to_contain_text(SAID)
    page.get_by_label("Answer the worker").fill("We come on Tuesday.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("secret reference")
    look(page, screenshots, "complaint")


def _talk(page: Page, screenshots: Path) -> None:
    page.get_by_role("button", name="Begin a conversation").click()
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
    look(page, screenshots, "interview")


def _refer(page: Page, screenshots: Path) -> None:
    page.get_by_role("link", name="Refer", exact=True).click()
    page.get_by_label("To", exact=True).select_option("victim_services")
    page.get_by_label("How to reach the person").fill("through the shop beside the house")
    page.get_by_label("The person agreed").check()
    look(page, screenshots, "referral-new")
    page.get_by_role("button", name="Show what would be sent").click()
    shown = page.get_by_role("region", name="What would be sent")
    expect(shown).to_contain_text("through the shop beside the house")
    assert SAID not in page.content()
    look(page, screenshots, "referral-preview")
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
    look(page, screenshots, "referral")
    page.get_by_label("Note for our own office").first.fill("We have a bed.")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_contain_text("Noted")
    accepted = page.url.partition("?")[0]
    page.goto("/console/referrals")
    look(page, screenshots, "referrals")
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
    look(page, screenshots, "support-case")


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
    look(page, screenshots, "claim-new")
    page.get_by_role("button", name="Keep it as a draft").click()
    page.locator("summary").filter(has_text="File it").click()
    page.get_by_label("Authority or court").first.fill("Labour office")
    page.get_by_role("button", name="File it").click()
    expect(page.locator(".timeline")).to_contain_text("Labour office")
    look(page, screenshots, "claim")
    page.get_by_role("link", name="Claims").first.click()
    expect(page.locator("tbody")).to_contain_text("1,499,999.00 IDR")
    page.goto("/console/payments")
    look(page, screenshots, "payments")
