"""Lists as CSV for those who work in spreadsheets (RFC 4180), on `Accept: text/csv`."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

MEDIA_TYPE: Final = "text/csv"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


class ListPage(Protocol):
    """A page of a list, as it crosses the wire."""

    @property
    def results(self) -> Sequence[BaseModel]: ...
    @property
    def damaged(self) -> Sequence[str]: ...
    @property
    def next(self) -> str | None: ...


AnyPage = TypeVar("AnyPage", bound=ListPage)


def list_answer(request: Request, page: AnyPage, record: type[BaseModel]) -> AnyPage | Response:
    """The page itself, or the same as CSV where the caller asks for that.

    The next page of a CSV answer is in its header `Link` (RFC 8288); a damaged row has its id and nothing else.
    """
    if MEDIA_TYPE not in request.headers.get("accept", ""):
        return page
    headers = {"Vary": "Accept"}
    if page.next is not None:
        query = dict(request.query_params) | {"cursor": page.next}
        headers["Link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
    rows = [each.model_dump(mode="json", by_alias=True) for each in page.results]
    rows += [{"id": each, "damaged": "true"} for each in page.damaged]
    return Response(write_csv(_columns(record), rows), media_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)


def _columns(record: type[BaseModel]) -> list[str]:
    return [*(known.alias or name for name, known in record.model_fields.items()), "damaged"]


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV with a head line; lists of plain values are joined by a semicolon, the rest is JSON."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return out.getvalue()


def _cell(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = "; ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA) else text
