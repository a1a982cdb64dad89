"""What can be asked, and how it is scored: yente's catalogue and algorithms."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.parties.tables import PartyRow
from services.registry.screening.answers import MATCHER
from shared.contracts.entities import Algorithm, AlgorithmDocument, Algorithms, Catalog, Dataset
from shared.crypto.keyfiles import MEMBERS

DEFAULT: Final = "default"
"""The dataset of everything that the register holds."""

ALGORITHM: Final = "lindung"
BEST: Final = "best"


class UnknownDatasetError(Exception):
    """There is no such dataset."""


class UnknownAlgorithmError(Exception):
    """There is no such way of scoring."""


async def datasets_of(session: AsyncSession, names: Collection[str]) -> None:
    """Refuse names of datasets that are neither a member state nor one whose records are here.

    Raises:
        UnknownDatasetError: names what there is.
    """
    unknown = set(names) - set(MEMBERS)
    if unknown:
        known = set((await session.execute(select(PartyRow.member).where(PartyRow.member.in_(unknown)))).scalars())
        unknown -= known
    if unknown:
        raise UnknownDatasetError(f"a dataset is {DEFAULT}, or a member state's code as in /catalog")


def require_algorithm(name: str | None) -> None:
    """Refuse a way of scoring that there is not.

    Raises:
        UnknownAlgorithmError: names those that there are.
    """
    if name not in (None, ALGORITHM, BEST):
        raise UnknownAlgorithmError(f"an algorithm is {ALGORITHM} or {BEST}")


async def catalog(session: AsyncSession) -> Catalog:
    """The register, and each member state's part of it."""
    query = select(PartyRow.member, func.count(), func.max(PartyRow.last_change)).group_by(PartyRow.member)
    parts = sorted((member, count, last) for member, count, last in await session.execute(query))
    latest = max((last for _, _, last in parts), default=None)
    members = [_dataset(member, f"What {member} recorded", count, last, []) for member, count, last in parts]
    every = _dataset(
        DEFAULT, "The register", sum(count for _, count, _ in parts), latest, [each.name for each in members]
    )
    return Catalog(datasets=[every, *members], current=[DEFAULT, *every.children])


def _dataset(name: str, title: str, count: int, last: datetime | None, children: list[str]) -> Dataset:
    version = f"{last:%Y%m%d%H%M%S}" if last else "0"
    return Dataset(
        name=name,
        title=title,
        summary="Persons and organisations, with legal status; it is searched as it stands, there is no later index.",
        version=version,
        index_version=version,
        entity_count=count,
        thing_count=count,
        updated_at=last,
        children=children,
    )


def algorithms() -> Algorithms:
    """The one way of scoring, with the fields that it looks at."""
    docs = {name: AlgorithmDocument(description=field.description) for name, field in MATCHER.items()}
    ours = Algorithm(
        name=ALGORITHM,
        description="Names in the region's scripts, with identifiers, dates and countries for and against. A name "
        "alone identifies nobody.",
        docs=docs,
    )
    return Algorithms(algorithms=[ours], default=ALGORITHM, best=ALGORITHM)
