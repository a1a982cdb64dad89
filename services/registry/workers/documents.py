"""What a document's machine-readable zone says, and where it contradicts itself or the typed particulars. Pure."""

from dataclasses import dataclass
from datetime import date

from services.registry.documents.chip import chip_zone
from services.registry.documents.names import same_name
from services.registry.documents.statements import plain_number, zone_birth
from shared.contracts.registrations import RegistrationRequest, Signal, SignalCode, Strength, TravelDocument
from shared.standards.dates import DateInterval, parse_partial_date
from shared.standards.mrz import Mrz, MrzFormatError, parse_mrz

DOC_9303 = "ICAO Doc 9303-3, section 4.9 (check digits)"


@dataclass(frozen=True)
class DocumentReading:
    """A document as far as it could be read."""

    identity: tuple[str, str] | None  # issuer, number
    birth: DateInterval | None  # by the zone
    signals: tuple[Signal, ...]


def read_document(request: RegistrationRequest, today: date) -> DocumentReading:
    """Read the zone where there is one, else take what was typed."""
    document = request.document
    if document is None:
        return DocumentReading(None, None, ())
    typed = _typed(document, request.nationality)
    if document.mrz is None:
        chip = chip_zone(document.chip) if document.chip else None
        return DocumentReading((chip.issuer, plain_number(chip.document_number)) if chip else typed, None, ())
    try:
        mrz = parse_mrz(document.mrz)
    except MrzFormatError as error:
        return DocumentReading(typed, None, (_unreadable(error),))
    birth = zone_birth(mrz, today)
    found = (_check_digits(mrz), _contradiction(mrz, birth, request))
    return DocumentReading(
        (mrz.issuer, plain_number(mrz.document_number)), birth, tuple(signal for signal in found if signal)
    )


def stated_births(request: RegistrationRequest, today: date) -> list[tuple[str, DateInterval]]:
    """Every birth date that the papers of a request state by themselves, with its source; what was typed is not."""
    zone = read_document(request, today).birth
    chip = chip_zone(request.document.chip) if request.document and request.document.chip else None
    chips = zone_birth(chip, today) if chip else None
    record = parse_partial_date(request.birth_record.born) if request.birth_record else None
    return [(source, birth) for source, birth in (("mrz", zone), ("chip", chips), ("birth_record", record)) if birth]


def _typed(document: TravelDocument, nationality: str | None) -> tuple[str, str] | None:
    issuer = document.issuer or nationality  # a passport is of the bearer's state unless somebody says otherwise
    if issuer is None or document.number is None or not plain_number(document.number):
        return None
    return issuer, plain_number(document.number)


def _unreadable(error: MrzFormatError) -> Signal:
    return Signal(
        code=SignalCode.MRZ_UNREADABLE,
        strength=Strength.WEAK,
        evidence={"reason": type(error).__name__},
        rule=DOC_9303,
        says="The machine-readable zone has no layout that Doc 9303 knows.",
        does_not_prove="Worn print, a poor reader or typing cause this far more often than forgery.",
    )


def _check_digits(mrz: Mrz) -> Signal | None:
    wrong = [check for check in mrz.checks if not check.ok]
    if not wrong:
        return None
    return Signal(
        code=SignalCode.MRZ_CHECK_DIGIT,
        strength=Strength.WEAK,
        evidence={
            "wrong": [{"field": check.field, "expected": check.expected, "found": check.found} for check in wrong]
        },
        rule=DOC_9303,
        says="A check digit of the machine-readable zone does not fit the characters that it covers.",
        does_not_prove="A misread character causes it too; and a right digit proves nothing, the weights are public.",
    )


def _contradiction(mrz: Mrz, birth: DateInterval | None, request: RegistrationRequest) -> Signal | None:
    differing = []
    if not same_name(f"{mrz.surname} {mrz.given_names}", request.name):
        differing.append("name")
    if birth is not None and not birth.overlaps(parse_partial_date(request.born)):
        differing.append("birth_date")
    if request.nationality and mrz.nationality != request.nationality:
        differing.append("nationality")
    if not differing:
        return None
    return Signal(
        code=SignalCode.MRZ_DATA_MISMATCH,
        strength=Strength.MEDIUM,
        evidence={"fields": differing},
        rule="ICAO Doc 9303-3: the zone repeats the data of the page",
        says="The machine-readable zone and what was typed say different things.",
        does_not_prove="Typing, truncation of long names and transliteration are the commonest causes.",
    )
