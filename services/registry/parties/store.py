"""Parties in the database: told and told anew, each version kept."""

import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.bitemporal import covers, holding
from services.registry.history import (
    Recorder,
    RecordKind,
    RecordNotFoundError,
    Told,
    UnknownPartyError,
    last_version,
    versions_of,
)
from services.registry.pages import Page, read_page
from services.registry.parties.facts import effective_properties, known_facts
from services.registry.parties.tables import PartyCountryRow, PartyRow
from services.registry.tables import chunked
from shared.contracts.parties import COUNTRY_PROPERTIES, NATIONALITY_PROPERTIES, PartyBody, PartyRecord

PartyIndex = Callable[[AsyncSession, int, str, Mapping[str, Sequence[str]]], Awaitable[None]]
"""Makes a party findable again after a change: session, the party's seq, its schema, its properties."""


async def put_party(recorder: Recorder, party_id: str, body: PartyBody, index: PartyIndex) -> tuple[PartyRecord, bool]:
    """Create a party or tell it anew; told the same again, nothing is changed.

    A statement about days that are over is kept in the history and leaves the party of today as it is.

    Returns:
        The party as it is today, and whether it is new.

    Raises:
        NotOwnRecordError: another member recorded it.
        DayToComeError: it speaks of days that have not come.
    """
    recorder.require_past(valid_from=body.valid_from, valid_to=body.valid_to)
    row = await _party_for_update(recorder.session, party_id)
    content = party_content(body)
    if row is None:
        row = PartyRow(id=party_id, member=recorder.member, version=0, first_seen=recorder.instant)
        recorder.session.add(row)
    else:
        recorder.require_own(row.member)
        last = await last_version(recorder.session, RecordKind.PARTY, party_id)
        held = _held(row)
        if held is not None and content in (held, last.content if last else None):
            return party_record(row), False
    today = await _of_today(recorder, row, body)
    _fill_party(row, today, recorder.instant.date())
    row.version, row.last_change = row.version + 1, recorder.instant
    await recorder.session.flush()
    told = Told(body.valid_from, body.valid_to, body.authority, body.document_digest)
    recorder.keep(RecordKind.PARTY, party_id, row.version, content, told)
    await _index_countries(recorder.session, row)
    await index(recorder.session, row.seq, row.schema, row.properties)
    return party_record(row), row.version == 1


@dataclass(frozen=True)
class NewParty:
    """A party as its row and its first version in the history will have it."""

    row: dict[str, Any]
    content: dict[str, Any]


def as_new(party_id: str, body: PartyBody, today: date) -> NewParty:
    """A party that the register does not hold yet, made ready for `create_parties`."""
    return NewParty({"id": party_id, **_row_values(body, today)}, party_content(body))


async def create_parties(recorder: Recorder, parties: Sequence[NewParty]) -> dict[str, int]:
    """Create many parties that the register does not hold yet, without the index: whoever tells many fills it after.

    Returns:
        Their seqs by id.
    """
    if not parties:
        return {}
    told = {"member": recorder.member, "version": 1, "first_seen": recorder.instant, "last_change": recorder.instant}
    await recorder.session.execute(insert(PartyRow), [party.row | told for party in parties])
    await recorder.keep_first(RecordKind.PARTY, {party.row["id"]: party.content for party in parties})
    seqs: dict[str, int] = {}
    for ids in chunked([party.row["id"] for party in parties]):
        rows = await recorder.session.execute(select(PartyRow.id, PartyRow.seq).where(PartyRow.id.in_(ids)))
        seqs |= dict(rows.all())
    countries = [
        {"party_seq": seqs[party.row["id"]], "country": country}
        for party in parties
        for country in _countries(party.row["properties"])
    ]
    if countries:
        await recorder.session.execute(insert(PartyCountryRow), countries)
    return seqs


async def _of_today(recorder: Recorder, row: PartyRow, body: PartyBody) -> PartyBody:
    """What holds today once `body` is told too."""
    today = recorder.instant.date()
    if row.version == 0 or covers(body, today):
        return body
    before = holding(await versions_of(recorder.session, RecordKind.PARTY, row.id), today)
    return _body(row) if before is None else PartyBody.model_validate(before.content)


def party_content(body: PartyBody) -> dict[str, Any]:
    """What is kept of a statement: schema, properties, source, and whatever else was told."""
    plain = {"schema": body.schema_, "properties": body.properties, "source": body.source}
    return body.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"id"}) | plain


def _fill_party(row: PartyRow, body: PartyBody, today: date) -> None:
    for name, value in _row_values(body, today).items():
        setattr(row, name, value)


def _row_values(body: PartyBody, today: date) -> dict[str, Any]:
    properties, caption = effective_properties(body, today), body.properties["name"][0]
    told = {name: value for name, value in party_content(body).items() if name not in ("schema", "source")}
    return {
        "schema": body.schema_,
        "source": body.source,
        "properties": properties,
        "told": told if set(told) > {"properties"} or told["properties"] != properties else None,
        "caption": caption,
        "caption_folded": fold_case(caption),
    }


