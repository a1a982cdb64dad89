"""Chips of an invented state: authorities, document signers and security objects, made here and valid nowhere."""

import datetime as dt
from functools import cache

from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from services.sandbox import chips
from services.sandbox.chips import Authority, PrivateKey, tlv
from shared.standards.mrz import MrzFormat, write_mrz

dg2, ef_sod = chips.dg2, chips.ef_sod

MRZ_TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
MRZ_TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
BORN, ENDS = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2035, 1, 1, tzinfo=dt.UTC)


@cache
def private_key(kind: str, number: int = 0) -> PrivateKey:
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "brainpool":
        return ec.generate_private_key(ec.BrainpoolP384R1())
    return rsa.generate_private_key(65537, 2048)


def name(common: str, country: str = "UT") -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, country), (NameOID.ORGANIZATION_NAME, "Utopia"), (NameOID.COMMON_NAME, common)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


@cache
def csca(kind: str = "ec", number: int = 0, common: str = "CSCA Utopia", ca: bool = True) -> Authority:
    key = private_key(kind, 100 + number)
    return Authority(key, _certificate(name(common), key, name(common), key, BORN, ENDS, ca=ca))


@cache
def signer(
    authority: Authority, kind: str = "ec", start: dt.datetime = BORN, end: dt.datetime = ENDS, number: int = 0
) -> Authority:
    key = private_key(kind, number)
    issued = _certificate(name("DS 1"), key, authority.certificate.subject, authority.key, start, end, ca=False)
    return Authority(key, issued)


def _certificate(subject, key, issuer, issuer_key, start, end, *, ca: bool) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def zone(**change: str) -> str:
    """A passport's, with every check digit right."""
    fields = {
        "document_code": "P",
        "issuer": "IDN",
        "surname": "Aminah",
        "given_names": "Siti",
        "document_number": "X1234567",
        "nationality": "IDN",
        "birth": "960402",
        "sex": "F",
        "expiry": "310101",
    }
    return write_mrz(MrzFormat.TD3, **(fields | change))


def dg1(mrz: str = MRZ_TD3) -> bytes:
    return chips.dg1(mrz)


def revoking(authority: Authority, *serials: int, ends: dt.datetime = dt.datetime(2045, 1, 1, tzinfo=dt.UTC)):
    """A list that an authority signs."""
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
    builder = builder.last_update(start).next_update(ends)
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(start).build()
        builder = builder.add_revoked_certificate(revoked)
    return builder.sign(authority.key, hashes.SHA256())


def master_list(certificates: list[x509.Certificate]) -> bytes:
    """A CSCA master list as Doc 9303-12, section 9 lays it out; unsigned, since its signature is not looked at."""
    listed = tlv(0x31, b"".join(each.public_bytes(serialization.Encoding.DER) for each in certificates))
    content = tlv(0x30, core.Integer(0).dump() + listed)
    data = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [],
            "encap_content_info": {"content_type": "2.23.136.1.1.2", "content": core.ParsableOctetString(content)},
            "signer_infos": [],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
