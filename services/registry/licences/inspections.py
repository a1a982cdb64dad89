"""Inspections in the database: planned, carried out, followed up, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.visibility import INSPECTION_LABEL
from services.registry.history import Recorder, RecordKind, RecordNotFoundError, Told
from services.registry.licences.rules import IllegalStatusError
from services.registry.licences.store import get_licence
from services.registry.licences.tables import InspectionRow
from services.registry.pages import Page, read_page
from services.registry.parties.store import party_seqs
from services.registry.parties.tables import PartyRow
from shared.contracts.inspections import InspectionBody, InspectionRecord, InspectionState, Workplace

_S = InspectionState

NEXT_STATES: Final[dict[InspectionState, frozenset[InspectionState]]] = {
    _S.PLANNED: frozenset({_S.CARRIED_OUT, _S.FOLLOW_UP, _S.CLOSED, _S.CALLED_OFF}),
    _S.CARRIED_OUT: frozenset({_S.FOLLOW_UP, _S.CLOSED}),
    _S.FOLLOW_UP: frozenset({_S.CLOSED}),
    _S.CLOSED: frozenset(),
    _S.CALLED_OFF: frozenset(),
}
"""What may follow; one first heard of may be anywhere."""


class ForeignInspectionError(Exception):
    """A follow-up of an inspection, or of a licence, of another party."""


async def put_inspection(recorder: Recorder, inspection_id: str, body: InspectionBody) -> tuple[InspectionRecord, bool]:
    """Create an inspection or tell how far it has got; told the same again, nothing is changed.

    Returns:
        The inspection, and whether it is new.

    Raises:
        UnknownPartyError: its party is not in the register.
        NotOwnRecordError: another member recorded it.
        IllegalStatusError: it cannot have got there from where it was.
        ForeignInspectionError: its licence, or the inspection before it, is of another party.
    """
    session = recorder.session
    recorder.require_past(carried_out_on=body.carried_out_on)
    (party_seq,) = await party_seqs(session, body.party)
    query = select(InspectionRow).where(InspectionRow.id == inspection_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    content = body.model_dump(mode="json")
    licence_seq, earlier_seq = await _licence(session, body, party_seq), await _earlier(session, body, party_seq)
    if row is None:
        row = InspectionRow(id=inspection_id, member=recorder.member, version=0, party_seq=party_seq)
        session.add(row)
    else:
        recorder.require_own(row.member)
        if row.content == content:
            return _record(row, recorder.instant.date()), False
        if row.party_seq != party_seq:
            raise ForeignInspectionError("an inspection stays with its party")
        check_state(InspectionState(row.state), body.state)
    row.licence_seq, row.follow_up_of = licence_seq, earlier_seq
    row.state, row.workplace, row.content = body.state, body.workplace, content
    row.version, row.as_of = row.version + 1, recorder.instant
    told = Told(body.carried_out_on, None, body.authority, body.document_digest)
    recorder.keep(RecordKind.INSPECTION, inspection_id, row.version, content, told)
    return _record(row, recorder.instant.date()), row.version == 1


def check_state(before: InspectionState, after: InspectionState) -> None:
    """Refuse a step back.

    Raises:
        IllegalStatusError: says from what to what, and what would be possible.
    """
    if after is not before and after not in NEXT_STATES[before]:
        raise IllegalStatusError(f"an inspection does not go from {before} to {after}", "state", NEXT_STATES[before])


async def _licence(session: AsyncSession, body: InspectionBody, party_seq: int) -> int | None:
    if body.licence is None:
        return None
    licence, _ = await get_licence(session, body.licence)
    if licence.party_seq != party_seq:
        raise ForeignInspectionError("the licence is another party's")
    return licence.seq


async def _earlier(session: AsyncSession, body: InspectionBody, party_seq: int) -> int | None:
    if body.follow_up_of is None:
        return None
    query = select(InspectionRow).where(InspectionRow.id == body.follow_up_of)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise RecordNotFoundError("the register holds no such inspection to follow up")
    if row.party_seq != party_seq:
        raise ForeignInspectionError("the inspection before it is another party's")
    return row.seq


def _record(row: InspectionRow, on: date) -> InspectionRecord:
    body = InspectionBody.model_validate(row.content)
    return InspectionRecord(
        **body.model_dump(),
        id=row.id,
        member=row.member,
        version=row.version,
        as_of=row.as_of,
        label=INSPECTION_LABEL,
        overdue=[each for each in body.remedies if each.done_on is None and each.due_on < on],
    )


async def get_inspection(session: AsyncSession, inspection_id: str, on: date) -> InspectionRecord:
    """An inspection as it stands.

    Raises:
        RecordNotFoundError: the register does not hold it.
    """
    query = select(InspectionRow).where(InspectionRow.id == inspection_id)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise RecordNotFoundError("the register holds no such inspection")
    return _record(row, on)


@dataclass(frozen=True)
class InspectionFilter:
    """Which inspections a list shows; None: whichever."""

    party: str | None = None
    state: InspectionState | None = None
    workplace: Workplace | None = None
    overdue: bool | None = None


async def list_inspections(
    session: AsyncSession, wanted: InspectionFilter, on: date, after: str | None, limit: int
) -> Page[InspectionRecord]:
    """Inspections in the order of their ids."""
    keys = select(InspectionRow.id, InspectionRow.seq)
    if wanted.party is not None:
        keys = keys.join(PartyRow, PartyRow.seq == InspectionRow.party_seq).where(PartyRow.id == wanted.party)
    if wanted.state is not None:
        keys = keys.where(InspectionRow.state == wanted.state)
    if wanted.workplace is not None:
        keys = keys.where(InspectionRow.workplace == wanted.workplace)

    async def read(seqs: Sequence[int]) -> dict[int, InspectionRecord | None]:
        rows = (await session.execute(select(InspectionRow).where(InspectionRow.seq.in_(seqs)))).scalars()
        records = {row.seq: _record(row, on) for row in rows}
        return {seq: each if wanted.overdue in (None, bool(each.overdue)) else None for seq, each in records.items()}

    return await read_page(session, keys, read, after, limit)
