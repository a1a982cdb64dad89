"""Reconciliation put into the words of screening, and its answers back. Reconciliation Service API 0.2."""

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.parties.store import fold_case
from services.registry.parties.tables import PartyRow
from services.registry.screening.answers import matters, standing
from services.registry.screening.dossiers import Dossiers, load_dossiers
from services.registry.screening.scope import Scope
from shared.contracts.parties import COUNTRY_PROPERTIES, NAME_PROPERTIES, NATIONALITY_PROPERTIES, PROPERTIES
from shared.contracts.reconciliation import (
    ExtendRequest,
    Extension,
    MatchFeature,
    Named,
    PropertyValue,
    ReconciliationAnswer,
    ReconciliationCandidate,
    ReconciliationQuery,
    Suggestion,
)
from shared.contracts.screening import MAX_NAMES, QueryAnswer, QueryEntity

TYPES: Final = {
    "LegalEntity": "Person or organisation",
    "Person": "Person",
    "Organization": "Organisation",
    "Company": "Company",
    "PublicBody": "Public body",
}
"""FollowTheMoney's schemata with what people call them."""

STANDING: Final = {
    "status": "Legal status",
    "topics": "Topics",
    "licences": "Licences",
    "listings": "Public listings",
    "member": "Recorded by",
}
"""Columns besides FollowTheMoney's properties."""

_CODED: Final = frozenset({*COUNTRY_PROPERTIES, *NATIONALITY_PROPERTIES, "birthCountry"})
_SHORTEST_PREFIX: Final = 2
_LAST: Final = "\U0010ffff"  # after every other code point


def manifest(address: str, public_url: str) -> dict[str, Any]:
    """What the service can do.

    Args:
        address: of the service itself, as callers see it.
        public_url: of the gateway.
    """

    def suggest(kind: str) -> dict[str, str]:
        return {"service_url": address, "service_path": f"/suggest/{kind}"}

    return {
        "versions": ["0.2"],
        "name": "Lindung: employers, agencies and persons",
        "identifierSpace": f"{public_url}/entities/",
        "schemaSpace": "https://followthemoney.tech/explorer/schemata/",
        "documentation": "https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/",
        "defaultTypes": _named(TYPES),
        "view": {"url": f"{public_url}/entities/{{{{id}}}}"},
        "preview": {"url": f"{address}/preview?id={{{{id}}}}", "width": 430, "height": 220},
        "suggest": {kind: suggest(kind) for kind in ("entity", "property", "type")},
        "extend": {"propose_properties": {"service_url": address, "service_path": "/properties"}},
        "authentication": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }


def as_query(asked: ReconciliationQuery) -> QueryEntity:
    """A cell as screening's query; what cannot be compared is left aside."""
    schema = _schema(asked.type)
    properties: dict[str, list[str]] = {"name": [asked.query]}
    for each in asked.properties:
        if each.pid in PROPERTIES[schema]:
            values = [*properties.get(each.pid, []), *_texts(each)]
            properties[each.pid] = list(dict.fromkeys(values))[: MAX_NAMES - len(NAME_PROPERTIES)]
    return QueryEntity(schema_=schema, properties={name: values for name, values in properties.items() if values})


def _schema(asked: str | list[str] | None) -> Any:
    given = [asked] if isinstance(asked, str) else asked or []
    known = [each for each in given if each in TYPES]
    return known[0] if len(known) == 1 else "LegalEntity"


def _texts(value: PropertyValue) -> Iterable[str]:
    for each in value.v if isinstance(value.v, list) else [value.v]:
        plain = each.get("id", each.get("name")) if isinstance(each, dict) else each
        text = f"{plain:g}" if isinstance(plain, float) else str(plain).strip()
        usable = plain is not None and 0 < len(text) <= 500 and text.isprintable()
        if usable and (value.pid not in _CODED or (len(text) == 2 and text.isascii() and text.isalpha())):
            yield text


def candidates(answer: QueryAnswer, limit: int) -> ReconciliationAnswer:
    """Screening's answer as candidates for a cell."""
    return ReconciliationAnswer(
        result=[
            ReconciliationCandidate(
                id=hit.id,
                name=hit.caption,
                description=f"{TYPES[hit.schema_]}; {hit.status_label}; recorded by {hit.member}",
                type=[Named(id=hit.schema_, name=TYPES[hit.schema_])],
                score=round(100 * hit.score, 2),
                match=hit.match,
                features=[MatchFeature(id=name, value=value) for name, value in hit.features.items()],
            )
            for hit in answer.results[:limit]
        ]
    )


