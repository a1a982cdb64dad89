"""Who sees which registrations, and what of them. Pure; default deny.

A registration that may be a child's is sealed: only child protection sees that it is one. The desk that registered
the worker goes on seeing its registration exactly as it would look with nothing found; every other role is told that
there is no such registration.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from services.registry.workers.particulars import Particulars
from shared.contracts.caller import Caller, Role
from shared.contracts.registrations import (
    Progress,
    Registration,
    RegistrationCandidate,
    RegistrationState,
    Signal,
    SignalCode,
)

Audience = Literal["registration", "child_protection"]

_DESK: Final[tuple[Audience, ...]] = ("registration",)
_CHILD: Final[tuple[Audience, ...]] = ("registration", "child_protection")


class ViewDeniedError(Exception):
    """This role sees no registrations."""


@dataclass(frozen=True)
class AudiencedSignal:
    """A signal and for whom it is."""

    signal: Signal
    audience: Audience


@dataclass(frozen=True)
class Record:
    """A registration with everything in it, opened; never leaves the service as it is."""

    id: str
    person_id: str
    member: str
    reference: str | None
    particulars: Particulars
    state: RegistrationState
    progress: Progress
    child_sealed: bool
    signals: list[AudiencedSignal]
    candidates: list[RegistrationCandidate]
    missing: list[str]
    created_at: datetime
    checked_at: datetime | None


@dataclass(frozen=True)
class Scope:
    """Which registrations a caller may see at all, and which audiences' signals.

    Attributes:
        child_sealed: only sealed (True), only unsealed (False), both (None).
        only_codes: only registrations with one of these signals; None: all.
    """

    member: str
    child_sealed: bool | None
    audiences: tuple[Audience, ...]
    only_codes: frozenset[str] | None = None


def scope_of(caller: Caller) -> Scope:
    """What a caller may see.

    Raises:
        ViewDeniedError: the role sees no registrations.
    """
    match caller.role:
        case Role.DESK_OFFICER | Role.MEMBER_SYSTEM:
            return Scope(caller.member, child_sealed=None, audiences=_DESK)
        case Role.CHILD_PROTECTION:
            return Scope(caller.member, child_sealed=True, audiences=_CHILD)
        case Role.ADJUDICATOR:
            return Scope(caller.member, child_sealed=False, audiences=_DESK)
        case Role.LABOUR_INSPECTOR:
            codes = frozenset({SignalCode.BELOW_SECTOR_MINIMUM.value})
            return Scope(caller.member, child_sealed=False, audiences=_DESK, only_codes=codes)
        case _:
            raise ViewDeniedError("this role sees no registrations")


def view(record: Record, scope: Scope) -> Registration:
    """A registration as it may be seen within a scope.

    Candidates of a sealed registration are withheld with its identity signals: their differences would tell the age.
    """
    withheld = record.child_sealed and "child_protection" not in scope.audiences
    return Registration(
        registration=record.id,
        reference=record.reference,
        member=record.member,
        state=record.state,
        progress=record.progress,
        name=record.particulars.name,
        native_name=record.particulars.native_name,
        born=record.particulars.born,
        nationality=record.particulars.nationality,
        signals=[item.signal for item in record.signals if item.audience in scope.audiences],
        candidates=[] if withheld else record.candidates,
        missing=record.missing,
        created_at=record.created_at,
        checked_at=record.checked_at,
    )


def address(signals: list[Signal]) -> list[AudiencedSignal]:
    """Say for whom each signal is: where a child is possible, what could tell so is for child protection alone."""
    telling = {SignalCode.CHILD_POSSIBLE, SignalCode.SAME_PERSON_OTHER_IDENTITY}
    telling |= {SignalCode.MRZ_DATA_MISMATCH, SignalCode.AGE_UNDETERMINED}
    child = any(signal.code is SignalCode.CHILD_POSSIBLE for signal in signals)
    return [
        AudiencedSignal(signal, "child_protection" if child and signal.code in telling else "registration")
        for signal in signals
    ]
