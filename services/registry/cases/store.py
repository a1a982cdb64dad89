"""Cases in the database: they move only as the law does, and what fell away is not handed out."""

from collections.abc import Collection
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.rules import (
    IllegalTransitionError,
    check_transition,
    is_proven,
    is_spoken_of,
    label,
    legal_status,
)
from services.registry.cases.tables import CaseRow
from services.registry.history import Recorder, RecordKind
from services.registry.parties.store import party_seqs
from services.registry.parties.tables import PartyRow
from services.registry.tables import chunked
from shared.contracts.parties import CaseBody, CaseRecord

_COLUMNS: Final = ("proceeding", "stage", "appeal", "opened_on", "final_on", "court", "source")


async def put_case(recorder: Recorder, case_id: str, body: CaseBody) -> tuple[CaseRecord, bool]:
    """Create a case or tell how far it has got; told the same again, nothing is changed.

    Returns:
        The case, and whether it is new.

    Raises:
        UnknownPartyError: its party is not in the register.
        NotOwnRecordError: another member recorded it.
        IllegalTransitionError: it cannot have got there from where it was.
    """
    session = recorder.session
    (party_seq,) = await party_seqs(session, body.party)
    query = select(CaseRow).where(CaseRow.id == case_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        row = CaseRow(id=case_id, party_seq=party_seq, member=recorder.member, version=0)
        session.add(row)
    else:
        recorder.require_own(row.member)
        before = _body(row, body.party)
        if row.party_seq == party_seq and before == body:
            return _told(row, body, recorder.instant.date()), False
        _check(row, before, party_seq, body)
    _fill(row, body)
    row.version, row.as_of = row.version + 1, recorder.instant
    recorder.keep(RecordKind.CASE, case_id, row.version, body.model_dump(mode="json"))
    return _told(row, body, recorder.instant.date()), row.version == 1


def _check(row: CaseRow, before: CaseBody, party_seq: int, after: CaseBody) -> None:
    if row.party_seq != party_seq:
        raise IllegalTransitionError("a case stays with its party")
    check_transition(before, after)


def _fill(row: CaseRow, body: CaseBody) -> None:
    row.offences = sorted(set(body.offences))
    for name in _COLUMNS:
        setattr(row, name, getattr(body, name))


def _body(row: CaseRow, party: str) -> CaseBody:
    facts = {name: getattr(row, name) for name in _COLUMNS}
    return CaseBody.model_validate({**facts, "party": party, "offences": row.offences})


def _told(row: CaseRow, body: CaseBody, on: date) -> CaseRecord:
    status = legal_status(body, on)
    return CaseRecord(
        **body.model_dump(),
        id=row.id,
        member=row.member,
        version=row.version,
        as_of=row.as_of,
        status=status,
        label=label(status),
        proven=is_proven(status),
    )


async def standing_cases(session: AsyncSession, seqs: Collection[int], on: date) -> dict[int, list[CaseRecord]]:
    """The cases of parties that are spoken of on a day, by the party's seq; one without any is not in it."""
    found: dict[int, list[CaseRecord]] = {}
    for chunk in chunked(seqs):
        query = select(CaseRow, PartyRow.id).join(PartyRow, PartyRow.seq == CaseRow.party_seq)
        rows = await session.execute(query.where(CaseRow.party_seq.in_(chunk)).order_by(CaseRow.id))
        for row, party in rows:
            record = _told(row, _body(row, party), on)
            if is_spoken_of(record.status):
                found.setdefault(row.party_seq, []).append(record)
    return found