async def suggest_entities(
    session: AsyncSession, scope: Scope, prefix: str, offset: int, limit: int
) -> list[Suggestion]:
    """Parties whose name begins with the letters: names and kinds only."""
    folded = fold_case(prefix).strip()
    if len(folded) < _SHORTEST_PREFIX:
        return []
    name = PartyRow.caption_folded
    query = select(PartyRow.id, PartyRow.caption, PartyRow.schema).order_by(name, PartyRow.id)
    query = query.where(name >= folded, name < folded + _LAST)  # a range, which an index answers
    if scope.datasets is not None:
        query = query.where(PartyRow.member.in_(scope.datasets))
    rows = await session.execute(query.offset(offset).limit(limit))
    return [
        Suggestion(id=party, name=caption, description=TYPES[schema], notable=[Named(id=schema, name=TYPES[schema])])
        for party, caption, schema in rows
    ]


def suggest_names(kind: str, prefix: str) -> list[Suggestion]:
    """Types, or properties, with the letters anywhere in them."""
    known = TYPES if kind == "type" else property_names("LegalEntity")
    folded = fold_case(prefix)
    return [Suggestion(id=each, name=name) for each, name in known.items() if folded in fold_case(f"{each} {name}")]


def property_names(schema: str) -> dict[str, str]:
    """Columns that parties of a schema may have, with what people call them."""
    known = PROPERTIES.get(schema, PROPERTIES["LegalEntity"])
    return {name: _spaced(name) for name in sorted(known)} | STANDING


def _spaced(name: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words[:1].upper() + words[1:]


def _named(known: dict[str, str]) -> list[dict[str, str]]:
    return [{"id": each, "name": name} for each, name in known.items()]


async def extend(session: AsyncSession, scope: Scope, asked: ExtendRequest, on: date) -> Extension:
    """Columns for reconciled parties; one that the register does not hold has none."""
    rows = await _parties(session, scope, asked.ids)
    dossiers = await load_dossiers(session, {row.seq for row in rows.values()}, on)
    names = [each.id for each in asked.properties]
    labels = property_names("LegalEntity")
    return Extension(
        meta=[Named(id=name, name=labels.get(name, name)) for name in dict.fromkeys(names)],
        rows={
            party: {name: _values(rows[party], name, dossiers) if party in rows else [] for name in names}
            for party in asked.ids
        },
    )


async def _parties(session: AsyncSession, scope: Scope, ids: Sequence[str]) -> dict[str, PartyRow]:
    query = select(PartyRow).where(PartyRow.id.in_(ids))
    if scope.datasets is not None:
        query = query.where(PartyRow.member.in_(scope.datasets))
    return {row.id: row for row in (await session.execute(query)).scalars()}


def _values(row: PartyRow, name: str, dossiers: Dossiers) -> list[dict[str, Any]]:
    if name not in STANDING:
        return [{"str": value} for value in row.properties.get(name, ())]
    known = matters(row.seq, dossiers)
    texts = {
        "status": [standing(row.seq, dossiers)["status_label"]],
        "topics": known["topics"],
        "licences": [f"{licence.number}: {licence.status}" for licence in known["licences"]],
        "listings": [listing.label for listing in known["listings"] if listing.public],
        "member": [row.member],
    }
    return [{"str": text} for text in texts[name]]


async def preview(session: AsyncSession, scope: Scope, party: str, on: date) -> str:
    """A small page on a party, to look at while reconciling; the same page says that there is none."""
    row = (await _parties(session, scope, [party])).get(party)
    if row is None:
        return _page("Not in the register", [])
    dossiers = await load_dossiers(session, {row.seq}, on)
    names = [value for name in NAME_PROPERTIES for value in row.properties.get(name, ())]
    lines = [
        TYPES[row.schema],
        "; ".join(dict.fromkeys(names)),
        *(value["str"] for name in STANDING for value in _values(row, name, dossiers)),
    ]
    return _page(row.caption, lines)


def _page(title: str, lines: Iterable[str]) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>{escape(title)}</title>'
        f"<style>body{{font:14px sans-serif;margin:8px}}ul{{padding-left:18px}}</style></head>"
        f"<body><strong>{escape(title)}</strong><ul>{items}</ul></body></html>"
    )
