"""A claim's row in a transaction: found, moved by money, written down."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.erased import require_kept
from services.registry.redress.offices import RedressOffice
from services.registry.redress.rules import left_after, moved, payment_move
from services.registry.redress.tables import ClaimEventRow, ClaimRow
from shared.contracts.redress import ClaimMove, ClaimState
from shared.db.database import now


class ClaimUnknownError(Exception):
    """No such claim, or not this office's: the two look the same."""


async def find_claim(session: AsyncSession, office: RedressOffice, claim_id: str, *, lock: bool = False) -> ClaimRow:
    """One of this office's claims; with `lock` nobody else changes it until the transaction ends.

    Raises:
        ClaimUnknownError: there is none.
        ErasedError: its time was over.
    """
    query = select(ClaimRow).where(ClaimRow.id == claim_id, office.claims)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise ClaimUnknownError("there is no such claim")
    require_kept(row.erased_at)
    return row


def pay(row: ClaimRow, amount: int) -> ClaimMove:
    """Money reached the claimant; the move that this is.

    Raises:
        IllegalClaimMoveError: nothing is owed in this state.
        MoreThanGrantedError: less is owed.
    """
    moved(ClaimState(row.state), ClaimMove.PAY_PART)  # a claim on which nothing is owed has no amount to compare with
    move = payment_move(row.granted or 0, row.received, amount)
    row.state, row.received = moved(ClaimState(row.state), move).value, row.received + amount
    return move


def take_back(row: ClaimRow, amount: int) -> ClaimMove:
    """Money that was paid came back.

    Raises:
        IllegalClaimMoveError: so much was not paid.
    """
    row.received = left_after(row.received, amount)
    row.state = moved(ClaimState(row.state), ClaimMove.TAKE_BACK).value
    return ClaimMove.TAKE_BACK


def note(
    session: AsyncSession,
    row: ClaimRow,
    move: ClaimMove | None,
    by: str,
    *,
    day: date | None = None,
    amount: int | None = None,
    told: bytes | None = None,
) -> None:
    """Write down what was done with a claim, in the state that it has got to."""
    event = ClaimEventRow(
        claim_seq=row.seq,
        state=row.state,
        move=move.value if move else None,
        day=day,
        amount=amount,
        told=told,
        by=by,
        at=now(),
    )
    session.add(event)
