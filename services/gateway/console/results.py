"""A screening's answer as a page shows it: what agrees, what does not, what could not be compared."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

_NAMES: Final = ("name", "alias", "previousName", "weakAlias")
_SPELLINGS: Final = {
    "name": _NAMES,
    "nationality": ("nationality", "citizenship"),
    "country": ("country", "jurisdiction", "mainCountry"),
}
"""Fields that the register compares over several properties."""
_SAME_NAME: Final = 0.95
_ALIKE: Final = 0.8
_COMPARED: Final = (
    *("name", "birthDate", "nationality", "country", "gender"),
    *("idNumber", "passportNumber", "registrationNumber"),
)
_NUMBER: Final = re.compile(r"[\w./ -]*\d[\w./ -]*")


@dataclass(frozen=True)
class Piece:
    """A part of a shown value, and whether it is like something that was asked."""

    text: str
    like: bool


@dataclass(frozen=True)
class Compared:
    """One field of a hit beside what was asked.

    Attributes:
        field: the property.
        verdict: same, alike, differs, unknown (not asked, or not on record).
        asked: what was asked.
        record: what stands in the register, in pieces.
        why: the register's own words for it.
    """

    field: str
    verdict: str
    asked: tuple[str, ...]
    record: tuple[tuple[Piece, ...], ...]
    why: tuple[str, ...]


def query_of(fields: Mapping[str, str]) -> dict[str, Any] | None:
    """What is asked of the register, from the fields of the form; None when nothing was entered.

    Text that looks like a number is one: an identity, passport, registration or licence number.
    """
    text, number = fields.get("q", ""), fields.get("number", "")
    if text and not number and looks_like_number(text):
        text, number = "", text
    schema = fields.get("schema") or "LegalEntity"
    place = "nationality" if schema == "Person" else "country"
    given = {"name": text, "idNumber": number, "birthDate": fields.get("born", ""), place: fields.get("country", "")}
    properties = {name: [value] for name, value in given.items() if value}
    return {"schema": schema, "properties": properties} if text or number else None


def looks_like_number(text: str) -> bool:
    """Whether a text is rather a number of a paper than a name."""
    digits = sum(letter.isdigit() for letter in text)
    letters = sum(letter.isalpha() for letter in text)
    return digits >= 3 and letters <= digits + 6 and _NUMBER.fullmatch(text) is not None


def compared(query: Mapping[str, Any], result: Mapping[str, Any]) -> list[Compared]:
    """The fields of a hit: those that agree, those that differ, those that could not be compared."""
    asked, record = query["properties"], result["properties"]
    reasons: dict[str, list[Mapping[str, Any]]] = {}
    for reason in result["reasons"]:
        reasons.setdefault(reason["field"], []).append(reason)
    fields = [field for field in _COMPARED if field in reasons or _values(asked, field) or _values(record, field)]
    rows = [_row(field, _values(asked, field), _values(record, field), reasons.get(field, [])) for field in fields]
    rows += [_row(field, (), (), some) for field, some in reasons.items() if field not in fields]
    return sorted(rows, key=lambda row: ("same", "alike", "differs", "unknown").index(row.verdict))


def _values(properties: Mapping[str, Sequence[str]], field: str) -> tuple[str, ...]:
    names = _SPELLINGS.get(field, (field,))
    return tuple(dict.fromkeys(value for name in names for value in properties.get(name, ())))


def _row(field: str, asked: tuple[str, ...], record: tuple[str, ...], reasons: Sequence[Mapping[str, Any]]) -> Compared:
    why = tuple(reason["text"] for reason in reasons)
    pieces = tuple(tuple(_pieces(value, asked)) for value in record)
    return Compared(field, _verdict(field, reasons), asked, pieces, why)


def _verdict(field: str, reasons: Sequence[Mapping[str, Any]]) -> str:
    if not reasons:
        return "unknown"
    score = reasons[0]["score"]
    if score < 0:
        return "differs"
    if field == "name":
        return "same" if score >= _SAME_NAME else "alike"
    return "same" if score > 0 else "unknown"


def _pieces(value: str, asked: Iterable[str]) -> Iterable[Piece]:
    known = [_folded(word) for text in asked for word in text.split()]
    words = value.split(" ")
    for place, word in enumerate(words):
        yield Piece(word + (" " if place + 1 < len(words) else ""), _is_like(_folded(word), known))


def _is_like(word: str, known: Sequence[str]) -> bool:
    return bool(word) and any(
        word == each or SequenceMatcher(None, word, each, autojunk=False).ratio() >= _ALIKE for each in known
    )


def _folded(word: str) -> str:
    parted = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in parted if letter.isalnum())


def reference_of(answer: Mapping[str, Any]) -> str:
    """A short reference for a printed answer: it is the digest of what was answered, so that a copy can be checked."""
    text = json.dumps(answer, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16].upper()


def outcome_of(result: Mapping[str, Any]) -> str:
    """What a hit is: cleared before, a match, or possible."""
    clearance = result.get("clearance")
    if clearance and clearance["stands"]:
        return "cleared"
    return "match" if result["match"] else "possible"
