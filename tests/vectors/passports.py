"""Chips of an invented state: authorities, document signers and security objects, made here and valid nowhere."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cache

from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

MRZ_TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
MRZ_TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
BORN, ENDS = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2035, 1, 1, tzinfo=dt.UTC)
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Authority:
    """A key and its certificate."""

    key: PrivateKey
    certificate: x509.Certificate


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


def tlv(tag: int, content: bytes) -> bytes:
    octets = tag.to_bytes(2 if tag > 0xFF else 1, "big")
    if len(content) < 0x80:
        return octets + bytes([len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return octets + bytes([0x80 | len(length)]) + length + content


def dg1(mrz: str = MRZ_TD3) -> bytes:
    return tlv(0x61, tlv(0x5F1F, mrz.replace("\n", "").encode()))


def dg2(face_record: bytes) -> bytes:
    header = tlv(0xA1, tlv(0x81, b"\x02") + tlv(0x87, b"\x01\x01") + tlv(0x88, b"\x00\x08"))
    return tlv(0x75, tlv(0x7F61, tlv(0x02, b"\x01") + tlv(0x7F60, header + tlv(0x5F2E, face_record))))


def ef_sod(groups: dict[int, bytes], by: Authority, digest: str = "sha256", *, pss: bool = False) -> bytes:
    content = _lds(groups, digest)
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["2.23.136.1.1.1"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.new(digest, content).digest()]}),
        ]
    )
    certificate = by.certificate.public_bytes(serialization.Encoding.DER)
    loaded = cms.CertificateChoices.load(certificate)
    signature, algorithm = _sign(by.key, attributes.dump(), digest, pss=pss)
    signer_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": {
                        "issuer": loaded.chosen.issuer,
                        "serial_number": loaded.chosen.serial_number,
                    }
                }
            ),
            "digest_algorithm": {"algorithm": digest},
            "signed_attrs": attributes,
            "signature_algorithm": algorithm,
            "signature": signature,
        }
    )
    data = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": digest}],
            "encap_content_info": {
                "content_type": "2.23.136.1.1.1",
                "content": core.ParsableOctetString(content),
            },
            "certificates": [loaded],
            "signer_infos": [signer_info],
        }
    )
    return tlv(0x77, cms.ContentInfo({"content_type": "signed_data", "content": data}).dump())


def _lds(groups: dict[int, bytes], digest: str) -> bytes:
    def sequence(*parts: bytes) -> bytes:
        return tlv(0x30, b"".join(parts))

    algorithm = algos.DigestAlgorithm({"algorithm": digest}).dump()
    hashed = [
        sequence(core.Integer(number).dump(), core.OctetString(hashlib.new(digest, group).digest()).dump())
        for number, group in sorted(groups.items())
    ]
    return sequence(core.Integer(0).dump(), algorithm, sequence(*hashed))


def _sign(key: PrivateKey, octets: bytes, digest: str, *, pss: bool) -> tuple[bytes, dict[str, object]]:
    algorithm = getattr(hashes, digest.upper())()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(octets, ec.ECDSA(algorithm)), {"algorithm": f"{digest}_ecdsa"}
    if not pss:
        return key.sign(octets, padding.PKCS1v15(), algorithm), {"algorithm": f"{digest}_rsa"}
    parameters = {
        "hash_algorithm": {"algorithm": digest},
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": digest}},
        "salt_length": 32,
    }
    signature = key.sign(octets, padding.PSS(padding.MGF1(algorithm), 32), algorithm)
    return signature, {"algorithm": "rsassa_pss", "parameters": parameters}


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
