"""A door says what the route behind it says: no parameter, body or answer of one that the other does not know."""

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.gateway.door import Door
from services.gateway.doors import DOORS
from services.gateway.public_doors import PUBLIC_DOORS
from shared.settings import SERVICES
from tests.conftest import ROOT

EVERY = sorted((*DOORS, *PUBLIC_DOORS), key=lambda door: (door.path, door.method))


@functools.cache
def routes(service: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What a service describes, by method and path without the names of its parts."""
    document = json.loads((ROOT / "docs" / "api" / f"{service}.json").read_text(encoding="utf-8"))
    return {
        (method.upper(), nameless(path)): route
        for path, methods in document["paths"].items()
        for method, route in methods.items()
    }


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part["$ref"],) if isinstance(part.get("$ref"), str) else ()
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from references(each)


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_description_refers_to_is_in_it(service: str) -> None:
    document = json.loads((ROOT / "docs" / "api" / f"{service}.json").read_text(encoding="utf-8"))
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


def nameless(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def model(part: dict[str, Any]) -> str | None:
    """The model of a body or an answer, where its schema has a name."""
    schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("items", schema).get("$ref")
    return name and re.split(r"/|__", name)[-1]


@pytest.mark.parametrize("door", EVERY, ids=lambda door: door.operation)
def test_a_door_says_what_its_route_says(door: Door) -> None:
    route = routes(door.service)[door.method, nameless(door.path)]
    known = {each["name"] for each in route.get("parameters", ()) if each["in"] == "query"}
    assert set(door.query) <= known
    assert door.service != "registry" or set(door.query) == known, "what the registry knows can be asked at the gateway"
    assert str(door.status) in route["responses"]
    taken, given = model(route.get("requestBody", {})), model(route["responses"][str(door.status)])
    assert taken is None or door.takes is None or door.takes.__name__ == taken
    assert given is None or door.gives is None or door.gives.__name__ == given
    assert given is None or door.gives is not None or door.whole is not None
