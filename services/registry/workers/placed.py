"""What a placement leaves behind for figures about agencies: no names, no values, digests and yes or no."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import ColumnElement, Integer, and_, cast, func, select

from services.registry.documents.tables import AgencyCandidateRow
from services.registry.workers.heaping import is_at_floor
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.terms import is_above_cap, is_substituted
from shared.contracts.registrations import Progress, RegistrationRequest
from shared.contracts.terms import ContractTerms
from shared.db.database import Database
from shared.standards.ages import AgeRule, Sector, age_floor, birthday
from shared.standards.dates import parse_partial_date
from shared.standards.placement_fees import FeeRule


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
        .where(countable(member), at_floor.is_not(None))
        .group_by(AgencyCandidateRow.agency)
    )
    async with database.read() as session:
        return {agency: (workers, just) for agency, workers, just in await session.execute(query)}


def countable(member: str) -> ColumnElement[bool]:
    """Registrations of a member that figures may count: checked, not sealed as a child's, not withdrawn."""
    return and_(
        RegistrationRow.member == member,
        RegistrationRow.child_sealed.is_(False),
        RegistrationRow.progress == Progress.CHECKED.value,
        RegistrationRow.withdrawal_asked.is_(None),
    )


Digest = Callable[[str, str], str]
"""The keyed digest of a text of some kind."""


def candidate_row(
    registration: str,
    request: RegistrationRequest,
    promised: ContractTerms | None,
    digest: Digest,
    rules: tuple[AgeRule, ...],
    fees: tuple[FeeRule, ...],
) -> AgencyCandidateRow | None:
    """What is kept of a placement; None: no agency places the worker.

    Args:
        promised: the terms of an earlier registration of this person under the same identity, where there is one.
    """
    placement, contact = request.placement, request.contact
    if placement is None or placement.agency is None:
        return None
    holder = request.document.holder if request.document else None
    return AgencyCandidateRow(
        registration=registration,
        agency=placement.agency,
        at_floor=is_at_floor(above_floor(request, rules)),
        employer=placement.employer,
        phone_digest=_digest(digest, "phone", plain_phone(contact.phone) if contact and contact.phone else None),
        account_digest=_digest(digest, "account", _plain(contact.account) if contact and contact.account else None),
        holder_digest=_digest(digest, "holder", _plain(holder) if holder else None),
        worse_terms=is_substituted(placement.promised or promised, placement.terms),
        above_cap=is_above_cap(placement, request.nationality, fees),
    )


def plain_phone(number: str) -> str:
    """The last nine digits: with or without a country's code, a number is the same."""
    return "".join(character for character in number if character.isdigit())[-9:]


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _digest(digest: Digest, kind: str, text: str | None) -> str | None:
    return digest(kind, text) if text else None


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
