"""A case with all that belongs to it, as it lies in the database; and its steps, which are only ever added."""

import json
import re
import secrets
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.people import Reviewer
from services.registry.adjudication.rules import Seat, Vote, members_of, others_of
from services.registry.adjudication.tables import AdjudicationEventRow, AdjudicationRow, SeatRow
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.views import Scope
from shared.contracts.adjudication import AdjudicationState, Finding
from shared.contracts.registrations import SignalCode

SYSTEM: Final = "check"
"""Who takes the steps that no human takes: opening a case, adding signals."""

_ID: Final = re.compile(r"A[0-9a-f]{24}")
_NOBODY: Final = frozenset({"R"})
"""No registration's id."""


class CaseUnknownError(Exception):
    """No such case, or not for this reviewer: the two look the same."""

    def __init__(self) -> None:
        super().__init__("no such case")


class CaseNotOpenError(Exception):
    """The case is decided, or waits for papers."""


@dataclass(frozen=True)
class CaseFile:
    """A case, the registration that it is about, everybody who sat on it, and what of it this reader may know.

    `grounds`: of the case, without those that point at records hidden from the reader.
    """

    case: AdjudicationRow
    registration: RegistrationRow
    seats: Sequence[SeatRow]
    grounds: tuple[str, ...]

    @property
    def others(self) -> list[str]:
        """The other records that the case is about."""
        return others_of(self.grounds)

    @property
    def members(self) -> list[str]:
        """Other member states that hold a record which the case is about."""
        return members_of(self.grounds)

    @property
    def places(self) -> list[Seat]:
        """The seats of every round, as the rules know them."""
        return [_seat(row) for row in self.seats]

    @property
    def votes(self) -> dict[str, Vote]:
        """What was found in this round, and by whom."""
        now = (seat for seat in self.places if seat.round == self.case.round)
        return {seat.reviewer: seat.vote for seat in now if seat.vote is not None}

    def seat_of(self, reviewer: Reviewer) -> SeatRow | None:
        """Where a reviewer sits in this round."""
        own = (row for row in self.seats if row.round == self.case.round and row.reviewer == reviewer.name)
        return next(own, None)


def new_case_id() -> str:
    """An id for a new case."""
    return f"A{secrets.token_hex(12)}"


def scope_of_reviewer(reviewer: Reviewer) -> Scope:
    """Which registrations a reviewer may see at all."""
    if reviewer.protects_children:
        return Scope(reviewer.member, child_sealed=None, audiences=("registration", "child_protection"))
    return Scope(reviewer.member, child_sealed=False, audiences=("registration",), blind=True)


async def open_file(
    session: AsyncSession, store: RegistrationStore, reviewer: Reviewer, case_id: str, *, lock: bool = False
) -> CaseFile:
    """A case with all that belongs to it.

    Raises:
        CaseUnknownError: there is none, or this reviewer must not know of it.
    """
    if not _ID.fullmatch(case_id):
        raise CaseUnknownError
    query = (
        select(AdjudicationRow, RegistrationRow)
        .join(RegistrationRow, RegistrationRow.seq == AdjudicationRow.registration_seq)
        .where(
            AdjudicationRow.id == case_id,
            AdjudicationRow.member == reviewer.member,
            AdjudicationRow.audience == reviewer.audience,
            AdjudicationRow.state != AdjudicationState.CLOSED.value,
            *([] if reviewer.protects_children else open_to_adjudicators()),
        )
    )
    if lock:  # the registration before its case, as everywhere: no two wait for each other
        about = select(AdjudicationRow.registration_seq).where(AdjudicationRow.id == case_id)
        await session.execute(select(RegistrationRow.seq).where(RegistrationRow.seq.in_(about)).with_for_update())
    found = (await session.execute(query.with_for_update() if lock else query)).first()
    if found is None:
        await store.hidden(_NOBODY, scope_of_reviewer(reviewer))  # as for one that is hidden below: in the same time
        raise CaseUnknownError
    case, registration = found
    grounds = await visible_grounds(store, reviewer, case, registration)
    if not grounds:
        raise CaseUnknownError
    seats = select(SeatRow).where(SeatRow.case_seq == case.seq).order_by(SeatRow.seq)
    return CaseFile(case, registration, (await session.scalars(seats)).all(), grounds)


