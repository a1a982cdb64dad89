"""Whom a signed capture comes from: JSON Web Signatures and their certificates, up to an anchor that was configured."""

import base64
import binascii
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.desk.scanners.scanner import AnswerUnreadableError, CaptureUntrustedError, ScannerUnknownError

_MOST_CERTIFICATES: Final = 5
_LEAST_BITS: Final = 2048


class Anchors:
    """The device providers' authorities that this desk trusts.

    Args:
        file: one or more certificates, PEM.

    Raises:
        ScannerUnknownError: the file is not there, or holds none.
    """

    def __init__(self, file: Path) -> None:
        try:
            self._anchors = x509.load_pem_x509_certificates(file.read_bytes())
        except (OSError, ValueError) as error:
            raise ScannerUnknownError(f"trust: {file.name} holds no certificates") from error

    def read(self, token: str) -> dict[str, Any]:
        """The payload of a signed token, once its signature and certificates hold.

        Raises:
            CaptureUntrustedError: they do not.
            AnswerUnreadableError: it is no compact JWS (RFC 7515, section 7.1) with certificates.
        """
        parts = token.split(".")
        if len(parts) != 3:
            raise AnswerUnreadableError("the scanner did not sign its answer")
        header, payload = object_of(parts[0]), object_of(parts[1])
        if header.get("alg") != "RS256":
            raise CaptureUntrustedError("the scanner signs with another algorithm than RS256")
        leaf, *others = _certificates(header.get("x5c"))
        self._check_chain(leaf, others)
        _check_signature(leaf, f"{parts[0]}.{parts[1]}".encode("ascii"), octets_of(parts[2]))
        return payload

    def _check_chain(self, leaf: x509.Certificate, others: list[x509.Certificate]) -> None:
        now, certificate = datetime.now(UTC), leaf
        for _ in range(_MOST_CERTIFICATES):
            if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
                raise CaptureUntrustedError("a certificate of the scanner is not valid today")
            if certificate in self._anchors:
                return
            issuer = _issuer(certificate, self._anchors) or _issuer(certificate, others)
            if issuer is None:
                break
            certificate = issuer
        raise CaptureUntrustedError("the scanner's certificate comes from no authority that this desk trusts")


def _issuer(certificate: x509.Certificate, among: Iterable[x509.Certificate]) -> x509.Certificate | None:
    for candidate in among:
        try:
            certificate.verify_directly_issued_by(candidate)
        except (ValueError, TypeError, InvalidSignature):
            continue
        if _is_authority(candidate):
            return candidate
    return None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError):
        return False


def _check_signature(leaf: x509.Certificate, signed: bytes, signature: bytes) -> None:
    key = leaf.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise CaptureUntrustedError(f"the scanner's key is not RSA of at least {_LEAST_BITS} bits")
    try:
        key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise CaptureUntrustedError(
            "the scanner's signature is wrong: the answer was altered, or is not its own"
        ) from error


def _certificates(x5c: Any) -> list[x509.Certificate]:
    given = [x5c] if isinstance(x5c, str) else x5c
    if not isinstance(given, list) or not 1 <= len(given) <= _MOST_CERTIFICATES:
        raise AnswerUnreadableError("the scanner's signature names no certificate")
    try:
        return [x509.load_der_x509_certificate(base64.b64decode(each)) for each in given]
    except (ValueError, TypeError) as error:
        raise AnswerUnreadableError("a certificate of the scanner cannot be read") from error


def object_of(part: str) -> dict[str, Any]:
    """A part of a token that is a JSON object.

    Raises:
        AnswerUnreadableError: it is none.
    """
    try:
        value = json.loads(octets_of(part))
    except ValueError as error:
        raise AnswerUnreadableError("the scanner's signed answer cannot be read") from error
    if not isinstance(value, dict):
        raise AnswerUnreadableError("the scanner's signed answer is no object")
    return value


def octets_of(part: str) -> bytes:
    """Base64url, with or without padding (devices differ).

    Raises:
        AnswerUnreadableError: it is something else.
    """
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise AnswerUnreadableError("the scanner's signed answer is not base64url") from error
