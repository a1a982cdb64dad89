"""Who sees which registrations, and what of them. Pure; default deny.

A registration that may be a child's is sealed: only child protection sees that it is one. The desk that registered
the worker goes on seeing its registration exactly as it would look with nothing found; every other role is told that
there is no such registration. Until it is checked nobody knows, so until then it counts as sealed for them.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from services.registry.workers.findings import other_identity
from services.registry.workers.particulars import Particulars
from shared.contracts.caller import Caller, Role
from shared.contracts.registrations import (
    AskedMember,
    Progress,
    Registration,
    RegistrationCandidate,
    RegistrationState,
    Relation,
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
    presumed_victim: bool = False
    withdrawal_asked: bool = False
    seal_ended: bool = False
    elsewhere: list[AskedMember] = field(default_factory=list)


@dataclass(frozen=True)
class Scope:
    """Which registrations a caller may see at all, and which audiences' signals.

    Attributes:
        child_sealed: only sealed (True), only checked and not sealed (False), all (None).
        only_codes: only registrations with one of these signals; None: all.
        blind: not told the desk's reference, which may name the agency.
    """

    member: str
    child_sealed: bool | None
    audiences: tuple[Audience, ...]
    only_codes: frozenset[str] | None = None
    blind: bool = False

    @property
    def protects(self) -> bool:
        """Whether this reader protects people: what tells against a victim, or of a child, is shown to no other."""
        return "child_protection" in self.audiences


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
            return Scope(caller.member, child_sealed=False, audiences=_DESK, blind=True)
        case Role.LABOUR_INSPECTOR:
            codes = frozenset({SignalCode.BELOW_SECTOR_MINIMUM.value})
            return Scope(caller.member, child_sealed=False, audiences=_DESK, only_codes=codes)
        case _:
            raise ViewDeniedError("this role sees no registrations")


def pointed_at(record: Record) -> frozenset[str]:
    """The other registrations that a record names, as candidates or as evidence."""
    evidence = (item.signal.evidence.get("registrations", ()) for item in record.signals)
    return frozenset(candidate.registration for candidate in record.candidates).union(*evidence)


def view(record: Record, scope: Scope, hidden: AbstractSet[str] = frozenset()) -> Registration:
    """A registration as it may be seen within a scope.

    Of a sealed registration, candidates with other particulars are withheld with its identity signals: the differences
    would tell the age. Who came again as themselves is shown as ever. Of a presumed victim, everything that would tell
    against them is withheld the same way, whatever was found; and neither's state tells that people look at it.

    Args:
        record: within the scope.
        scope: the reader's.
        hidden: other registrations that the reader must not be pointed at.
    """
    if record.withdrawal_asked and not scope.protects:
        return _stub(record)
    withheld = (record.child_sealed or record.presumed_victim) and not scope.protects
    candidates = [candidate for candidate in record.candidates if candidate.registration not in hidden]
    silent = record.presumed_victim and not scope.protects
    addressed = (item.signal for item in record.signals if _is_for(item, scope, record) and not silent)
    signals = (_without(signal, hidden, candidates) for signal in addressed)
    return Registration(
        registration=record.id,
        reference=None if scope.blind else record.reference,
        member=record.member,
        state=RegistrationState.PROVISIONAL if withheld else record.state,
        progress=record.progress,
        name=record.particulars.name,
        native_name=record.particulars.native_name,
        born=record.particulars.born,
        nationality=record.particulars.nationality,
        signals=[signal for signal in signals if signal is not None],
        candidates=[each for each in candidates if not (withheld and each.relation is Relation.OTHER_IDENTITY)],
        missing=record.missing,
        elsewhere=record.elsewhere,
        created_at=record.created_at,
        checked_at=record.checked_at,
    )


def _is_for(item: AudiencedSignal, scope: Scope, record: Record) -> bool:
    """Whether a signal is for this reader: once a seal has ended, those that could have told the age are for all."""
    ended = record.seal_ended and item.signal.code is not SignalCode.CHILD_POSSIBLE
    return item.audience in scope.audiences or ended


def _stub(record: Record) -> Registration:
    """All that is left of a withdrawn registration."""
    return Registration(
        registration=record.id,
        reference=None,
        member=record.member,
        state=RegistrationState.WITHDRAWN,
        progress=record.progress,
        name="",
        native_name=None,
        born="",
        nationality=None,
        signals=[],
        candidates=[],
        missing=[],
        created_at=record.created_at,
        checked_at=record.checked_at,
    )


def _without(signal: Signal, hidden: AbstractSet[str], candidates: list[RegistrationCandidate]) -> Signal | None:
    """The signal as if hidden registrations were not there; None when nothing is left of it."""
    named = signal.evidence.get("registrations", [])
    left = [registration for registration in named if registration not in hidden]
    if left == named:
        return signal
    if signal.code is SignalCode.SAME_PERSON_OTHER_IDENTITY:
        return other_identity(candidates)  # its score and differences are those of the candidates that are left
    if not left:
        return None
    evidence = signal.evidence | {"registrations": left}
    told = signal.evidence.get("differences")
    if isinstance(told, Mapping):
        evidence["differences"] = {registration: told[registration] for registration in left}
    return signal.model_copy(update={"evidence": evidence})


def address(signals: list[Signal]) -> list[AudiencedSignal]:
    """Say for whom each signal is: where a child is possible, what could tell so is for child protection alone."""
    telling = {SignalCode.CHILD_POSSIBLE, SignalCode.SAME_PERSON_OTHER_IDENTITY}
    telling |= {SignalCode.MRZ_DATA_MISMATCH, SignalCode.AGE_UNDETERMINED}
    telling |= {SignalCode.PAGE_MRZ_MISMATCH, SignalCode.CHIP_DATA_MISMATCH, SignalCode.SEAL_DATA_MISMATCH}
    telling |= {SignalCode.BIRTH_RECORD_MISMATCH, SignalCode.DOCUMENT_DATES_IMPOSSIBLE}
    child = any(signal.code is SignalCode.CHILD_POSSIBLE for signal in signals)
    return [
        AudiencedSignal(signal, "child_protection" if child and signal.code in telling else "registration")
        for signal in signals
    ]
