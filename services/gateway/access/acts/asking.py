"""Acts in the database: asked for by one administrator, carried out when another confirms."""

import secrets
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import select, update

from services.gateway.access.acts.carrying import (
    AT_ONCE,
    Registers,
    carry_out,
    check,
    details_of,
    logged_subject,
    step_of,
    subject_of,
)
from services.gateway.access.acts.tables import AccessActRow
from services.gateway.access.clients import ClientUnknownError
from services.gateway.access.people.users import INVITED_FOR, UserKnownError, UserUnknownError
from services.gateway.access.recording import Step, record
from services.gateway.audit.entries import Outcome
from services.gateway.audit.log import AuditLog
from shared.contracts.access import AccessAct, Act, ActBody, ActPage, ActState
from shared.contracts.caller import Caller, Role
from shared.db.database import Database, now
from shared.db.newest import newest_rows

_ACT: Final[TypeAdapter[Act]] = TypeAdapter(ActBody)


class NoPersonError(Exception):
    """A system asks where a person must."""


class ActUnknownError(Exception):
    """The administrator's member has no such act."""


class OwnAccessError(Exception):
    """Nobody changes what they may do themselves."""


class SecondPersonNeededError(Exception):
    """Whoever asked does not confirm; nor is confirmed what somebody asked who is no administrator now."""


class ActDecidedError(Exception):
    """It was confirmed or refused before."""


class ActNotDoneError(Exception):
    """Things have changed since it was asked; it is refused now."""


class Acts:
    """Changes of one member's people and clients.

    Args:
        database: the gateway's.
        log: of accesses; every act is in it with who asked and who confirmed.
        caller: an administrator who has signed in.
    """

    def __init__(self, database: Database, log: AuditLog, caller: Caller) -> None:
        self._database = database
        self._log = log
        self._caller = caller
        self._registers = Registers(database, caller.member)

    async def ask(self, act: Act) -> AccessAct:
        """Ask for a change; one that takes something away is done at once.

        Raises:
            OwnAccessError: it is about whoever asks.
            Exception: what `check` raises.
        """
        self._not_own(act)
        await check(self._registers, act)
        row = AccessActRow(
            id=secrets.token_hex(12), member=self._caller.member, subject=subject_of(act),
            body=act.model_dump(mode="json"), state=ActState.WAITING.value,
            asked_by=self._caller.person, asked_at=now(),
        )  # fmt: skip
        async with self._database.write() as session:
            session.add(row)
        if isinstance(act, AT_ONCE):
            return await self._do(row.id, act)
        await record(self._log, self._caller, Step.ASK, logged_subject(act))
        return as_act(row)

    async def confirm(self, act_id: str) -> AccessAct:
        """Carry an act out that another administrator asked for.

        Raises:
            ActUnknownError, ActDecidedError: none that waits.
            OwnAccessError, SecondPersonNeededError: not for this person to confirm.
            ActNotDoneError: it cannot be done any more.
            Exception: what `check` raises.
        """
        row = await self._waiting(act_id)
        act = _ACT.validate_python(row.body)
        self._not_own(act)
        asker = await self._registers.users.find(row.asked_by)
        if row.asked_by == self._caller.person or asker is None or Role.ADMINISTRATOR.value not in asker.roles:
            raise SecondPersonNeededError("two administrators are needed: another one asks, another one confirms")
        await check(self._registers, act)
        return await self._do(act_id, act)

    async def refuse(self, act_id: str) -> AccessAct:
        """Let an act be; whoever asked takes it back in the same way.

        Raises:
            ActUnknownError, ActDecidedError: none that waits.
        """
        row = await self._waiting(act_id)
        act = _ACT.validate_python(row.body)
        await record(self._log, self._caller, step_of(act), logged_subject(act), Outcome.REFUSED)
        return as_act(await self._decide(act_id, ActState.REFUSED))

    async def newest(self, state: ActState | None, before: int | None, limit: int) -> ActPage:
        """This member's, newest first."""
        query = select(AccessActRow).where(AccessActRow.member == self._caller.member)
        if state is not None:
            query = query.where(AccessActRow.state == state.value)
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, AccessActRow.seq, before, limit)
        return ActPage(items=[as_act(row) for row in rows], next=more)

    async def _do(self, act_id: str, act: Act) -> AccessAct:
        """It is decided first, so that two who confirm at once do it once; and logged before it is done."""
        row = await self._decide(act_id, ActState.DONE)
        await record(self._log, self._caller, step_of(act), logged_subject(act))
        try:
            code = await carry_out(self._registers, act)
        except (UserKnownError, UserUnknownError, ClientUnknownError) as error:
            await self._settle(act_id, ActState.DONE, ActState.REFUSED)
            raise ActNotDoneError(str(error)) from error
        told = {"code": code, "code_days": INVITED_FOR.days} if code else {}
        return as_act(row).model_copy(update=told)

    async def _decide(self, act_id: str, state: ActState) -> AccessActRow:
        row = await self._settle(act_id, ActState.WAITING, state)
        if row is None:
            raise ActDecidedError("it was confirmed or refused meanwhile")
        return row

    async def _settle(self, act_id: str, before: ActState, after: ActState) -> AccessActRow | None:
        chosen = update(AccessActRow).where(AccessActRow.id == act_id, AccessActRow.state == before.value)
        values = {"state": after.value, "decided_by": self._caller.person, "decided_at": now()}
        async with self._database.write() as session:
            return (await session.execute(chosen.values(**values).returning(AccessActRow))).scalar_one_or_none()

    async def _waiting(self, act_id: str) -> AccessActRow:
        async with self._database.read() as session:
            row = await session.scalar(select(AccessActRow).where(AccessActRow.id == act_id))
        if row is None or row.member != self._caller.member:
            raise ActUnknownError("there is no such act")
        if row.state != ActState.WAITING.value:
            raise ActDecidedError("it was confirmed or refused before")
        return row

    def _not_own(self, act: Act) -> None:
        if subject_of(act) == self._caller.person:
            raise OwnAccessError("another administrator changes what you may do")


def as_act(row: AccessActRow) -> AccessAct:
    """An act as it is told."""
    act = _ACT.validate_python(row.body)
    told = {name: getattr(row, name) for name in ("id", "subject", "asked_by", "asked_at", "decided_by", "decided_at")}
    return AccessAct(**told, act=act.act, details=details_of(act), state=ActState(row.state))
