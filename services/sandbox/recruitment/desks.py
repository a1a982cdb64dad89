"""What desks write down of workers: at home before departure, and again after arrival."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from services.sandbox.recruitment.agencies import Agency, Worker
from services.sandbox.recruitment.records import Visit
from services.sandbox.region.records import REFERENCE
from shared.contracts.red_flags import FlagRule
from shared.contracts.registrations import RegistrationRequest

_CURRENCIES: Final = {"MYS": "MYR", "SGP": "SGD", "THA": "THB", "BRN": "BND"}
_ARRIVES: Final = 0.4
"""Share of workers who are registered again where they arrive."""
_SAYS_FEE: Final = 0.6
_ISCO: Final = {"domestic": "5152", "plantation": "9211", "fishing": "9216", "construction": "9313"}


def visits(worker: Worker, rng: random.Random) -> Iterator[Visit]:
    """A worker's registration at home, and perhaps the one after arrival."""
    agency = worker.agency
    origin, destination, sector, _ = agency.corridor
    placement = {"destination": destination, "sector": sector, "start": f"{REFERENCE}", "agency": agency.id}
    body = {"name": "Somebody", "born": f"{worker.born}", "nationality": origin}
    contact = {"phone": worker.phone, "account": worker.account}
    document = {"holder": worker.holder} if worker.holder else {}
    home = RegistrationRequest.model_validate(body | {"placement": placement, "contact": contact, "document": document})
    yield Visit(origin, worker.on, f"desk-{worker.on}", home)
    if rng.random() < _ARRIVES:
        promised = _contract(agency, rng)
        after: dict[str, Any] = placement | {"promised": promised, "terms": _given(promised, worker, rng)}
        if rng.random() < _SAYS_FEE:
            after["paid"] = _paid(promised, worker, rng)
        there = RegistrationRequest.model_validate(body | {"placement": after})
        yield Visit(destination, min(worker.on + timedelta(days=20), REFERENCE), "desk-arrivals", there)


def _contract(agency: Agency, rng: random.Random) -> dict[str, Any]:
    _, destination, sector, _ = agency.corridor
    return {
        "occupation": _ISCO.get(sector, "8100"),
        "wage": {"amount": rng.randrange(800, 2400, 50), "currency": _CURRENCIES[destination]},
        "hours_a_week": rng.choice((44, 48)),
        "rest_days_a_month": 4,
        "months": 24,
    }


def _given(promised: dict[str, Any], worker: Worker, rng: random.Random) -> dict[str, Any]:
    """The contract after arrival: as promised, rounded by some, mistyped by few, worse where that is planted."""
    given = promised | {"wage": dict(promised["wage"])}
    if rng.random() < 0.2:
        given["wage"]["amount"] = round(given["wage"]["amount"] * rng.uniform(0.97, 1.03))
    if rng.random() < 0.1:
        given["hours_a_week"] += rng.randint(1, 3)
    substituted = FlagRule.CONTRACT_SUBSTITUTION in worker.affected
    if substituted or rng.random() < 0.01:
        change = rng.choice(("wage", "hours", "rest", "work")) if substituted else "wage"
        given |= _worse(given, change, rng)
    return given


def _worse(given: dict[str, Any], change: str, rng: random.Random) -> dict[str, Any]:
    match change:
        case "wage":
            return {"wage": given["wage"] | {"amount": round(given["wage"]["amount"] * rng.uniform(0.5, 0.9))}}
        case "hours":
            return {"hours_a_week": given["hours_a_week"] + rng.randint(8, 30)}
        case "rest":
            return {"rest_days_a_month": rng.randint(0, 2)}
        case _:
            return {"occupation": "9622"}


def _paid(promised: dict[str, Any], worker: Worker, rng: random.Random) -> dict[str, Any]:
    """What the worker says to have paid: lawful with own costs, mistyped by few, too much where that is planted."""
    wage, most = promised["wage"]["amount"], worker.agency.most_fee or 0.0
    months = most * rng.random() + rng.uniform(0, 0.2)
    if FlagRule.FEES_ABOVE_CAP in worker.affected:
        months = most + rng.uniform(0.4, 4)
    amount = round(wage * months) * (10 if rng.random() < 0.01 else 1)
    return {"amount": amount, "currency": promised["wage"]["currency"]}
