"""Figures about agencies over HTTP, for the offices that license and inspect them."""

from dataclasses import asdict
from typing import Final

from fastapi import APIRouter

from services.registry.admission import require_purpose
from services.registry.workers.heaping import LEVEL, heaps
from services.registry.workers.placed import count_placed
from shared.contracts.agencies import AgencyHeap, AgencyHeaps
from shared.contracts.caller import Purpose
from shared.http.callers import CallerDep
from shared.http.state import DatabaseDep

_OFFICES: Final = frozenset({Purpose.LICENCE_CHECK, Purpose.LABOUR_INSPECTION})

router = APIRouter(prefix="/v1/agencies", tags=["agencies"])


@router.get("/heaping", summary="Agencies whose workers are just old enough", operation_id="readHeaping")
async def read_heaping(caller: CallerDep, database: DatabaseDep) -> AgencyHeaps:
    """Of the caller's member. An agency with few workers is not in it, and no worker is."""
    require_purpose(caller, _OFFICES)
    found = heaps(await count_placed(database, caller.member))
    return AgencyHeaps(level=LEVEL, agencies=[AgencyHeap(**asdict(each)) for each in found])
