"""Imports in the database: received in parts, read part by part, each part kept whole or not at all."""

import secrets
from datetime import datetime

from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.exchange.reading import PartRead
from services.registry.exchange.writing import write_entries
from services.registry.history import RecordNotFoundError, recording
from services.registry.imported import EntryRow, ImportJobRow, ImportPartRow, ImportRow, RejectionRow
from shared.contracts.caller import Caller
from shared.contracts.exchange import ImportOrder, ImportRecord, ImportState, Rejection, RejectionPage
from shared.db.database import Database, now
from shared.db.jobs import enqueue

IMPORT_JOB = "import"

_DELISTED_AT_ONCE = 2_000


class PartOutOfTurnError(Exception):
    """Parts come one after the other, each once."""


async def open_import(database: Database, caller: Caller, order: ImportOrder) -> tuple[ImportRecord, bool]:
    """Begin an import, or go on with the one of the same file that was not finished.

    Returns:
        The import, and whether it is new.
    """
    async with database.write() as session:
        query = select(ImportRow).where(
            ImportRow.member == caller.member,
            ImportRow.source == order.source,
            ImportRow.digest == order.digest,
            ImportRow.state != ImportState.DONE,
        )
        told = order.model_dump(mode="json", by_alias=True)
        for row in (await session.execute(query)).scalars():
            if row.order == told:
                return import_record(row), False
        row = ImportRow(
            id=secrets.token_hex(16),
            source=order.source,
            member=caller.member,
            caller=caller.model_dump(mode="json"),
            order=told,
            digest=order.digest,
            state=ImportState.RECEIVING,
            parts=order.parts,
            created_at=now(),
        )
        session.add(row)
        await session.flush()
        return import_record(row), True


async def receive_part(database: Database, caller: Caller, import_id: str, number: int, text: str) -> ImportRecord:
    """Keep a part; with the last one the reading begins. A part that is here already is not kept again.

    Raises:
        PartOutOfTurnError: the one before it is not here yet, or there is no such part.
    """
    async with database.write() as session:
        row = await _own(session, caller, import_id, lock=True)
        if number >= row.parts or number > row.parts_received:
            raise PartOutOfTurnError(f"the next part is {row.parts_received} of {row.parts}, counted from 0")
        if number < row.parts_received:
            return import_record(row)
        first = 2 if row.order["format"] == "csv" else 1
        if number:
            before = await session.get_one(ImportPartRow, (import_id, number - 1))
            first = before.first_line + (before.text or "").count("\n")
        session.add(ImportPartRow(import_id=import_id, number=number, first_line=first, text=_ended(text)))
        row.parts_received += 1
        if row.parts_received == row.parts:
            row.state = ImportState.READING
            enqueue(session, ImportJobRow, IMPORT_JOB, import_id)
        return import_record(row)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


async def get_import(session: AsyncSession, caller: Caller, import_id: str) -> ImportRecord:
    """How far an import has got.

    Raises:
        RecordNotFoundError: the caller's member state has no such import.
    """
    return import_record(await _own(session, caller, import_id))


async def rejections(session: AsyncSession, caller: Caller, import_id: str, after: int, limit: int) -> RejectionPage:
    """Lines that were not taken, from after a line on."""
    await _own(session, caller, import_id)
    query = select(RejectionRow.line, RejectionRow.reason).where(
        RejectionRow.import_id == import_id, RejectionRow.line > after
    )
    rows = (await session.execute(query.order_by(RejectionRow.line).limit(limit + 1))).all()
    shown = [Rejection(line=line, reason=reason) for line, reason in rows[:limit]]
    return RejectionPage(results=shown, next=shown[-1].line if len(rows) > limit else None)


async def keep_part(database: Database, import_id: str, number: int, read: PartRead) -> None:
    """Write what came of a part, and that it is done, in one transaction; a part done already is left alone."""
    row = await load_import(database, import_id)
    caller, order = Caller.model_validate(row.caller), ImportOrder.model_validate(row.order)
    async with recording(database, caller, now()) as recorder:
        session = recorder.session
        row = (await session.execute(_by_id(import_id).with_for_update())).scalar_one()
        if row.parts_read != number:
            return
        outcome = await write_entries(recorder, row.id, order, read.entries)
        refused = [*read.rejections, *outcome.rejections]
        if refused:
            values = {each.line: {"import_id": import_id, **each.model_dump()} for each in refused}
            await session.execute(insert(RejectionRow), list(values.values()))
        row.parts_read, row.lines = number + 1, row.lines + read.lines
        row.created, row.changed = row.created + outcome.created, row.changed + outcome.changed
        row.unchanged, row.rejected = row.unchanged + outcome.unchanged, row.rejected + len(refused)
        of_part = (ImportPartRow.import_id == import_id, ImportPartRow.number == number)
        await session.execute(update(ImportPartRow).where(*of_part).values(text=None))


async def delist_some(database: Database, import_id: str, after: int) -> int | None:
    """Mark parties that the list no longer names, some at once, from after an entry's seq on.

    Returns:
        From where to go on; None at the end.
    """
    async with database.write() as session:
        row = (await session.execute(_by_id(import_id).with_for_update())).scalar_one()
        query = select(EntryRow.seq).where(
            EntryRow.member == row.member,
            EntryRow.source == row.source,
            EntryRow.last_import != import_id,
            EntryRow.delisted_at.is_(None),
            EntryRow.seq > after,
        )
        gone = list((await session.execute(query.order_by(EntryRow.seq).limit(_DELISTED_AT_ONCE))).scalars())
        await session.execute(update(EntryRow).where(EntryRow.seq.in_(gone)).values(delisted_at=now()))
        row.delisted += len(gone)
        return gone[-1] if gone else None


async def enter_state(database: Database, import_id: str, state: ImportState) -> None:
    """Say how far the import has got."""
    finished: datetime | None = now() if state is ImportState.DONE else None
    async with database.write() as session:
        await session.execute(
            update(ImportRow).where(ImportRow.id == import_id).values(state=state, finished_at=finished)
        )


async def load_import(database: Database, import_id: str) -> ImportRow:
    """The row of an import, as it stands."""
    async with database.read() as session:
        return (await session.execute(_by_id(import_id))).scalar_one()


async def load_part(database: Database, import_id: str, number: int) -> tuple[str, int]:
    """The text of a part and the number of its first line."""
    async with database.read() as session:
        part = await session.get_one(ImportPartRow, (import_id, number))
        return part.text or "", part.first_line


def import_record(row: ImportRow) -> ImportRecord:
    """A row as it crosses the wire."""
    told = {name: getattr(row, name) for name in ImportRecord.model_fields if name != "dry_run"}
    return ImportRecord.model_validate(
        {name: 0 if value is None and name != "finished_at" else value for name, value in told.items()}
        | {"dry_run": row.order["dry_run"]}
    )


def _by_id(import_id: str) -> Select[ImportRow]:
    return select(ImportRow).where(ImportRow.id == import_id)


async def _own(session: AsyncSession, caller: Caller, import_id: str, *, lock: bool = False) -> ImportRow:
    query = _by_id(import_id).where(ImportRow.member == caller.member)
    row = (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()
    if row is None:
        raise RecordNotFoundError("there is no such import")
    return row
