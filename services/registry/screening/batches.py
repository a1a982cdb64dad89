"""Batches: a list is kept sealed, screened part by part as durable work, and destroyed when its time is over.

Killed at any moment the work goes on where it stopped: a part's result is written in one transaction with the count.
"""

import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import RecordNotFoundError
from services.registry.screening.batch_rows import BatchLine, outcome_of, refusal, rejected_row, result_rows
from services.registry.screening.clearances import Clearances
from services.registry.screening.office_tables import BatchPartRow, BatchRow, ScreeningJobRow
from services.registry.screening.screener import Screener
from services.registry.screening.thresholds import office_bar
from services.registry.tabular import write_csv
from shared.contracts.batches import RESULT_COLUMNS, Batch, BatchState
from shared.contracts.caller import Caller
from shared.crypto.sealing import KeyRing, SubjectKey
from shared.db.database import Database, now
from shared.db.jobs import enqueue

BATCH_JOB: Final = "screen_batch"
DESTROY_JOB: Final = "destroy_batch"
KEPT: Final = timedelta(days=7)
"""How long what was asked and found is kept."""

_PART: Final = 50  # rows that are screened together
_PARTS_A_PAGE: Final = 10
_MOST_WORKING: Final = 5


class BatchNotDoneError(Exception):
    """The result is there when all rows are screened."""


class TooManyBatchesError(Exception):
    """The caller's office has as many batches under way as it may."""


class Batches:
    """All that is done with batches.

    Args:
        database: the registry's.
        ring: the member states' keys.
        screener: asks the register.
        clearances: what offices cleared.
    """

    def __init__(self, database: Database, ring: KeyRing, screener: Screener, clearances: Clearances) -> None:
        self._database = database
        self._ring = ring
        self._screener = screener
        self._clearances = clearances

    async def open(self, caller: Caller, lines: Sequence[BatchLine], shown: int) -> Batch:
        """Keep a list and promise to screen it.

        Raises:
            TooManyBatchesError: wait until others are done.
            MemberKeyMissingError: this deployment has no key for the caller's member.
        """
        batch_id, instant = secrets.token_hex(16), now()
        parts = [lines[start : start + _PART] for start in range(0, len(lines), _PART)]
        key = self._ring.new_subject_key(caller.member)
        seal = self._ring.subject(caller.member, key)
        row = BatchRow(
            id=batch_id,
            member=caller.member,
            organisation=caller.organisation[:200],
            caller=caller.model_dump(mode="json"),
            subject_key=key,
            shown=shown,
            state=BatchState.WORKING,
            rows=len(lines),
            parts=len(parts),
            created_at=instant,
            kept_until=instant + KEPT,
        )
        async with self._database.write() as session:
            await _check_room(session, caller)
            session.add(row)
            await session.flush()
            for number, part in enumerate(parts):
                asked = _seal(seal, [asdict(line) for line in part], batch_id, number, "asked")
                session.add(BatchPartRow(batch_id=batch_id, number=number, asked=asked))
            enqueue(session, ScreeningJobRow, BATCH_JOB, batch_id)
            enqueue(session, ScreeningJobRow, DESTROY_JOB, batch_id, row.kept_until)
        return _batch(row)

    async def read(self, caller: Caller, batch_id: str) -> Batch:
        """How far a batch is.

        Raises:
            RecordNotFoundError: the caller's office has no such batch.
        """
        async with self._database.read() as session:
            return _batch(await _own(session, caller, batch_id))

    async def result(self, caller: Caller, batch_id: str, first: int = 0) -> tuple[str, int | None]:
        """The result, some parts at once, as CSV that no spreadsheet runs.

        Args:
            caller: whose office's batch it is.
            batch_id: which batch.
            first: number of the part to begin with.

        Returns:
            The CSV with its head line, and the number of the part that comes next; None after the last.

        Raises:
            RecordNotFoundError: the caller's office has no such batch.
            BatchNotDoneError: it is not there yet.
        """
        async with self._database.read() as session:
            row = await _own(session, caller, batch_id)
            if row.state != BatchState.DONE:
                raise BatchNotDoneError(f"{row.done} of {row.rows} rows are screened")
            of_page = (BatchPartRow.number >= first, BatchPartRow.number < first + _PARTS_A_PAGE)
            query = select(BatchPartRow).where(BatchPartRow.batch_id == batch_id, *of_page)
            parts = list((await session.execute(query.order_by(BatchPartRow.number))).scalars())
        seal = self._ring.subject(row.member, row.subject_key)
        rows = [each for part in parts for each in _open(seal, part.found or b"", batch_id, part.number, "found")]
        following = first + _PARTS_A_PAGE
        return write_csv(RESULT_COLUMNS, rows), following if following < row.parts else None

    async def screen(self, batch_id: str) -> None:
        """Screen a batch, or what is left of it."""
        async with self._database.read() as session:
            row = await session.get(BatchRow, batch_id)
            left = select(BatchPartRow.number).where(BatchPartRow.batch_id == batch_id, BatchPartRow.found.is_(None))
            numbers = list((await session.execute(left.order_by(BatchPartRow.number))).scalars())
        if row is None or row.state == BatchState.DONE:
            return
        for number in numbers:
            await self._screen_part(row, number)
        async with self._database.write() as session:
            done = await session.get_one(BatchRow, batch_id, with_for_update=True)
            done.state, done.finished_at = BatchState.DONE, now()

    async def destroy(self, batch_id: str) -> None:
        """Destroy a batch, with what was asked and found."""
        async with self._database.write() as session:
            await session.execute(delete(BatchPartRow).where(BatchPartRow.batch_id == batch_id))
            await session.execute(delete(BatchRow).where(BatchRow.id == batch_id))

    async def _screen_part(self, row: BatchRow, number: int) -> None:
        seal, caller = self._ring.subject(row.member, row.subject_key), Caller.model_validate(row.caller)
        async with self._database.read() as session:
            part = await session.get_one(BatchPartRow, (row.id, number))
        lines = [BatchLine(**line) for line in _open(seal, part.asked, row.id, number, "asked")]
        results, counts = await self._answers(caller, lines, row.shown)
        async with self._database.write() as session:
            part = await session.get_one(BatchPartRow, (row.id, number), with_for_update=True)
            if part.found is not None:
                return
            part.found = _seal(seal, results, row.id, number, "found")
            known = await session.get_one(BatchRow, row.id, with_for_update=True)
            known.done, known.matches = known.done + len(lines), known.matches + counts["match"]
            known.possible, known.rejected = known.possible + counts["possible"], known.rejected + counts["rejected"]

    async def _answers(
        self, caller: Caller, lines: Sequence[BatchLine], shown: int
    ) -> tuple[list[dict[str, Any]], Counter[str]]:
        results: dict[int, list[dict[str, Any]]] = {}
        asked, counts = {}, Counter[str]()
        for at, line in enumerate(lines):
            try:
                asked[at] = line.query()
            except ValidationError as error:
                results[at] = [rejected_row(line, refusal(error))]
                counts["rejected"] += 1
        async with self._database.read() as session:
            bar, _ = await office_bar(session, caller, shown)
        answers = await self._screener.screen(list(asked.values()), bar, now().date()) if asked else []
        async with self._database.read() as session:
            await self._clearances.mark(session, caller, answers)
        for at, answer in zip(asked, answers, strict=True):
            results[at] = result_rows(lines[at], answer)
            counts[outcome_of(answer)] += 1
        return [each for at in sorted(results) for each in results[at]], counts


