"""The donors' report out of the ledger."""

from datetime import UTC, datetime

from sqlalchemy import select

from services.registry.redress.fund_tables import FundPaymentRow, FundRow, PostingRow
from services.registry.redress.offices import RedressOffice
from services.registry.redress.report import Paid, donor_rows
from shared.contracts.fund import DonorReport, PaymentKind, PostingKind
from shared.db.database import Database

_SIGN = {PostingKind.RELEASE.value: 1, PostingKind.REVERSAL.value: -1}


async def donor_report(database: Database, office: RedressOffice, year: int, until: datetime) -> DonorReport:
    """What this office's fund paid in a calendar year (UTC), as donors are told it.

    Args:
        database: the registry's.
        office: whose fund.
        year: the calendar year.
        until: now; the month that it is in has not ended, and is not told.
    """
    begin = datetime(year, 1, 1, tzinfo=UTC)
    end = min(datetime(year + 1, 1, 1, tzinfo=UTC), datetime(until.year, until.month, 1, tzinfo=UTC))
    query = (
        select(PostingRow.at, PostingRow.kind, FundRow.currency, FundPaymentRow)
        .join(FundRow, FundRow.seq == PostingRow.fund_seq)
        .join(FundPaymentRow, FundPaymentRow.seq == PostingRow.payment_seq)
        .where(office.payments, PostingRow.kind.in_(_SIGN), PostingRow.at >= begin, PostingRow.at < end)
    )
    async with database.read() as session:
        rows = await session.execute(query)
        payments = [
            Paid(f"{at:%Y-%m}", code, PaymentKind(payment.kind), payment.subject, _SIGN[kind] * payment.amount)
            for at, kind, code, payment in rows
        ]
    return DonorReport(results=donor_rows(payments))
