"""A region acted out through the public API, and what came of it against what was planted."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from services.cli.asking import ask_match
from services.cli.connection import Api, Identity
from services.cli.enrol import encode, register
from services.sandbox.region import Case, Enrolment, Licence, Plant, Region, Screening, expected
from services.sandbox.studio import Studio
from shared.contracts.caller import Purpose

SOURCE = "synthetic region"


class Track(Protocol):
    """Shows how far a list has got while it is gone through."""

    def __call__(self, sequence: Iterable[Any], total: float | None = None, *, description: str) -> Iterable[Any]:
        """The same items, one after the other."""
        ...


@dataclass(frozen=True)
class Tally:
    """References and labels by kind: what was hidden, what was raised."""

    planted: dict[str, set[str]]
    raised: dict[str, set[str]]


async def fill_register(api: Api, region: Region, track: Track) -> None:
    """Put every member's parties, links, cases and licences into the register, each as that member's registrar."""
    writes: list[tuple[str, str, dict[str, Any]]] = []
    writes += [
        (
            party.member,
            f"/v1/parties/{party.id}",
            {"schema": party.schema, "properties": _lists(party.properties)} | _SOURCE,
        )
        for party in region.parties
    ]
    writes += [
        (
            link.member,
            f"/v1/links/{link.id}",
            {"from": link.party, "to": link.company, "kind": link.kind, "since": link.since.isoformat()},
        )
        for link in region.links
    ]
    writes += [(case.member, f"/v1/cases/{case.id}", _case(case)) for case in region.cases]
    writes += [(licence.member, f"/v1/licences/{licence.id}", _licence(licence)) for licence in region.licences]
    for member, path, body in track(writes, description="filling the register"):
        identity = Identity(f"registrar-{member}", Purpose.REGISTER_MAINTENANCE)
        await api.ask(identity, "PUT", path, json=body)


async def enrol_region(api: Api, region: Region, studio: Studio, track: Track) -> None:
    """Enrol every worker at their desk, in the region's order; the next one is photographed meanwhile."""
    queue = [partial(studio.images, enrolment) for enrolment in region.enrolments]
    coming = asyncio.create_task(asyncio.to_thread(queue.pop(0)))
    for enrolment in track(region.enrolments, description="enrolling workers"):
        portrait, photo, prints = await coming
        if queue:
            coming = asyncio.create_task(asyncio.to_thread(queue.pop(0)))
        identity = Identity(f"desk-{enrolment.member}", Purpose.WORKER_REGISTRATION)
        body = enrolment_body(enrolment, portrait, photo, prints)
        await register(api, identity, body, f"demo-{enrolment.reference}")


async def screen_region(api: Api, region: Region, track: Track) -> dict[str, set[str]]:
    """Screen as a licensing office does.

    Returns:
        Labels of screenings by the kind of finding that their answers show.
    """
    raised: dict[str, set[str]] = {kind.value: set() for kind in Plant if kind.value.startswith("SCREENING")}
    for screening in track(region.screenings, description="screening parties"):
        identity = Identity("licensing", Purpose.LICENCE_CHECK)
        answer = await ask_match(api, identity, screening.schema, _lists(screening.properties))
        for kind in shown(screening, answer["results"]):
            raised[kind].add(screening.label)
    return raised


async def tally(api: Api, region: Region, screened: dict[str, set[str]]) -> Tally:
    """What desks and child protection see when all is done, against what was planted."""
    planted = expected(region)
    raised: dict[str, set[str]] = {kind: set() for kind in planted} | screened
    for member in sorted({enrolment.member for enrolment in region.enrolments}):
        desk = Identity(f"desk-{member}", Purpose.WORKER_REGISTRATION)
        child = Identity(f"child-protection-{member}", Purpose.CHILD_PROTECTION)
        for identity in (desk, child):
            for registration in await _all_registrations(api, identity):
                for signal in registration["signals"]:
                    raised.setdefault(signal["code"], set()).add(registration["reference"])
    return Tally({kind: planted.get(kind, set()) for kind in raised}, raised)


def shown(screening: Screening, results: Sequence[dict[str, Any]]) -> set[str]:
    """What kinds of finding an answer shows for a question.

    One that is expected counts as found when the answer shows it, match or "possible": an officer sees both. A
    look-alike counts as (falsely) raised when one that must not match comes back as a match with something proven.
    """
    kinds = set()
    expecting = set(screening.expect)
    for result in results:
        if result["id"] in screening.must_not_match and result["match"] and result["proven"]:
            kinds.add(Plant.SCREENING_LOOKALIKE.value)
        if result["id"] not in expecting:
            continue
        if result["proven"]:
            kinds.add(Plant.SCREENING_CONVICTED.value)
        if result["status"] != "NONE" and not result["proven"] and "not proven" in result["status_label"].lower():
            kinds.add(Plant.SCREENING_NOT_PROVEN.value)
        if any(link["proven"] for link in result["links"]):
            kinds.add(Plant.SCREENING_LINKED_CONVICTION.value)
    return kinds


def enrolment_body(enrolment: Enrolment, portrait: bytes, photo: bytes, prints: dict[str, bytes]) -> dict[str, Any]:
    """An enrolment as the API takes it."""
    return {
        "reference": enrolment.reference,
        "name": enrolment.name,
        "native_name": enrolment.native_name,
        "born": enrolment.birth.isoformat(),
        "sex": enrolment.sex,
        "nationality": enrolment.nationality,
        "document": {"mrz": enrolment.mrz, "portrait": encode(portrait)},
        "placement": {
            "destination": enrolment.destination,
            "sector": enrolment.sector,
            "start": enrolment.start.isoformat(),
        },
        "photo": encode(photo),
        "fingers": [{"position": position, "image": encode(image)} for position, image in prints.items()],
        "notice": {"version": "1", "language": "en"},
    }


async def _all_registrations(api: Api, identity: Identity) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = (await api.ask(identity, "GET", "/v1/registrations", params=params)).json()
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


_SOURCE = {"source": SOURCE}


def _case(case: Case) -> dict[str, Any]:
    body = {
        "party": case.party,
        "stage": case.stage,
        "appeal": case.appeal,
        "offences": list(case.offences),
        "court": case.court,
        "opened_on": case.opened_on.isoformat(),
    }
    return body | _SOURCE | ({"final_on": case.final_on.isoformat()} if case.final_on else {})


def _licence(licence: Licence) -> dict[str, Any]:
    return {
        "party": licence.party,
        "number": licence.number,
        "authority": licence.authority,
        "status": licence.status,
        "national_code": licence.national_code,
        "valid_from": licence.valid_from.isoformat(),
        "valid_to": licence.valid_to.isoformat(),
    }


def _lists(properties: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in properties.items()}
