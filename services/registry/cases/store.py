"""Cases in the database: they move only as the law does, and what fell away is not handed out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.bitemporal import holding
from services.registry.cases.rules import (
    IllegalTransitionError,
    check_correction,
    check_transition,
    first_day,
    is_graver,
    legal_status,
)
from services.registry.cases.tables import CaseRow
from services.registry.cases.views import CaseStatement, fill, record, sight, statement
from services.registry.cases.visibility import Audience, Sight, audience_of
from services.registry.history import HistoryRow, Recorder, RecordKind, RecordNotFoundError, Told, versions_of
from services.registry.pages import Page, read_page
from services.registry.parties.store import party_seqs
from services.registry.parties.tables import PartyRow
from services.registry.tables import chunked
from shared.contracts.caller import Caller
from shared.contracts.cases import CaseBody, CaseCorrection, CaseRecord, LegalStatus, Offence, Stage
from shared.contracts.provenance import Correction


async def put_case(recorder: Recorder, case_id: str, body: CaseBody) -> tuple[CaseRecord, bool]:
    """Create a case or tell how far it has got; told the same again, nothing is changed.

    Returns:
        The case, and whether it is new.

    Raises:
        UnknownPartyError: its party is not in the register.
        NotOwnRecordError: another member recorded it.
        IllegalTransitionError: it cannot have got there from where it was.
        DayToComeError: a step lies in the future.
    """
    (party_seq,) = await party_seqs(recorder.session, body.party)
    recorder.require_past(opened_on=body.opened_on, stage_on=body.stage_on, appeal_on=body.appeal_on)
    row = await _row_for_update(recorder.session, case_id)
    if row is None:
        row = CaseRow(id=case_id, party_seq=party_seq, member=recorder.member, version=0)
        recorder.session.add(row)
    else:
        recorder.require_own(row.member)
        if row.party_seq != party_seq:
            raise IllegalTransitionError("a case stays with its party", "party")
        before = statement(row, body.party)
        if before.body == body:
            return _kept(before, recorder), False
        check_transition(before.body, body)
    return _tell(recorder, row, body, None), row.version == 1


async def correct_case(recorder: Recorder, case_id: str, correction: CaseCorrection) -> CaseRecord:
    """Put right what was wrongly told of a case. What was told stays in the history, with the ground beside it.

    Raises:
        RecordNotFoundError: there is no such case.
        NotOwnRecordError: another member recorded it.
        UnknownPartyError: the party that it should be about is not in the register.
        DecisionMissingError: it becomes graver, and no decision is named.
    """
    row = await _row_for_update(recorder.session, case_id)
    if row is None:
        raise RecordNotFoundError("the register holds no such case")
    recorder.require_own(row.member)
    body = correction.case
    (party_seq,) = await party_seqs(recorder.session, body.party)
    recorder.require_past(opened_on=body.opened_on, stage_on=body.stage_on, appeal_on=body.appeal_on)
    party = await _party_id(recorder.session, row.party_seq)
    before = statement(row, party)
    if before.body == body:
        return _kept(before, recorder)
    decided = body.court is not None and correction.document_digest is not None
    moved = party_seq != row.party_seq  # to accuse somebody else is graver than whatever it was
    check_correction(before.body, body, recorder.instant.date(), decided=decided, moved=moved)
    row.party_seq = party_seq
    return _tell(recorder, row, body, correction)


def _tell(recorder: Recorder, row: CaseRow, body: CaseBody, correction: Correction | None) -> CaseRecord:
    fill(row, body)
    row.version, row.as_of = row.version + 1, recorder.instant
    said_by = correction or body
    told = Told(
        valid_from=first_day(body, recorder.instant.date(), is_first=row.version == 1 or correction is not None),
        authority=said_by.authority,
        document_digest=said_by.document_digest,
        correction=correction.ground if correction else None,
    )
    content = body.model_dump(mode="json")
    if correction is not None:
        content["correction_source"] = correction.source
    recorder.keep(RecordKind.CASE, row.id, row.version, content, told)
    return _kept(CaseStatement(row.id, row.member, row.version, row.as_of, body), recorder)


def _kept(told: CaseStatement, recorder: Recorder) -> CaseRecord:
    today = recorder.instant.date()
    return record(told, today, sealed=sight(told, today, Audience.KEEPER) is Sight.SEALED)


async def _row_for_update(session: AsyncSession, case_id: str) -> CaseRow | None:
    query = select(CaseRow).where(CaseRow.id == case_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def _party_id(session: AsyncSession, seq: int) -> str:
    return (await session.execute(select(PartyRow.id).where(PartyRow.seq == seq))).scalar_one()


async def standing_cases(session: AsyncSession, seqs: Collection[int], on: date) -> dict[int, list[CaseRecord]]:
    """The cases of parties that are spoken of on a day, by the party's seq; one without any is not in it."""
    found: dict[int, list[CaseRecord]] = {}
    for chunk in chunked(seqs):
        query = select(CaseRow, PartyRow.id).join(PartyRow, PartyRow.seq == CaseRow.party_seq)
        rows = await session.execute(query.where(CaseRow.party_seq.in_(chunk)).order_by(CaseRow.id))
        for row, party in rows:
            told = statement(row, party)
            if sight(told, on, Audience.AUTHORITY) is not Sight.HIDDEN:
                found.setdefault(row.party_seq, []).append(record(told, on))
    return found


