"""Of which state the person is whom a referral is about, as far as the referring office may read it."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.workers.store import stated_in, within
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.views import ViewDeniedError, scope_of
from shared.contracts.caller import Caller
from shared.crypto.sealing import KeyRing


async def state_of(session: AsyncSession, keys: KeyRing, caller: Caller, registration: str | None) -> str | None:
    """The nationality on record, else the state that issued the travel document; None: neither is known.

    Of a registration that the caller may not read nothing is known, as of one that is not there: an assessment names
    any, and what is refused because of it would tell that it exists and whose state the person is of.
    """
    try:
        scope = scope_of(caller)
    except ViewDeniedError:
        return None
    row = await session.scalar(within(scope).where(RegistrationRow.id == registration))
    if row is None or (row.withdrawal_asked is not None and not scope.protects):
        return None
    _, told = stated_in(row, keys.subject(row.member, row.wrapped_key))
    issuer = told.document[0] if told.document else None
    return told.nationality or issuer or None
