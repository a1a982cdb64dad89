"""What of an answer is shown: fields of the classes that the policy allows, by the model that the answer has.

A form (a model, or a list, map or union of models) is turned once into a sieve for a set of classes: a function from a
JSON value to what is shown of it, `GONE` when nothing is. What the form does not have, and what has no class, falls
through.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

from shared.contracts.disclosure import FieldClass, class_of_property, classes_of

Sieve = Callable[[Any], Any]
Classes = frozenset[FieldClass]

GONE: Final = object()
_LISTS: Final = frozenset({list, tuple, set, frozenset})


@lru_cache(maxsize=4096)
def sieve(form: Any, seen: Classes) -> Sieve:
    """The sieve of a form.

    Args:
        form: a pydantic model, or a type made of models as annotations are.
        seen: classes that are shown.
    """
    return _Maker(seen).of(form)


def wire_fields(model: type[BaseModel]) -> dict[str, Any]:
    """The fields of a model as they go over the wire, with their types."""
    fields = model.model_fields.items()
    return {known.alias or name: known.annotation for name, known in fields if known.exclude is not True}


class _Maker:
    def __init__(self, seen: Classes) -> None:
        self._seen = seen
        self._made: dict[type[BaseModel], Sieve] = {}

    def of(self, form: Any) -> Sieve:
        while get_origin(form) is Annotated:
            form = get_args(form)[0]
        origin, arguments = get_origin(form), get_args(form)
        if form is Any or form in (dict, list):
            return _free
        if is_model(form):
            return self._made.get(form) or self._model(form)
        if origin in (Union, types.UnionType):
            return self._union([each for each in arguments if each is not types.NoneType])
        if origin in _LISTS:
            return _each(self.of(arguments[0]))
        return _members(self.of(arguments[1])) if origin is dict else plain

    def _model(self, model: type[BaseModel]) -> Sieve:
        children: dict[str, Sieve] = {}
        classes, fields = classes_of(model), wire_fields(model)
        guard = next((name for name, known in fields.items() if known is str and classes.get(name, 0) is None), None)
        shown = _record(children) if guard is None else _guarded(_record(children), guard, self._property_seen)
        self._made[model] = shown  # before its fields: a model may hold itself
        for name, form in fields.items():
            if name not in classes:
                continue
            if classes[name] is None:
                children[name] = self._by_property(form)
            elif classes[name] in self._seen:
                children[name] = self.of(form)
        return shown

    def _by_property(self, form: Any) -> Sieve:
        """A map from properties to values; the innermost, where maps lie in maps."""
        while get_origin(form) is Annotated:
            form = get_args(form)[0]
        if get_origin(form) is not dict:
            return self.of(form)
        inner = get_args(form)[1]
        if get_origin(inner) is dict:
            return _members(self._by_property(inner))
        return _keyed(self.of(inner), self._property_seen)

    def _property_seen(self, name: Any) -> bool:
        return isinstance(name, str) and class_of_property(name) in self._seen

    def _union(self, forms: Sequence[Any]) -> Sieve:
        if len(forms) == 1:
            return self.of(forms[0])
        models = [(_required(form), self.of(form)) for form in forms if is_model(form)]
        lists = next((self.of(form) for form in forms if get_origin(form) in _LISTS), plain)
        maps = next((self.of(form) for form in forms if get_origin(form) is dict), plain)
        return _free if Any in forms else _either(models, maps, lists)


def is_model(form: Any) -> TypeGuard[type[BaseModel]]:
    """Whether a type is a model."""
    return isinstance(form, type) and issubclass(form, BaseModel)


def _required(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(known.alias or name for name, known in model.model_fields.items() if known.is_required())


def plain(value: Any) -> Any:
    """A text, a number, true, false or null is shown; anything with parts is not."""
    return GONE if value.__class__ is dict or value.__class__ is list else value


def _free(value: Any) -> Any:
    return value


def _record(children: Mapping[str, Sieve]) -> Sieve:
    def shown(value: Any) -> Any:
        if value.__class__ is not dict:
            return None if value is None else GONE
        out = {}
        for name, each in value.items():
            child = children.get(name)
            if child is not None and (kept := child(each)) is not GONE:
                out[name] = kept
        return out

    return shown


def _guarded(record: Sieve, guard: str, seen: Callable[[Any], bool]) -> Sieve:
    def shown(value: Any) -> Any:
        return record(value) if value.__class__ is dict and seen(value.get(guard)) else GONE

    return shown


def _each(item: Sieve) -> Sieve:
    def shown(value: Any) -> Any:
        if value.__class__ is not list:
            return None if value is None else GONE
        return [kept for each in value if (kept := item(each)) is not GONE]

    return shown


def _members(member: Sieve) -> Sieve:
    return _keyed(member, lambda _name: True)


def _keyed(member: Sieve, seen: Callable[[Any], bool]) -> Sieve:
    def shown(value: Any) -> Any:
        if value.__class__ is not dict:
            return None if value is None else GONE
        return {name: kept for name, each in value.items() if seen(name) and (kept := member(each)) is not GONE}

    return shown


def _either(models: Sequence[tuple[frozenset[str], Sieve]], maps: Sieve, lists: Sieve) -> Sieve:
    """The first model whose required fields are all there; else the map. A list has one form, the rest is plain."""

    def shown(value: Any) -> Any:
        if value.__class__ is dict:
            return next((model for required, model in models if required <= value.keys()), maps)(value)
        return lists(value) if value.__class__ is list else value

    return shown
