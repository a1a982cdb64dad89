"""Reading a machine-readable zone."""

from __future__ import annotations

from dataclasses import dataclass

from shared.standards.mrz.alphabet import ALPHABET, FILLER, MrzFormatError, check_digit, unknown_character
from shared.standards.mrz.layout import LAYOUTS, CheckRule, Layout, MrzFormat

MAX_TEXT = 256  # characters; the longest zone has 90, the rest leaves room for blanks and line ends


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """One check digit: what it should be and what is printed."""

    field: str
    expected: str
    found: str
    ok: bool


@dataclass(frozen=True, slots=True, repr=False)
class Mrz:
    """What a machine-readable zone says. Fillers are removed; dates stay as printed.

    Attributes:
        birth, expiry: yymmdd as printed; unknown parts may be `<<` or 00.
        sex: `M`, `F` or `<` (unspecified), as printed.
        names_may_be_cut: the name field is full to its last character, so the name may be longer than it.
        optional_data: what is left of the optional data once a long document number is taken out.
        optional_data_2: the second optional field of TD1, else empty.
    """

    format: MrzFormat
    document_code: str
    issuer: str
    surname: str
    given_names: str
    names_may_be_cut: bool
    document_number: str
    nationality: str
    birth: str
    sex: str
    expiry: str
    optional_data: str
    optional_data_2: str
    checks: tuple[CheckDigit, ...]

    @property
    def checks_ok(self) -> bool:
        """Whether every check digit agrees. Weak evidence: it proves no document genuine."""
        return all(check.ok for check in self.checks)

    def __repr__(self) -> str:
        # No personal data may reach a log through a traceback or a debug print.
        return f"<Mrz {self.format}>"


def parse_mrz(text: str) -> Mrz:
    """The fields and check digits of a machine-readable zone.

    Wrong check digits are reported, not refused: the reader decides what they weigh.

    Args:
        text: the lines of the zone, separated by line ends or run together. Blanks are ignored, lower case
            accepted.

    Raises:
        MrzFormatError: too long, no known format, or a character outside the alphabet.
    Source: ICAO Doc 9303 parts 3 to 7.
    """
    if len(text) > MAX_TEXT:
        raise MrzFormatError(f"longer than {MAX_TEXT} characters")
    lines = _clean_lines(text)
    mrz_format = _format_of(lines)
    layout = LAYOUTS[mrz_format]
    return _read(mrz_format, layout, _split("".join(lines), layout.width))


def _clean_lines(text: str) -> list[str]:
    lines = ["".join(line.split()) for line in text.splitlines()]
    lines = [line.upper() if line.isascii() else line for line in lines if line]
    for number, line in enumerate(lines, start=1):
        for position, character in enumerate(line, start=1):
            if character not in ALPHABET:
                raise unknown_character(character, f"line {number}, position {position}")
    return lines


def _format_of(lines: list[str]) -> MrzFormat:
    joined = "".join(lines)
    visa = joined.startswith("V")
    by_length = {
        90: MrzFormat.TD1,
        72: MrzFormat.MRV_B if visa else MrzFormat.TD2,
        88: MrzFormat.MRV_A if visa else MrzFormat.TD3,
    }
    lengths = [len(line) for line in lines]
    mrz_format = by_length.get(len(joined))
    if mrz_format is None:
        raise MrzFormatError(f"lines of {lengths} characters; a zone has 3 of 30, 2 of 36 or 2 of 44")
    layout = LAYOUTS[mrz_format]
    if len(lines) > 1 and lengths != [layout.width] * layout.lines:
        raise MrzFormatError(f"lines of {lengths} characters; {mrz_format} has {layout.lines} of {layout.width}")
    return mrz_format


def _split(joined: str, width: int) -> list[str]:
    return [joined[start : start + width] for start in range(0, len(joined), width)]


def _read(mrz_format: MrzFormat, layout: Layout, lines: list[str]) -> Mrz:
    name = layout.name.read(lines)
    surname, _, given = name.strip(FILLER).partition(FILLER * 2)
    number, optional, digit = _document_number(layout, lines)
    return Mrz(
        format=mrz_format,
        document_code=_plain(layout.document_code.read(lines)),
        issuer=_plain(layout.issuer.read(lines)),
        surname=_plain(surname),
        given_names=_plain(given),
        names_may_be_cut=not name.endswith(FILLER),
        document_number=number,
        nationality=_plain(layout.nationality.read(lines)),
        birth=layout.birth.read(lines),
        sex=layout.sex.read(lines),
        expiry=layout.expiry.read(lines),
        optional_data=_plain(optional),
        optional_data_2=_plain(layout.optional_2.read(lines)) if layout.optional_2 else "",
        checks=(digit, *(_check(rule, lines) for rule in layout.checks if rule.field != "document_number")),
    )


def _plain(field: str) -> str:
    """Words separated by blanks instead of fillers."""
    return " ".join(part for part in field.split(FILLER) if part)


def _document_number(layout: Layout, lines: list[str]) -> tuple[str, str, CheckDigit]:
    """Number, remaining optional data and the number's check digit.

    A number of more than nine characters goes on in the optional data, its check digit right behind it; a
    filler stands in the check digit's usual place (Doc 9303-5 and -6, note on long document numbers).
    """
    field, optional = layout.number.read(lines), layout.optional.read(lines)
    rule = next(rule for rule in layout.checks if rule.field == "document_number")
    rest, _, remaining = optional.partition(FILLER)
    continues = layout.number_may_continue and rule.at.read(lines) == FILLER and FILLER not in field
    if not continues or len(rest) < 2:
        return _plain(field), optional, _check(rule, lines)
    number = field + rest[:-1]
    return number, remaining, _compare("document_number", number, rest[-1])


def _check(rule: CheckRule, lines: list[str]) -> CheckDigit:
    covered = "".join(slot.read(lines) for slot in rule.over)
    found = rule.at.read(lines)
    if rule.may_be_blank and found == FILLER and not covered.strip(FILLER):
        return CheckDigit(rule.field, FILLER, found, ok=True)
    return _compare(rule.field, covered, found)


def _compare(field: str, covered: str, found: str) -> CheckDigit:
    expected = str(check_digit(covered))
    return CheckDigit(field, expected, found, ok=expected == found)
