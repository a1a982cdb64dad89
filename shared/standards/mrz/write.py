"""Writing a machine-readable zone: for the sandbox's documents and for our own cards."""

from __future__ import annotations

import re

from shared.standards.mrz.alphabet import ALPHABET, FILLER, MrzFormatError, check_digit, transliterate
from shared.standards.mrz.layout import LAYOUTS, Layout, MrzFormat, Slot


def write_mrz(  # noqa: PLR0913 - the fields of a document
    mrz_format: MrzFormat,
    *,
    document_code: str,
    issuer: str,
    surname: str,
    given_names: str,
    document_number: str,
    nationality: str,
    birth: str,
    sex: str,
    expiry: str,
    optional_data: str = "",
    optional_data_2: str = "",
) -> str:
    """A machine-readable zone with correct check digits, its lines separated by line feeds.

    Args:
        surname, given_names: Latin script; transliterated, and cut where they do not fit.
        birth, expiry: yymmdd, unknown parts `<<`.
        sex: `M`, `F`; `<` or `X` for unspecified.
        optional_data_2: TD1 only.

    Raises:
        MrzFormatError: a field is too long, or holds a character the zone cannot; says which field.
    Source: ICAO Doc 9303 parts 3 to 7.
    """
    layout = LAYOUTS[mrz_format]
    zone = _Zone(layout)
    zone.put("document code", layout.document_code, document_code)
    zone.put("issuer", layout.issuer, issuer)
    zone.put("name", layout.name, name_field(surname, given_names, layout.name.width))
    zone.put("nationality", layout.nationality, nationality)
    zone.put("birth", layout.birth, birth)
    zone.put("sex", layout.sex, FILLER if sex.upper() == "X" else sex)
    zone.put("expiry", layout.expiry, expiry)
    if layout.optional_2 is not None:
        zone.put("optional data 2", layout.optional_2, optional_data_2)
    elif optional_data_2:
        raise MrzFormatError(f"optional data 2: {mrz_format} has none")
    _put_number(zone, layout, document_number, optional_data)
    return zone.finish()


class _Zone:
    """The characters of a zone while it is filled in."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._rows = [[FILLER] * layout.width for _ in range(layout.lines)]
        self._done: set[str] = set()

    def put(self, field: str, slot: Slot, text: str) -> None:
        written = text.upper().replace(" ", FILLER)
        if len(written) > slot.width:
            raise MrzFormatError(f"{field}: more than {slot.width} characters")
        if not set(written) <= set(ALPHABET):
            raise MrzFormatError(f"{field}: a character is not in the MRZ alphabet")
        self._rows[slot.line][slot.start : slot.end] = written.ljust(slot.width, FILLER)

    def lines(self) -> list[str]:
        return ["".join(row) for row in self._rows]

    def checked_elsewhere(self, field: str) -> None:
        self._done.add(field)

    def finish(self) -> str:
        for rule in self._layout.checks:
            if rule.field not in self._done:
                covered = "".join(slot.read(self.lines()) for slot in rule.over)
                self.put(rule.field, rule.at, str(check_digit(covered)))
        return "\n".join(self.lines())


def _put_number(zone: _Zone, layout: Layout, number: str, optional: str) -> None:
    room = layout.number.width
    compact = number.upper().replace(" ", "")
    if len(compact) <= room or not layout.number_may_continue:
        zone.put("document number", layout.number, compact)
        zone.put("optional data", layout.optional, optional)
        return
    if FILLER in compact:
        raise MrzFormatError("document number: a long number holds no filler")
    # The trailing filler ends the number, so it is written even where no optional data follows.
    tail = f"{compact[room:]}{check_digit(compact)}{FILLER}{optional}"
    zone.put("document number", layout.number, compact[:room])
    zone.put("optional data", layout.optional, tail)
    zone.checked_elsewhere("document_number")


def name_field(surname: str, given_names: str, width: int) -> str:
    """Surname and given names as they stand in a name field.

    A name that does not fit keeps at least one letter of the given names: the surname's last components
    become initials first, then the given names are cut. A cut field ends in a letter, so that the reader knows.

    Args:
        width: characters in the field: 30 (TD1), 31 (TD2, MRV-B), 39 (TD3, MRV-A).

    Raises:
        MrzFormatError: there is no name, or a character has no place in the MRZ.
    Source: ICAO Doc 9303-4 4.2.3, -5 4.2.3, -6 4.2.3 (truncation; one of the options left to the issuer).
    """
    primary, secondary = transliterate(surname), transliterate(given_names)
    if not primary:
        primary, secondary = secondary, ""  # a single name is the primary identifier
    if not primary:
        raise MrzFormatError("name: nothing that can be written")
    full = f"{primary}<<{secondary}" if secondary else primary
    if len(full) > width and secondary:
        full = _shorten(primary, f"<<{secondary}", width)
    return _cut(full, width).ljust(width, FILLER)


def _shorten(primary: str, tail: str, width: int) -> str:
    """The name with a primary identifier that leaves room for the separator and one letter behind it."""
    room = width - 3
    whole = primary.split(FILLER)
    components = list(whole)
    index = len(components)
    while index > 1 and len(FILLER.join(components)) > room:
        index -= 1
        components[index] = components[index][0]
    joined = FILLER.join(components)
    if len(joined) > room:
        return _cut(joined, room) + tail
    slack = width - len(joined + tail)
    if slack > 0 and index < len(components):  # the last initial need not be so short
        components[index] = whole[index][: 1 + slack]
    return FILLER.join(components) + tail


def _cut(full: str, width: int) -> str:
    """The first characters, one letter shorter somewhere if the field would otherwise end in a filler."""
    while len(full) > width and full[width - 1] == FILLER:
        pairs = list(re.finditer(r"[A-Z](?=([A-Z]))", full[: width - 1]))
        if not pairs:
            break
        last = pairs[-1].start() + 1
        full = full[:last] + full[last + 1 :]
    return full[:width]
