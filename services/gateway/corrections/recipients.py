"""Who received a party of this member's register, for those who keep the register or watch over it."""

from collections import defaultdict
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy import select

from services.gateway.access.admission import admit
from services.gateway.access.policy import Action, Kind
from services.gateway.deliveries.ledger import Recipient
from services.gateway.deliveries.tables import CorrectionRow, DeliveryRow, KnownChangeRow
from services.gateway.passage import shown_model
from shared.contracts.caller import Caller
from shared.contracts.corrections import OwedCorrection, PartyRecipient, PartyRecipients
from shared.db.database import Database
from shared.settings import Settings

OverseerDep = Annotated[Caller, Depends(admit(Kind.CORRECTION, Action.READ))]
_MOST: Final = 500

router = APIRouter(prefix="/v1/parties", tags=["corrections"])


@router.get(
    "/{id}/recipients",
    summary="Who was told of a party, and what they have yet to acknowledge",
    operation_id="listRecipients",
    response_model=PartyRecipients,
)
async def list_recipients(request: Request, caller: OverseerDep, id: Annotated[str, Path(max_length=64)]) -> Response:
    """Members and offices, told last first; at most 500."""
    database = cast("Database", request.app.state.database)
    told = await recipients_of(database, cast("Settings", request.app.state.settings).member, id)
    return shown_model(request, caller, Kind.CORRECTION, told)


async def recipients_of(database: Database, source: str, party: str) -> PartyRecipients:
    """Who was told of a party of one member's register.

    Args:
        database: the gateway's.
        source: the member whose register it is.
        party: its id.
    """
    told = select(DeliveryRow).where(DeliveryRow.source == source, DeliveryRow.party == party)
    same = (KnownChangeRow.source == CorrectionRow.source) & (KnownChangeRow.id == CorrectionRow.change_id)
    owed = select(CorrectionRow, KnownChangeRow).join(KnownChangeRow, same).order_by(CorrectionRow.number)
    owed = owed.where(
        CorrectionRow.acknowledged_at.is_(None), KnownChangeRow.source == source, KnownChangeRow.party == party
    )
    async with database.read() as session:
        rows = (await session.scalars(told.order_by(DeliveryRow.told_at.desc()).limit(_MOST))).all()
        changes = (await session.execute(owed)).all()
    waiting: defaultdict[Recipient, list[OwedCorrection]] = defaultdict(list)
    for row, change in changes:
        waiting[Recipient(row.member, row.office)].append(_owed(row, change))
    results = [
        PartyRecipient(
            member=row.member,
            office=row.office,
            told_at=row.told_at,
            corrections=waiting.get(Recipient(row.member, row.office), []),
        )
        for row in rows
    ]
    return PartyRecipients(party=party, results=results)


def _owed(row: CorrectionRow, change: KnownChangeRow) -> OwedCorrection:
    known = {name: getattr(change, name) for name in ("kind", "record", "change")}
    return OwedCorrection.model_validate(known | {"since": row.created_at, "overdue": row.escalated_at is not None})
