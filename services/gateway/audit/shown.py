"""Which records an answer showed: a list, a search or a screening is a look at every person in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Shown:
    """Where an answer names records, and how a record's own address is made of a name.

    Attributes:
        pointer: keys from the top of the JSON document down to the name; `*` is every member of a list or an object.
        record: the address, with `{}` for the name.
    """

    pointer: tuple[str, ...]
    record: str

    def subjects(self, document: Any) -> Iterator[bytes]:
        """The records' addresses: the subjects under which a look at each by itself is logged too."""
        for name in _walk(document, self.pointer):
            if isinstance(name, str):
                yield self.record.format(name).encode()


REGISTRATION: Final = "/v1/registrations/{}"
PARTY: Final = "/v1/parties/{}"
PERSON: Final = "/v1/persons/{}"


def shown_subjects(places: tuple[Shown, ...], body: bytes) -> list[bytes]:
    """The records that a JSON answer names, each once, in order; none when it is no JSON."""
    try:
        document = json.loads(body)
    except ValueError:
        return []
    return list(dict.fromkeys(subject for place in places for subject in place.subjects(document)))


def _walk(document: Any, pointer: tuple[str, ...]) -> Iterator[Any]:
    if not pointer:
        yield document
        return
    key, rest = pointer[0], pointer[1:]
    if key == "*":
        members = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
        for member in members:
            yield from _walk(member, rest)
    elif isinstance(document, dict) and key in document:
        yield from _walk(document[key], rest)
