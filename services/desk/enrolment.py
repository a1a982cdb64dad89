"""One worker at the desk, from the notice to the packet. It lives in memory only, until it is sealed."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from services.desk.queue.gateway import encode
from services.desk.scanners.scanner import Capture
from shared.contracts.registrations import FingerException, FingerPosition, NoBiometrics, RegistrationRequest
from shared.standards.dates import DateIntervalError, parse_partial_date

MOST_TRIES: Final = 3
USUAL_FINGERS: Final = (FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX)

_SAID: Final = {
    "name": "Write the name as the passport has it.",
    "born": "Write the date of birth as YYYY-MM-DD; YYYY-MM or YYYY when the day is not known.",
    "nationality": "Three letters, such as IDN.",
    "sex": "Choose one, or leave it open.",
    "document.number": "At most 40 letters and digits.",
    "document.issuer": "Three letters, such as IDN.",
    "document.expires": "Write the date as YYYY-MM-DD.",
    "document.mrz": "At most 200 characters.",
    "placement.destination": "Three letters, such as MYS.",
    "placement.start": "Write the day as YYYY-MM-DD.",
    "placement.sector": "Small letters only.",
}


@dataclass
class FingerState:
    """One finger: its tries so far, or why there is none."""

    tries: list[Capture] = field(default_factory=list)
    usable: list[bool | None] = field(default_factory=list)
    exception: FingerException | None = None

    @property
    def best(self) -> Capture | None:
        """The try of the best quality; the later one where that is not known."""
        ranked = [
            (self.usable[n] is not False, each.quality if each.quality is not None else -1, n)
            for n, each in enumerate(self.tries)
        ]
        return self.tries[max(ranked)[2]] if ranked else None

    @property
    def may_try(self) -> bool:
        """Whether there is another try."""
        return len(self.tries) < MOST_TRIES and self.exception is None


@dataclass
class Enrolment:
    """What is known of the worker so far.

    Attributes:
        notice: version and language of the notice that was shown, and whether the worker agreed to biometrics.
        fields: what was typed, by the names of `RegistrationRequest`; a part of the document as `document.number`.
        files: page image and chip files, by the same names.
        photo: JPEG.
        sealing: held while it is packed, so that a double press packs once.
    """

    reference: str
    notice: dict[str, Any] | None = None
    no_biometrics: NoBiometrics | None = None
    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    photo: bytes | None = None
    photo_notes: list[str] = field(default_factory=list)
    fingers: dict[FingerPosition, FingerState] = field(default_factory=dict)
    sealing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def agreed(self) -> bool:
        """Whether photo and prints may be taken."""
        return bool(self.notice and self.notice["biometrics_agreed"]) and self.no_biometrics is None

    def finger(self, position: FingerPosition) -> FingerState:
        """The state of one finger."""
        return self.fingers.setdefault(position, FingerState())

    def captured(self) -> dict[FingerPosition, Capture]:
        """The best print of each finger that has one."""
        return {position: state.best for position, state in self.fingers.items() if state.best is not None}

    def request(self) -> RegistrationRequest:
        """The registration as the gateway takes it.

        Raises:
            ValidationError: something is missing or does not fit; `wrong_fields` says what.
        """
        return RegistrationRequest.model_validate(self._document())

    def wrong(self, today: date) -> dict[str, str]:
        """What is wrong with what was typed, by field, in words."""
        wrong = {}
        try:
            self.request()
        except ValidationError as error:
            wrong = wrong_fields(error)
        born = self.fields.get("born", "")
        try:
            if "born" not in wrong and parse_partial_date(born).earliest > today:
                wrong["born"] = "This day is still to come."
        except DateIntervalError:
            wrong["born"] = "There is no such day."
        return wrong

    def _document(self) -> dict[str, Any]:
        body: dict[str, Any] = {"reference": self.reference, "notice": self.notice, "no_biometrics": self.no_biometrics}
        for name, value in self.fields.items():
            if value:
                _put(body, name, value)
        for name, content in self.files.items():
            _put(body, name, encode(content))
        if self.agreed:
            body["photo"] = encode(self.photo) if self.photo else None
            body["fingers"] = [_finger(position, state) for position, state in self.fingers.items() if _has(state)]
        return body


def wrong_fields(error: ValidationError) -> dict[str, str]:
    """Our words for what a model refuses, by field; never the value."""
    named = [".".join(str(part) for part in item["loc"]) for item in error.errors(include_input=False)]
    return {name: _SAID.get(name, "This does not fit.") for name in named}


def _has(state: FingerState) -> bool:
    return state.exception is not None or state.best is not None


def _finger(position: FingerPosition, state: FingerState) -> dict[str, Any]:
    if state.exception is not None or state.best is None:
        return {"position": position.value, "exception": state.exception}
    return {"position": position.value, "image": encode(state.best.image), "dpi": 500}


def _put(body: dict[str, Any], name: str, value: str) -> None:
    """`document.number` goes into the object `document`."""
    *outer, last = name.split(".")
    for part in outer:
        body = body.setdefault(part, {})
    body[last] = value
