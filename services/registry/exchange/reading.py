"""Lines of a list read into parties: pure, so that it runs in another process."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final

from pydantic import ValidationError

from services.registry.exchange.mapped import RowError, map_row
from services.registry.parties.store import NewParty, as_new
from services.registry.screening.index import Leaf, make_leaf
from shared.contracts.exchange import ImportOrder, Rejection
from shared.contracts.parties import PROPERTIES, PartyBody
from shared.db.database import now

MAX_LINE: Final = 200_000
"""Characters; a longer line is not read."""

TWICE: Final = "another line of this list has the same id"
_MAX_NESTING: Final = 200  # brackets opened in a line: a FollowTheMoney entity has some forty
_FTM_SCHEMATA: Final = frozenset(PROPERTIES) - {"LegalEntity"}


@dataclass(frozen=True)
class Entry:
    """A line of a list, as it goes into the register.

    Attributes:
        entry: the list's own id of the line.
        digest: SHA-256 of what the line says.
        party: ready to be created.
        standing: what the list says of the party besides.
        leaf: what screening finds and compares it by.
    """

    line: int
    entry: str
    digest: str
    party: NewParty
    standing: dict[str, Any]
    leaf: Leaf

    @property
    def id(self) -> str:
        """The party's id."""
        return str(self.party.row["id"])


@dataclass(frozen=True)
class PartRead:
    """What came of some lines."""

    lines: int
    entries: list[Entry]
    rejections: list[Rejection]


class LineError(Exception):
    """A line cannot be taken; the text says why, without anything of the line."""


def read_part(order: ImportOrder, text: str, first_line: int) -> PartRead:
    """Read some whole lines of a list.

    Args:
        order: what list it is.
        text: the lines.
        first_line: number of the first of them in the file.
    """
    entries: dict[str, Entry] = {}
    rejections: list[Rejection] = []
    count = 0
    for line, content in _rows(order, text, first_line):
        count += 1
        try:
            entry = _entry(order, line, content)
        except (LineError, RowError) as error:
            rejections.append(Rejection(line=line, reason=str(error)[:300]))
            continue
        if entries.setdefault(entry.entry, entry) is not entry:
            rejections.append(Rejection(line=line, reason=TWICE))
    return PartRead(count, list(entries.values()), rejections)


def _rows(order: ImportOrder, text: str, first_line: int) -> Iterator[tuple[int, Any]]:
    """Line number and content; what cannot be read at all is an error in the content's place."""
    if order.format == "ftm":
        for number, entity in enumerate(text.split("\n"), first_line):
            if entity.strip():
                yield number, entity
        return
    assert order.mapping is not None  # noqa: S101  ImportOrder has checked
    reader = csv.reader(text.splitlines(keepends=True), delimiter=order.mapping.delimiter, strict=True)
    while True:
        line = first_line + reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, LineError(f"not CSV: {error}")
            continue
        if any(cell.strip() for cell in row):
            yield line, row


def _entry(order: ImportOrder, line: int, content: Any) -> Entry:
    if isinstance(content, LineError):
        raise content
    if order.format == "ftm":
        entry, party, schema, properties, standing = _ftm(order, content)
    else:
        entry, schema, properties, standing = map_row(order, content)
        party = _party_id(order.source, entry)
    body = _body(order, party, schema, properties)
    said = {"schema": schema, "properties": body.properties, "standing": standing}
    digest = sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()
    new = as_new(party, body, now().date())
    return Entry(line, entry, digest, new, standing, make_leaf(schema, new.row["properties"]))


def _ftm(order: ImportOrder, line: str) -> tuple[str, str, str, dict[str, list[str]], dict[str, Any]]:
    """An entity of FollowTheMoney; properties that the register does not keep are left out."""
    document = _parsed(line)
    party, schema, given = document.get("id"), document.get("schema"), document.get("properties")
    if not isinstance(party, str) or not isinstance(given, dict):
        raise LineError("no FollowTheMoney entity: id, schema and properties are needed")
    if schema not in _FTM_SCHEMATA:
        raise LineError(f"of the schemata only {', '.join(sorted(_FTM_SCHEMATA))} are kept")
    kept = {name: values for name, values in given.items() if name in PROPERTIES[schema] and values}
    standing = _told_standing(document, order.source)
    party = _party_id("", party)
    return party, party, schema, kept, standing


def _parsed(line: str) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise LineError(f"longer than {MAX_LINE} characters")
    if line.count("{") + line.count("[") > _MAX_NESTING:
        raise LineError("too many nested values")
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LineError("not JSON") from error
    if not isinstance(document, dict):
        raise LineError("not a JSON object")
    entity = document.get("entity", document)  # a delta file's line wraps it
    if document.get("op") == "DEL" or not isinstance(entity, dict):
        raise LineError("a deletion; send the whole list, and what it lacks is delisted")
    return entity


def _told_standing(document: dict[str, Any], source: str) -> dict[str, Any]:
    """What our own export says of the same list."""
    lists = document.get("lists")
    for told in lists if isinstance(lists, list) else ():
        if isinstance(told, dict) and told.get("source") == source:
            return {
                "listed_from": _day(told.get("listed_from")),
                "listed_to": _day(told.get("listed_to")),
                "grounds": _text(told.get("grounds")),
                "national_code": _text(told.get("national_code")),
            }
    return dict.fromkeys(("listed_from", "listed_to", "grounds", "national_code"))


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError as error:
        raise LineError("a day of the listing is no date YYYY-MM-DD") from error


def _text(value: Any) -> str | None:
    return value[:500] if isinstance(value, str) and value else None


def _party_id(source: str, entry: str) -> str:
    """An id of at most 64 characters; what does not fit is digested, always to the same."""
    plain = f"{source}-{entry}" if source else entry
    allowed = plain.replace("_", "").replace(".", "").replace(":", "").replace("-", "")
    if len(plain) <= 64 and allowed.isalnum() and allowed.isascii() and plain[:1].isalnum():
        return plain
    return f"{source or 'x'}-{sha256(entry.encode()).hexdigest()[:24]}"


def _body(order: ImportOrder, party: str, schema: str, properties: dict[str, list[str]]) -> PartyBody:
    try:
        return PartyBody.model_validate(
            {"id": party, "schema": schema, "properties": properties, "source": order.source}
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LineError(f"{where}: {first['msg']}" if where else first["msg"]) from error
