"""The aid fund over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from services.registry.admission import of_caller
from services.registry.pages import PageBefore, PageLimit
from services.registry.redress.fund import Fund
from services.registry.redress.fund_views import FundReading
from services.registry.redress.offices import LedgerReader, RedressOffice, ledger_reader, redress_office
from services.registry.redress.reporting import donor_report
from services.registry.state import KeysDep
from services.registry.tabular import table_answer
from services.registry.workers.intake import MAX_KEY, IdempotencyKeyMissingError
from shared.contracts.fund import (
    ContributionBody,
    DonorReport,
    DonorRow,
    FundList,
    LedgerPage,
    LedgerPosting,
    Payment,
    PaymentBody,
    PaymentPage,
    PaymentState,
    ReversalBody,
)
from shared.contracts.lines import RecordId
from shared.contracts.redress import CurrencyCode
from shared.db.database import now
from shared.http.state import DatabaseDep

router = APIRouter(prefix="/v1/fund", tags=["fund"])


async def _fund(database: DatabaseDep, keys: KeysDep) -> Fund:
    return Fund(database, keys)


async def _reading(database: DatabaseDep, keys: KeysDep) -> FundReading:
    return FundReading(database, keys)


async def _key(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    if not idempotency_key or len(idempotency_key) > MAX_KEY or not idempotency_key.isprintable():
        raise IdempotencyKeyMissingError(f"send the header Idempotency-Key, 1 to {MAX_KEY} printable characters")
    return idempotency_key


OfficeDep = Annotated[RedressOffice, of_caller(redress_office)]
ReaderDep = Annotated[LedgerReader, of_caller(ledger_reader)]
FundDep = Annotated[Fund, Depends(_fund)]
ReadingDep = Annotated[FundReading, Depends(_reading)]
KeyDep = Annotated[str, Depends(_key)]


@router.get("", operation_id="readFund")
async def read_fund(reader: ReaderDep, reading: ReadingDep) -> FundList:
    """What there is, by currency."""
    return await reading.balances(reader)


@router.post("/contributions", status_code=201, operation_id="contribute")
async def contribute(body: ContributionBody, key: KeyDep, office: OfficeDep, fund: FundDep) -> LedgerPosting:
    """Take in what a donor gave."""
    return await fund.contribute(office, key, body)


@router.post("/payments", status_code=201, operation_id="proposePayment")
async def propose_payment(body: PaymentBody, key: KeyDep, office: OfficeDep, fund: FundDep) -> Payment:
    """Reserve the money of a payment until another person releases it."""
    return await fund.propose(office, key, body)


@router.get("/payments", operation_id="listPayments")
async def list_payments(
    office: OfficeDep,
    reading: ReadingDep,
    state: PaymentState | None = None,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> PaymentPage:
    """This office's payments, newest first."""
    return await reading.payments(office, state, before, limit)


@router.get("/payments/{id}", operation_id="readPayment")
async def read_payment(id: RecordId, office: OfficeDep, reading: ReadingDep) -> Payment:
    """A payment, whole."""
    return await reading.payment(office, id)


@router.post("/payments/{id}/release", operation_id="releasePayment")
async def release_payment(id: RecordId, office: OfficeDep, fund: FundDep) -> Payment:
    """Pay what another person proposed."""
    return await fund.release(office, id)


@router.post("/payments/{id}/cancel", operation_id="cancelPayment")
async def cancel_payment(id: RecordId, office: OfficeDep, fund: FundDep) -> Payment:
    """Do not pay what was proposed."""
    return await fund.cancel(office, id)


@router.post("/postings/{id}/reversal", status_code=201, operation_id="reversePosting")
async def reverse_posting(id: RecordId, body: ReversalBody, office: OfficeDep, fund: FundDep) -> LedgerPosting:
    """Take a contribution or a release back, by another posting."""
    return await fund.reverse(office, id, body.reason)


@router.get("/ledger", operation_id="readLedger")
async def read_ledger(
    reader: ReaderDep,
    reading: ReadingDep,
    currency: CurrencyCode | None = None,
    before: PageBefore = None,
    limit: PageLimit = 50,
) -> LedgerPage:
    """Postings, newest first; an auditor reads those of every office."""
    return await reading.ledger(reader, currency, before, limit)


@router.get("/report", operation_id="readDonorReport", response_model=DonorReport)
async def read_report(
    request: Request, office: OfficeDep, database: DatabaseDep, year: Annotated[int, Query(ge=2020, le=2100)]
) -> DonorReport | Response:
    """What donors are told of a year; as CSV on `Accept: text/csv`."""
    return table_answer(request, await donor_report(database, office, year, now()), DonorRow)
