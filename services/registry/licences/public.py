"""Licences as everybody may know them: whose, and how they stand. No appeal, no file, no complaint, no inspection."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.licences.store import standings
from services.registry.licences.tables import LicenceRow
from services.registry.pages import Page, read_page
from services.registry.parties.tables import PartyRow
from shared.contracts.licences import LicenceStatus, PublicLicence

NOT_PUBLIC = frozenset({LicenceStatus.APPLIED, LicenceStatus.REFUSED})
"""An application is a matter between the office and the applicant."""


async def list_public_licences(
    session: AsyncSession, member: str | None, on: date, after: str | None, limit: int
) -> Page[PublicLicence]:
    """Licences in the order of their ids, as they stand on a day."""
    keys = select(LicenceRow.id, LicenceRow.seq)
    if member is not None:
        keys = keys.where(LicenceRow.member == member)

    async def read(seqs: Sequence[int]) -> dict[int, PublicLicence | None]:
        return await read_public_licences(session, seqs, on)

    return await read_page(session, keys, read, after, limit)


async def read_public_licences(session: AsyncSession, seqs: Sequence[int], on: date) -> dict[int, PublicLicence | None]:
    """Some licences by seq as they stand on a day; one that is nobody's business is not in it."""
    query = select(LicenceRow, PartyRow.id, PartyRow.caption)
    query = query.join(PartyRow, PartyRow.seq == LicenceRow.party_seq).where(LicenceRow.seq.in_(seqs))
    holders = {row.seq: (row, party, name) for row, party, name in await session.execute(query)}
    records: dict[int, PublicLicence | None] = {}
    for row, standing in await standings(session, [row for row, _, _ in holders.values()], on):
        if standing.period.status not in NOT_PUBLIC:
            _, party, name = holders[row.seq]
            records[row.seq] = PublicLicence(
                **{known: getattr(row, known) for known in ("id", "number", "authority", "member")},
                party=party,
                name=name,
                status=standing.period.status,
                national_code=standing.period.national_code,
                on=on,
            )
    return records
