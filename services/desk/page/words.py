"""Words of the officer's page for codes of the contracts, each once; translated where they are shown."""

from collections.abc import Mapping
from typing import Final

from services.desk.scanners.scanner import (
    AnswerUnreadableError,
    CaptureRefusedError,
    CaptureSealedError,
    CaptureTimeoutError,
    CaptureUntrustedError,
    ResolutionError,
    ScannerAwayError,
    ScannerError,
)
from shared.contracts.registrations import FingerException, FingerPosition, NoBiometrics
from shared.pages.languages import marked as _
from shared.standards.ages import Sector

STEPS: Final = {
    "consent": _("Consent"),
    "document": _("Particulars"),
    "photo": _("Photo"),
    "fingers": _("Fingers"),
    "review": _("Review"),
    "receipt": _("Receipt"),
}

FINGER: Final = {
    FingerPosition.RIGHT_THUMB: _("Right thumb"),
    FingerPosition.RIGHT_INDEX: _("Right index finger"),
    FingerPosition.RIGHT_MIDDLE: _("Right middle finger"),
    FingerPosition.RIGHT_RING: _("Right ring finger"),
    FingerPosition.RIGHT_LITTLE: _("Right little finger"),
    FingerPosition.LEFT_THUMB: _("Left thumb"),
    FingerPosition.LEFT_INDEX: _("Left index finger"),
    FingerPosition.LEFT_MIDDLE: _("Left middle finger"),
    FingerPosition.LEFT_RING: _("Left ring finger"),
    FingerPosition.LEFT_LITTLE: _("Left little finger"),
}

EXCEPTION: Final = {
    FingerException.AMPUTATED: _("The finger is missing"),
    FingerException.BANDAGED: _("Bandaged"),
    FingerException.DAMAGED: _("Injured or worn"),
}

NO_BIOMETRICS: Final = {
    NoBiometrics.INJURED: _("Injured"),
    NoBiometrics.NOT_POSSIBLE: _("Not possible"),
    NoBiometrics.DEVICE_AWAY: _("The camera or the scanner is not there"),
}
"""Why nothing is captured of a worker who agrees."""

NOT_YET: Final = _("Not connected yet")
CONNECTED: Final = _("Connected")
NOT_SENDING: Final = _("Not sending")

GROUP: Final = {
    "paper": _("The document: holder, picture, chip"),
    "contact": _("Phone, bank account"),
    "work": _("Intended work, what was paid for it"),
    "terms": _("Terms of the contract"),
    "promised": _("After arrival: the contract that was signed at home"),
    "birth": _("Birth certificate"),
}
"""What is asked together."""

FIELD: Final = {
    "name": _("Name"),
    "native_name": _("Name in the worker’s own script"),
    "born": _("Date of birth"),
    "sex": _("Sex"),
    "nationality": _("Nationality"),
    "document.number": _("Document number"),
    "issuer": _("Issued by"),
    "issued": _("Issued on"),
    "expires": _("Valid until"),
    "page": _("Photo or scan of the page"),
    "dg1": _("Chip: DG1"),
    "dg2": _("Chip: DG2"),
    "sod": _("Chip: EF.SOD"),
    "holder": _("Handed over by, if not by the worker"),
    "phone": _("Phone"),
    "account": _("Bank account or wallet"),
    "destination": _("Country of work"),
    "sector": _("Sector"),
    "start": _("First day"),
    "paid.amount": _("Paid by the worker, in all"),
    "occupation": _("Occupation"),
    "wage.amount": _("Wage a month, before deductions"),
    "deductions.amount": _("Deductions a month, all together"),
    "currency": _("Currency"),
    "hours_a_week": _("Hours a week"),
    "rest_days_a_month": _("Days of rest a month"),
    "months": _("Months that it runs"),
    "birth_record.name": _("Name on the certificate"),
    "birth_record.born": _("Date of birth on the certificate"),
    "birth_record.number": _("Its number"),
    "authority": _("Issuing authority"),
}
"""What a field asks for, by its name or the end of it."""

_DAY: Final = _("YYYY-MM-DD")
HINT: Final = {
    "name": _("In the passport’s spelling."),
    "born": _("YYYY-MM-DD; YYYY when only the year is known."),
    "nationality": _("Three letters, such as IDN."),
    "issuer": _("Three letters."),
    "issued": _DAY,
    "expires": _DAY,
    "holder": _("An agency, an employer: name or number."),
    "account": _("With the bank or the service."),
    "destination": _("Three letters, such as MYS."),
    "start": _DAY,
    "paid.amount": _("To be placed, as the worker says."),
    "occupation": _("ISCO-08, as many digits as are known: 9111 is a cleaner or helper in a household."),
}
"""How it is written, in the same way."""


def of_field(words: Mapping[str, str], name: str) -> str:
    """The word for a field: by its whole name, or by its last parts; empty where there is none."""
    parts = name.split(".")
    return next((words[end] for n in range(len(parts)) if (end := ".".join(parts[n:])) in words), "")


SEX: Final = {"F": _("Female"), "M": _("Male"), "X": "X"}

SECTOR: Final = {
    Sector.ANY: _("any work"),
    Sector.DOMESTIC: _("work in a household"),
    Sector.MANUFACTURING: _("factory"),
    Sector.CONSTRUCTION: _("construction"),
    Sector.PLANTATION: _("plantation"),
    Sector.SERVICES: _("services"),
    Sector.FISHING: _("fishing"),
    Sector.SEAFARING: _("work on ships"),
    Sector.SEAFOOD_PROCESSING: _("seafood processing"),
    Sector.HAZARDOUS: _("dangerous work"),
}

_MENDING: Final[dict[type[ScannerError], str]] = {
    ScannerAwayError: _("The scanner does not answer. Look at its cable and its program, then capture again."),
    CaptureTimeoutError: _(
        "No finger came in time. Lay the finger flat on the middle of the glass, and capture again."
    ),
    CaptureRefusedError: _("The scanner did not capture. Wipe the glass and the finger, and capture again."),
    AnswerUnreadableError: _(
        "The scanner's answer cannot be used. Capture again; if it stays so, unplug the scanner and plug it in again."
    ),
    CaptureUntrustedError: _(
        "It could not be verified that this scanner took the print: it is not used. Tell your administrator."
    ),
    CaptureSealedError: _(
        "This scanner seals its prints for somebody else: none can be used. Tell your administrator."
    ),
    ResolutionError: _("This scanner is not set up to capture at 500 dpi. Tell your administrator."),
}


def how_to_mend(error: ScannerError) -> str:
    """What the officer is told when a scanner gave no print: what happened, and what to do."""
    return _MENDING.get(type(error), _("The scanner gave no print. Capture again, or tell your administrator."))
