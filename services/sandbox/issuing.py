"""The passport office of an invented state: an authority, its signers, its list of revoked ones, and chips."""

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.sandbox.chips import Authority, dg1, dg2, ef_sod

_BORN, _ENDS = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2045, 1, 1, tzinfo=dt.UTC)


class PassportOffice:
    """Signs chips. Keys are random and live as long as the object.

    Args:
        country: two letters.
    """

    def __init__(self, country: str) -> None:
        self._name = _named(country, "CSCA")
        self._authority = self._certify(self._name, None)
        self.signer = self._certify(_named(country, "DS 1"), self._authority)
        self.revoked_signer = self._certify(_named(country, "DS 2"), self._authority)
        forger = self._certify(self._name, None)
        self.forged_signer = self._certify(_named(country, "DS 1"), forger)

    @property
    def certificate(self) -> x509.Certificate:
        """Of the authority."""
        return self._authority.certificate

    def revocations(self) -> x509.CertificateRevocationList:
        """The authority's list, with its one revoked signer."""
        entry = x509.RevokedCertificateBuilder().serial_number(self.revoked_signer.certificate.serial_number)
        return (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(_BORN)
            .next_update(_ENDS)
            .add_revoked_certificate(entry.revocation_date(_BORN).build())
            .sign(self._authority.key, hashes.SHA256())
        )

    def chip(self, zone: str, portrait: bytes, by: Authority | None = None) -> tuple[bytes, bytes, bytes]:
        """DG1, DG2 and EF.SOD that state a zone and a portrait, signed by the office's signer or another."""
        one, two = dg1(zone), dg2(portrait)
        return one, two, ef_sod({1: one, 2: two}, by or self.signer)

    def _certify(self, subject: x509.Name, issuer: Authority | None) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        by = issuer.key if issuer else key
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(_BORN)
            .not_valid_after(_ENDS)
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
            .sign(by, hashes.SHA256())
        )
        return Authority(key, certificate)


def _named(country: str, common: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, country), (NameOID.COMMON_NAME, f"{common} {country}"))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])