async def _check_room(session: AsyncSession, caller: Caller) -> None:
    query = select(func.count()).select_from(BatchRow).where(*_of_office(caller), BatchRow.state == BatchState.WORKING)
    if (await session.execute(query)).scalar_one() >= _MOST_WORKING:
        raise TooManyBatchesError(f"{_MOST_WORKING} batches of this office are under way; wait for one to be done")


def _of_office(caller: Caller) -> tuple[ColumnElement[bool], ...]:
    return (BatchRow.member == caller.member, BatchRow.organisation == caller.organisation[:200])


async def _own(session: AsyncSession, caller: Caller, batch_id: str) -> BatchRow:
    query = select(BatchRow).where(BatchRow.id == batch_id, *_of_office(caller))
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise RecordNotFoundError("this office has no such batch")
    return row


def _batch(row: BatchRow) -> Batch:
    return Batch.model_validate({name: getattr(row, name) or 0 for name in _COUNTS} | _told(row))


_COUNTS: Final = ("rows", "done", "matches", "possible", "rejected")


def _told(row: BatchRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "state", "created_at", "finished_at", "kept_until")}


def _seal(seal: SubjectKey, content: Any, batch_id: str, number: int, what: str) -> bytes:
    return seal.seal(json.dumps(content, ensure_ascii=False).encode(), f"batch/{batch_id}/{number}/{what}")


def _open(seal: SubjectKey, sealed: bytes, batch_id: str, number: int, what: str) -> list[dict[str, Any]]:
    opened: list[dict[str, Any]] = json.loads(seal.open(sealed, f"batch/{batch_id}/{number}/{what}"))
    return opened
