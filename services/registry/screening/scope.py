"""Which parties a question is about: yente's filters, asked of the register before anything is compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.parties.tables import PartyRow
from services.registry.screening.catalog import DEFAULT, datasets_of
from shared.contracts.parties import COUNTRY_PROPERTIES, NATIONALITY_PROPERTIES, PROPERTIES

_DESCENDANTS: Final[Mapping[str, frozenset[str]]] = {
    "Thing": frozenset(PROPERTIES),
    "LegalEntity": frozenset(PROPERTIES),
    "Organization": frozenset({"Organization", "Company", "PublicBody"}),
}
"""FollowTheMoney's schemata and those that are kinds of them."""

_COUNTRIES: Final = (*COUNTRY_PROPERTIES, *NATIONALITY_PROPERTIES)


class UnknownFilterError(Exception):
    """A filter names what the register does not have."""


@dataclass(frozen=True)
class Scope:
    """Parties that may be among the answers; what is None or empty narrows nothing.

    Attributes:
        datasets: member states whose records count.
        without_datasets, without_schemata, without_ids: left out.
        schema: FollowTheMoney's; its descendants count too.
        countries: lower case, any one of them.
        topics: any one of them; FollowTheMoney's, from final decisions only.
        changed_since: last changed at this instant or after.
        values: property and value, all of them, without difference of case.
    """

    datasets: frozenset[str] | None = None
    without_datasets: frozenset[str] = frozenset()
    schema: str | None = None
    without_schemata: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    changed_since: datetime | None = None
    without_ids: frozenset[str] = frozenset()
    values: Sequence[tuple[str, str]] = field(default=())

    def narrow(self, query: Select[int]) -> Select[int]:
        """A query of parties, without those that are out of scope by their row."""
        if self.datasets is not None:
            query = query.where(PartyRow.member.in_(self.datasets))
        if self.without_datasets:
            query = query.where(PartyRow.member.not_in(self.without_datasets))
        if self.schema is not None:
            query = query.where(PartyRow.schema.in_(kinds_of(self.schema)))
        if self.without_schemata:
            query = query.where(PartyRow.schema.not_in(self.without_schemata))
        if self.without_ids:
            query = query.where(PartyRow.id.not_in(self.without_ids))
        if self.changed_since is not None:
            query = query.where(PartyRow.last_change >= self.changed_since)
        return query

    def covers(self, properties: Mapping[str, Sequence[str]]) -> bool:
        """Whether a party is in scope by its properties."""
        if self.countries and not self.countries & countries_of(properties):
            return False
        return all(
            value.casefold() in {each.casefold() for each in properties.get(name, ())} for name, value in self.values
        )


EVERYTHING: Final = Scope()
"""Nothing is left out."""


def kinds_of(schema: str) -> frozenset[str]:
    """A schema with its descendants, as far as the register has them."""
    return _DESCENDANTS.get(schema, frozenset({schema}))


def countries_of(properties: Mapping[str, Sequence[str]]) -> set[str]:
    """All countries that a party is tied to, lower case."""
    return {value.lower() for name in _COUNTRIES for value in properties.get(name, ())}


async def scoped_datasets(
    session: AsyncSession, dataset: str, include: Sequence[str], exclude: Sequence[str]
) -> frozenset[str] | None:
    """The member states' records that a request is about.

    Args:
        session: for reading.
        dataset: of the address.
        include: only these, where the address says `default`; else these besides it, as yente's client means it.
        exclude: not checked; what is unknown excludes nothing.

    Raises:
        UnknownDatasetError: the address or `include` names none.
    """
    await datasets_of(session, {dataset, *include} - {DEFAULT})
    named = set(include) if dataset == DEFAULT else {dataset, *include}
    if DEFAULT in exclude:
        return frozenset()
    return None if DEFAULT in named or not named else frozenset(named)


def parse_values(filters: Sequence[str]) -> list[tuple[str, str]]:
    """Filters `property:value`, as yente has them.

    Raises:
        UnknownFilterError: not of this form, or no property of a party.
    """
    found = []
    for each in filters:
        name, colon, value = each.partition(":")
        if not colon or not value or name not in PROPERTIES["LegalEntity"]:
            raise UnknownFilterError("filter: property:value, of a property that the register keeps")
        found.append((name, value))
    return found
