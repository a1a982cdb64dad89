"""A row of CSV through a mapping."""

from collections.abc import Mapping as Row
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from shared.contracts.exchange import Cells, ImportOrder, Mapping


class RowError(Exception):
    """A row does not fit its mapping; the text names columns, never values."""


def map_row(order: ImportOrder, cells: Sequence[str]) -> tuple[str, str, dict[str, list[str]], dict[str, Any]]:
    """What a row says.

    Returns:
        The list's id of the row, the schema, the properties, and how the party stands on the list.

    Raises:
        RowError: it says it in no way that the mapping knows.
    """
    mapping, header = order.mapping, order.header
    assert mapping is not None and header is not None  # noqa: S101, PT018  ImportOrder has checked
    if len(cells) != len(header):
        raise RowError(f"{len(cells)} cells, and the header has {len(header)}")
    row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    entry = "-".join(filter(None, (row[column] for column in mapping.id)))
    if not entry:
        raise RowError(f"no id in {', '.join(mapping.id)}")
    schema = _one(mapping.schema_, row) or ""
    name = entry if len(entry) <= 64 else sha256(entry.encode()).hexdigest()
    return name, schema, _properties(mapping, row), _standing(mapping, row)


def _properties(mapping: Mapping, row: Row[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, some in mapping.properties.items():
        values = dict.fromkeys(value for cells in some for value in _values(cells, row))
        if values:
            found[name] = list(values)
    return found


def _standing(mapping: Mapping, row: Row[str, str]) -> dict[str, Any]:
    grounds = mapping.grounds and _one(mapping.grounds, row)
    code = mapping.national_code and _one(mapping.national_code, row)
    return {
        "listed_from": _day(mapping.listed_from, row),
        "listed_to": _day(mapping.listed_to, row),
        "grounds": grounds[:500] if grounds else None,
        "national_code": code[:500] if code else None,
    }


def _day(cells: Cells | None, row: Row[str, str]) -> date | None:
    """A day; empty where the list's word for it is mapped to nothing ("permanent")."""
    value = _one(cells, row) if cells else None
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise RowError(f"{_named(cells)}: no date") from error


def _one(cells: Cells, row: Row[str, str]) -> str | None:
    return next(iter(_values(cells, row)), None)


def _values(cells: Cells, row: Row[str, str]) -> list[str]:
    if cells.constant is not None:
        return [cells.constant]
    given = [row[column] for column in cells.columns if row[column]]
    texts = [cells.join.join(given)] if cells.join is not None and given else given[:1]
    parts = [part.strip() for text in texts for part in (text.split(cells.split) if cells.split else [text])]
    return [value for part in parts if part and (value := _put(cells, part))]


def _put(cells: Cells, text: str) -> str:
    if text in cells.values:
        return cells.values[text]
    if cells.by_length:
        if str(len(text)) not in cells.by_length:
            raise RowError(f"{_named(cells)}: of a length that the mapping does not know")
        return cells.by_length[str(len(text))]
    if cells.strict:
        raise RowError(f"{_named(cells)}: a word that the mapping does not know")
    if cells.date is None:
        return text
    try:
        return datetime.strptime(text, cells.date).date().isoformat()  # noqa: DTZ007  a day has no zone
    except ValueError as error:
        raise RowError(f"{_named(cells)}: no date of the form {cells.date}") from error


def _named(cells: Cells | None) -> str:
    return ", ".join(cells.columns) if cells else ""
