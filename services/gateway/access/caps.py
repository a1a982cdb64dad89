"""Caps on requests of each client and each person. The log is the durable counter: it holds every request that passed.

Counting is done in memory; at the start it goes on from the entries of the day. So a cap costs no write of its own, a
restart gives nobody a new day, and what the log proves is what was counted.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.access.caps_rules import DAY_S, Cap, Count, Limit, cap_of, shown_cap
from services.gateway.access.caps_tables import ClientCapRow
from services.gateway.access.policy import Action, Kind
from services.gateway.audit.entries import Outcome
from services.gateway.audit.nodes import log_size
from services.gateway.tables import AuditRow
from shared.contracts.caller import Caller, Role
from shared.db.database import Database, now

REREAD_S: Final = 15.0
"""A cap that was raised or lowered holds by then."""


@dataclass(frozen=True)
class Left:
    """What is left of a cap, for the fields RateLimit-Policy and RateLimit.

    Source: draft-ietf-httpapi-ratelimit-headers-11.
    """

    cap: str
    limit: Limit
    minute: int
    day: int
    wait_s: int

    @property
    def headers(self) -> dict[str, str]:
        """Both fields; and Retry-After where nothing is left."""
        name, limit = self.cap, self.limit
        fields = {
            "RateLimit-Policy": f'"{name}-minute";q={limit.minute};w=60, "{name}-day";q={limit.day};w=86400',
            "RateLimit": f'"{name}-minute";r={self.minute};t=60, "{name}-day";r={self.day};t={_until_midnight()}',
        }
        return fields | ({"Retry-After": str(self.wait_s)} if self.wait_s else {})


class CapExceededError(Exception):
    """A client or a person has asked for as much as it may; `reason` names the cap."""

    def __init__(self, left: Left) -> None:
        super().__init__(f"{left.limit.minute} a minute and {left.limit.day} a day; ask again in {left.wait_s} s")
        self.reason = left.cap
        self.left = left


class Caps:
    """Counts requests and refuses what is over a cap.

    Args:
        database: the gateway's.
        factor: every limit times this.
    """

    def __init__(self, database: Database, factor: float = 1.0) -> None:
        self._database = database
        self._factor = factor
        self._counts: defaultdict[tuple[str, str], Count] = defaultdict(lambda: Count(now().date()))
        self._own: dict[tuple[str, str], Limit] = {}
        self._read_at: datetime | None = None

    async def load(self) -> None:
        """Go on from what the log says of today."""
        at = now()
        midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        minute = at.replace(second=0, microsecond=0)
        async with self._database.read() as session:
            first = await first_entry_since(session, midnight)
            for row in await _counted(session, first, midnight):
                for count in self._recount(row, at):
                    count.used_today += row.number
            for row in await _counted(session, first, minute):
                for count in self._recount(row, at):
                    count.used += row.number

    async def take(self, caller: Caller, kind: str, action: str) -> Left:
        """Count a request.

        Raises:
            CapExceededError: it is over the cap of the client or the person, or too many records were shown to them.
        """
        await self._reread()
        at, cap, shown = now(), cap_of(kind, action), shown_cap()
        for who in names_of(caller):
            for each in (shown, cap):
                left = self._left(caller, who, each, at)
                if left.wait_s:
                    raise CapExceededError(left)
        for who in names_of(caller):
            self._counts[who, cap.name].add()
        return min((self._left(caller, who, cap, at) for who in names_of(caller)), key=lambda left: left.day)

    def show(self, caller: Caller, records: int) -> None:
        """Count records that an answer showed; over the cap, the next request is refused."""
        at = now()
        for who in names_of(caller):
            count = self._counts[who, shown_cap().name]
            count.roll(at)
            count.add(records)

    def _left(self, caller: Caller, who: str, cap: Cap, at: datetime) -> Left:
        count = self._counts[who, cap.name]
        count.roll(at)
        limit = self._limit(caller, cap)
        minute = max(0, int(limit.minute - count.last_minute(at)))
        return Left(cap.name, limit, minute, max(0, limit.day - count.used_today), count.wait_s(limit, at))

    def _limit(self, caller: Caller, cap: Cap) -> Limit:
        own = self._own.get((caller.client_id, cap.name))
        return (own or cap.limit(caller.role)).times(self._factor)

    async def _reread(self) -> None:
        if self._read_at is None or now() - self._read_at > timedelta(seconds=REREAD_S):
            self._read_at = now()
            self._own = {(row.client_id, row.cap): Limit(row.minute, row.day) for row in await own_caps(self._database)}

    def _recount(self, row: "_Counted", at: datetime) -> Iterator[Count]:
        cap = shown_cap() if row.outcome == Outcome.SHOWN else cap_of(row.kind, row.action)
        for who in row.names:
            count = self._counts[who, cap.name]
            count.roll(at)
            yield count


@dataclass(frozen=True)
class _Counted:
    """How often somebody did something, by the log."""

    client_id: str
    user_id: str | None
    member: str
    role: str
    kind: str
    action: str
    outcome: str
    number: int

    @property
    def names(self) -> list[str]:
        return _names(self.client_id, self.user_id, self.member, self.role)


def names_of(caller: Caller) -> list[str]:
    """Under which names a caller is counted: the client, and the person where one signed in."""
    return _names(caller.client_id, caller.user, caller.member, caller.role or "")


def _names(client_id: str, user: str | None, member: str, role: str) -> list[str]:
    if role == Role.PARTNER_MEMBER:  # the member state, and the person whom it names
        return [f"member {member}", f"person {client_id}"]
    return [f"client {client_id}"] + ([f"person {user}"] if user else [])


async def _counted(session: AsyncSession, first: int, since: datetime) -> list[_Counted]:
    """Requests that passed and records that were shown since an instant, which the entry of that number is about at."""
    key = (
        AuditRow.client_id, AuditRow.user_id, AuditRow.member, AuditRow.role, AuditRow.kind, AuditRow.action,
        AuditRow.outcome,
    )  # fmt: skip
    query = (
        select(*key, func.count())
        .where(AuditRow.number >= first, AuditRow.at >= since, AuditRow.outcome != Outcome.REFUSED.value)
        .where(AuditRow.kind.in_([kind.value for kind in Kind]), AuditRow.action.in_([each.value for each in Action]))
        .group_by(*key)
    )
    return [_Counted(*row) for row in await session.execute(query)]


async def first_entry_since(session: AsyncSession, since: datetime) -> int:
    """The number of the first entry at or after an instant: entries are in the order of time, so halving finds it."""
    low, high = 1, await log_size(session) + 1
    while low < high:
        middle = (low + high) // 2
        at = await session.scalar(select(AuditRow.at).where(AuditRow.number == middle))
        low, high = (middle + 1, high) if at is not None and at < since else (low, middle)
    return low


async def own_caps(database: Database) -> list[ClientCapRow]:
    """Every cap that was raised or lowered, by client."""
    query = select(ClientCapRow).order_by(ClientCapRow.client_id, ClientCapRow.cap)
    async with database.read() as session:
        return list((await session.scalars(query)).all())


async def set_own_cap(database: Database, client_id: str, cap: str, limit: Limit | None) -> None:
    """Give a client a limit of its own; None: its role's again."""
    async with database.write() as session:
        await session.execute(delete(ClientCapRow).where(ClientCapRow.client_id == client_id, ClientCapRow.cap == cap))
        if limit is not None:
            session.add(ClientCapRow(client_id=client_id, cap=cap, minute=limit.minute, day=limit.day, set_at=now()))


def _until_midnight() -> int:
    return DAY_S - int(now().timestamp()) % DAY_S
