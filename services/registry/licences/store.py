"""Licences in the database: every status told is a row of its own."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.bitemporal import told_before
from services.registry.history import Recorder, RecordKind, RecordNotFoundError, Told
from services.registry.licences.rules import Period, Standing, check_period, last_word, standing_on
from services.registry.licences.tables import LicencePeriodRow, LicenceRow, LicenceStrikeRow
from services.registry.parties.store import party_seqs
from services.registry.parties.tables import PartyRow
from services.registry.tables import chunked
from shared.contracts.licences import (
    LicenceAppeal,
    LicenceBody,
    LicenceCorrection,
    LicenceHistory,
    LicenceOnDay,
    LicencePeriod,
    LicenceRecord,
    LicenceStatus,
)


class LicenceMovedError(Exception):
    """A licence cannot pass from one party, number or authority to another."""


class NothingToCorrectError(Exception):
    """A correction strikes what was never told, or was struck already."""


async def put_licence(recorder: Recorder, licence_id: str, body: LicenceBody) -> tuple[LicenceRecord, bool]:
    """Create a licence or tell a period of its history; told the same again, nothing is added.

    Returns:
        The licence, and whether it is new.

    Raises:
        UnknownPartyError: its party is not in the register.
        NotOwnRecordError: another member recorded it.
        LicenceMovedError: it is another party's, or has another number or authority.
        IllegalStatusError: the status cannot follow the one that it had, or the period begins before the last one.
    """
    session = recorder.session
    (party_seq,) = await party_seqs(session, body.party)
    row = await _row_for_update(session, licence_id)
    if row is None:
        row = LicenceRow(id=licence_id, member=recorder.member, version=0)
        row.party_seq, row.number, row.authority = party_seq, body.number, body.authority
        session.add(row)
        await session.flush()
    else:
        recorder.require_own(row.member)
        _require_same(row, party_seq, body)
    told = (await _told(session, [row.seq], None))[row.seq]
    new = _period(body)
    if new == last_word(told, new):
        return _record(row, body), False
    check_period(told, new)
    row.version += 1
    _tell(recorder, row, body)
    recorder.keep(RecordKind.LICENCE, licence_id, row.version, body.model_dump(mode="json"), _provenance(body))
    return _record(row, body), row.version == 1


async def correct_licence(recorder: Recorder, licence_id: str, correction: LicenceCorrection) -> LicenceHistory:
    """Strike a period that was wrongly told, tell another in its place, or tell late what is out of order.

    Raises:
        RecordNotFoundError: there is no such licence.
        NotOwnRecordError: another member recorded it.
        LicenceMovedError: the period in its place is of another licence.
        NothingToCorrectError: there is no such period, or it was struck already.
    """
    session = recorder.session
    row = await _row_for_update(session, licence_id)
    if row is None:
        raise RecordNotFoundError("the register holds no such licence")
    recorder.require_own(row.member)
    history = await licence_history(session, licence_id)
    standing = {period.version for period in history.periods if not period.struck}
    if correction.strikes is not None and correction.strikes not in standing:
        raise NothingToCorrectError("no standing period was told in this version")
    row.version += 1
    if correction.strikes is not None:
        strike = LicenceStrikeRow(licence_seq=row.seq, version=row.version, strikes=correction.strikes)
        strike.told_at = recorder.instant
        session.add(strike)
    if correction.instead is not None:
        (party_seq,) = await party_seqs(session, correction.instead.party)
        _require_same(row, party_seq, correction.instead)
        _tell(recorder, row, correction.instead)
    told = Told(None, None, correction.authority, correction.document_digest, correction.ground)
    recorder.keep(RecordKind.LICENCE, licence_id, row.version, correction.model_dump(mode="json"), told)
    await session.flush()
    return await licence_history(session, licence_id)


def _require_same(row: LicenceRow, party_seq: int, body: LicenceBody) -> None:
    if (row.party_seq, row.number, row.authority) != (party_seq, body.number, body.authority):
        raise LicenceMovedError("a licence keeps its party, number and authority; another one is another record")


async def _row_for_update(session: AsyncSession, licence_id: str) -> LicenceRow | None:
    query = select(LicenceRow).where(LicenceRow.id == licence_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


def _period(told: LicenceBody | LicencePeriodRow) -> Period:
    return Period(
        LicenceStatus(told.status),
        told.national_code,
        told.valid_from,
        told.valid_to,
        LicenceAppeal(told.appeal),
        told.effective_despite_appeal,
    )


def _tell(recorder: Recorder, row: LicenceRow, body: LicenceBody) -> None:
    recorder.session.add(
        LicencePeriodRow(licence_seq=row.seq, version=row.version, told_at=recorder.instant, **vars(_period(body)))
    )


def _provenance(body: LicenceBody) -> Told:
    return Told(body.valid_from, body.valid_to, body.authority, body.document_digest)


def _record(row: LicenceRow, body: LicenceBody) -> LicenceRecord:
    return LicenceRecord(**body.model_dump(), id=row.id, member=row.member, version=row.version)


async def _told(session: AsyncSession, seqs: Collection[int], known_on: date | None) -> dict[int, list[Period]]:
    """The periods of licences, by the licence's seq, as they were known on a day; without those that were struck."""
    found: dict[int, list[Period]] = defaultdict(list)
    periods = select(LicencePeriodRow).order_by(LicencePeriodRow.licence_seq, LicencePeriodRow.version)
    strikes = select(LicenceStrikeRow.licence_seq, LicenceStrikeRow.strikes)
    if known_on is not None:
        periods = periods.where(LicencePeriodRow.told_at < told_before(known_on))
        strikes = strikes.where(LicenceStrikeRow.told_at < told_before(known_on))
    for chunk in chunked(seqs):
        struck = {
            (seq, version)
            for seq, version in await session.execute(strikes.where(LicenceStrikeRow.licence_seq.in_(chunk)))
        }
        rows = await session.execute(periods.where(LicencePeriodRow.licence_seq.in_(chunk)))
        for row in rows.scalars():
            if (row.licence_seq, row.version) not in struck:
                found[row.licence_seq].append(_period(row))
    return found


