"""A case as evidence: how it stands and everything that was told of it, for mutual legal assistance."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.tables import CaseRow
from services.registry.cases.views import record, sight, statement
from services.registry.cases.visibility import Audience, Sight
from services.registry.history import HistoryRow, RecordKind, RecordNotFoundError, versions_of
from services.registry.parties.tables import PartyRow
from shared.contracts.evidence import CaseFile

_VERSION = ("version", "told_at", "member", "organisation", "authority", "document_digest", "correction", "content")


async def case_file(session: AsyncSession, case_id: str, member: str, on: date) -> CaseFile:
    """The file of a case that this member keeps and that is spoken of.

    Raises:
        RecordNotFoundError: there is none: also where it fell away, its time is over, or it is another member's.
    """
    query = select(CaseRow, PartyRow.id).join(PartyRow, PartyRow.seq == CaseRow.party_seq).where(CaseRow.id == case_id)
    found = (await session.execute(query)).one_or_none()
    if found is not None:
        told = statement(found[0], found[1])
        if told.member == member and sight(told, on, Audience.AUTHORITY) not in {Sight.HIDDEN, Sight.SEALED}:
            versions = await versions_of(session, RecordKind.CASE, case_id)
            return CaseFile(
                case=record(told, on).model_dump(mode="json"), versions=[_version(each) for each in versions]
            )
    raise RecordNotFoundError("this member keeps no such case that is spoken of")


def documents_of(file: CaseFile) -> list[tuple[str, str | None]]:
    """Documents that a case names, in the order of telling, each once: SHA-256, and who stands behind it."""
    parts = [part for version in file.versions for part in (version, *version["content"].get("sanctions", ()))]
    named = {part["document_digest"]: part.get("authority") for part in parts if part.get("document_digest")}
    return list(named.items())


def _version(row: HistoryRow) -> dict[str, object]:
    told = {name: getattr(row, name) for name in _VERSION}
    return told | {"told_at": row.told_at.isoformat()}
