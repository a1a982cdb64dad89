"""Answers with every field filled, each value telling under which fields it lies: what is left of it can be judged.

Built from the models alone, by another way than the sieve under test.
"""

import types
from collections.abc import Iterable, Iterator
from functools import cache
from inspect import getclosurevars
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi.routing import APIRoute
from pydantic import BaseModel

from services.gateway.access.policy import Kind
from services.gateway.app import create_app
from services.gateway.doors import DOORS
from services.gateway.public_doors import PUBLIC_DOORS
from shared.contracts.disclosure import class_of_property, classes_of
from shared.contracts.federation import FederatedMatchResponse
from shared.contracts.problem import Problem
from shared.contracts.screening import MatchResponse
from shared.settings import Settings

PROPERTIES = ("name", "fatherName", "address", "passportNumber", "registrationNumber", "owner", "status", "newProperty")
"""One property of most classes, and one of none."""


def admitted(routes: Iterable[Any]) -> Iterator[tuple[APIRoute, Kind]]:
    """The gateway's own routes that the policy admits to, with the kind of record that it is asked about."""
    for route in routes:
        if not isinstance(route, APIRoute):
            yield from admitted(getattr(getattr(route, "original_router", None), "routes", ()))
            continue
        for call in _calls(route.dependant):
            if getattr(call, "__qualname__", "") == "admit.<locals>.check":
                yield route, getclosurevars(call).nonlocals["kind"]


def _calls(dependant: Any) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


@cache
def own_routes() -> tuple[tuple[APIRoute, Kind], ...]:
    """Routes besides the doors."""
    paths = {door.path for door in (*DOORS, *PUBLIC_DOORS)}
    found = admitted(create_app(Settings(var=Path("nowhere"))).router.routes)
    return tuple((route, kind) for route, kind in found if route.path not in paths)


def forms() -> dict[Kind, list[Any]]:
    """Every form of answer by kind of record."""
    found: dict[Kind, list[Any]] = {kind: [] for kind in Kind}
    for route, kind in own_routes():
        if route.response_model is not None:
            found[kind].append(route.response_model)
    for door in (*DOORS, *PUBLIC_DOORS):
        for status in (200, 202):
            form = door.form_of(status)
            if form is not None and form not in found[door.kind]:
                found[door.kind].append(form)
    found[Kind.PARTY] += [FederatedMatchResponse, MatchResponse]
    return found


def models(form: Any, known: set[type[BaseModel]] | None = None) -> set[type[BaseModel]]:
    """Every model that a form is made of."""
    known = set() if known is None else known
    if isinstance(form, type) and issubclass(form, BaseModel) and form not in known:
        known.add(form)
        for field in form.model_fields.values():
            models(field.annotation, known)
    for part in get_args(form):
        models(part, known)
    return known


def every_model() -> set[type[BaseModel]]:
    """Every model of every answer."""
    return {Problem}.union(*(models(form) for some in forms().values() for form in some), models(Problem))


def filled(form: Any, path: str = "", above: tuple[type[BaseModel], ...] = ()) -> Any:
    """A document of a form. A leaf is the classes that it lies under, each after a full stop; `?` where it has none.

    A model that holds itself is filled twice, one in the other.
    """
    origin, arguments = get_origin(form), get_args(form)
    if origin is Annotated:
        return filled(arguments[0], path, above)
    if origin in (Union, types.UnionType):
        return filled(max(arguments, key=_size), path, above)
    if isinstance(form, type) and issubclass(form, BaseModel):
        return _record(form, path, (*above, form)) if above.count(form) < 2 else {}
    if origin in (list, tuple, set, frozenset):
        return [filled(arguments[0], path, above)]
    if origin is dict:
        return {"key": filled(arguments[1], path, above)}
    return {"free": path} if form is Any else path


def _size(form: Any) -> int:
    return len(models(form)) * 10 + (get_origin(form) is not None)


def _record(model: type[BaseModel], path: str, above: tuple[type[BaseModel], ...]) -> Any:
    classes = classes_of(model)
    record: dict[str, Any] = {"unknown": f"{path}.?"}
    for name, form in _fields(model):
        known = classes.get(name, "?")
        if known is not None:
            record[name] = filled(form, f"{path}.{known}", above)
        elif form is str:  # a fact: the property that it names classes all of it
            return [_fact(model, name, each, path, above) for each in PROPERTIES]
        else:
            record[name] = _by_property(form, path, above)
    return record


def _fields(model: type[BaseModel]) -> list[tuple[str, Any]]:
    return [(known.alias or name, known.annotation) for name, known in model.model_fields.items() if not known.exclude]


def _fact(
    model: type[BaseModel], guard: str, named: str, path: str, above: tuple[type[BaseModel], ...]
) -> dict[str, Any]:
    under, classes = f"{path}.{class_of_property(named) or '?'}", classes_of(model)
    others = [(name, form) for name, form in _fields(model) if name != guard]
    return {guard: named} | {name: filled(form, f"{under}.{classes.get(name, '?')}", above) for name, form in others}


def _by_property(form: Any, path: str, above: tuple[type[BaseModel], ...]) -> Any:
    if get_origin(form) is not dict:
        (rows,) = filled(form, path, above)  # a list of facts: one for each property
        return rows
    inner = get_args(form)[1]
    if get_origin(inner) is dict:
        return {"row": _by_property(inner, path, above)}
    return {name: filled(inner, f"{path}.{class_of_property(name) or '?'}", above) for name in PROPERTIES}


def leaves(document: Any) -> Iterator[str]:
    """The values of a document that tell where they lie."""
    if isinstance(document, dict | list):
        for part in document.values() if isinstance(document, dict) else document:
            yield from leaves(part)
    elif isinstance(document, str) and document.startswith("."):
        yield document


def classes_in(leaf: str) -> set[str]:
    """The classes that a value lies under."""
    return set(leaf[1:].split("."))
