"""What was erased, as counts, for the gateway's log; no door leads here."""

from typing import Final

from fastapi import APIRouter
from sqlalchemy import select, update

from services.registry.admission import MaintainerDep
from services.registry.retention.tables import ErasureRow
from shared.contracts.retention import Erasure, ErasureList, ErasuresLogged
from shared.db.database import now
from shared.http.state import DatabaseDep

router = APIRouter(prefix="/v1/region/erasures", tags=["region"])

_SOME: Final = 100


@router.get("", operation_id="readErasures")
async def read_erasures(_caller: MaintainerDep, database: DatabaseDep) -> ErasureList:
    """Those that are not in the log yet, oldest first; the same again until they are."""
    query = select(ErasureRow).where(ErasureRow.logged_at.is_(None)).order_by(ErasureRow.seq).limit(_SOME)
    async with database.read() as session:
        rows = (await session.scalars(query)).all()
    return ErasureList(
        items=[Erasure(id=row.seq, member=row.member, clock=row.clock, number=row.number, at=row.at) for row in rows]
    )


@router.post("/logged", operation_id="settleErasures", status_code=204)
async def settle(body: ErasuresLogged, _caller: MaintainerDep, database: DatabaseDep) -> None:
    """The log of accesses has them."""
    settled = update(ErasureRow).where(ErasureRow.seq.in_(body.ids)).values(logged_at=now())
    async with database.write() as session:
        await session.execute(settled)
