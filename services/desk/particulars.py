"""What is typed about a worker: its fields, what to say when one does not fit, and the object made of it. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from shared.pages.languages import marked
from shared.standards.dates import DateIntervalError, parse_partial_date

CONTRACTS: Final = ("placement.terms", "placement.promised")
_AMOUNTS: Final = ("wage", "deductions")
_CONTRACT: Final = (
    "wage.amount", "currency", "deductions.amount", "hours_a_week", "rest_days_a_month", "months", "occupation",
)  # fmt: skip
FILES: Final = ("document.page", "document.chip.dg1", "document.chip.dg2", "document.chip.sod")
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "person": ("name", "native_name", "born", "sex", "nationality",
               "document.number", "document.issuer", "document.expires"),
    "paper": ("document.issued", "document.holder", *FILES),
    "contact": ("contact.phone", "contact.account"),
    "work": ("placement.destination", "placement.start", "placement.sector", "placement.terms.occupation",
             "placement.paid.amount", "placement.paid.currency"),
    "terms": tuple(f"placement.terms.{part}" for part in _CONTRACT if part != "occupation"),
    "promised": tuple(f"placement.promised.{part}" for part in _CONTRACT),
    "birth": ("birth_record.name", "birth_record.born", "birth_record.number", "birth_record.authority"),
}  # fmt: skip
"""What is asked together, by the names of `RegistrationRequest`; all but the first group may be left alone.

A contract is asked for one currency, which is that of its amounts.
"""
FIELDS: Final = ("document.mrz", *(name for group in GROUPS.values() for name in group if name not in FILES))
_PAST: Final = frozenset({"born", "document.issued", "birth_record.born"})
_DATES: Final = (*sorted(_PAST), "document.expires")

_PLAIN: Final = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
_PARTLY: Final = marked("Write the date as YYYY-MM-DD; YYYY-MM or YYYY when the day is not known.")
_COUNTRY: Final = marked("Three letters, such as IDN.")
_NEEDED: Final = marked("Needed, because other fields of it are filled in.")
_AT_MOST_200: Final = marked("At most 200 characters.")
_AMOUNT: Final = marked("Digits, with a point before cents: 1500 or 1500.50, not 1,500 and not 1.500.")
_SAID: Final = {
    "name": marked("Write the name as the passport has it."),
    "native_name": _AT_MOST_200,
    "born": _PARTLY,
    "sex": marked("Choose one, or leave it open."),
    "nationality": _COUNTRY,
    "mrz": _AT_MOST_200,
    "document.number": marked("At most 40 letters and digits."),
    "issuer": _COUNTRY,
    "issued": _PARTLY,
    "expires": _PARTLY,
    "holder": marked("One line, at most 500 characters."),
    "phone": marked("A number such as +62 812 3456 789."),
    "account": marked("4 to 61 letters and digits: the bank or service, and the number."),
    "destination": marked("Three letters, such as MYS."),
    "start": marked("Write the day as YYYY-MM-DD."),
    "occupation": marked("One to four digits of ISCO-08, such as 9111."),
    "amount": _AMOUNT,
    "currency": marked("Choose the currency."),
    "hours_a_week": marked("A whole number from 1 to 168."),
    "rest_days_a_month": marked("A whole number from 0 to 31."),
    "months": marked("A whole number from 1 to 240."),
    "birth_record.name": _AT_MOST_200,
    "birth_record.number": marked("At most 60 characters."),
    "authority": _AT_MOST_200,
}
"""What to write, by a field, or by its last part."""
_ALWAYS: Final = frozenset({"name", "born", "currency"})
"""Said in the same words when it is missing."""


def typed(fields: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by the names of `RegistrationRequest`; what was left open is not there."""
    given = {name: value for name, value in fields.items() if value}
    for contract in CONTRACTS:
        currency = given.pop(f"{contract}.currency", None)
        amounts = [f"{contract}.{amount}" for amount in _AMOUNTS if f"{contract}.{amount}.amount" in given]
        given |= {f"{amount}.currency": currency for amount in amounts if currency}
    return given


def nested(given: Mapping[str, Any]) -> dict[str, Any]:
    """`document.number` goes into the object `document`."""
    body: dict[str, Any] = {}
    for name, value in given.items():
        *outer, last = name.split(".")
        inner = body
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return body


def wrong_fields(error: ValidationError) -> dict[str, str]:
    """What to write instead of what the contract refuses, by field; never the value.

    The contract's own words stand where there are none of ours.
    """
    wrong = {}
    for item in error.errors(include_input=False, include_url=False):
        name = _asked(".".join(str(part) for part in item["loc"]))
        last = name.rpartition(".")[2]
        ours = _SAID.get(name) or _SAID.get(last)
        wrong[name] = _NEEDED if item["type"] == "missing" and not {name, last} & _ALWAYS else ours or item["msg"]
    return wrong


def wrong_days(fields: Mapping[str, str], today: date) -> dict[str, str]:
    """Days that do not exist, or that cannot be still to come, by field."""
    wrong: dict[str, str] = {}
    for name in (each for each in _DATES if fields.get(each)):
        try:
            first = parse_partial_date(fields[name]).earliest
        except DateIntervalError:
            wrong[name] = marked("There is no such day.")
        else:
            wrong |= {name: marked("This day is still to come.")} if name in _PAST and first > today else {}
    return wrong


def wrong_amounts(fields: Mapping[str, str]) -> dict[str, str]:
    """Amounts that are not written plainly, by field: 1.500 is 1500 to one officer, and 1.5 to the contract."""
    amounts = [name for name in FIELDS if name.endswith(".amount") and fields.get(name)]
    return {name: _AMOUNT for name in amounts if not _PLAIN.fullmatch(fields[name])}


def _asked(name: str) -> str:
    """The field in which something is asked: a contract's one currency for that of each amount."""
    contract = next((each for each in CONTRACTS if name.startswith(each) and name.endswith(".currency")), None)
    return f"{contract}.currency" if contract else name
