"""Workers who turned to an office for help: from then on a look from the other side raises an alert.

Nobody can tell from the note who complained of whom: it is a digest, and says that somebody spoke with an office.
"""

from datetime import datetime, timedelta
from typing import Final, cast

from fastapi import Request, Response
from sqlalchemy import delete

from services.gateway.access.alert_tables import InterestRow
from services.gateway.access.anomaly_rules import SOUGHT_HELP, load_numbers
from services.gateway.access.policy import Kind
from services.gateway.audit.log import AuditLog
from services.gateway.audit.nodes import queue_up
from services.gateway.audit.shown import REGISTRATION, Shown, shown_subjects
from shared.db.database import Database, now

HELPING: Final = frozenset({Kind.ASSESSMENT, Kind.REFERRAL, Kind.SUPPORT})
"""Kinds of record that exist of a worker only because an office helps them."""


async def note_sought_help(request: Request, kind: Kind, shows: tuple[Shown, ...], answer: Response) -> None:
    """Note of which workers a record of help speaks, once it was logged."""
    if kind not in HELPING or answer.status_code >= 300:
        return
    workers = tuple(place for place in shows if place.record == REGISTRATION)
    subjects = shown_subjects(workers, bytes(answer.body))
    if not subjects:
        return
    database = cast("Database", request.app.state.database)
    digests = cast("AuditLog", request.app.state.audit_log).digests
    async with database.read() as session:
        found = [await digests.find(session, subject) for subject in subjects]
        new = [each for each in found if each and await session.get(InterestRow, (SOUGHT_HELP, each)) is None]
    if not new:
        return
    async with database.write() as session:
        await queue_up(session)  # two looks at once note a worker once
        await session.execute(delete(InterestRow).where(InterestRow.who == SOUGHT_HELP, InterestRow.told_at < _since()))
        for digest in new:
            if await session.get(InterestRow, (SOUGHT_HELP, digest)) is None:
                session.add(InterestRow(who=SOUGHT_HELP, subject_digest=digest, told_at=now()))


def _since() -> datetime:
    return now() - timedelta(days=load_numbers()["sought_help"]["days"])