def open_to_adjudicators() -> list[ColumnElement[bool]]:
    """What holds of the registration of any case that is not child protection's."""
    return [RegistrationRow.child_sealed.is_(False), RegistrationRow.presumed_victim.is_(False)]


async def visible_grounds(
    store: RegistrationStore, reviewer: Reviewer, case: AdjudicationRow, registration: RegistrationRow
) -> tuple[str, ...]:
    """What of a case's grounds a reviewer may know; none: they must not know of the case either."""
    return grounds_left(reviewer, case, registration, await hidden_from(store, reviewer, [case]))


async def hidden_from(store: RegistrationStore, reviewer: Reviewer, cases: Iterable[AdjudicationRow]) -> frozenset[str]:
    """Other records that some cases are about and that a reviewer must not be pointed at."""
    others = {other for case in cases for other in others_of(case.grounds)}
    return await store.hidden(others, scope_of_reviewer(reviewer))


def grounds_left(
    reviewer: Reviewer, case: AdjudicationRow, registration: RegistrationRow, hidden: AbstractSet[str]
) -> tuple[str, ...]:
    """A case's grounds without those that a reviewer must not know.

    Where all that a case is about is a sealed record, or its own is a child's or a presumed victim's, nothing is left.
    """
    if reviewer.protects_children:
        return tuple(case.grounds)
    if registration.child_sealed or registration.presumed_victim:
        return ()
    mine = [ground for ground in case.grounds if not ground.startswith(SignalCode.CHILD_POSSIBLE.value)]
    return tuple(ground for ground in mine if ground.partition(":")[2] not in hidden)


async def add_event(
    session: AsyncSession,
    store: RegistrationStore,
    file: tuple[AdjudicationRow, RegistrationRow],
    step: tuple[str, str, datetime],
    content: dict[str, Any] | None = None,
) -> None:
    """Write a step down; what it says is sealed with the registration's key.

    Args:
        session, store: of the transaction.
        file: the case and its registration.
        step: kind, who, when.
        content: JSON.
    """
    (case, registration), (kind, actor, at) = file, step
    last = select(func.max(AdjudicationEventRow.number)).where(AdjudicationEventRow.case_seq == case.seq)
    number = (await session.scalar(last) or 0) + 1
    sealed = None
    if content is not None:
        sealed = store.key_of(registration).seal(json.dumps(content).encode(), event_owner(case, number))
    session.add(
        AdjudicationEventRow(
            case_seq=case.seq,
            number=number,
            round=case.round,
            audience=case.audience,
            kind=kind,
            actor=actor,
            at=at,
            content=sealed,
        )
    )
    await session.flush()


async def events_of(session: AsyncSession, case: AdjudicationRow, reviewer: Reviewer) -> Sequence[AdjudicationEventRow]:
    """Every step of a case; of what child protection did, nothing to anybody else."""
    query = select(AdjudicationEventRow).where(AdjudicationEventRow.case_seq == case.seq)
    if not reviewer.protects_children:
        query = query.where(AdjudicationEventRow.audience == reviewer.audience)
    return (await session.scalars(query.order_by(AdjudicationEventRow.number))).all()


def read_event(
    store: RegistrationStore, case: AdjudicationRow, registration: RegistrationRow, event: AdjudicationEventRow
) -> dict[str, Any]:
    """What a step says; nothing once it was erased."""
    if event.content is None:
        return {}
    opened = store.key_of(registration).open(event.content, event_owner(case, event.number))
    content: dict[str, Any] = json.loads(opened)
    return content


def event_owner(case: AdjudicationRow, number: int) -> str:
    """What a step's content is bound to."""
    return f"adjudication/{case.id}/event/{number}"


def reason_owner(case: AdjudicationRow, seat: SeatRow) -> str:
    """What a reviewer's reason is bound to."""
    return f"adjudication/{case.id}/round/{seat.round}/{seat.reviewer}"


def _seat(row: SeatRow) -> Seat:
    finding = Finding(row.finding) if row.finding else None
    return Seat(row.round, row.reviewer, row.expires_at, finding, row.other)
