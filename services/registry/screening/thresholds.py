"""How alike a hit must be, office by office: versions with who, when and why. The calibrated bar is the lowest."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import WrittenMeanwhileError
from services.registry.screening.comparison import CUTOFF, Bar
from services.registry.screening.matching import THRESHOLD
from services.registry.screening.office_tables import ThresholdRow
from shared.contracts.caller import Caller
from shared.contracts.offices import Threshold, ThresholdBody, Thresholds
from shared.db.database import now


class ThresholdTooLowError(Exception):
    """A bar under the calibrated one would make matches out of look-alikes."""


async def set_threshold(session: AsyncSession, caller: Caller, body: ThresholdBody) -> Threshold:
    """Put another bar in force for an office of the caller's member.

    Raises:
        ThresholdTooLowError: under the calibrated one, or a cutoff above it, which would hide matches.
        WrittenMeanwhileError: somebody else set it at the same time.
    """
    if body.threshold < THRESHOLD or body.cutoff > body.threshold:
        raise ThresholdTooLowError(f"threshold: at least {THRESHOLD}; cutoff: at most the threshold")
    history = await _history(session, caller.member, body.organisation)
    row = ThresholdRow(
        **body.model_dump(),
        member=caller.member,
        version=history[0].version + 1 if history else 1,
        set_by=caller.person[:64],
        set_at=now(),
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise WrittenMeanwhileError("the threshold was set at the same time; look at it and set it again") from error
    return _threshold(row)


async def thresholds(session: AsyncSession, member: str, organisation: str) -> Thresholds:
    """What is in force for an office, and what was."""
    history = [_threshold(row) for row in await _history(session, member, organisation)]
    calibrated = Threshold(
        organisation=organisation,
        version=0,
        threshold=THRESHOLD,
        cutoff=CUTOFF,
        reason="calibrated on name pairs with known answers",
        set_by=None,
        set_at=None,
    )
    return Thresholds(in_force=history[0] if history else calibrated, history=[*history, calibrated])


async def office_bar(
    session: AsyncSession, caller: Caller, limit: int, threshold: float | None = None, cutoff: float | None = None
) -> tuple[Bar, int]:
    """The bar for a caller's question, and the version of the threshold that it comes from.

    Args:
        session: for reading.
        caller: whose office counts.
        limit: most candidates shown per query.
        threshold: can raise the office's, not lower it.
        cutoff: in place of the office's.
    """
    known = (await thresholds(session, caller.member, caller.organisation[:200])).in_force
    bar = Bar(
        cutoff=known.cutoff if cutoff is None else cutoff,
        threshold=max(known.threshold, threshold or 0.0),
        limit=limit,
    )
    return bar, known.version


async def _history(session: AsyncSession, member: str, organisation: str) -> list[ThresholdRow]:
    mine = (ThresholdRow.member == member, ThresholdRow.organisation == organisation)
    query = select(ThresholdRow).where(*mine).order_by(ThresholdRow.version.desc())
    return list((await session.execute(query)).scalars())


def _threshold(row: ThresholdRow) -> Threshold:
    return Threshold.model_validate({name: getattr(row, name) for name in Threshold.model_fields})
