"""What was found at a licensee's goes into the licensee's file of inspections."""

from sqlalchemy import select

from services.registry.history import Recorder
from services.registry.inspections.rules import TOLD_LICENSING, workplace
from services.registry.inspections.tables import VisitRow
from services.registry.licences.inspections import put_inspection
from services.registry.licences.tables import LicenceRow
from services.registry.parties.tables import PartyRow
from shared.contracts.inspections import InspectionBody
from shared.contracts.visits import VisitPlace, VisitState


async def tell_licensing(recorder: Recorder, row: VisitRow) -> None:
    """Tell a visit of somebody who holds a licence of this member; of others, and before it was carried out, nothing.

    What was found is told by code, as whoever was visited knows it. Why it was chosen is not.
    """
    state = TOLD_LICENSING.get(VisitState(row.state))
    if state is None or row.party is None or not await _is_licensee(recorder, row.party):
        return
    body = InspectionBody.model_validate(
        {
            "party": row.party,
            "workplace": workplace(VisitPlace(row.place), informal=row.informal),
            "access": row.access,
            "state": state,
            "planned_on": row.planned_on,
            "carried_out_on": row.carried_out_on,
            "indications": row.findings,
            "remedies": row.remedies,
            "source": row.organisation,
        }
    )
    await put_inspection(recorder, row.id, body)


async def _is_licensee(recorder: Recorder, party: str) -> bool:
    held = select(LicenceRow.seq).join(PartyRow, PartyRow.seq == LicenceRow.party_seq)
    query = held.where(PartyRow.id == party, LicenceRow.member == recorder.member).limit(1)
    return await recorder.session.scalar(query) is not None
