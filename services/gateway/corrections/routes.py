"""Corrections for the offices that received the records, and what nobody has acknowledged yet."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Select, select

from services.gateway.access.admission import admit
from services.gateway.access.policy import Action, Kind
from services.gateway.corrections.sender import acknowledge
from services.gateway.deliveries.noting import recipient_of
from services.gateway.deliveries.tables import CorrectionRow, KnownChangeRow
from services.gateway.passage import shown_model
from shared.contracts.caller import Caller
from shared.contracts.corrections import (
    Acknowledged,
    Acknowledgement,
    Correction,
    CorrectionPage,
    OpenCorrection,
    OpenCorrections,
)
from shared.db.database import Database, now
from shared.http.state import DatabaseDep

ReceiverDep = Annotated[Caller, Depends(admit(Kind.CORRECTION, Action.LIST))]
AcknowledgerDep = Annotated[Caller, Depends(admit(Kind.CORRECTION, Action.WRITE))]
OverseerDep = Annotated[Caller, Depends(admit(Kind.CORRECTION, Action.READ))]
_MOST: Final = 1000

router = APIRouter(prefix="/v1/corrections", tags=["corrections"])


@router.get(
    "",
    summary="What was told to the caller's office and is so no longer",
    operation_id="listCorrections",
    response_model=CorrectionPage,
)
async def list_corrections(
    request: Request,
    caller: ReceiverDep,
    database: DatabaseDep,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """From after a number on, acknowledged or not."""
    recipient = recipient_of(caller)
    mine = CorrectionRow.member == recipient.member, CorrectionRow.office == recipient.office
    query = _known().where(*mine, CorrectionRow.number > cursor).limit(limit)
    async with database.read() as session:
        rows = (await session.execute(query)).all()
    results = [_correction(row, change) for row, change in rows]
    page = CorrectionPage(results=results, next=results[-1].number if results else cursor)
    return shown_model(request, caller, Kind.CORRECTION, page)


@router.post(
    "/acknowledgements",
    summary="Say that corrections were carried out",
    operation_id="acknowledgeCorrections",
    response_model=Acknowledged,
)
async def acknowledge_corrections(
    request: Request, caller: AcknowledgerDep, database: DatabaseDep, body: Acknowledgement
) -> Response:
    """What fell away is deleted, or marked, in what the office holds; what was mitigated or corrected is asked anew."""
    recipient = recipient_of(caller)
    mine = (CorrectionRow.member == recipient.member) & (CorrectionRow.office == recipient.office)
    async with database.write() as session:
        done = await acknowledge(session, mine & CorrectionRow.number.in_(body.numbers), caller.person, now())
    return shown_model(request, caller, Kind.CORRECTION, Acknowledged(corrections=done))


@router.get(
    "/open",
    summary="Corrections that nobody has acknowledged yet",
    operation_id="listOpenCorrections",
    response_model=OpenCorrections,
)
async def list_open(request: Request, caller: OverseerDep, database: DatabaseDep) -> Response:
    """By whom they wait for, oldest first."""
    return shown_model(request, caller, Kind.CORRECTION, await open_corrections(database))


async def open_corrections(database: Database) -> OpenCorrections:
    """The corrections that are not acknowledged, oldest first."""
    query = _known().where(CorrectionRow.acknowledged_at.is_(None)).limit(_MOST)
    async with database.read() as session:
        rows = (await session.execute(query)).all()
    return OpenCorrections(results=[_open_correction(row, change) for row, change in rows])


def _known() -> Select[CorrectionRow, KnownChangeRow]:
    same = (KnownChangeRow.source == CorrectionRow.source) & (KnownChangeRow.id == CorrectionRow.change_id)
    return select(CorrectionRow, KnownChangeRow).join(KnownChangeRow, same).order_by(CorrectionRow.number)


def _correction(row: CorrectionRow, change: KnownChangeRow) -> Correction:
    known = {name: getattr(change, name) for name in ("id", "source", "kind", "record", "party", "change", "at")}
    own = {"number": row.number, "acknowledged_at": row.acknowledged_at, "overdue": row.escalated_at is not None}
    return Correction.model_validate(known | own)


def _open_correction(row: CorrectionRow, change: KnownChangeRow) -> OpenCorrection:
    whom = {name: getattr(row, name) for name in ("member", "office", "created_at", "tries")}
    return OpenCorrection.model_validate(_correction(row, change).model_dump() | whom)