def _body(row: PartyRow) -> PartyBody:
    """A row as it was told.

    Raises:
        ValueError: the row was damaged.
    """
    return PartyBody.model_validate(
        {"properties": row.properties} | (row.told or {}) | {"schema": row.schema, "source": row.source}
    )


def _held(row: PartyRow) -> dict[str, Any] | None:
    """What a row says; None where it was damaged: telling the party again mends it."""
    try:
        return party_content(_body(row))
    except ValueError:
        return None


def fold_case(text: str) -> str:
    """Text without difference of case and width, for finding a part of a caption; no longer than an index takes."""
    return unicodedata.normalize("NFKC", text).casefold()[:600]


async def _party_for_update(session: AsyncSession, party_id: str) -> PartyRow | None:
    query = select(PartyRow).where(PartyRow.id == party_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def _index_countries(session: AsyncSession, row: PartyRow) -> None:
    await session.execute(delete(PartyCountryRow).where(PartyCountryRow.party_seq == row.seq))
    session.add_all(PartyCountryRow(party_seq=row.seq, country=country) for country in _countries(row.properties))


def _countries(properties: Mapping[str, Sequence[str]]) -> list[str]:
    named = (*COUNTRY_PROPERTIES, *NATIONALITY_PROPERTIES)
    return sorted({value.lower() for name in named for value in properties.get(name, ())})


def party_record(row: PartyRow) -> PartyRecord:
    """A row as it crosses the wire.

    Raises:
        ValueError: the row was damaged.
    """
    return _record(row, _body(row), row.properties, row.version, row.last_change)


def _record(
    row: PartyRow, body: PartyBody, properties: dict[str, list[str]], version: int, told_at: datetime
) -> PartyRecord:
    return PartyRecord.model_validate(
        {
            "id": row.id,
            "schema": body.schema_,
            "caption": body.properties["name"][0],
            "properties": properties,
            "facts": known_facts(body),
            "member": row.member,
            "version": version,
            "first_seen": row.first_seen,
            "last_change": told_at,
            **{name: getattr(body, name) for name in _PLAIN},
        }
    )


_PLAIN: Final = ("born", "valid_from", "valid_to", "authority", "document_digest", "source")


async def get_party(session: AsyncSession, party_id: str) -> PartyRow:
    """A party by its id.

    Raises:
        RecordNotFoundError: the register does not hold it.
    """
    row = (await session.execute(select(PartyRow).where(PartyRow.id == party_id))).scalar_one_or_none()
    if row is None:
        raise RecordNotFoundError("the register holds no such party")
    return row


async def party_on(
    session: AsyncSession, party_id: str, today: date, valid_on: date | None, known_on: date | None
) -> PartyRecord:
    """A party as it was on a day, by what had been told by another; now, without either.

    Raises:
        RecordNotFoundError: the register does not hold it, or knew nothing of it then.
    """
    row = await get_party(session, party_id)
    if valid_on is None and known_on is None:
        return party_record(row)
    day = valid_on or today
    told = holding(await versions_of(session, RecordKind.PARTY, party_id, known_on), day)
    if told is None:
        raise RecordNotFoundError("the register holds no such party")
    body = PartyBody.model_validate(told.content)
    return _record(row, body, effective_properties(body, day), told.version, told.told_at)


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


async def require_party(session: AsyncSession, party_id: str | None, field: str) -> None:
    """A record names a party that the register holds, whichever member told it; or none.

    Args:
        session: reading or writing.
        party_id: as it was named; None: nobody was.
        field: where, for whoever named it.

    Raises:
        UnknownPartyError: the register does not hold it.
    """
    if party_id is not None and await session.scalar(select(PartyRow.seq).where(PartyRow.id == party_id)) is None:
        raise UnknownPartyError(f"{field}: the register holds no party of this id; send the party first")


@dataclass(frozen=True)
class PartyFilter:
    """Which parties a list shows; None: whichever."""

    schema: str | None = None
    country: str | None = None
    name: str | None = None


async def list_parties(session: AsyncSession, wanted: PartyFilter, after: str | None, limit: int) -> Page[PartyRecord]:
    """Parties in the order of their ids, from after an id on."""
    keys = select(PartyRow.id, PartyRow.seq)
    if wanted.schema is not None:
        keys = keys.where(PartyRow.schema == wanted.schema)
    if wanted.country is not None:
        of_country = select(PartyCountryRow.party_seq).where(PartyCountryRow.country == wanted.country.lower())
        keys = keys.where(PartyRow.seq.in_(of_country))
    if wanted.name is not None:
        keys = keys.where(PartyRow.caption_folded.contains(fold_case(wanted.name), autoescape=True))

    async def read(seqs: Sequence[int]) -> dict[int, PartyRecord | None]:
        rows = await session.execute(select(PartyRow).where(PartyRow.seq.in_(seqs)))
        return {row.seq: party_record(row) for row in rows.scalars()}

    return await read_page(session, keys, read, after, limit)
