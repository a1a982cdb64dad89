"""One worker at the desk, from the notice to the packet. It lives in memory only, until it is sealed."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from services.desk.languages import Saying
from services.desk.particulars import nested, typed, wrong_amounts, wrong_days, wrong_fields
from services.desk.queue.gateway import encode
from services.desk.scanners.scanner import Capture
from shared.contracts.registrations import FingerException, FingerPosition, NoBiometrics, RegistrationRequest

MOST_TRIES: Final = 3
USUAL_FINGERS: Final = (FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX)


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
        photo_notes: what could be better in it.
        sealing: held while it is packed, so that a double press packs once.
    """

    reference: str
    notice: dict[str, Any] | None = None
    no_biometrics: NoBiometrics | None = None
    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    photo: bytes | None = None
    photo_notes: list[str | Saying] = field(default_factory=list)
    fingers: dict[FingerPosition, FingerState] = field(default_factory=dict)
    sealing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def agreed(self) -> bool:
        """Whether photo and prints may be taken."""
        return bool(self.notice and self.notice["biometrics_agreed"]) and self.no_biometrics is None

    def finger(self, position: FingerPosition) -> FingerState:
        """The state of one finger."""
        return self.fingers.setdefault(position, FingerState())

    def step(self, today: date) -> str:
        """The first step that nothing was done at yet, to go on with."""
        if self.notice is None:
            return "consent"
        if self.wrong(today):
            return "document"
        if self.agreed and self.photo is None and not self.fingers:
            return "photo"
        return "fingers" if self.agreed and not all(_has(self.finger(each)) for each in USUAL_FINGERS) else "review"

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
        """What is wrong with what was typed, by field, in words that are translated where they are shown."""
        wrong = wrong_days(self.fields, today) | wrong_amounts(self.fields)
        try:
            self.request()
        except ValidationError as error:
            wrong |= wrong_fields(error)
        return wrong

    def _document(self) -> dict[str, Any]:
        body: dict[str, Any] = {"reference": self.reference, "notice": self.notice, "no_biometrics": self.no_biometrics}
        body |= nested({**typed(self.fields), **{name: encode(content) for name, content in self.files.items()}})
        if self.agreed:
            body["photo"] = encode(self.photo) if self.photo else None
            body["fingers"] = [_finger(position, state) for position, state in self.fingers.items() if _has(state)]
        return body


def _has(state: FingerState) -> bool:
    return state.exception is not None or state.best is not None


def _finger(position: FingerPosition, state: FingerState) -> dict[str, Any]:
    if state.exception is not None or state.best is None:
        return {"position": position.value, "exception": state.exception}
    return {"position": position.value, "image": encode(state.best.image), "dpi": 500}
