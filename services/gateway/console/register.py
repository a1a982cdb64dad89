"""Pages of the register: a party, a case, a licence, with what happened and who says so."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console import timeline
from services.gateway.console.graph import draw, parties_of
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, visiting
from services.gateway.console.words import PROPERTY

router = page_router()
ReadDep = Annotated[Visit, Depends(visiting((Kind.PARTY, Action.READ)))]
OverseeDep = Annotated[Visit, Depends(visiting((Kind.CORRECTION, Action.READ)))]
_SOME: Final = 50
_LICENCES: Final = 10


@router.get("/parties/{party}")
async def party_page(visit: ReadDep, party: str, done: str | None = None) -> Response:
    """Everything that this visitor may know of a party."""
    ask = visit.ask
    adjacent, record, history, ties, cases, held, listings, inspections = await asyncio.gather(
        ask.get(f"/entities/{party}/adjacent", limit=_SOME),
        ask.get(f"/v1/parties/{party}"),
        ask.get(f"/v1/parties/{party}/history", limit=_SOME),
        ask.get(f"/v1/parties/{party}/links"),
        ask.get("/v1/cases", party=party, limit=_SOME),
        ask.get("/v1/licences", party=party),
        ask.get("/v1/listings", party=party, limit=_SOME),
        ask.get("/v1/inspections", party=party, limit=_SOME),
    )
    licences = await asyncio.gather(*(ask.get(f"/v1/licences/{each['id']}") for each in held["licences"][:_LICENCES]))
    parties = parties_of(adjacent)
    names = {known: str(each["caption"]) for known, each in parties.items()}
    events = [
        *timeline.of_history(history),
        *timeline.of_links(ties["links"], party, names),
        *(event for case in cases["results"] for event in timeline.of_case(case)),
        *(event for licence in licences for event in timeline.of_licence(licence)),
        *(event for listing in listings["results"] for event in timeline.of_listing(listing)),
        *timeline.of_inspections(inspections),
    ]
    told = await ask.get_or_none(f"/v1/parties/{party}/recipients") if visit.may("correction", "read") else None
    return visit.show(
        "party.html",
        recipients=told,
        party=record,
        facts=_by_property(record["facts"]),
        entity=adjacent["entity"],
        cases=cases["results"],
        licences=held["licences"],
        listings=listings["results"],
        links=ties["links"],
        names=names,
        graph=draw(party, ties["links"], parties),
        events=timeline.in_order(events),
        done=done,
    )


@router.get("/parties/{party}/recipients")
async def recipients_page(visit: OverseeDep, party: str) -> Response:
    """Who was told of a party; for those, too, who may not read the party itself."""
    told = await visit.ask.get(f"/v1/parties/{party}/recipients")
    return visit.show("recipients.html", party=party, recipients=told, readable=visit.may("party", "read"))


@router.get("/cases/{case}")
async def case_page(visit: ReadDep, case: str) -> Response:
    """A case, how it got where it is, and what is said because of it."""
    ask = visit.ask
    record, history = await asyncio.gather(
        ask.get(f"/v1/cases/{case}"), ask.get(f"/v1/cases/{case}/history", limit=_SOME)
    )
    party, listings = await asyncio.gather(
        ask.get(f"/v1/parties/{record['party']}"), ask.get("/v1/listings", party=record["party"], limit=_SOME)
    )
    events = [*timeline.of_case(record), *timeline.of_case_history(history)]
    return visit.show(
        "case.html",
        case=record,
        party=party,
        listings=[each for each in listings["results"] if each["case"] == case],
        events=timeline.in_order(events),
    )


@router.get("/licences/{licence}")
async def licence_page(visit: ReadDep, licence: str) -> Response:
    """A licence from day to day, and the office's file about it."""
    ask = visit.ask
    record, particulars = await asyncio.gather(
        ask.get(f"/v1/licences/{licence}"), ask.get_or_none(f"/v1/licences/{licence}/particulars")
    )
    party, today = await asyncio.gather(
        ask.get(f"/v1/parties/{record['party']}"), ask.get("/v1/licences", party=record["party"])
    )
    now = next((each for each in today["licences"] if each["id"] == licence), None)
    return visit.show(
        "licence.html",
        licence=record,
        now=now,
        party=party,
        particulars=particulars,
        events=timeline.in_order(timeline.of_licence(record)),
    )


def _by_property(facts: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """The values of each property, names first, then in the order of the console's words."""
    grouped: dict[str, list[Any]] = {}
    for fact in facts:
        grouped.setdefault(fact["property"], []).append(fact)
    order = {name: place for place, name in enumerate(PROPERTY)}
    return sorted(grouped.items(), key=lambda each: order.get(each[0], len(order)))
