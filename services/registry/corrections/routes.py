"""Changes for the gateway, which knows who received the records. No door leads here."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Response
from sqlalchemy import delete, select

from services.registry.admission import MaintainerDep
from services.registry.corrections.changes import changes_of
from services.registry.corrections.endings import note_endings
from services.registry.history import RecordChangeRow
from shared.contracts.corrections import RecordChange, RecordChanges, TakenChanges
from shared.db.database import now
from shared.http.state import DatabaseDep

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/record-changes", tags=["corrections"])


@router.get("", operation_id="readRecordChanges")
async def read_changes(
    _caller: MaintainerDep, database: DatabaseDep, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> RecordChanges:
    """What was told and is so no longer, oldest first; the same again until it is taken."""
    await note_endings(database, now())
    changes: list[RecordChange] = []
    async with database.read() as session:
        query = select(RecordChangeRow).order_by(RecordChangeRow.number).limit(limit)
        rows = (await session.execute(query)).scalars().all()
        for row in rows:
            try:
                changes += await changes_of(session, row)
            except ValueError:  # one damaged record does not keep the others back
                log.error("record_change_unreadable", kind=row.kind, record=row.record, version=row.version)
    return RecordChanges(changes=changes, numbers=[row.number for row in rows])


@router.post("/taken", operation_id="takeRecordChanges", status_code=204)
async def take_changes(_caller: MaintainerDep, database: DatabaseDep, body: TakenChanges) -> Response:
    """Forget changes that the gateway has kept."""
    async with database.write() as session:
        await session.execute(delete(RecordChangeRow).where(RecordChangeRow.number.in_(body.numbers)))
    return Response(status_code=204)
