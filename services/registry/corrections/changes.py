"""What a new version of a record takes back of what was told before."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.rules import is_graver, is_proven, is_spoken_of, legal_status
from services.registry.cases.tables import CaseRow
from services.registry.cases.visibility import Audience, Sight
from services.registry.corrections.tables import BY_THE_CLOCK
from services.registry.history import HistoryRow, RecordChangeRow, RecordKind, versions_of
from services.registry.licences.tables import LicenceRow
from services.registry.listings.store import Docket, get_docket
from services.registry.listings.tables import ListingRow
from services.registry.listings.views import sight as listing_sight
from services.registry.parties.tables import PartyRow
from shared.contracts.cases import CaseBody, LegalStatus
from shared.contracts.corrections import Change, CorrectedKind, RecordChange
from shared.contracts.listings import ListingState

_RANK: Final = {Sight.FINDING: 2, Sight.LABELLED: 1, Sight.SEALED: 0, Sight.HIDDEN: 0}
_OVER: Final = frozenset({ListingState.EXPIRED, ListingState.REMOVED, ListingState.DROPPED})


async def changes_of(session: AsyncSession, row: RecordChangeRow) -> list[RecordChange]:
    """What is to be told because of one new version; nothing when it takes nothing back.

    Raises:
        ValueError: the record was damaged.
    """
    versions = await versions_of(session, RecordKind(row.kind), row.record)
    if not versions:
        raise ValueError("a record without history")
    if row.version == BY_THE_CLOCK:
        return await _ended(session, row, versions[0])
    before = next((each for each in versions if each.version == row.version - 1), None)
    after = next((each for each in versions if each.version == row.version), None)
    if before is None or after is None:
        return []
    return await _LOOK[RecordKind(row.kind)](session, row, versions[0], before, after)


def _change(
    row: RecordChangeRow, kind: RecordKind, record: str, party: str, change: Change, since: datetime
) -> RecordChange:
    name = f"{row.number}/{kind}/{record}"
    return RecordChange(
        id=name, kind=CorrectedKind(kind), record=record, party=party, change=change, since=since, at=row.at
    )


async def _ended(session: AsyncSession, row: RecordChangeRow, first: HistoryRow) -> list[RecordChange]:
    table = CaseRow if row.kind == RecordKind.CASE else ListingRow
    query = select(PartyRow.id).join(table, table.party_seq == PartyRow.seq).where(table.id == row.record)
    party = (await session.execute(query)).scalar_one()
    return [_change(row, RecordKind(row.kind), row.record, party, Change.FELL_AWAY, first.told_at)]


async def _of_case(
    session: AsyncSession, row: RecordChangeRow, first: HistoryRow, before: HistoryRow, after: HistoryRow
) -> list[RecordChange]:
    was, is_now = _case_body(before), _case_body(after)
    day = after.told_at.date()
    status, status_now = legal_status(was, day), legal_status(is_now, day)
    moved = was.party != is_now.party
    change = case_change(status, status_now, moved=moved, corrected=after.correction is not None)
    if change is None:
        return []
    told = [_change(row, RecordKind.CASE, row.record, was.party, change, first.told_at)]
    if change is Change.FELL_AWAY or (is_proven(status) and not is_proven(status_now)):
        told += [each async for each in _listings_of_case(session, row, was.party, change)]
    return told


def case_change(status: LegalStatus, status_now: LegalStatus, *, moved: bool, corrected: bool) -> Change | None:
    """What becomes of what was told of a case; None: it only got graver, or stayed."""
    if not is_spoken_of(status):
        return None
    if moved or not is_spoken_of(status_now):
        return Change.FELL_AWAY
    if is_graver(status, than=status_now):
        return Change.MITIGATED
    return Change.CORRECTED if corrected else None


async def _listings_of_case(session: AsyncSession, row: RecordChangeRow, party: str, change: Change) -> Any:
    query = select(ListingRow).join(CaseRow, CaseRow.seq == ListingRow.case_seq).where(CaseRow.id == row.record)
    for listing in (await session.execute(query)).scalars().all():
        if listing.state not in _OVER:
            first = (await versions_of(session, RecordKind.LISTING, listing.id))[0]
            yield _change(row, RecordKind.LISTING, listing.id, party, change, first.told_at)


async def _of_listing(
    session: AsyncSession, row: RecordChangeRow, first: HistoryRow, before: HistoryRow, after: HistoryRow
) -> list[RecordChange]:
    docket, day = await get_docket(session, row.record), after.told_at.date()
    was, is_now = _sight_at(docket, before.version, day), _sight_at(docket, after.version, day)
    change = sight_change(was, is_now, corrected=after.correction is not None)
    return [] if change is None else [_change(row, RecordKind.LISTING, row.record, docket.party, change, first.told_at)]


def _sight_at(docket: Docket, version: int, day: date) -> Sight:
    known = replace(docket, moves=[move for move in docket.moves if move.number <= version])
    return listing_sight(known, day, Audience.AUTHORITY)


def sight_change(was: Sight, is_now: Sight, *, corrected: bool) -> Change | None:
    """What becomes of what was told of a listing; None: it is seen as before, or more."""
    if not _RANK[was]:
        return None
    if not _RANK[is_now]:
        return Change.FELL_AWAY
    if _RANK[is_now] < _RANK[was]:
        return Change.MITIGATED
    return Change.CORRECTED if corrected else None


async def _of_licence(
    session: AsyncSession, row: RecordChangeRow, first: HistoryRow, _before: HistoryRow, after: HistoryRow
) -> list[RecordChange]:
    if after.correction is None:
        return []
    query = select(PartyRow.id).join(LicenceRow, LicenceRow.party_seq == PartyRow.seq)
    party = (await session.execute(query.where(LicenceRow.id == row.record))).scalar_one()
    return [_change(row, RecordKind.LICENCE, row.record, party, Change.CORRECTED, first.told_at)]


async def _of_party(
    _session: AsyncSession, row: RecordChangeRow, first: HistoryRow, before: HistoryRow, after: HistoryRow
) -> list[RecordChange]:
    if not set(_values(before.content)) - set(_values(after.content)):
        return []
    return [_change(row, RecordKind.PARTY, row.record, row.record, Change.CORRECTED, first.told_at)]


def _values(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every value that was told of a party: one that is not told any more was taken back."""
    for name, values in content.get("properties", {}).items():
        yield from ((name, value) for value in values)
    for fact in content.get("facts") or ():
        yield (fact["property"], fact["value"])


def _case_body(row: HistoryRow) -> CaseBody:
    return CaseBody.model_validate({name: row.content[name] for name in CaseBody.model_fields if name in row.content})


_Look = Callable[[AsyncSession, RecordChangeRow, HistoryRow, HistoryRow, HistoryRow], Awaitable[list[RecordChange]]]
_LOOK: Final[dict[RecordKind, _Look]] = {
    RecordKind.CASE: _of_case,
    RecordKind.LISTING: _of_listing,
    RecordKind.LICENCE: _of_licence,
    RecordKind.PARTY: _of_party,
}
