"""Lists of an office's own records, all made alike: columns, filters, pages; and the moves that a record offers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from fastapi import Response
from starlette.datastructures import FormData

from services.gateway.console.asking import DoorRefusedError
from services.gateway.console.visit import Visit

SOME: Final = 50
TAKEN_BACK: Final = frozenset({403, 404, 409, 422})
"""Refusals that come back to the page that asked."""


@dataclass(frozen=True)
class Column:
    """One column of a list.

    Attributes:
        name: of the field.
        label: marked.
        shown: `instant`, `day`, `code`, `party`, `money` (in its currency), or a kind of the console's words; empty: as
            it came.
        tones: of a tag, by code.
        word: shown where the field is true.
    """

    name: str
    label: str
    shown: str = ""
    tones: Mapping[str, str] = field(default_factory=dict)
    word: str = ""


@dataclass(frozen=True)
class Filter:
    """What narrows a list: a choice of codes with words of the console; without codes, a code that is typed; without a
    kind, a box to tick.
    """

    name: str
    label: str
    kind: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """A list and its pages.

    Attributes:
        path: of the list; a record's is `path/key`.
        door: that lists it.
        key: field that names a record.
        cursor: parameter that takes `next`.
        title, lead: marked.
    """

    path: str
    door: str
    title: str
    lead: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    key: str = "id"
    cursor: str = "before"


async def list_page(
    visit: Visit,
    book: Book,
    template: str = "records.html",
    derived: Mapping[str, Callable[[Any], Any]] = MappingProxyType({}),
    /,
    **more: Any,
) -> Response:
    """A list as it was asked for by the page's address.

    Args:
        visit: whose query names filters and the page.
        book: what is listed.
        template: that extends `records.html`.
        derived: fields that the page works out of each record, by name.
        more: for the template.
    """
    asked = {name: value for name, value in visit.request.query_params.items() if value}
    chosen = {each.name: asked[each.name] for each in book.filters if each.name in asked}
    page = await visit.ask.get(book.door, **chosen, **{book.cursor: asked.get(book.cursor)}, limit=SOME)
    for item in page["items"]:
        item.update({name: work(item) for name, work in derived.items()})
    return visit.show(
        template,
        422 if more.get("refused") else 200,
        book=book,
        items=page["items"],
        counts=page.get("counts") or {},
        chosen=chosen,
        following=page["next"],
        done=asked.get("done"),
        **more,
    )


def entered(form: FormData) -> dict[str, Any]:
    """What was typed into a form, for the page that shows it again; of several values the list."""
    return {
        name: [str(each) for each in form.getlist(name)] if len(form.getlist(name)) > 1 else str(form.get(name))
        for name in form
        if name != "csrf"
    }


def comes_back(error: DoorRefusedError) -> Mapping[str, Any]:
    """The problem of a refusal that the page shows beside what was entered; another is raised again.

    Raises:
        DoorRefusedError: it is no matter of what was entered.
    """
    if error.status not in TAKEN_BACK:
        raise error
    return error.problem
