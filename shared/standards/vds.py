"""Visible digital seals: the signed bar codes of visas, emergency travel documents and permits (ICAO Doc 9303-13).

Layout from memory of the 8th edition (2021), section 3, versions 3 and 4 of the header: unconfirmed until a real seal
has been read. A bar code is decoded elsewhere; here is what its octets say and whether they are signed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from shared.standards.octets import Octets

MAGIC: Final = 0xDC
_SIGNATURE: Final = 0xFF
_MOST_BYTES: Final = 3_000
"""A bar code of the largest size holds no more."""
_C40: Final = "   " + " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""C40's basic set, shifts left out (ISO/IEC 16022, section 5.2.5); a filler stands for a blank."""


class SealError(ValueError):
    """Octets that are no visible digital seal. Repeats nothing of the content."""


@dataclass(frozen=True)
class Seal:
    """A seal, parsed and not yet believed.

    Attributes:
        issuer: three-letter code of the issuing state.
        signer: the signer's state and number, e.g. `DETS`.
        certificate: reference of the signer's certificate.
        issued: when the document was.
        signed: when the seal was.
        definition: feature definition reference, with `category`: which kind of document.
        features: content by tag.
        covered: the octets that the signature is over.
        signature: r || s.
    """

    issuer: str
    signer: str
    certificate: str
    issued: date
    signed: date
    definition: int
    category: int
    features: dict[int, bytes]
    covered: bytes
    signature: bytes


def read_seal(octets: bytes) -> Seal:
    """Parse a seal.

    Raises:
        SealError: it is none, or of a version that is not known.
    """
    if len(octets) > _MOST_BYTES:
        raise SealError("more octets than a bar code holds")
    record = Octets(octets, SealError)
    record.expect(bytes([MAGIC]), "magic number")
    version = record.number(1, "version")
    if version not in (2, 3):  # 2 says version 3, 3 says version 4
        raise SealError("a version that is not known")
    issuer = read_c40(record.take(2, "issuing state"))
    signer, certificate = _signer(record, version)
    issued, signed = _day(record), _day(record)
    definition, category = record.number(1, "feature definition"), record.number(1, "document category")
    features, covered, signature = _features(record, octets)
    return Seal(issuer, signer, certificate, issued, signed, definition, category, features, covered, signature)


def verify_seal(seal: Seal, certificate: x509.Certificate) -> bool:
    """Whether the seal was signed by the holder of a certificate (ECDSA; the hash follows the key's size).

    The caller sees to it that the certificate is the one the seal refers to, valid, and of the issuing state.
    """
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or len(seal.signature) % 2:
        return False
    half = len(seal.signature) // 2
    r, s = (int.from_bytes(part, "big") for part in (seal.signature[:half], seal.signature[half:]))
    try:
        key.verify(encode_dss_signature(r, s), seal.covered, ec.ECDSA(_hash_for(key.key_size)))
    except (InvalidSignature, ValueError):
        return False
    return True


def read_c40(octets: bytes) -> str:
    """Text in C40, three characters in two octets, trailing blanks dropped.

    Raises:
        SealError: an odd number of octets, or a value without a character.
    """
    if len(octets) % 2:
        raise SealError("text of an odd length")
    values: list[int] = []
    for start in range(0, len(octets), 2):
        if octets[start] == 0xFE:  # one character in ASCII, one higher
            return _characters(values) + chr(octets[start + 1] - 1)
        pair = int.from_bytes(octets[start : start + 2], "big") - 1
        values += [pair // 1600, pair // 40 % 40, pair % 40]
    return _characters(values).rstrip()


def _characters(values: list[int]) -> str:
    if any(not 0 <= value < len(_C40) for value in values):
        raise SealError("text with a value that has no character")
    return "".join(_C40[value] for value in values)


def _signer(record: Octets, version: int) -> tuple[str, str]:
    if version == 2:
        text = read_c40(record.take(6, "signer")).ljust(9)
        return text[:4], text[4:].strip()
    text = read_c40(record.take(4, "signer")).ljust(6)
    try:
        length = int(text[4:6], 16)
    except ValueError as error:
        raise SealError("the certificate reference has no length") from error
    return text[:4], read_c40(record.take((length + 2) // 3 * 2, "certificate reference"))[:length]


def _day(record: Octets) -> date:
    """A day as MMDDYYYY in three octets (section 3.1.3)."""
    number = record.number(3, "date")
    try:
        return date(number % 10_000, number // 1_000_000, number // 10_000 % 100)
    except ValueError as error:
        raise SealError("a date that is none") from error


def _features(record: Octets, octets: bytes) -> tuple[dict[int, bytes], bytes, bytes]:
    features: dict[int, bytes] = {}
    while True:
        start = len(octets) - record.left
        tag = record.number(1, "feature")
        content = record.take(_length(record), "feature")
        if tag == _SIGNATURE:
            record.finish("seal")
            return features, octets[:start], content
        if tag in features:
            raise SealError("a feature stands twice")
        features[tag] = content


def _length(record: Octets) -> int:
    """A DER length of up to two octets."""
    first = record.number(1, "length")
    if first < 0x80:
        return first
    if first not in (0x81, 0x82):
        raise SealError("a length that no bar code needs")
    return record.number(first & 0x7F, "length")


def _hash_for(bits: int) -> hashes.HashAlgorithm:
    """Section 2.4: SHA-224, -256, -384 or -512, by the size of the key."""
    for largest, algorithm in ((224, hashes.SHA224()), (256, hashes.SHA256()), (384, hashes.SHA384())):
        if bits <= largest:
            return algorithm
    return hashes.SHA512()
