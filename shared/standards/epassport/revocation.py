"""Lists of revoked certificates (CRL): signers, or authorities, that their own state no longer stands by.

Source: ICAO Doc 9303-12, section 7.1.4 (CRL profile); RFC 5280, section 5. Only lists that are signed by the authority
that they name count. What is on a list stays revoked when the list has run out; who is not on one that has run out is
not known to be in order.
"""

from datetime import UTC, date, datetime, time

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class RevocationLists:
    """What authorities revoked, by authority."""

    def __init__(self) -> None:
        self._lists: dict[bytes, list[x509.CertificateRevocationList]] = {}

    def add(self, issuer: x509.Certificate, found: x509.CertificateRevocationList) -> None:
        """Take in a list that this authority signed."""
        self._lists.setdefault(_key(issuer), []).append(found)

    def is_revoked(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        """Whether an authority revoked a certificate of its own, or itself."""
        serials = {certificate.serial_number, issuer.serial_number}
        return any(
            each.get_revoked_certificate_by_serial_number(serial) is not None
            for each in self._lists.get(_key(issuer), [])
            for serial in serials
        )

    def is_current(self, issuer: x509.Certificate, on: date) -> bool:
        """Whether a list of this authority is there that has not run out on a day."""
        begin = datetime.combine(on, time(), UTC)
        ends = (each.next_update_utc for each in self._lists.get(_key(issuer), []))
        return any(end is None or end >= begin for end in ends)


def signed_by(found: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether an authority signed a list."""
    try:
        key = issuer.public_key()
        return isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey) and found.is_signature_valid(key)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False


def _key(issuer: x509.Certificate) -> bytes:
    """One authority under several certificates (renewed, linked) has one name and, each, a key of its own."""
    return issuer.subject.public_bytes() + issuer.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
