"""Lists as CSV for those who work in spreadsheets (RFC 4180), on `Accept: text/csv`."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from services.registry.pages import PageCursor, PageLimit

MEDIA_TYPE: Final = "text/csv"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


@dataclass(frozen=True)
class ListAsked:
    """What is asked for of a list: after which id its page begins, how long it is, and in which form."""

    cursor: str | None
    limit: int
    request: Request


async def _list_asked(request: Request, cursor: PageCursor = None, limit: PageLimit = 50) -> ListAsked:
    return ListAsked(cursor, limit, request)


ListAskedDep = Annotated[ListAsked, Depends(_list_asked)]


class Table(Protocol):
    """An answer of many records."""

    @property
    def results(self) -> Sequence[BaseModel]: ...


class ListPage(Table, Protocol):
    """A page of a list, as it crosses the wire."""

    @property
    def damaged(self) -> Sequence[str]: ...
    @property
    def next(self) -> str | None: ...


AnyTable = TypeVar("AnyTable", bound=Table)
AnyPage = TypeVar("AnyPage", bound=ListPage)


def table_answer(request: Request, table: AnyTable, record: type[BaseModel]) -> AnyTable | Response:
    """The answer itself, or its results as CSV where the caller asks for that."""
    return _csv(_columns(record), _rows(table), {}) if _csv_wanted(request) else table


def list_answer(asked: ListAsked, page: AnyPage, record: type[BaseModel]) -> AnyPage | Response:
    """The page itself, or the same as CSV where the caller asks for that.

    The next page of a CSV answer is in its header `Link` (RFC 8288); a damaged row has its id and nothing else.
    """
    request, headers = asked.request, {}
    if not _csv_wanted(request):
        return page
    if page.next is not None:
        query = dict(request.query_params) | {"cursor": page.next}
        headers["Link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
    damaged = [{"id": each, "damaged": "true"} for each in page.damaged]
    return _csv([*_columns(record), "damaged"], [*_rows(page), *damaged], headers)


def _csv_wanted(request: Request) -> bool:
    return MEDIA_TYPE in request.headers.get("accept", "")


def _columns(record: type[BaseModel]) -> list[str]:
    return [known.alias or name for name, known in record.model_fields.items()]


def _rows(table: Table) -> list[dict[str, Any]]:
    return [each.model_dump(mode="json", by_alias=True) for each in table.results]


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], headers: Mapping[str, str]) -> Response:
    text = write_csv(columns, rows)
    return Response(text, media_type=f"{MEDIA_TYPE}; charset=utf-8", headers={"Vary": "Accept", **headers})


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
