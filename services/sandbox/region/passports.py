"""Passports that no state issued: identities, their numbers and machine-readable zones."""

import random
import string
from dataclasses import dataclass, replace
from datetime import date

from services.sandbox.region.names import PersonName
from shared.standards.mrz import MrzFormat, write_mrz

_NUMBERS = {
    "BRN": "C#######",
    "IDN": "X#######",
    "KHM": "N########",
    "LAO": "PA#######",
    "MMR": "MJ######",
    "MYS": "A########",
    "PHL": "P#######B",
    "SGP": "K#######E",
    "THA": "AC#######",
    "TLS": "C######",
    "VNM": "Q#######",
}
"""Number patterns, `#` a digit. Plausible shapes; no claim about any state's numbering."""


@dataclass(frozen=True)
class Identity:
    """What a passport states of its bearer."""

    name: PersonName
    birth: date
    sex: str
    nationality: str
    passport: str
    expiry: date


def draw_number(issuer: str, rng: random.Random) -> str:
    """A passport number, at most nine characters."""
    return "".join(rng.choice(string.digits) if sign == "#" else sign for sign in _NUMBERS[issuer])


def write_passport(identity: Identity, birth: str | None = None) -> str:
    """The TD3 machine-readable zone that states an identity; every check digit is right.

    Args:
        identity: the holder's.
        birth: as printed, where not all of it is known.
    """
    return write_mrz(
        MrzFormat.TD3,
        document_code="P",
        issuer=identity.nationality,
        surname=identity.name.primary,
        given_names=identity.name.secondary,
        document_number=identity.passport,
        nationality=identity.nationality,
        birth=birth or f"{identity.birth:%y%m%d}",
        sex=identity.sex,
        expiry=f"{identity.expiry:%y%m%d}",
    )


def alter_birth_year(genuine: Identity) -> tuple[Identity, str]:
    """The passport after its birth year was made one year earlier or later by hand.

    Returns:
        What the altered passport states, and its zone, whose check digits still are those of the genuine one.
    """
    year = genuine.birth.year
    altered = genuine.birth.replace(year=year - 1 if year % 10 == 9 else year + 1, day=min(genuine.birth.day, 28))
    return _retouched(genuine, replace(genuine, birth=altered))


def alter_number(genuine: Identity) -> tuple[Identity, str]:
    """The passport after the last digit of its number was changed by hand; returned as by `alter_birth_year`."""
    at = max(index for index, sign in enumerate(genuine.passport) if sign.isdigit())
    digit = (int(genuine.passport[at]) + 3) % 10
    number = f"{genuine.passport[:at]}{digit}{genuine.passport[at + 1 :]}"
    return _retouched(genuine, replace(genuine, passport=number))


def _retouched(genuine: Identity, stated: Identity) -> tuple[Identity, str]:
    """Number and birth date of the one zone written over the other's, check digits left as they were.

    Positions: ICAO Doc 9303-4, 4.2.2 (second line, 1-9 and 14-19).
    """
    first, old = write_passport(genuine).split("\n")
    new = write_passport(stated).split("\n")[1]
    return stated, f"{first}\n{new[:9]}{old[9:13]}{new[13:19]}{old[19:]}"
