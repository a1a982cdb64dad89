"""The file of a licence: entry requirements, bonds, fees, numbers of complaints. Told whole, each version kept."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.visibility import PARTICULARS_LABEL
from services.registry.history import Recorder, RecordKind, RecordNotFoundError, Told
from services.registry.licences.rules import unmet
from services.registry.licences.store import get_licence
from services.registry.licences.tables import LicenceRow, ParticularsRow
from shared.contracts.licences import Particulars, ParticularsBody


async def put_particulars(recorder: Recorder, licence_id: str, body: ParticularsBody) -> tuple[Particulars, bool]:
    """Tell the file of a licence; told the same again, nothing is changed.

    Returns:
        The file, and whether it is new.

    Raises:
        RecordNotFoundError: there is no such licence.
        NotOwnRecordError: another member recorded the licence.
        DayToComeError: something was checked or released on a day that has not come.
    """
    licence, _ = await get_licence(recorder.session, licence_id)
    recorder.require_own(licence.member)
    for check in body.requirements:
        recorder.require_past(checked_on=check.checked_on)
    row = await recorder.session.get(ParticularsRow, licence.seq, with_for_update=True)
    content = body.model_dump(mode="json")
    if row is None:
        row = ParticularsRow(licence_seq=licence.seq, version=0)
        recorder.session.add(row)
    elif row.content == content:
        return _particulars(licence, row), False
    row.content, row.version, row.as_of = content, row.version + 1, recorder.instant
    told = Told(authority=body.authority, document_digest=body.document_digest)
    recorder.keep(RecordKind.PARTICULARS, licence_id, row.version, content, told)
    return _particulars(licence, row), row.version == 1


async def get_particulars(session: AsyncSession, licence_id: str) -> Particulars:
    """The file of a licence.

    Raises:
        RecordNotFoundError: there is no such licence, or no file of it.
    """
    licence, _ = await get_licence(session, licence_id)
    row = await session.get(ParticularsRow, licence.seq)
    if row is None:
        raise RecordNotFoundError("the register holds no file of this licence")
    return _particulars(licence, row)


def _particulars(licence: LicenceRow, row: ParticularsRow) -> Particulars:
    body = ParticularsBody.model_validate(row.content)
    return Particulars(
        **body.model_dump(),
        licence=licence.id,
        member=licence.member,
        version=row.version,
        as_of=row.as_of,
        label=PARTICULARS_LABEL,
        unmet=unmet(body.requirements),
    )
