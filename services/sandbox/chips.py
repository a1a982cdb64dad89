"""Chips of invented states: authorities, document signers and security objects, made here and valid nowhere.

Laid out as ICAO Doc 9303-10 and -11 say, so that what reads real chips reads these.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Authority:
    """A key and its certificate: of a state's signing authority (CSCA) or of a document signer."""

    key: PrivateKey
    certificate: x509.Certificate


def tlv(tag: int, content: bytes) -> bytes:
    """A data object: tag, length, content (ISO/IEC 7816-4, BER-TLV)."""
    octets = tag.to_bytes(2 if tag > 0xFF else 1, "big")
    if len(content) < 0x80:
        return octets + bytes([len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return octets + bytes([0x80 | len(length)]) + length + content


def dg1(mrz: str) -> bytes:
    """Data group 1: the zone."""
    return tlv(0x61, tlv(0x5F1F, mrz.replace("\n", "").encode()))


def dg2(face_record: bytes) -> bytes:
    """Data group 2 with one face: a record of ISO/IEC 19794-5, or an image file as it is."""
    header = tlv(0xA1, tlv(0x81, b"\x02") + tlv(0x87, b"\x01\x01") + tlv(0x88, b"\x00\x08"))
    return tlv(0x75, tlv(0x7F61, tlv(0x02, b"\x01") + tlv(0x7F60, header + tlv(0x5F2E, face_record))))


def ef_sod(groups: dict[int, bytes], by: Authority, digest: str = "sha256", *, pss: bool = False) -> bytes:
    """The security object over some data groups.

    Args:
        groups: whole, by number.
        by: the document signer.
        digest: of the groups and of the signature.
        pss: RSA with PSS in place of PKCS #1 v1.5.
    """
    content = _lds(groups, digest)
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["2.23.136.1.1.1"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.new(digest, content).digest()]}),
        ]
    )
    loaded = cms.CertificateChoices.load(by.certificate.public_bytes(serialization.Encoding.DER))
    signature, algorithm = _sign(by.key, attributes.dump(), digest, pss=pss)
    issued = {"issuer": loaded.chosen.issuer, "serial_number": loaded.chosen.serial_number}
    signer_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": issued}),
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


def _sign(key: PrivateKey, octets: bytes, digest: str, *, pss: bool) -> tuple[bytes, dict[str, Any]]:
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
