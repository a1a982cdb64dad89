"""Which class each field of an answer belongs to: what the policy allows or withholds is classes of fields.

The table is disclosure.toml. A field without a class is shown to nobody.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel


class FieldClass(StrEnum):
    """Classes of fields, by what somebody learns from them."""

    RECORD = "record"
    """That there is a record, whose, and how far it has got."""
    IDENTITY = "identity"
    """Who somebody is: names, birth, sex, nationality; of an organisation its names and kind."""
    FAMILY = "family"
    DOCUMENT = "document"
    """Numbers of a person's documents."""
    IDENTIFIER = "identifier"
    """Numbers under which an organisation is registered."""
    WHEREABOUTS = "whereabouts"
    """Address, telephone, mail."""
    FINDING = "finding"
    """What checks point at."""
    EVIDENCE = "evidence"
    """What a finding rests on."""
    CANDIDATE = "candidate"
    """Other registrations that may be of the same person."""
    COMPARISON = "comparison"
    """Scores of biometric comparisons, and quality."""
    BIOMETRIC_REFERENCE = "biometric_reference"
    """Opaque ids under which biometrics are held."""
    BIOMETRIC_DATA = "biometric_data"
    """Images and templates."""
    DECISION = "decision"
    """What reviewers found, and papers that were shown to them."""
    CHILD_CASE = "child_case"
    """What is best for a child, and who stands by it."""
    VICTIM_STATUS = "victim_status"
    INTERVIEW = "interview"
    """What a worker told, and the lead that it amounts to."""
    SUPPORT = "support"
    """What is done for somebody who is presumed a victim, by whom, and how it goes."""
    CLAIM = "claim"
    """What a worker is owed by whom, what it rests on, and where the money goes."""
    LEDGER = "ledger"
    """Money of the aid fund, by account. About nobody."""
    CASE_STATUS = "case_status"
    """What may be said of a party because of a case."""
    INVESTIGATION = "investigation"
    """How far a proceeding has got, from day to day."""
    SANCTION = "sanction"
    LISTING = "listing"
    LICENCE = "licence"
    LICENCE_FILE = "licence_file"
    """An office's file of a licensee: bonds, fees, counts of complaints."""
    INSPECTION = "inspection"
    LINK = "link"
    """Who owns, directs, represents or follows whom."""
    HISTORY = "history"
    """Records as they were told, whole."""
    MATCHING = "matching"
    """Why something was found: scores and reasons."""
    ASKED = "asked"
    """The caller's own question, repeated."""
    OFFICE = "office"
    """An office's own work: references, cleared hits, watches, thresholds, imports."""
    COVERAGE = "coverage"
    """Which member states are in the answer."""
    CATALOGUE = "catalogue"
    """What the service can do; laws and offences. About nobody."""
    FIGURE = "figure"
    """Counts, sizes, times and error rates of the service. About nobody."""
    PUBLIC = "public"
    """What everybody may read."""
    ACCESS = "access"
    """Who may come in, as what, and with which keys."""
    LOG = "log"
    """Who asked for what."""
    PROBLEM = "problem"
    """Why a request was not served."""


BY_PROPERTY: Final = "by_property"
"""Stands in the table for a class: the name of a property decides, by the table's [properties]."""
_PROPERTIES: Final = "properties"


@cache
def _table() -> Mapping[str, Mapping[str, FieldClass | None]]:
    text = files("shared.contracts").joinpath("disclosure.toml").read_text(encoding="utf-8")
    return {model: dict(_fields(classes)) for model, classes in tomllib.loads(text).items()}


def _fields(classes: Mapping[str, str]) -> list[tuple[str, FieldClass | None]]:
    """Each field once, with its class; None: by property.

    Raises:
        ValueError: a class is not known, or a field stands under two.
    """
    pairs = [
        (field, None if name == BY_PROPERTY else FieldClass(name))
        for name, fields in classes.items()
        for field in fields.split()
    ]
    if len({field for field, _ in pairs}) != len(pairs):
        raise ValueError("a field stands under two classes")
    return pairs


def classed_models() -> frozenset[str]:
    """Names of the models in the table."""
    return frozenset(_table()) - {_PROPERTIES}


def classes_of(model: type[BaseModel]) -> Mapping[str, FieldClass | None]:
    """The class of each field, by its name on the wire; None: by property. Fields that are not in it have none."""
    found: dict[str, FieldClass | None] = {}
    for each in reversed(model.__mro__):
        found |= _table().get(each.__name__, {})
    return found


def class_of_property(name: str) -> FieldClass | None:
    """The class of what a property of a party says; None: it has none."""
    return _table()[_PROPERTIES].get(name)
