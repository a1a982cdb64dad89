"""The directory of providers: what each does, in which languages, whether for children. Nowhere where they are."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.support.offices import Supporter
from services.registry.support.tables import ProviderRow
from shared.contracts.support_plan import (
    Provider,
    ProviderBody,
    ProviderPage,
    ServiceKind,
)
from shared.db.database import Database
from shared.db.newest import newest_rows


class ProviderUnknownError(Exception):
    """The office's directory has no such provider."""


@dataclass(frozen=True)
class ProviderFilter:
    """Which providers are listed."""

    service: ServiceKind | None = None
    language: str | None = None
    accepts_children: bool | None = None
    active: bool | None = None


class Providers:
    """Keeps an office's directory.

    Args:
        database: the registry's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, who: Supporter, provider_id: str, body: ProviderBody) -> Provider:
        """Add a provider or say anew what it does."""
        told = {"name": body.name, "accepts_children": body.accepts_children, "active": body.active}
        told |= {"services": _joined(body.services), "languages": _joined(body.languages)}
        async with self._database.write() as session:
            row = await _find(session, who, provider_id)
            if row is None:
                whose = {"member": who.caller.member, "office": who.office, "organisation": who.shared_by}
                row = ProviderRow(id=provider_id, **whose)
                session.add(row)
            for name, value in told.items():
                setattr(row, name, value)
            return _view(row)

    async def newest(self, who: Supporter, wanted: ProviderFilter, before: int | None, limit: int) -> ProviderPage:
        """The office's, newest first."""
        row = ProviderRow
        query = select(row).where(_own(who))
        for column, word in ((row.services, wanted.service), (row.languages, wanted.language)):
            if word is not None:
                query = query.where(column.contains(f" {word} ", autoescape=True))
        for flag, value in ((row.accepts_children, wanted.accepts_children), (row.active, wanted.active)):
            if value is not None:
                query = query.where(flag.is_(value))
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, row.seq, before, limit)
        return ProviderPage(items=[_view(each) for each in rows], next=more)


async def find_provider(session: AsyncSession, who: Supporter, provider_id: str) -> Provider:
    """A provider of the office's directory.

    Raises:
        ProviderUnknownError: it has none of this id.
    """
    row = await _find(session, who, provider_id)
    if row is None:
        raise ProviderUnknownError("the office's directory has no such provider")
    return _view(row)


def _own(who: Supporter) -> ColumnElement[bool]:
    row = ProviderRow
    return and_(row.member == who.caller.member, row.office == who.office, row.organisation == who.shared_by)


async def _find(session: AsyncSession, who: Supporter, provider_id: str) -> ProviderRow | None:
    found: ProviderRow | None = await session.scalar(
        select(ProviderRow).where(_own(who), ProviderRow.id == provider_id)
    )
    return found


def _joined(words: list[ServiceKind] | list[str]) -> str:
    return f" {' '.join(sorted(set(words)))} "


def _view(row: ProviderRow) -> Provider:
    return Provider(
        id=row.id,
        name=row.name,
        services=[ServiceKind(each) for each in row.services.split()],
        languages=row.languages.split(),
        accepts_children=row.accepts_children,
        active=row.active,
    )
