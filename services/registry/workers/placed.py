"""The ages of the workers that each agency places, for the test of heaping: figures, no names and no ids."""

from collections import defaultdict
from datetime import date

from sqlalchemy import select

from services.registry.documents.tables import AgencyCandidateRow
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from shared.contracts.registrations import Progress, RegistrationRequest
from shared.db.database import Database
from shared.standards.ages import AgeRule, Sector, age_floor, birthday
from shared.standards.dates import parse_partial_date


async def days_above(
    database: Database, store: RegistrationStore, rules: tuple[AgeRule, ...], member: str
) -> dict[str, list[int]]:
    """By agency, the days by which each worker is older than the minimum of the intended work.

    What is sealed as a child's counts nowhere: a figure must not tell of it. Nor does a birth date that is not known to
    the day, or a registration that was withdrawn.

    Args:
        member: whose registrations.
    """
    query = (
        select(AgencyCandidateRow.agency, RegistrationRow.id)
        .join(RegistrationRow, RegistrationRow.id == AgencyCandidateRow.registration)
        .where(
            RegistrationRow.member == member,
            RegistrationRow.child_sealed.is_(False),
            RegistrationRow.progress == Progress.CHECKED.value,
            RegistrationRow.withdrawal_asked.is_(None),
        )
    )
    async with database.read() as session:
        placed = (await session.execute(query)).all()
    found: defaultdict[str, list[int]] = defaultdict(list)
    for agency, registration in placed:
        _, request = await store.packet(registration)
        above = above_floor(request, rules)
        found[agency] += [above] if above is not None else []
    return dict(found)


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
