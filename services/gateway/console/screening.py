"""Pages of screening: one box, what every member answered, and what can be done about a hit."""

from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.results import compared, outcome_of, query_of, reference_of
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, forward_to, text_of, visiting
from shared.db.database import now

FIELDS: Final = ("q", "schema", "number", "born", "country")
_SHOWN: Final = 10

router = page_router("/console/screen")
ScreenDep = Annotated[Visit, Depends(visiting((Kind.PARTY, Action.SCREEN)))]


@router.get("")
async def ask_page(visit: ScreenDep) -> Response:
    """The empty form."""
    return visit.show("screen.html", fields={}, answer=None)


@router.post("")
async def answer_page(visit: ScreenDep) -> Response:
    """The answer. It is asked by POST: no name of a person stands in an address."""
    form = await visit.form()
    fields = {name: text_of(form, name) for name in FIELDS}
    query = query_of(fields)
    if query is None:
        return visit.show("screen.html", fields=fields, answer=None, empty=True, status=422)
    answer = await visit.ask.send("POST", "/match/default", {"queries": {"q": query}}, limit=_SHOWN)
    licences = await _licences_by_number(visit, query)
    return visit.show("screen.html", fields=fields, **_shown(query, answer), licences=licences)


def _shown(query: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    found = answer["responses"]["q"]
    hits = [
        {"result": result, "compared": compared(query, result), "outcome": outcome_of(result)}
        for result in found["results"]
    ]
    return {
        "answer": answer,
        "query": query,
        "hits": hits,
        "total": found["total"],
        "reference": reference_of(answer),
        "asked_at": now(),
        "missing": [each for each in answer["members"] if each["state"] != "answered"],
        "same_party": answer["same_party"].get("q", []),
    }


async def _licences_by_number(visit: Visit, query: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Licences that carry the number asked about, which need not be one of the party itself; None: not looked up."""
    numbers = query["properties"].get("idNumber", [])
    if not numbers:
        return []
    try:
        found: list[dict[str, Any]] = list((await visit.ask.get("/v1/public/lookup", q=numbers[0]))["licences"])
    except DoorRefusedError:
        return None
    return found


@router.post("/watch")
async def watch(visit: ScreenDep) -> Response:
    """Keep watching a party, or whoever the question finds."""
    form = await visit.form()
    party = text_of(form, "party")
    body: dict[str, Any] = {"label": text_of(form, "label") or None}
    if party:
        body["party"] = party
    else:
        body["query"] = query_of({name: text_of(form, name) for name in FIELDS})
    await visit.ask.send("POST", "/v1/watches", body)
    return forward_to("/console/watches", done="watched")


@router.post("/clear")
async def clear(visit: ScreenDep) -> Response:
    """Note that a hit is somebody else; from then on the same question says so."""
    form = await visit.form()
    party = text_of(form, "party")
    body = {
        "query": query_of({name: text_of(form, name) for name in FIELDS}),
        "party": party,
        "reason": text_of(form, "reason"),
        "evidence": text_of(form, "evidence") or None,
    }
    await visit.ask.send("POST", "/v1/screening/clearances", body)
    return forward_to(f"/console/parties/{quote(party)}", done="cleared")
