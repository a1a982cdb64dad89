"""Doors to alerts, for auditors: never for the person whom an alert is about."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import and_, or_, select

from services.gateway.access.admission import admit
from services.gateway.access.alert_tables import AlertRow
from services.gateway.access.policy import Action, Kind
from services.gateway.passage import shown_model
from shared.contracts.alerts import AcknowledgementBody, Alert, AlertPage
from shared.contracts.caller import Caller
from shared.db.database import now
from shared.http.state import DatabaseDep

_MOST: Final = 500
ListerDep = Annotated[Caller, Depends(admit(Kind.ALERT, Action.LIST))]
JudgeDep = Annotated[Caller, Depends(admit(Kind.ALERT, Action.WRITE))]

router = APIRouter(prefix="/v1/alerts", tags=["audit"])


class AlertUnknownError(Exception):
    """There is no such alert."""


class AlertConcernsCallerError(Exception):
    """Nobody judges an alert about themselves."""


class AlertAcknowledgedError(Exception):
    """Somebody has judged it already; what they said stays."""


class CursorInvalidError(Exception):
    """The cursor was not given by a page before."""


@router.get("", summary="What rules over the log ask to be looked at", operation_id="listAlerts",
            response_model=AlertPage)  # fmt: skip
async def list_alerts(
    request: Request,
    auditor: ListerDep,
    database: DatabaseDep,
    open_only: Annotated[bool, Query(alias="open", description="Only those that nobody has acknowledged")] = False,
    cursor: Annotated[str | None, Query(max_length=80, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Response:
    """Newest first. An alert about the caller is not shown to them."""
    query = select(AlertRow).where(AlertRow.person != auditor.person)
    query = query.order_by(AlertRow.at.desc(), AlertRow.id.desc()).limit(limit + 1)
    if open_only:
        query = query.where(AlertRow.acknowledged_at.is_(None))
    if cursor is not None:
        at, name = _position(cursor)
        query = query.where(or_(AlertRow.at < at, and_(AlertRow.at == at, AlertRow.id < name)))
    async with database.read() as session:
        rows = list((await session.scalars(query)).all())
    last = rows[limit - 1] if len(rows) > limit else None
    page = AlertPage(results=[as_alert(row) for row in rows[:limit]], next=_cursor(last) if last else None)
    return shown_model(request, auditor, Kind.ALERT, page)


@router.post("/{id}/acknowledgement", summary="Say what the look at an alert came to",
             operation_id="acknowledgeAlert", response_model=Alert)  # fmt: skip
async def acknowledge(
    request: Request, id: str, body: AcknowledgementBody, auditor: JudgeDep, database: DatabaseDep
) -> Response:
    """Once, by somebody whom it is not about."""
    async with database.write() as session:
        row = await session.get(AlertRow, id, with_for_update=True)
        if row is None:
            raise AlertUnknownError("there is no such alert")
        if row.person == auditor.person:
            raise AlertConcernsCallerError("it is about you: another auditor looks at it")
        if row.acknowledged_at is not None:
            raise AlertAcknowledgedError("it was acknowledged before")
        row.acknowledged_at, row.acknowledged_by, row.reason = now(), auditor.person[:64], body.reason
        alert = as_alert(row)
    return shown_model(request, auditor, Kind.ALERT, alert)


def as_alert(row: AlertRow) -> Alert:
    """An alert as it is told."""
    return Alert(**{name: getattr(row, name) for name in Alert.model_fields})


def _cursor(row: AlertRow) -> str:
    return f"{row.at.isoformat().replace('+00:00', 'Z')}_{row.id}"


def _position(cursor: str) -> tuple[datetime, str]:
    at, _, name = cursor.partition("_")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError as error:
        raise CursorInvalidError("take `next` of the page before") from error
    if instant.tzinfo is None:
        raise CursorInvalidError("take `next` of the page before")
    return instant, name
