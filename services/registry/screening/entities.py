"""A party and what is adjacent to it, as FollowTheMoney's entities."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.cases.rules import is_proven
from services.registry.parties.links import links_of
from services.registry.parties.store import get_party
from services.registry.parties.tables import PartyRow
from services.registry.screening.answers import facts_of, matters, standing
from services.registry.screening.dossiers import Dossiers, load_dossiers
from services.registry.screening.scope import countries_of
from shared.contracts.entities import AdjacentEntities, AdjacentProperty, Entity, EntityRecord
from shared.contracts.listings import ListingRecord
from shared.contracts.parties import NAME_PROPERTIES, LinkKind, LinkRecord
from shared.contracts.screening import Total


@dataclass(frozen=True)
class _Edge:
    """How a kind of link is told in FollowTheMoney: its schema, the properties of both ends, and their reverses."""

    schema: str
    source: str
    target: str
    of_source: str
    of_target: str


_EDGES: Final[Mapping[LinkKind, _Edge]] = {
    LinkKind.OWNER: _Edge("Ownership", "owner", "asset", "ownershipOwner", "ownershipAsset"),
    LinkKind.DIRECTOR: _Edge(
        "Directorship", "director", "organization", "directorshipDirector", "directorshipOrganization"
    ),
    LinkKind.REPRESENTATIVE: _Edge("Representation", "agent", "client", "agencyClient", "agentRepresentation"),
    LinkKind.PRINCIPAL: _Edge("Representation", "client", "agent", "agentRepresentation", "agencyClient"),
    LinkKind.SUCCESSOR: _Edge("Succession", "successor", "predecessor", "predecessors", "successors"),
    LinkKind.FAMILY: _Edge("Family", "person", "relative", "familyPerson", "familyRelative"),
}
"""Source: FollowTheMoney 4 model."""

_SANCTIONS: Final = "sanctions"


class UnknownPropertyError(Exception):
    """Nothing can be adjacent by this property."""


PROPERTIES: Final = frozenset(
    {_SANCTIONS, *(edge.of_source for edge in _EDGES.values()), *(edge.of_target for edge in _EDGES.values())}
)
"""Properties by which something may be adjacent."""


async def entity(session: AsyncSession, party_id: str, on: date, *, nested: bool) -> EntityRecord:
    """A party by its id; nested, with its links and public listings in place.

    Raises:
        RecordNotFoundError: the register does not hold it.
    """
    row = await get_party(session, party_id)
    dossiers = await load_dossiers(session, {row.seq}, on)
    record = _record(row, dossiers)
    if nested:
        adjacent = await _adjacent(session, row, dossiers)
        record.properties |= {name: list(found) for name, found in adjacent.items()}
    return record


async def adjacent_entities(
    session: AsyncSession, party_id: str, on: date, limit: int, offset: int
) -> AdjacentEntities:
    """A party, and a page of what is adjacent by each property.

    Raises:
        RecordNotFoundError: the register does not hold it.
    """
    row = await get_party(session, party_id)
    dossiers = await load_dossiers(session, {row.seq}, on)
    found = await _adjacent(session, row, dossiers)
    pages = {name: _page(entities, limit, offset) for name, entities in found.items()}
    return AdjacentEntities(entity=_record(row, dossiers), adjacent=pages)


async def adjacent_by(
    session: AsyncSession, party_id: str, name: str, on: date, limit: int, offset: int
) -> AdjacentProperty:
    """A page of what is adjacent to a party by one property.

    Raises:
        RecordNotFoundError: the register does not hold it.
        UnknownPropertyError: there is no such property.
    """
    if name not in PROPERTIES:
        raise UnknownPropertyError(f"adjacent are {', '.join(sorted(PROPERTIES))}")
    found = (await adjacent_entities(session, party_id, on, limit, offset)).adjacent
    return found.get(name) or _page([], limit, offset)


def _page(entities: Sequence[Entity], limit: int, offset: int) -> AdjacentProperty:
    shown = list(entities[offset : offset + limit])
    return AdjacentProperty(results=shown, total=Total(value=len(entities)), limit=limit, offset=offset)


def _record(row: PartyRow, dossiers: Dossiers) -> EntityRecord:
    told = standing(row.seq, dossiers)
    return EntityRecord(
        id=row.id,
        caption=row.caption,
        schema_=row.schema,
        properties=dict(row.properties),
        datasets=[row.member],
        target=told["proven"],
        first_seen=row.first_seen,
        last_seen=row.last_change,
        last_change=row.last_change,
        member=row.member,
        source=row.source,
        facts=facts_of(row, row.properties),
        **told,
        **matters(row.seq, dossiers),
    )


async def _adjacent(session: AsyncSession, row: PartyRow, dossiers: Dossiers) -> dict[str, list[Entity]]:
    """By property; the links and listings that hold on the day, in the order of their ids."""
    found: dict[str, list[Entity]] = defaultdict(list)
    links = await links_of(session, row.seq, dossiers.on, None)
    others = await _others(session, row.id, links, dossiers)
    for link in links:
        edge = _EDGES[link.kind]
        outgoing = link.from_ == row.id
        other = others[link.to if outgoing else link.from_]
        found[edge.of_source if outgoing else edge.of_target].append(_link(link, edge, other, outgoing=outgoing))
    for listing in dossiers.listings.get(row.seq, ()):
        if listing.public:
            found[_SANCTIONS].append(_sanction(row, listing))
    return dict(found)


async def _others(
    session: AsyncSession, party_id: str, links: Sequence[LinkRecord], dossiers: Dossiers
) -> dict[str, Entity]:
    ids = {end for link in links for end in (link.from_, link.to)} - {party_id}
    rows = {row.id: row for row in dossiers.parties.values()}
    missing = ids - rows.keys()
    if missing:
        more = await session.execute(select(PartyRow).where(PartyRow.id.in_(missing)))
        rows |= {row.id: row for row in more.scalars()}
    return {each: _linked(rows[each], dossiers) for each in ids}


def _linked(row: PartyRow, dossiers: Dossiers) -> Entity:
    """The other end of a link: who it is, not all that is known of it."""
    properties: dict[str, list[str | Entity]] = {
        name: list(row.properties[name]) for name in NAME_PROPERTIES if name in row.properties
    }
    if row.schema != "Person" and (countries := countries_of(row.properties)):
        properties["country"] = [*sorted(countries)]
    return Entity(
        id=row.id,
        caption=row.caption,
        schema_=row.schema,
        properties=properties,
        datasets=[row.member],
        target=is_proven(dossiers.status(row.seq)),
        first_seen=row.first_seen,
        last_seen=row.last_change,
        last_change=row.last_change,
    )


def _link(link: LinkRecord, edge: _Edge, other: Entity, *, outgoing: bool) -> Entity:
    properties: dict[str, list[str | Entity]] = {
        edge.source: [link.from_ if outgoing else other],
        edge.target: [other if outgoing else link.to],
        "role": [link.kind],
    }
    told = {"startDate": link.since, "endDate": link.until, "publisher": link.source or link.authority}
    properties |= {name: [str(value)] for name, value in told.items() if value is not None}
    return Entity(
        id=f"link-{link.id}", caption=link.kind, schema_=edge.schema, properties=properties, datasets=[link.member]
    )


def _sanction(row: PartyRow, listing: ListingRecord) -> Entity:
    properties: dict[str, list[str | Entity]] = {
        "entity": [row.id],
        "program": ["labour listing"],
        "status": [listing.label],
        "reason": list(listing.grounds),
    }
    told = {"authority": listing.authority, "startDate": listing.listed_from, "endDate": listing.until}
    properties |= {name: [str(value)] for name, value in told.items() if value is not None}
    return Entity(
        id=f"listing-{listing.id}",
        caption=listing.label,
        schema_="Sanction",
        properties=properties,
        datasets=[listing.member],
        target=True,
        last_change=listing.as_of,
    )
