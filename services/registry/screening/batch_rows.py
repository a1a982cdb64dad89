"""Rows of a batch: read from CSV, asked of the register, written as a result. Pure."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from shared.contracts.batches import COLUMNS, MAX_ROWS
from shared.contracts.parties import IDENTIFIER_PROPERTIES, NAME_PROPERTIES
from shared.contracts.screening import QueryAnswer, QueryEntity, ScreeningResult

_PROPERTIES: Final = tuple(name for name in COLUMNS if name not in ("reference", "schema"))
_BETWEEN: Final = ";"


class BatchRefusedError(Exception):
    """The list cannot be screened; says what is wrong with it, and repeats nothing of it."""


@dataclass(frozen=True)
class BatchLine:
    """A row of a batch, JSON in its parts."""

    line: int
    reference: str
    schema: str
    properties: dict[str, list[str]]

    def query(self) -> QueryEntity:
        """What it asks.

        Raises:
            pydantic.ValidationError: it cannot be asked.
        """
        return QueryEntity.model_validate({"schema": self.schema, "properties": self.properties})


def read_rows(content: bytes) -> list[BatchLine]:
    """The rows of a CSV list; several values in a cell are parted by semicolons.

    Raises:
        BatchRefusedError: no UTF-8, no CSV, without a column that somebody is found by, or too long.
    """
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        rows = list(_lines(reader, header))
    except UnicodeDecodeError as error:
        raise BatchRefusedError("not UTF-8") from error
    except csv.Error as error:
        raise BatchRefusedError("not CSV (RFC 4180)") from error
    if not rows:
        raise BatchRefusedError("no row under the header")
    return rows


def _check_header(header: Sequence[str]) -> None:
    if len(set(header) & set(COLUMNS)) < len([name for name in header if name in COLUMNS]):
        raise BatchRefusedError("a column comes twice")
    if not set(header) & {*NAME_PROPERTIES, *IDENTIFIER_PROPERTIES}:
        raise BatchRefusedError(f"no column that somebody is found by; columns are {', '.join(COLUMNS)}")


def _lines(reader: Any, header: Sequence[str]) -> Iterator[BatchLine]:
    count = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MAX_ROWS:
            raise BatchRefusedError(f"more than {MAX_ROWS} rows; send them in several lists")
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        values = {name: [v.strip() for v in row.get(name, "").split(_BETWEEN) if v.strip()] for name in _PROPERTIES}
        properties = {name: found for name, found in values.items() if found}
        yield BatchLine(reader.line_num, row.get("reference", "")[:200], row.get("schema") or "LegalEntity", properties)


def refusal(error: ValidationError) -> str:
    """Why a row cannot be asked, without anything of it."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def rejected_row(line: BatchLine, reason: str) -> dict[str, Any]:
    """The result of a row that cannot be asked."""
    return _row(line, "rejected") | {"error": reason}


def outcome_of(answer: QueryAnswer) -> str:
    """In a word what came of a row: the best of its hits."""
    if any(result.match for result in answer.results):
        return "match"
    cleared = [result for result in answer.results if result.clearance and result.clearance.stands]
    if answer.results and len(cleared) == len(answer.results):
        return "cleared"
    return "possible" if answer.results else "none"


def result_rows(line: BatchLine, answer: QueryAnswer) -> list[dict[str, Any]]:
    """The result of a row: a line a hit, or one line that says that there is none."""
    outcome = outcome_of(answer)
    hits = [_row(line, outcome) | {"rank": rank} | _hit(result) for rank, result in enumerate(answer.results, 1)]
    return hits or [_row(line, outcome)]


def _row(line: BatchLine, outcome: str) -> dict[str, Any]:
    return {"line": line.line, "reference": line.reference, "outcome": outcome}


def _hit(result: ScreeningResult) -> dict[str, Any]:
    plain = ("score", "match", "caption", "member", "status", "status_label", "proven")
    cleared = result.clearance
    return {name: getattr(result, name) for name in plain} | {
        "party": result.id,
        "schema": result.schema_,
        "listings": [f"{listing.state}: {listing.label}" for listing in result.listings],
        "licences": [f"{licence.number}: {licence.status}" for licence in result.licences],
        "cleared": None
        if cleared is None
        else cleared.reason
        if cleared.stands
        else f"changed since: {cleared.reason}",
        "reasons": [f"{reason.field}: {reason.text}" for reason in result.reasons],
    }
