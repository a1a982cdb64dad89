"""How many workers of each agency are just old enough, for the test of heaping: figures, no names and no ids."""

from datetime import date

from sqlalchemy import Integer, cast, func, select

from services.registry.documents.tables import AgencyCandidateRow
from services.registry.workers.tables import RegistrationRow
from shared.contracts.registrations import Progress, RegistrationRequest
from shared.db.database import Database
from shared.standards.ages import AgeRule, Sector, age_floor, birthday
from shared.standards.dates import parse_partial_date


async def count_placed(database: Database, member: str) -> dict[str, tuple[int, int]]:
    """By agency, how many workers are old enough for the intended work, and how many of them only just.

    What is sealed as a child's counts nowhere: a figure must not tell of it. Nor does a birth date that is not known to
    the day, or a registration that was withdrawn.

    Args:
        member: whose registrations.
    """
    at_floor = AgencyCandidateRow.at_floor
    query = (
        select(AgencyCandidateRow.agency, func.count(), func.sum(cast(at_floor, Integer)))
        .join(RegistrationRow, RegistrationRow.id == AgencyCandidateRow.registration)
        .where(
            RegistrationRow.member == member,
            RegistrationRow.child_sealed.is_(False),
            RegistrationRow.progress == Progress.CHECKED.value,
            RegistrationRow.withdrawal_asked.is_(None),
            at_floor.is_not(None),
        )
        .group_by(AgencyCandidateRow.agency)
    )
    async with database.read() as session:
        return {agency: (workers, just) for agency, workers, just in await session.execute(query)}


def above_floor(request: RegistrationRequest, rules: tuple[AgeRule, ...]) -> int | None:
    """Days between the day on which the worker reaches the minimum and the first day of work; None: not known."""
    birth, placement = parse_partial_date(request.born), request.placement
    if placement is None or not birth.is_exact:
        return None
    sector = Sector(placement.sector) if placement.sector in set(Sector) else Sector.ANY
    floor = age_floor(request.nationality or "", placement.destination, sector, placement.start, rules)
    return _days(birthday(birth.earliest, floor.minimum), placement.start)


def _days(first: date, second: date) -> int:
    return (second - first).days
