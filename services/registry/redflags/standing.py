"""Flags that stand, as labour inspection reads them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from services.registry.redflags.tables import RedFlagRow
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.red_flags import FlagRule, FlagStrength, RedFlag, RedFlagPage
from shared.db.database import Database
from shared.db.newest import newest_rows


class NotAnInspectorError(Exception):
    """Flags are for labour inspection alone."""


def inspector(caller: Caller) -> Caller:
    """The caller, if they inspect.

    Raises:
        NotAnInspectorError: another role or purpose. Licensing is told of a party by referral, which people decide: a
            flag may rest on complaints, and who sees flags sees when they come.
    """
    if (caller.role, caller.purpose) != (Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION):
        raise NotAnInspectorError("for labour inspectors, for labour inspection")
    return caller


class Flags:
    """Reads what stands.

    Args:
        database: the registry's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, member: str, party: str | None, rule: FlagRule | None, before: int | None, limit: int
    ) -> RedFlagPage:
        """A member's flags, those raised last first."""
        query = select(RedFlagRow).where(RedFlagRow.member == member)
        if party is not None:
            query = query.where(RedFlagRow.party == party)
        if rule is not None:
            query = query.where(RedFlagRow.rule == rule.value)
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, RedFlagRow.seq, before, limit)
        return RedFlagPage(items=[_view(row) for row in rows], next=more)

    async def about(self, member: str, party: str) -> Sequence[RedFlag]:
        """All flags of one party."""
        return (await self.page(member, party, None, None, len(FlagRule))).items

    async def of_member(self, member: str) -> Mapping[str, Sequence[RedFlag]]:
        """All flags of a member, by party."""
        found: dict[str, list[RedFlag]] = {}
        async with self._database.read() as session:
            for row in (await session.scalars(select(RedFlagRow).where(RedFlagRow.member == member))).all():
                found.setdefault(row.party, []).append(_view(row))
        return found


def _view(row: RedFlagRow) -> RedFlag:
    return RedFlag(
        member=row.member,
        party=row.party,
        rule=FlagRule(row.rule),
        strength=FlagStrength(row.strength),
        at_least=row.counts,
        first_on=row.first_on,
        last_on=row.last_on,
        raised_on=row.raised_at.date(),
    )
