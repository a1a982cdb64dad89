"""Passive authentication: were these data groups signed by the issuing state? Source: ICAO Doc 9303-11, section 5.1.

It finds altered data. It does not find a cloned chip, nor a genuine chip in another's hands. An authority that is not
on file says nothing: *unknown is not forged*. A signer whom the authority revoked is a state of its own: the data are
as they were signed, and the state no longer stands by who signed them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from asn1crypto import algos
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from shared.standards.epassport.security_object import SecurityObject
from shared.standards.epassport.trust import CscaStore

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


class ChipState(StrEnum):
    """What passive authentication found; several may hold. NOT_PERFORMED: no chip was read, or not its key."""

    NOT_PERFORMED = "NOT_PERFORMED"
    SIGNATURE_OK = "SIGNATURE_OK"
    SIGNATURE_WRONG = "SIGNATURE_WRONG"
    CHAIN_OK = "CHAIN_OK"
    CHAIN_WRONG = "CHAIN_WRONG"
    CHAIN_REVOKED = "CHAIN_REVOKED"
    CHAIN_UNKNOWN_CSCA = "CHAIN_UNKNOWN_CSCA"
    REVOCATION_NOT_CHECKED = "REVOCATION_NOT_CHECKED"
    """The chain is whole, and no list of what its authority revoked is on file that has not run out."""
    DG_HASH_MISMATCH = "DG_HASH_MISMATCH"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class PassiveAuthentication:
    """The outcome.

    Attributes:
        states: all that hold.
        altered: data groups whose hash is not the signed one.
        unsigned: data groups that were given and that nobody signed.
        issuer: of the document signer's certificate, as RFC 4514 writes names; empty when not performed.
    """

    states: frozenset[ChipState]
    altered: tuple[int, ...] = ()
    unsigned: tuple[int, ...] = ()
    issuer: str = ""

    @property
    def genuine(self) -> bool:
        """Whether the data are proven to be as the state signed them."""
        return {ChipState.SIGNATURE_OK, ChipState.CHAIN_OK} <= self.states and not self.altered and not self.unsigned


NOT_PERFORMED = PassiveAuthentication(frozenset({ChipState.NOT_PERFORMED}))
"""No chip was read."""


def authenticate(
    security_object: SecurityObject, groups: Mapping[int, bytes], store: CscaStore, on: date
) -> PassiveAuthentication:
    """Verify the signature, the chain to an authority on file, and the hash of every data group given.

    Args:
        security_object: of the chip.
        groups: data groups as read, by number.
        store: trusted authorities.
        on: the day; a signer's certificate outlives its documents, so past its end something is amiss.
    """
    matched = {number: security_object.matches(number, octets) for number, octets in groups.items()}
    altered = tuple(sorted(number for number, same in matched.items() if same is False))
    unsigned = tuple(sorted(number for number, same in matched.items() if same is None))
    if _has_readable_key(security_object.signer):
        states = {_signature(security_object), *_chain(security_object.signer, store, on)}
    else:
        states = {ChipState.NOT_PERFORMED}
    if altered:
        states.add(ChipState.DG_HASH_MISMATCH)
    if not _valid_on(security_object.signer, on):
        states.add(ChipState.EXPIRED)
    issuer = security_object.signer.issuer.rfc4514_string()
    return PassiveAuthentication(frozenset(states), altered, unsigned, issuer)


def _has_readable_key(signer: x509.Certificate) -> bool:
    """Some states' certificates spell their curve out in place of naming it; OpenSSL's wrapper reads no such key."""
    try:
        signer.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def _signature(security_object: SecurityObject) -> ChipState:
    if not security_object.content_digest_ok:
        return ChipState.SIGNATURE_WRONG
    try:
        _verify(security_object)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return ChipState.SIGNATURE_WRONG
    return ChipState.SIGNATURE_OK


def _verify(security_object: SecurityObject) -> None:
    key, algorithm = security_object.signer.public_key(), security_object.signature_algorithm
    kind = algorithm.signature_algo
    digest = _HASHES[security_object.digest_name]()
    signature, signed = security_object.signature, security_object.signed
    if kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(digest))
    elif kind == "rsassa_pkcs1v15" and isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), digest)
    elif kind == "rsassa_pss" and isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, _pss(algorithm), _HASHES[algorithm.hash_algo]())
    else:
        raise ValueError("a signature algorithm that does not fit the key")


def _pss(algorithm: algos.SignedDigestAlgorithm) -> padding.PSS:
    parameters = algorithm["parameters"]
    mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
    return padding.PSS(padding.MGF1(_HASHES[mask]()), parameters["salt_length"].native)


def _chain(signer: x509.Certificate, store: CscaStore, on: date) -> set[ChipState]:
    issuers = store.issuers_of(signer)
    if not issuers:
        return {ChipState.CHAIN_UNKNOWN_CSCA}
    issuer = next((each for each in issuers if _issued(signer, each)), None)
    if issuer is None:
        return {ChipState.CHAIN_WRONG}
    if store.revocations.is_revoked(signer, issuer):
        return {ChipState.CHAIN_REVOKED}
    current = store.revocations.is_current(issuer, on)
    return {ChipState.CHAIN_OK} | (set() if current else {ChipState.REVOCATION_NOT_CHECKED})


def _issued(signer: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether an authority signed the certificate while it was valid itself."""
    within = issuer.not_valid_before_utc <= signer.not_valid_before_utc <= issuer.not_valid_after_utc
    try:
        signer.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return within and _is_authority(issuer)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _valid_on(certificate: x509.Certificate, on: date) -> bool:
    days = _day(certificate.not_valid_before_utc), _day(certificate.not_valid_after_utc)
    return days[0] <= on <= days[1]


def _day(instant: datetime) -> date:
    return instant.date()
