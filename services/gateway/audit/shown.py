"""Which records an answer showed: a list, a search or a screening is a look at every person in it."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Shown:
    """Where an answer names records, and how a record's own address is made of a name.

    Attributes:
        pointer: keys from the top of the JSON document down to the name; `*` is every member of a list or an object,
            `#` every key of an object.
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
REFERRAL: Final = "/v1/referrals/{}"


def shown_subjects(places: tuple[Shown, ...], body: bytes) -> list[bytes]:
    """The records that an answer names, each once, in order: in JSON, or in a list's CSV, which has the same names."""
    try:
        document = json.loads(body)
    except ValueError:
        document = {"results": _rows(body)}
    return list(dict.fromkeys(subject for place in places for subject in place.subjects(document)))


def _rows(body: bytes) -> list[dict[str, str]]:
    """The rows of a CSV answer; none when it is none."""
    try:
        return list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    except (ValueError, csv.Error):
        return []


def _walk(document: Any, pointer: tuple[str, ...]) -> Iterator[Any]:
    if not pointer:
        yield document
        return
    key, rest = pointer[0], pointer[1:]
    if key == "*":
        members = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
        for member in members:
            yield from _walk(member, rest)
    elif key == "#":
        yield from document if isinstance(document, dict) else ()
    elif isinstance(document, dict) and key in document:
        yield from _walk(document[key], rest)
