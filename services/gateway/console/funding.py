"""Pages of the aid fund: payments that two persons make, the ledger and what it adds up to, what donors are told."""

import secrets
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Depends, Query, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.amounts import minor, money
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.claim_words import PAYMENT, PAYMENT_KIND, REVERSAL
from services.gateway.console.languages import marked
from services.gateway.console.ledger_check import faults_of
from services.gateway.console.pages import HEADERS
from services.gateway.console.records import Book, Column, Filter, comes_back, entered, list_page
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, visiting
from shared.db.database import now
from shared.standards.currencies import currencies

router = page_router("/console")
ListDep = Annotated[Visit, Depends(visiting((Kind.CLAIM, Action.LIST)))]
ReadDep = Annotated[Visit, Depends(visiting((Kind.CLAIM, Action.READ)))]
WriteDep = Annotated[Visit, Depends(visiting((Kind.CLAIM, Action.WRITE)))]
FundDep = Annotated[Visit, Depends(visiting((Kind.FUND, Action.READ)))]
FundWriteDep = Annotated[Visit, Depends(visiting((Kind.FUND, Action.WRITE)))]
ReportDep = Annotated[Visit, Depends(visiting((Kind.FUND, Action.LIST)))]
YearQuery = Annotated[int | None, Query(ge=2020, le=2100)]

PAYMENTS: Final = Book(
    "/console/payments", "/v1/fund/payments", marked("Payments of the fund"),
    marked("One person proposes a payment, another releases it."),
    (
        Column("proposed_at", marked("Proposed"), "instant"), Column("kind", marked("What"), "payment_kind"),
        Column("amount", marked("Amount"), "money"),
        Column("state", marked("State"), "payment", {"proposed": "warn", "released": "good"}),
        Column("waits_for", marked("Waits for"), "waits_for", {"you": "warn"}),
        Column("proposed_by", marked("Proposed by"), "code"), Column("decided_by", marked("Decided by"), "code"),
    ),
    (Filter("state", marked("State"), "payment", tuple(PAYMENT)),),
)  # fmt: skip
LEDGER: Final = Book(
    "/console/fund", "/v1/fund/ledger", marked("Aid fund"),
    marked("What came in, what is promised, what was paid: every movement, newest first. No claimant is named."), (),
    (Filter("currency", marked("Currency"), "currency", tuple(currencies())),), key="",
)  # fmt: skip
_CHECKED_PAGES: Final = 5
_MOST: Final = 200
"""Postings of a page, as many as the door gives; five such pages stay below what a client may be shown in a minute."""
_YEARS: Final = 5


@router.get("/payments")
async def payments_page(visit: ListDep) -> Response:
    """The fund's payments, what there is in it, and a form to propose one."""
    return await _payments(visit)


@router.post("/payments")
async def propose(visit: WriteDep) -> Response:
    """Reserve a payment until another person releases it; the same form sent twice is one payment."""
    form = await visit.form()
    code = text_of(form, "currency")
    body = {name: text_of(form, name) for name in ("kind", "claim", "about", "payee", "note") if text_of(form, name)}
    body |= {"currency": code, "amount": minor(text_of(form, "amount"), code)}
    try:
        made = await _send_once(visit, "/v1/fund/payments", body, text_of(form, "once"))
    except DoorRefusedError as error:
        return await _payments(visit, entered(form), comes_back(error))
    return forward_to(f"/console/payments/{made['id']}", done="proposed")


@router.get("/payments/{payment}")
async def payment_page(visit: ReadDep, payment: str, done: str | None = None) -> Response:
    """A payment, and what this person can do with it."""
    return await _payment(visit, payment, done)


@router.post("/payments/{payment}/moves")
async def decide(visit: WriteDep, payment: str) -> Response:
    """Release it, as another person than the one who proposed it; or cancel it."""
    name = text_of(await visit.form(), "move")
    try:
        await visit.ask.send("POST", f"/v1/fund/payments/{payment}/{'release' if name == 'release' else 'cancel'}", {})
    except DoorRefusedError as error:
        return await _payment(visit, payment, None, comes_back(error))
    return forward_to(f"/console/payments/{payment}", done="kept")


@router.get("/fund")
async def fund_page(visit: FundDep) -> Response:
    """What there is, and the ledger."""
    return await _fund(visit)


