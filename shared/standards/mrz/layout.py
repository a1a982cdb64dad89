"""Where each field stands, for the five formats of Doc 9303."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class MrzFormat(StrEnum):
    """A size and layout of machine-readable zone."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRV_A = "MRV-A"
    MRV_B = "MRV-B"


@dataclass(frozen=True, slots=True)
class Slot:
    """Characters start..end (0-based, end excluded) of a line."""

    line: int
    start: int
    end: int

    @property
    def width(self) -> int:
        """How many characters it holds."""
        return self.end - self.start

    def read(self, lines: Sequence[str]) -> str:
        """What stands there, fillers included."""
        return lines[self.line][self.start : self.end]


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One check digit: the characters it covers, joined in order, and where it stands."""

    field: str
    over: tuple[Slot, ...]
    at: Slot
    may_be_blank: bool = False  # Doc 9303-4: `<` or 0 when the personal number is empty


@dataclass(frozen=True, slots=True)
class Layout:
    """The positions of one format. Document code and issuer open line 1 in all of them."""

    lines: int
    width: int
    name: Slot
    number: Slot
    nationality: Slot
    birth: Slot
    sex: Slot
    expiry: Slot
    optional: Slot
    optional_2: Slot | None
    checks: tuple[CheckRule, ...]
    number_may_continue: bool

    document_code: Slot = Slot(0, 0, 2)
    issuer: Slot = Slot(0, 2, 5)


def _after(slot: Slot) -> Slot:
    return Slot(slot.line, slot.end, slot.end + 1)


def _field_checks(number: Slot, birth: Slot, expiry: Slot) -> tuple[CheckRule, ...]:
    named = (("document_number", number), ("birth", birth), ("expiry", expiry))
    return tuple(CheckRule(field, (slot,), _after(slot)) for field, slot in named)


def _two_lines(width: int, optional: Slot, checks: tuple[CheckRule, ...], *, continues: bool) -> Layout:
    """TD2, TD3 and visas share everything up to the optional data."""
    number, birth, expiry = Slot(1, 0, 9), Slot(1, 13, 19), Slot(1, 21, 27)
    return Layout(
        lines=2,
        width=width,
        name=Slot(0, 5, width),
        number=number,
        nationality=Slot(1, 10, 13),
        birth=birth,
        sex=Slot(1, 20, 21),
        expiry=expiry,
        optional=optional,
        optional_2=None,
        checks=_field_checks(number, birth, expiry) + checks,
        number_may_continue=continues,
    )


def _composite(end: int) -> CheckRule:
    return CheckRule("composite", (Slot(1, 0, 10), Slot(1, 13, 20), Slot(1, 21, end)), Slot(1, end, end + 1))


_PERSONAL_NUMBER = CheckRule("optional_data", (Slot(1, 28, 42),), Slot(1, 42, 43), may_be_blank=True)
_TD1_NUMBER, _TD1_BIRTH, _TD1_EXPIRY = Slot(0, 5, 14), Slot(1, 0, 6), Slot(1, 8, 14)
_TD1_COMPOSITE = CheckRule(
    "composite", (Slot(0, 5, 30), Slot(1, 0, 7), Slot(1, 8, 15), Slot(1, 18, 29)), Slot(1, 29, 30)
)

LAYOUTS: dict[MrzFormat, Layout] = {
    MrzFormat.TD1: Layout(
        lines=3,
        width=30,
        name=Slot(2, 0, 30),
        number=_TD1_NUMBER,
        nationality=Slot(1, 15, 18),
        birth=_TD1_BIRTH,
        sex=Slot(1, 7, 8),
        expiry=_TD1_EXPIRY,
        optional=Slot(0, 15, 30),
        optional_2=Slot(1, 18, 29),
        checks=(*_field_checks(_TD1_NUMBER, _TD1_BIRTH, _TD1_EXPIRY), _TD1_COMPOSITE),
        number_may_continue=True,
    ),
    MrzFormat.TD2: _two_lines(36, Slot(1, 28, 35), (_composite(35),), continues=True),
    MrzFormat.TD3: _two_lines(44, Slot(1, 28, 42), (_PERSONAL_NUMBER, _composite(43)), continues=False),
    MrzFormat.MRV_A: _two_lines(44, Slot(1, 28, 44), (), continues=False),
    MrzFormat.MRV_B: _two_lines(36, Slot(1, 28, 36), (), continues=False),
}
"""Positions by format. Source: ICAO Doc 9303-4 4.2.2 (TD3), -5 (TD1), -6 (TD2), -7 (MRV-A, MRV-B)."""