async def licences_on(
    session: AsyncSession, seqs: Collection[int], on: date, known_on: date | None = None
) -> dict[int, list[LicenceOnDay]]:
    """The licences of parties as they stood on a day, by the party's seq; one without any is not in it."""
    found: dict[int, list[LicenceOnDay]] = {}
    for chunk in chunked(seqs):
        query = select(LicenceRow).where(LicenceRow.party_seq.in_(chunk)).order_by(LicenceRow.id)
        rows = list((await session.execute(query)).scalars())
        for row, standing in await standings(session, rows, on, known_on):
            found.setdefault(row.party_seq, []).append(_on_day(row, standing))
    return found


async def standings(
    session: AsyncSession, rows: Sequence[LicenceRow], on: date, known_on: date | None = None
) -> Iterable[tuple[LicenceRow, Standing]]:
    """Licences with how they stood on a day; one that had not begun then is left out."""
    told = await _told(session, [row.seq for row in rows], known_on)
    stood = ((row, standing_on(told[row.seq], on)) for row in rows)
    return [(row, standing) for row, standing in stood if standing is not None]


def _on_day(row: LicenceRow, standing: Standing) -> LicenceOnDay:
    period = standing.period
    return LicenceOnDay(
        id=row.id,
        number=row.number,
        authority=row.authority,
        member=row.member,
        status=period.status,
        national_code=period.national_code,
        valid_from=period.valid_from,
        valid_to=period.valid_to,
        under_appeal=standing.under_appeal,
    )


async def get_licence(session: AsyncSession, licence_id: str) -> tuple[LicenceRow, str]:
    """A licence and its party's id.

    Raises:
        RecordNotFoundError: the register does not hold it.
    """
    query = select(LicenceRow, PartyRow.id).join(PartyRow, PartyRow.seq == LicenceRow.party_seq)
    found = (await session.execute(query.where(LicenceRow.id == licence_id))).one_or_none()
    if found is None:
        raise RecordNotFoundError("the register holds no such licence")
    return found[0], found[1]


async def licence_history(session: AsyncSession, licence_id: str) -> LicenceHistory:
    """A licence with every period that was told of it, those that were struck too.

    Raises:
        RecordNotFoundError: the register does not hold it.
    """
    row, party = await get_licence(session, licence_id)
    periods = select(LicencePeriodRow).where(LicencePeriodRow.licence_seq == row.seq)
    rows = list((await session.execute(periods.order_by(LicencePeriodRow.version))).scalars())
    strikes = select(LicenceStrikeRow.strikes).where(LicenceStrikeRow.licence_seq == row.seq)
    struck = set((await session.execute(strikes)).scalars())
    return LicenceHistory(
        **{name: getattr(row, name) for name in ("id", "number", "authority", "member", "version")},
        party=party,
        periods=[_as_told(each, struck=each.version in struck) for each in rows],
    )


def _as_told(row: LicencePeriodRow, *, struck: bool) -> LicencePeriod:
    names = set(LicencePeriod.model_fields) - {"struck"}
    return LicencePeriod.model_validate({name: getattr(row, name) for name in names} | {"struck": struck})