async def seen_case(session: AsyncSession, case_id: str, caller: Caller, today: date) -> tuple[CaseStatement, Sight]:
    """A case as it stands, if the caller may see it.

    Raises:
        RecordNotFoundError: there is none, or none for this caller: the two are not told apart.
    """
    query = select(CaseRow, PartyRow.id).join(PartyRow, PartyRow.seq == CaseRow.party_seq)
    row = (await session.execute(query.where(CaseRow.id == case_id))).one_or_none()
    if row is not None:
        told = statement(row[0], row[1])
        seen = sight(told, today, audience_of(caller, told.member))
        if seen is not Sight.HIDDEN:
            return told, seen
    raise RecordNotFoundError("the register holds no such case")


async def case_on(
    session: AsyncSession, case_id: str, caller: Caller, today: date, valid_on: date | None, known_on: date | None
) -> CaseRecord:
    """A case as it stood on a day, by what had been told by another.

    Whether it is shown at all is decided by how it stands today: the past is no way round an acquittal.

    Raises:
        RecordNotFoundError: none that the caller may see, or nothing was known of it then.
    """
    told, seen = await seen_case(session, case_id, caller, today)
    if valid_on is None and known_on is None:
        return record(told, today, sealed=seen is Sight.SEALED)
    day = valid_on or today
    rows = await versions_of(session, RecordKind.CASE, case_id, known_on)
    row = holding(_shown(rows, told, caller, today), day)
    if row is None:
        raise RecordNotFoundError("the register holds no such case")
    past = CaseStatement(case_id, told.member, row.version, row.told_at, _told_body(row))
    return record(past, day, sealed=seen is Sight.SEALED)


async def case_history(session: AsyncSession, case_id: str, caller: Caller, today: date) -> list[HistoryRow]:
    """What was told of a case, as far as the caller may see it, in the order of telling.

    Raises:
        RecordNotFoundError: none that the caller may see.
    """
    told, _ = await seen_case(session, case_id, caller, today)
    return _shown(await versions_of(session, RecordKind.CASE, case_id), told, caller, today)


def _shown(rows: Sequence[HistoryRow], told: CaseStatement, caller: Caller, today: date) -> list[HistoryRow]:
    """To others than its keepers, nothing about another party, and nothing graver than what is said today."""
    if audience_of(caller, told.member) is Audience.KEEPER:
        return list(rows)
    return [row for row in rows if _is_past_of(told.body, _told_body(row), today)]


def _is_past_of(body: CaseBody, past: CaseBody, today: date) -> bool:
    return past.party == body.party and not is_graver(legal_status(past, today), legal_status(body, today))


def _told_body(row: HistoryRow) -> CaseBody:
    known = {name: value for name, value in row.content.items() if name in CaseBody.model_fields}
    return CaseBody.model_validate(known)


@dataclass(frozen=True)
class CaseFilter:
    """Which cases a list shows; None: whichever."""

    party: str | None = None
    member: str | None = None
    stage: Stage | None = None
    status: LegalStatus | None = None
    offence: Offence | None = None


async def list_cases(
    session: AsyncSession, wanted: CaseFilter, caller: Caller, today: date, after: str | None, limit: int
) -> Page[CaseRecord]:
    """Cases that the caller may see, in the order of their ids."""
    keys = select(CaseRow.id, CaseRow.seq)
    if wanted.party is not None:
        keys = keys.join(PartyRow, PartyRow.seq == CaseRow.party_seq).where(PartyRow.id == wanted.party)
    if wanted.member is not None:
        keys = keys.where(CaseRow.member == wanted.member)
    if wanted.stage is not None:
        keys = keys.where(CaseRow.stage == wanted.stage)

    async def read(seqs: Sequence[int]) -> dict[int, CaseRecord | None]:
        query = select(CaseRow, PartyRow.id).join(PartyRow, PartyRow.seq == CaseRow.party_seq)
        rows = await session.execute(query.where(CaseRow.seq.in_(seqs)))
        return {row.seq: _listed(statement(row, party), wanted, caller, today) for row, party in rows}

    return await read_page(session, keys, read, after, limit)


def _listed(told: CaseStatement, wanted: CaseFilter, caller: Caller, today: date) -> CaseRecord | None:
    seen = sight(told, today, audience_of(caller, told.member))
    found = record(told, today, sealed=seen is Sight.SEALED)
    fits = wanted.status in (None, found.status) and (wanted.offence is None or wanted.offence in found.offences)
    return found if fits and seen is not Sight.HIDDEN else None
