"""Answers as the policy shows them: JSON by the model of the answer, lists as CSV by the model of their rows.

What is left out is not there: no key, no column, nothing in its place.
"""

import csv
import io
import json
from typing import Any, Final, get_args, get_origin

from services.gateway.access.policy_fields import GONE, Classes, Sieve, is_model, plain, sieve, wire_fields
from shared.contracts.problem import Problem

_DAMAGED: Final = "damaged"
"""A column of every list: whether the row can be read."""
_PART: Final = "; "
"""Between the values of one cell."""


class AnswerUnreadableError(Exception):
    """A service behind gave an answer of another form than its door says."""


def shown_json(form: Any, seen: Classes, body: bytes) -> bytes:
    """What is shown of a JSON answer.

    Args:
        form: the model of the answer, or a type made of models.
        seen: classes of fields that the caller sees.
        body: as the service gave it.

    Raises:
        AnswerUnreadableError: it is no JSON, or nothing of it is of the form.
    """
    try:
        document = json.loads(body)
    except ValueError as error:
        raise AnswerUnreadableError("not JSON") from error
    return shown_document(form, seen, document)


def shown_document(form: Any, seen: Classes, document: Any) -> bytes:
    """The same of an answer that is a document already."""
    kept = sieve(form, seen)(document)
    if kept is GONE:
        raise AnswerUnreadableError("not of the form that the door says")
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def shown_problem(seen: Classes, body: bytes) -> bytes:
    """What is shown of an error: RFC 9457's members and ours, whatever else a service may say."""
    return shown_json(Problem, seen, body)


def shown_csv(form: Any, seen: Classes, body: bytes) -> bytes:
    """What is shown of a list as CSV: the columns of its rows' model that the caller sees.

    Raises:
        AnswerUnreadableError: it is no CSV.
    """
    try:
        head, *rows = csv.reader(io.StringIO(body.decode(), newline=""), strict=True)
    except (ValueError, csv.Error) as error:
        raise AnswerUnreadableError("not CSV") from error
    known = {name.casefold(): child for name, child in _columns(row_form(form), seen).items()}  # OSIA: `PersonId`
    kept = [(place, known[name.casefold()]) for place, name in enumerate(head) if name.casefold() in known]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([head[place] for place, _ in kept])
    for row in rows:
        writer.writerow([_cell(child, row[place]) for place, child in kept])
    return out.getvalue().encode()


def row_form(form: Any) -> Any:
    """The model of a row: of a list of models, of a page with `results`, or the model itself."""
    if is_model(form) and "results" in form.model_fields:
        form = form.model_fields["results"].annotation
    return get_args(form)[0] if get_origin(form) is list else form


def _columns(model: Any, seen: Classes) -> dict[str, Sieve]:
    """Of each column that is shown, the sieve of its cells: what is shown of a row is asked of the row's own sieve."""
    row = sieve(model, seen)

    def cell(name: str) -> Sieve:
        return lambda value: row({name: value}).get(name, GONE)

    shown = {name: cell(name) for name in wire_fields(model) if row({name: None})}
    return shown | {_DAMAGED: plain}


def _cell(child: Sieve, text: str) -> str:
    if not text:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if not isinstance(value, dict | list):
        return text if child(text) is not GONE or child(text.split(_PART)) is not GONE else ""
    kept = child(value)
    if kept == value:
        return text
    return "" if kept is GONE or not kept else json.dumps(kept, ensure_ascii=False)
