"""Parties in the database: create or replace, each version kept."""

import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import Recorder, RecordKind, RecordNotFoundError, UnknownPartyError
from services.registry.parties.tables import PartyCountryRow, PartyRow
from shared.contracts.parties import COUNTRY_PROPERTIES, NATIONALITY_PROPERTIES, PartyBody, PartyRecord

PartyIndex = Callable[[AsyncSession, int, Mapping[str, Sequence[str]]], Awaitable[None]]
"""Makes a party findable again after a change: session, the party's seq, its properties."""


async def put_party(recorder: Recorder, party_id: str, body: PartyBody, index: PartyIndex) -> tuple[PartyRecord, bool]:
    """Create or replace a party; told the same again, nothing is changed.

    Returns:
        The party, and whether it is new.

    Raises:
        NotOwnRecordError: another member recorded it.
    """
    row = await _party_for_update(recorder.session, party_id)
    content = _party_content(body)
    if row is None:
        row = PartyRow(id=party_id, member=recorder.member, version=0, first_seen=recorder.instant)
        recorder.session.add(row)
    else:
        recorder.require_own(row.member)
        if content == {"schema": row.schema, "properties": row.properties, "source": row.source}:
            return party_record(row), False
    _fill_party(row, body)
    row.version, row.last_change = row.version + 1, recorder.instant
    await recorder.session.flush()
    recorder.keep(RecordKind.PARTY, party_id, row.version, content)
    await _index_countries(recorder.session, row)
    await index(recorder.session, row.seq, row.properties)
    return party_record(row), row.version == 1


def _party_content(body: PartyBody) -> dict[str, Any]:
    return {"schema": body.schema_, "properties": body.properties, "source": body.source}


def _fill_party(row: PartyRow, body: PartyBody) -> None:
    row.schema, row.properties, row.source = body.schema_, body.properties, body.source
    row.caption = body.properties["name"][0]
    row.caption_folded = fold_case(row.caption)


def fold_case(text: str) -> str:
    """Text without difference of case and width, for finding a part of a caption."""
    return unicodedata.normalize("NFKC", text).casefold()[:1500]


async def _party_for_update(session: AsyncSession, party_id: str) -> PartyRow | None:
    query = select(PartyRow).where(PartyRow.id == party_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def _index_countries(session: AsyncSession, row: PartyRow) -> None:
    await session.execute(delete(PartyCountryRow).where(PartyCountryRow.party_seq == row.seq))
    named = (*COUNTRY_PROPERTIES, *NATIONALITY_PROPERTIES)
    countries = {value.lower() for name in named for value in row.properties.get(name, ())}
    session.add_all(PartyCountryRow(party_seq=row.seq, country=country) for country in sorted(countries))


def party_record(row: PartyRow) -> PartyRecord:
    """A row as it crosses the wire."""
    return PartyRecord.model_validate(
        {name: getattr(row, name) for name in PartyRecord.model_fields if name != "schema_"} | {"schema": row.schema}
    )


async def get_party(session: AsyncSession, party_id: str) -> PartyRow:
    """A party by its id.

    Raises:
        RecordNotFoundError: the register does not hold it.
    """
    row = (await session.execute(select(PartyRow).where(PartyRow.id == party_id))).scalar_one_or_none()
    if row is None:
        raise RecordNotFoundError("the register holds no such party")
    return row


async def party_seqs(session: AsyncSession, *party_ids: str) -> list[int]:
    """The seqs of parties that a record speaks of, in the same order.

    Raises:
        UnknownPartyError: one of them is not in the register.
    """
    rows = await session.execute(select(PartyRow.id, PartyRow.seq).where(PartyRow.id.in_(party_ids)))
    seqs = dict(rows.all())
    if len(seqs) < len(set(party_ids)):
        raise UnknownPartyError("the register does not hold the party that is spoken of; send the party first")
    return [seqs[party_id] for party_id in party_ids]


@dataclass(frozen=True)
class PartyFilter:
    """Which parties a list shows; None: whichever."""

    schema: str | None = None
    country: str | None = None
    name: str | None = None


async def list_parties(session: AsyncSession, wanted: PartyFilter, after: str | None, limit: int) -> list[PartyRow]:
    """Parties in the order of their ids, from after an id on."""
    query = select(PartyRow).order_by(PartyRow.id).limit(limit)
    if after is not None:
        query = query.where(PartyRow.id > after)
    if wanted.schema is not None:
        query = query.where(PartyRow.schema == wanted.schema)
    if wanted.country is not None:
        of_country = select(PartyCountryRow.party_seq).where(PartyCountryRow.country == wanted.country.lower())
        query = query.where(PartyRow.seq.in_(of_country))
    if wanted.name is not None:
        query = query.where(PartyRow.caption_folded.contains(fold_case(wanted.name), autoescape=True))
    return list((await session.execute(query)).scalars())
