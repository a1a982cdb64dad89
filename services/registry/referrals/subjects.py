"""Of which state the person is whom a referral is about, as far as their registration says so."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.workers.store import stated_in
from services.registry.workers.tables import RegistrationRow
from shared.crypto.sealing import KeyRing


async def state_of(session: AsyncSession, keys: KeyRing, registration: str | None) -> str | None:
    """The nationality on record, else the state that issued the travel document; None: neither is known.

    Whoever may refer need not be one who may read the registration: nothing of this is shown.
    """
    row = await session.scalar(select(RegistrationRow).where(RegistrationRow.id == registration))
    if row is None:
        return None
    _, told = stated_in(row, keys.subject(row.member, row.wrapped_key))
    issuer = told.document[0] if told.document else None
    return told.nationality or issuer or None
