"""The policy in the gateway's OpenAPI document: each field says its class, and what may be left out is not required."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, Final, Protocol, get_args

from pydantic import BaseModel

from services.gateway.access.policy import Action, Kind, load_policy
from services.gateway.access.policy_fields import Classes, is_model
from shared.contracts.caller import Purpose, Role
from shared.contracts.disclosure import BY_PROPERTY, FieldClass, classes_of

CLASS: Final = "x-lindung-class"


class Gives(Protocol):
    """What of a door is told here."""

    @property
    def kind(self) -> Kind: ...
    @property
    def action(self) -> Action: ...
    @property
    def takes(self) -> type[BaseModel] | None: ...
    @property
    def gives(self) -> type[BaseModel] | None: ...


def describe_classes(schemas: Mapping[str, dict[str, Any]], doors: Iterable[Gives]) -> None:
    """Mark the fields of the models that doors give.

    Args:
        schemas: of the document, by model; changed in place.
        doors: all.
    """
    given: defaultdict[type[BaseModel], set[tuple[Kind, Action]]] = defaultdict(set)
    taken: set[type[BaseModel]] = set()
    for door in doors:
        taken.update(_models(door.takes))
        for model in _models(door.gives):
            given[model].add((door.kind, door.action))
    for model, ways in given.items():
        if model.__name__ in schemas:
            _mark(schemas[model.__name__], model, None if model in taken else _seen_by_all(frozenset(ways)))


def _mark(schema: dict[str, Any], model: type[BaseModel], always: Classes | None) -> None:
    """`always`: what every caller sees; None: the model is sent too, where its required fields are required."""
    classes = classes_of(model)
    for name, field in schema.get("properties", {}).items():
        if name in classes:
            field[CLASS] = classes[name] or BY_PROPERTY
    if always is not None and "required" in schema:
        schema["required"] = [name for name in schema["required"] if classes.get(name) in always]


def _seen_by_all(ways: Iterable[tuple[Kind, Action]]) -> Classes:
    policy = load_policy()
    seen = frozenset(FieldClass)
    for (kind, action), role, purpose in product(ways, Role, Purpose):
        grant = policy.grant(role, purpose, kind)
        seen = seen & grant.classes if action in grant.actions else seen
    return seen


def _models(form: Any, above: tuple[Any, ...] = ()) -> Iterator[type[BaseModel]]:
    """The models that a form is made of."""
    if is_model(form) and form not in above:
        yield form
        for field in form.model_fields.values():
            yield from _models(field.annotation, (*above, form))
    for part in get_args(form):
        yield from _models(part, above)
