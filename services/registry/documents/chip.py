"""A document's chip: passive authentication, what its zone states, and its portrait. Pure, but for the CPU it takes."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.registry.documents.words import signal
from shared.contracts.registrations import ChipData, Signal, SignalCode, Strength
from shared.standards.epassport import (
    ChipDataError,
    ChipState,
    CscaStore,
    PassiveAuthentication,
    authenticate,
    read_face_images,
    read_mrz,
    read_security_object,
)
from shared.standards.iso19794_5 import FaceImageRecordError, is_face_image_record, read_face_image_record
from shared.standards.mrz import Mrz, MrzFormatError, parse_mrz

_SIGNALS: Final = {
    ChipState.SIGNATURE_WRONG: (SignalCode.CHIP_SIGNATURE_WRONG, Strength.STRONG),
    ChipState.CHAIN_WRONG: (SignalCode.CHIP_CHAIN_WRONG, Strength.STRONG),
    ChipState.CHAIN_REVOKED: (SignalCode.CHIP_SIGNER_REVOKED, Strength.STRONG),
    ChipState.DG_HASH_MISMATCH: (SignalCode.CHIP_DATA_ALTERED, Strength.STRONG),
    ChipState.CHAIN_UNKNOWN_CSCA: (SignalCode.CHIP_AUTHORITY_UNKNOWN, Strength.WEAK),
    ChipState.EXPIRED: (SignalCode.CHIP_SIGNER_EXPIRED, Strength.WEAK),
}
"""What each state of passive authentication is worth. Told as missing: NOT_PERFORMED, REVOCATION_NOT_CHECKED."""
_NOT_PERFORMED: Final = "chip: not authenticated"
_NOT_CURRENT: Final = (
    "chip: whether its signer is revoked is not known: no list of its authority is on file, or it ran out"
)


@dataclass(frozen=True)
class ChipReading:
    """A chip as far as it could be read.

    Attributes:
        zone: data group 1.
        portrait: the image file in data group 2.
        genuine: whether the issuing state is proven to have signed what was read.
        states: of passive authentication.
        missing: what could not be done, in words.
    """

    zone: Mrz | None = None
    portrait: bytes | None = None
    genuine: bool = False
    states: frozenset[ChipState] = frozenset({ChipState.NOT_PERFORMED})
    signals: tuple[Signal, ...] = ()
    missing: tuple[str, ...] = ()


def read_chip(chip: ChipData, authorities: CscaStore, on: date) -> ChipReading:
    """Read and authenticate what was sent of a chip.

    Args:
        authorities: the signing authorities (CSCA) on file.
        on: the day.
    """
    unreadable: list[str] = []
    zone, portrait = _zone(chip, unreadable), _portrait(chip, unreadable)
    outcome = _authenticate(chip, authorities, on, unreadable)
    found = [signal(SignalCode.CHIP_UNREADABLE, Strength.WEAK, parts=unreadable)] if unreadable else []
    found += _told(outcome) if outcome else []
    missing: tuple[str, ...] = ()
    if outcome is None or ChipState.NOT_PERFORMED in outcome.states:
        missing = (f"{_NOT_PERFORMED}: {_why_not(chip, outcome)}",)
    elif ChipState.REVOCATION_NOT_CHECKED in outcome.states:
        missing = (_NOT_CURRENT,)
    genuine = outcome is not None and outcome.genuine and ChipState.EXPIRED not in outcome.states
    states = outcome.states if outcome else frozenset({ChipState.NOT_PERFORMED})
    return ChipReading(zone, portrait, genuine, states, tuple(found), missing)


def chip_zone(chip: ChipData) -> Mrz | None:
    """The zone of data group 1, where it can be read."""
    return _zone(chip, [])


def _zone(chip: ChipData, unreadable: list[str]) -> Mrz | None:
    if chip.dg1 is None:
        return None
    try:
        return parse_mrz(read_mrz(chip.dg1))
    except (ChipDataError, MrzFormatError):
        unreadable.append("dg1")
        return None


def _portrait(chip: ChipData, unreadable: list[str]) -> bytes | None:
    if chip.dg2 is None:
        return None
    try:
        face = read_face_images(chip.dg2)[0]
        return read_face_image_record(face)[0].data if is_face_image_record(face) else face
    except (ChipDataError, FaceImageRecordError):
        unreadable.append("dg2")
        return None


def _authenticate(
    chip: ChipData, authorities: CscaStore, on: date, unreadable: list[str]
) -> PassiveAuthentication | None:
    if chip.sod is None:
        return None
    groups = {number: octets for number, octets in ((1, chip.dg1), (2, chip.dg2)) if octets is not None}
    try:
        return authenticate(read_security_object(chip.sod), groups, authorities, on)
    except ChipDataError:
        unreadable.append("sod")
        return None


def _told(outcome: PassiveAuthentication) -> list[Signal]:
    states = sorted(state.value for state in outcome.states)
    common = {"states": states, "signer_issuer": outcome.issuer}
    found = [
        signal(code, strength, **common, **({"altered": list(outcome.altered)} if outcome.altered else {}))
        for state, (code, strength) in _SIGNALS.items()
        if state in outcome.states
    ]
    if outcome.unsigned:
        unsigned = list(outcome.unsigned)
        found.append(signal(SignalCode.CHIP_DATA_UNSIGNED, Strength.MEDIUM, **common, unsigned=unsigned))
    return found


def _why_not(chip: ChipData, outcome: PassiveAuthentication | None) -> str:
    if outcome is not None:
        return "the signer's key cannot be read here"
    return "no security object" if chip.sod is None else "its security object cannot be read"
