"""The memory of cleared hits: whom an office found not to be the one it asked about, until the party changes."""

import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import RecordNotFoundError
from services.registry.parties.store import get_party
from services.registry.parties.tables import PartyRow
from services.registry.screening.dossiers import load_dossiers
from services.registry.screening.office_tables import ClearanceRow
from services.registry.screening.standing import material
from shared.contracts.caller import Caller
from shared.contracts.offices import Clearance, ClearanceBody, ClearancePage
from shared.contracts.screening import ClearanceMark, QueryAnswer, QueryEntity
from shared.db.database import now
from shared.db.newest import newest_rows


class Clearances:
    """Keeps and recalls what offices cleared.

    Args:
        secret: keys the digests of queries, so that nobody finds out what was asked by trying names.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    async def clear(self, session: AsyncSession, caller: Caller, body: ClearanceBody) -> Clearance:
        """Note that a party is not the one asked about; the office's earlier note on the same hit is replaced.

        Raises:
            RecordNotFoundError: the register does not hold the party.
        """
        party = await get_party(session, body.party)
        instant = now()
        dossiers = await load_dossiers(session, {party.seq}, instant.date())
        asked = self._digest(body.query)
        for before in await _standing_rows(session, caller, [asked]):
            if before.party_seq == party.seq:
                before.withdrawn_at = instant
        row = ClearanceRow(
            id=secrets.token_hex(16),
            member=caller.member,
            organisation=caller.organisation[:200],
            query=asked,
            party_seq=party.seq,
            material=material(party.seq, dossiers),
            cleared_by=caller.person[:64],
            cleared_at=instant,
            **body.model_dump(include={"reason", "evidence", "document_digest"}),
        )
        session.add(row)
        await session.flush()
        return _clearance(row, party.id, stands=True)

    async def mark(self, session: AsyncSession, caller: Caller, answers: Sequence[QueryAnswer]) -> None:
        """Say of every hit that the caller's office cleared, that it did. While that stands, it is no match."""
        asked = [self._digest(answer.query) for answer in answers]
        rows = await _standing_rows(session, caller, set(asked))
        if not rows:
            return
        ids = await _party_ids(session, {row.party_seq for row in rows})
        by_hit = {(row.query, ids[row.party_seq]): row for row in rows}
        for digest, answer in zip(asked, answers, strict=True):
            _mark_answer(answer, digest, by_hit)

    def _digest(self, query: QueryEntity) -> str:
        """One digest for a query however it is written: neither case, width, order nor the query's id count."""
        asked = {name: sorted({_plain(value) for value in values}) for name, values in query.properties.items()}
        text = json.dumps([query.schema_, asked], sort_keys=True, ensure_ascii=False)
        return hmac.new(self._secret, b"clearance\n" + text.encode(), sha256).hexdigest()


def _mark_answer(answer: QueryAnswer, digest: str, by_hit: Mapping[tuple[str, str], ClearanceRow]) -> None:
    for result in answer.results:
        row = by_hit.get((digest, result.id))
        if row is None:
            continue
        stands = row.material == result.material
        result.clearance = ClearanceMark(
            id=row.id, reason=row.reason, evidence=row.evidence, cleared_at=row.cleared_at, stands=stands
        )
        result.match = result.match and not stands


def _plain(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


async def clearance_page(
    session: AsyncSession, caller: Caller, before: int | None, limit: int, on: date
) -> ClearancePage:
    """What the caller's office cleared and did not take back, newest first."""
    rows, more = await newest_rows(session, _of_office(caller), ClearanceRow.seq, before, limit)
    seqs = {row.party_seq for row in rows}
    ids, dossiers = await _party_ids(session, seqs), await load_dossiers(session, seqs, on)
    results = [
        _clearance(row, ids[row.party_seq], stands=row.material == material(row.party_seq, dossiers)) for row in rows
    ]
    return ClearancePage(results=results, next=more)


async def withdraw_clearance(session: AsyncSession, caller: Caller, clearance_id: str) -> None:
    """Take a clearance back; it is kept, and counts no more.

    Raises:
        RecordNotFoundError: the caller's office has none of this id.
    """
    query = _of_office(caller).where(ClearanceRow.id == clearance_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise RecordNotFoundError("this office has cleared no such hit")
    row.withdrawn_at = now()


def _of_office(caller: Caller) -> Select[ClearanceRow]:
    return select(ClearanceRow).where(
        ClearanceRow.member == caller.member,
        ClearanceRow.organisation == caller.organisation[:200],
        ClearanceRow.withdrawn_at.is_(None),
    )


async def _standing_rows(session: AsyncSession, caller: Caller, asked: Iterable[str]) -> list[ClearanceRow]:
    query = _of_office(caller).where(ClearanceRow.query.in_(list(asked)))
    return list((await session.execute(query)).scalars())


async def _party_ids(session: AsyncSession, seqs: Iterable[int]) -> dict[int, str]:
    rows = await session.execute(select(PartyRow.seq, PartyRow.id).where(PartyRow.seq.in_(list(seqs))))
    return dict(rows.all())


def _clearance(row: ClearanceRow, party: str, *, stands: bool) -> Clearance:
    known = {name: getattr(row, name) for name in Clearance.model_fields if name not in ("party", "stands")}
    return Clearance.model_validate(known | {"party": party, "stands": stands})
