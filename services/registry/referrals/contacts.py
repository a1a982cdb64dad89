"""Where offices are told that a referral waits."""

from services.registry.referrals.offices import Referrer
from services.registry.referrals.tables import ContactRow
from shared.contracts.referrals import ReferralContact
from shared.db.database import Database, now
from shared.http.named_hosts import NamedHosts


class Contacts:
    """Offices' contact points: one for each office of an organisation.

    Args:
        database: the registry's.
        hosts: where notices may be sent.
    """

    def __init__(self, database: Database, hosts: NamedHosts) -> None:
        self._database, self._hosts = database, hosts

    async def read(self, who: Referrer) -> ReferralContact:
        """The caller's."""
        async with self._database.read() as session:
            row = await session.get(ContactRow, _key(who))
        return ReferralContact(office=who.office, webhook=row.webhook if row else None)

    async def put(self, who: Referrer, webhook: str | None) -> ReferralContact:
        """Set or give up the caller's.

        Raises:
            HostNotNamedError: notices are not sent there.
        """
        if webhook is not None:
            self._hosts.check(webhook)
        member, office, organisation = _key(who)
        async with self._database.write() as session:
            row = await session.get(ContactRow, (member, office, organisation), with_for_update=True)
            if row is not None and webhook is None:
                await session.delete(row)
            elif webhook is not None:
                by = who.caller.person[:64]
                key = {"member": member, "office": office, "organisation": organisation}
                await session.merge(ContactRow(**key, webhook=webhook, set_by=by, set_at=now()))
        return ReferralContact(office=who.office, webhook=webhook)


def _key(who: Referrer) -> tuple[str, str, str]:
    return (who.caller.member, who.office.value, who.caller.organisation[:200])