@router.post("/fund/contributions")
async def contribute(visit: FundWriteDep) -> Response:
    """Take in what a donor gave; the same form sent twice is one contribution."""
    form = await visit.form()
    code = text_of(form, "currency")
    body = {"currency": code, "amount": minor(text_of(form, "amount"), code), "donor": text_of(form, "donor")}
    try:
        await _send_once(visit, "/v1/fund/contributions", body, text_of(form, "once"))
    except DoorRefusedError as error:
        return await _fund(visit, entered(form), comes_back(error))
    return forward_to("/console/fund", done="contributed")


@router.post("/fund/postings/{posting}/reversal")
async def reverse(visit: FundWriteDep, posting: str) -> Response:
    """Take a contribution or a release back, by another posting; back to the payment where it was asked for there."""
    form = await visit.form()
    payment = quote(text_of(form, "payment"), safe="")
    try:
        await visit.ask.send("POST", f"/v1/fund/postings/{posting}/reversal", {"reason": text_of(form, "reason")})
    except DoorRefusedError as error:
        refused = comes_back(error)
        return await (_payment(visit, payment, None, refused) if payment else _fund(visit, refused=refused))
    return forward_to(f"/console/payments/{payment}" if payment else "/console/fund", done="reversed")


@router.get("/fund/check")
async def check_page(visit: FundDep, currency: str = "") -> Response:
    """The ledger added up again, from what its door tells."""
    postings: list[Any] = []
    before: int | None = None
    for _ in range(_CHECKED_PAGES):
        page = await visit.ask.get("/v1/fund/ledger", currency=currency, before=before, limit=_MOST)
        postings += page["items"]
        before = page["next"]
        if before is None:
            break
    faults = faults_of(postings, whole=before is None)
    return visit.show(
        "fund_check.html", faults=faults, count=len(postings), whole=before is None, currency=currency,
        command="lindung ledger verify",
    )  # fmt: skip


@router.get("/fund/report")
async def report_page(visit: ReportDep, year: YearQuery = None) -> Response:
    """What donors are told of a year."""
    today = now().year
    rows = (await visit.ask.get("/v1/fund/report", year=year or today))["results"]
    return visit.show("fund_report.html", rows=rows, year=year or today, years=range(today, today - _YEARS, -1))


@router.get("/fund/report.csv")
async def report_file(visit: ReportDep, year: Annotated[int, Query(ge=2020, le=2100)]) -> Response:
    """The same for a spreadsheet."""
    answer = await visit.ask.raw("GET", "/v1/fund/report", params={"year": year}, headers={"Accept": "text/csv"})
    named = {"Content-Disposition": f'attachment; filename="lindung-donors-{year}.csv"'}
    return Response(answer.content, media_type="text/csv; charset=utf-8", headers={**HEADERS, **named})


async def _send_once(visit: Visit, path: str, body: Any, once: str) -> Any:
    return (await visit.ask.raw("POST", path, json=body, headers={"Idempotency-Key": once})).json()


async def _payments(visit: Visit, typed: Any = None, refused: Any = None) -> Response:
    def waits_for(payment: Any) -> str:
        if payment["state"] != "proposed":
            return ""
        return "another" if payment["proposed_by"] == visit.who.user else "you"

    return await list_page(
        visit, PAYMENTS, "payments.html", {"waits_for": waits_for}, money=money, funds=await _balances(visit),
        typed=typed or {}, kinds=tuple(PAYMENT_KIND), currencies=currencies().values(), once=secrets.token_hex(16),
        refused=refused,
    )  # fmt: skip


async def _payment(visit: Visit, payment: str, done: str | None, refused: Any = None) -> Response:
    found = await visit.ask.get(f"/v1/fund/payments/{payment}")
    return visit.show(
        "payment.html", 422 if refused else 200,
        payment=found, done=done, refused=refused, money=money, reasons=tuple(REVERSAL),
    )  # fmt: skip


async def _fund(visit: Visit, typed: Any = None, refused: Any = None) -> Response:
    return await list_page(
        visit, LEDGER, "fund.html", money=money, funds=await _balances(visit), typed=typed or {},
        currencies=currencies().values(), once=secrets.token_hex(16), reasons=tuple(REVERSAL), refused=refused,
    )  # fmt: skip


async def _balances(visit: Visit) -> Any:
    return ((await visit.ask.get_or_none("/v1/fund")) or {}).get("items", [])
