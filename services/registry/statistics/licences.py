"""How many licences stand how on a day, counted by the database; those with an appeal that stays are read one by one.

What the statements pick is what `services.registry.licences.rules.standing_on` picks where no decision is stayed.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Select, Subquery, and_, case, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.licences.public import NOT_PUBLIC, read_public_licences
from services.registry.licences.rules import ADVERSE, Period, period_on
from services.registry.licences.tables import LicencePeriodRow, LicenceRow, LicenceStrikeRow
from services.registry.pages import read_apart
from services.registry.tables import chunked
from shared.contracts.licences import LicenceAppeal, LicenceStatus, PublicLicence

_KNOWN: Final = frozenset(each.value for each in LicenceStatus)


async def count_public_licences(session: AsyncSession, member: str, on: date) -> Counter[str]:
    """Licences of a member that everybody may read, by how they stand on a day; one that is damaged is left out."""
    found: Counter[str] = Counter()
    for status, covers, count in await session.execute(_settled(member, on)):
        standing = _standing(status, covers=bool(covers), on=on)
        if standing is not None and standing not in NOT_PUBLIC:
            found[standing] += count

    async def read(seqs: Sequence[int]) -> dict[int, PublicLicence | None]:
        return await read_public_licences(session, seqs, on)

    for chunk in chunked((await session.scalars(_appealed(member))).all()):
        known, _ = await read_apart(chunk, read)
        found.update(licence.status for licence in known.values() if licence is not None)
    return found


def _appealed(member: str) -> Select[int]:
    """Licences of which a decision was ever told that its appeal stays; by now it may be decided, or struck."""
    period = LicencePeriodRow
    return (
        select(period.licence_seq)
        .distinct()
        .join(LicenceRow, LicenceRow.seq == period.licence_seq)
        .where(
            LicenceRow.member == member,
            period.status.in_(sorted(ADVERSE)),
            period.appeal == LicenceAppeal.PENDING.value,
            period.effective_despite_appeal.is_(False),
        )
    )


def _last_words(member: str) -> Subquery:
    """Of each decision what was told last, without what was struck; `told` orders decisions of the same first day."""
    period, strike = LicencePeriodRow, LicenceStrikeRow
    decision = (period.licence_seq, period.status, period.valid_from)
    struck = select(strike.version).where(strike.licence_seq == period.licence_seq, strike.strikes == period.version)
    latest = func.row_number().over(partition_by=decision, order_by=period.version.desc()).label("latest")
    told = func.min(period.version).over(partition_by=decision).label("told")
    every = select(*decision, period.valid_to, period.appeal, latest, told)
    words = (
        every.join(LicenceRow, LicenceRow.seq == period.licence_seq)
        .where(LicenceRow.member == member, period.licence_seq.not_in(_appealed(member)), not_(struck.exists()))
        .subquery()
    )
    return select(words).where(words.c.latest == 1, words.c.appeal != LicenceAppeal.OVERTURNED.value).subquery()


def _settled(member: str, on: date) -> Select[str, int, int]:
    """Statuses, whether they cover the day (1 or 0: they ended before), and how many licences stand so."""
    words = _last_words(member)
    covers = and_(words.c.valid_from <= on, or_(words.c.valid_to.is_(None), words.c.valid_to >= on))
    covering = case((covers, 1), else_=0)
    order = (
        covering.desc(),  # what covers the day goes before what ended; of the former the last
        case((covers, words.c.valid_from)).desc(),
        case((covers, words.c.told)).desc(),
        words.c.valid_to.desc(),  # of the latter the one that ended last
        words.c.valid_from,
        words.c.told,
    )
    place = func.row_number().over(partition_by=words.c.licence_seq, order_by=order).label("place")
    ranked = (
        select(words.c.status, covering.label("covers"), place).where(or_(covers, words.c.valid_to < on)).subquery()
    )
    alike = (ranked.c.status, ranked.c.covers)
    return select(*alike, func.count()).where(ranked.c.place == 1).group_by(*alike)


def _standing(status: str, *, covers: bool, on: date) -> LicenceStatus | None:
    """What a period of a status says on a day that it covers, or on one after its end."""
    if status not in _KNOWN:
        return None
    before = on - timedelta(days=1)
    period = period_on([Period(LicenceStatus(status), None, before, None if covers else before)], on)
    return None if period is None else period.status
