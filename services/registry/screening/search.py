"""Searching by words: a page of the answers in any order, and how many have which value over all of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.registry.screening.answers import screening_result
from services.registry.screening.candidates import MAX_CANDIDATES
from services.registry.screening.comparison import Bar
from services.registry.screening.scope import Scope, countries_of
from services.registry.screening.screener import Screener
from shared.contracts.screening import Facet, FacetValue, QueryEntity, ScreeningResult, SearchResponse, Total

FACETS: Final[dict[str, tuple[str, Callable[[ScreeningResult], Iterable[str]]]]] = {
    "countries": ("Countries", lambda result: countries_of(result.properties)),
    "topics": ("Topics", lambda result: result.topics),
    "datasets": ("Datasets", lambda result: result.datasets),
    "schema": ("Kinds", lambda result: [result.schema_]),
}
"""Facets, each of what an answer shows: of a person who is only possible, no country."""

SORTS: Final[dict[str, Callable[[ScreeningResult], Any]]] = {
    "score": lambda result: result.score,
    "caption": lambda result: result.caption,
    "first_seen": lambda result: result.first_seen,
    "last_seen": lambda result: result.last_seen,
    "last_change": lambda result: result.last_change,
}


class UnknownSortError(Exception):
    """The answers cannot be put in this order."""


@dataclass(frozen=True)
class Window:
    """Which part of the answers is shown.

    Attributes:
        limit, offset: how many, from which on.
        sort: yente's `field` or `field:desc`, the first counts most; none: most alike first.
        facets: names of FACETS.
    """

    limit: int
    offset: int
    sort: Sequence[str]
    facets: Sequence[str]


async def search(screener: Screener, query: QueryEntity, scope: Scope, window: Window, on: date) -> SearchResponse:
    """Everybody with a name like the words, at most MAX_CANDIDATES; a part of them shown.

    Raises:
        UnknownSortError: an order that there is not.
    """
    check_sort(window.sort)
    bar = Bar(limit=MAX_CANDIDATES)
    (hits,) = await screener.find([query], bar, on, scope)
    dossiers = await screener.dossiers({hit.seq for hit in hits}, on)
    results = [screening_result(hit, dossiers, bar) for hit in hits]
    for each in reversed(window.sort):
        field, _, direction = each.partition(":")
        results.sort(key=SORTS[field], reverse=direction == "desc")
    return SearchResponse(
        limit=window.limit,
        offset=window.offset,
        total=Total(value=len(results), relation="gte" if len(results) >= MAX_CANDIDATES else "eq"),
        results=results[window.offset : window.offset + window.limit],
        facets={name: _facet(name, results) for name in window.facets if name in FACETS},
    )


def check_sort(sort: Sequence[str]) -> None:
    """Refuse an order that there is not.

    Raises:
        UnknownSortError: names those that there are.
    """
    for each in sort:
        field, _, direction = each.partition(":")
        if field not in SORTS or direction not in ("", "asc", "desc"):
            raise UnknownSortError(f"sort: one of {', '.join(sorted(SORTS))}, with :asc or :desc")


def _facet(name: str, results: Sequence[ScreeningResult]) -> Facet:
    label, values = FACETS[name]
    counts = Counter(value for result in results for value in values(result))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Facet(label=label, values=[FacetValue(name=value, label=value, count=count) for value, count in ordered])
