"""Licences in the database: every status told is a row of its own."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import Recorder, RecordKind
from services.registry.licences.rules import Period, period_on
from services.registry.licences.tables import LicencePeriodRow, LicenceRow
from services.registry.parties.store import party_seqs
from services.registry.tables import chunked
from shared.contracts.parties import LicenceBody, LicenceOnDay, LicenceRecord, LicenceStatus


class LicenceMovedError(Exception):
    """A licence cannot pass from one party, number or authority to another."""


async def put_licence(recorder: Recorder, licence_id: str, body: LicenceBody) -> tuple[LicenceRecord, bool]:
    """Create a licence or tell a period of its history; told the same again, nothing is added.

    Returns:
        The licence, and whether it is new.

    Raises:
        UnknownPartyError: its party is not in the register.
        NotOwnRecordError: another member recorded it.
        LicenceMovedError: it is another party's, or has another number or authority.
    """
    session = recorder.session
    (party_seq,) = await party_seqs(session, body.party)
    query = select(LicenceRow).where(LicenceRow.id == licence_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    identity = (party_seq, body.number, body.authority)
    if row is None:
        row = LicenceRow(id=licence_id, member=recorder.member, version=0)
        row.party_seq, row.number, row.authority = identity
        session.add(row)
        await session.flush()
    else:
        recorder.require_own(row.member)
        if (row.party_seq, row.number, row.authority) != identity:
            raise LicenceMovedError("a licence keeps its party, number and authority; another one is another record")
        if await _last_period(session, row) == _period(body):
            return _record(row, body), False
    row.version += 1
    session.add(_period_row(row, body, recorder))
    recorder.keep(RecordKind.LICENCE, licence_id, row.version, body.model_dump(mode="json"))
    return _record(row, body), row.version == 1


def _period(told: LicenceBody | LicencePeriodRow) -> Period:
    return Period(LicenceStatus(told.status), told.national_code, told.valid_from, told.valid_to)


def _period_row(row: LicenceRow, body: LicenceBody, recorder: Recorder) -> LicencePeriodRow:
    return LicencePeriodRow(
        licence_seq=row.seq,
        version=row.version,
        status=body.status,
        national_code=body.national_code,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        told_at=recorder.instant,
    )


async def _last_period(session: AsyncSession, row: LicenceRow) -> Period:
    period = await session.get_one(LicencePeriodRow, (row.seq, row.version))
    return _period(period)


def _record(row: LicenceRow, body: LicenceBody) -> LicenceRecord:
    return LicenceRecord(**body.model_dump(), id=row.id, member=row.member, version=row.version)


async def licences_on(session: AsyncSession, seqs: Collection[int], on: date) -> dict[int, list[LicenceOnDay]]:
    """The licences of parties as they stood on a day, by the party's seq; one without any is not in it."""
    found: dict[int, list[LicenceOnDay]] = {}
    for chunk in chunked(seqs):
        query = (
            select(LicenceRow, LicencePeriodRow)
            .join(LicencePeriodRow, LicencePeriodRow.licence_seq == LicenceRow.seq)
            .where(LicenceRow.party_seq.in_(chunk))
            .order_by(LicenceRow.id, LicencePeriodRow.version)
        )
        rows = await session.execute(query)
        for licence, periods in _by_licence(rows):
            period = period_on(periods, on)
            if period is not None:
                found.setdefault(licence.party_seq, []).append(_on_day(licence, period))
    return found


def _by_licence(rows: Iterable[tuple[LicenceRow, LicencePeriodRow]]) -> Iterator[tuple[LicenceRow, list[Period]]]:
    for licence, group in groupby(rows, key=lambda row: row[0]):
        yield licence, [_period(period) for _, period in group]


def _on_day(row: LicenceRow, period: Period) -> LicenceOnDay:
    return LicenceOnDay(
        id=row.id,
        number=row.number,
        authority=row.authority,
        member=row.member,
        status=period.status,
        national_code=period.national_code,
        valid_from=period.valid_from,
        valid_to=period.valid_to,
    )
