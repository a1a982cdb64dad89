"""A document's visible digital seal: who signed it, and what it states. Pure, but for the CPU it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from services.registry.documents.words import signal
from shared.contracts.registrations import Signal, SignalCode, Strength
from shared.standards.mrz import Mrz, MrzFormatError, parse_mrz
from shared.standards.vds import Seal, SealError, read_c40, read_seal, verify_seal

_VISA, _TRAVEL_DOCUMENT = 0x5D, 0x5E
_ZONES: Final = {
    (_VISA, 1): (44, 28),
    (_VISA, 2): (36, 28),
    (_TRAVEL_DOCUMENT, 2): (36, 36),
}
"""Lines of the zone that a feature holds, by feature definition and tag; a visa's second line is cut (from memory of
Doc 9303-13, sections 5 and 6: unconfirmed)."""


@dataclass(frozen=True)
class SealReading:
    """A seal as far as it could be read.

    Attributes:
        zone: the machine-readable zone inside, where one is.
        genuine: whether a signer on file is proven to have signed it.
    """

    zone: Mrz | None
    genuine: bool
    signals: tuple[Signal, ...]


def examine_seal(octets: bytes, signers: Sequence[x509.Certificate]) -> SealReading:
    """Read a seal and verify it with the certificates of seal signers that are on file."""
    try:
        seal = read_seal(octets)
    except SealError:
        return SealReading(None, False, (signal(SignalCode.SEAL_UNREADABLE, Strength.WEAK, octets=len(octets)),))
    known = [each for each in signers if _is_named(each, seal)]
    evidence = {"issuer": seal.issuer, "signer": seal.signer, "certificate": seal.certificate}
    if not known:
        found = signal(SignalCode.SEAL_SIGNER_UNKNOWN, Strength.WEAK, **evidence)
        return SealReading(_zone(seal), False, (found,))
    if not any(verify_seal(seal, each) and _valid_on(each, seal.signed) for each in known):
        return SealReading(_zone(seal), False, (signal(SignalCode.SEAL_SIGNATURE_WRONG, Strength.STRONG, **evidence),))
    return SealReading(_zone(seal), True, ())


def _is_named(certificate: x509.Certificate, seal: Seal) -> bool:
    """By the state of the signer and the certificate's serial number (Doc 9303-13, section 4; from memory)."""
    states = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    try:
        serial = int(seal.certificate, 16)
    except ValueError:
        return False
    return certificate.serial_number == serial and any(str(each.value).upper() == seal.signer[:2] for each in states)


def _valid_on(certificate: x509.Certificate, day: date) -> bool:
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    return certificate.not_valid_before_utc <= noon <= certificate.not_valid_after_utc


def _zone(seal: Seal) -> Mrz | None:
    for tag, content in seal.features.items():
        widths = _ZONES.get((seal.definition, tag))
        if widths is None:
            continue
        try:
            text = read_c40(content).ljust(sum(widths)).replace(" ", "<")
            return parse_mrz("\n".join((text[: widths[0]], text[widths[0] :].ljust(widths[0], "<"))))
        except (SealError, MrzFormatError):
            return None
    return None
