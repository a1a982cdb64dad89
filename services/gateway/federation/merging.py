"""One answer out of many. No identity is invented: results become one party only by an identifier that they share."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.contracts.federation import SameParty
from shared.contracts.parties import IDENTIFIER_PROPERTIES

_GENERAL: Final = frozenset(IDENTIFIER_PROPERTIES)


def merge_answers(answers: Iterable[Mapping[str, Any]], limit: int | None) -> dict[str, Any]:
    """The answers of several registers to the same questions, best first by score.

    Args:
        answers: MatchResponse documents; the first one's frame is kept.
        limit: results a query, as asked; none: all.
    """
    every = list(answers)
    merged = dict(every[0])
    merged["responses"] = {
        name: _merge_query([each["responses"][name] for each in every if name in each["responses"]], limit)
        for name in every[0]["responses"]
    }
    return merged


def same_parties(responses: Mapping[str, Any]) -> dict[str, list[SameParty]]:
    """Results of different members that share an identifier, by query."""
    found = {name: list(_groups(answer["results"])) for name, answer in responses.items()}
    return {name: groups for name, groups in found.items() if groups}


def _merge_query(parts: list[dict[str, Any]], limit: int | None) -> dict[str, Any]:
    results = sorted(
        (result for part in parts for result in part["results"]),
        key=lambda result: (-result["score"], result["member"], result["id"]),
    )
    total = sum(part["total"]["value"] for part in parts)
    return parts[0] | {"results": results[:limit], "total": parts[0]["total"] | {"value": total}}


def _groups(results: Iterable[Mapping[str, Any]]) -> Iterable[SameParty]:
    holders: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for result in results:
        for name in _GENERAL & result["properties"].keys():
            for value in result["properties"][name]:
                holders[name, _plain(value)][f"{result['member']}/{result['id']}"] = result["member"]
    for (name, _), by_result in sorted(holders.items()):
        if len(set(by_result.values())) > 1:
            yield SameParty(identifier=name, results=sorted(by_result))


def _plain(value: str) -> str:
    return "".join(character for character in value.casefold() if character.isalnum())
