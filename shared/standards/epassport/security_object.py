"""The document security object (EF.SOD): what the issuing state signed. Source: ICAO Doc 9303-10, section 4.6.2."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from asn1crypto import algos, cms, core
from cryptography import x509

from shared.standards.epassport.groups import MOST_BYTES, ChipDataError, read_objects

_SOD: Final = 0x77
LDS_SECURITY_OBJECT: Final = "2.23.136.1.1.1"
HASHES: Final = {"sha1", "sha224", "sha256", "sha384", "sha512"}
"""Doc 9303-12, section 4.4; SHA-1 in documents of before 2010 only."""


class _DataGroupHash(core.Sequence):  # type: ignore[misc]  # asn1crypto carries no types
    _fields = [("number", core.Integer), ("value", core.OctetString)]  # noqa: RUF012  asn1crypto's way


class _DataGroupHashes(core.SequenceOf):  # type: ignore[misc]  # as above
    _child_spec = _DataGroupHash


class _LdsSecurityObject(core.Sequence):  # type: ignore[misc]  # as above
    _fields = [  # noqa: RUF012  asn1crypto's way
        ("version", core.Integer),
        ("hash_algorithm", algos.DigestAlgorithm),
        ("hashes", _DataGroupHashes),
        ("version_info", core.Any, {"optional": True}),
    ]


@dataclass(frozen=True)
class SecurityObject:
    """A security object, parsed and not yet believed.

    Attributes:
        hash_name: of the data groups' hashes.
        hashes: by data group number.
        signed: the octets that the signature is over.
        signature: of the document signer.
        signature_algorithm: asn1crypto's, with its parameters.
        digest_name: the hash that the signature is made with.
        content_digest_ok: whether the signed attributes carry the content's hash and type.
        signer: the document signer's certificate.
    """

    hash_name: str
    hashes: Mapping[int, bytes]
    signed: bytes
    signature: bytes
    signature_algorithm: algos.SignedDigestAlgorithm
    digest_name: str
    content_digest_ok: bool
    signer: x509.Certificate

    def matches(self, number: int, data_group: bytes) -> bool | None:
        """Whether a data group has the hash that was signed; None when none was."""
        wanted = self.hashes.get(number)
        return None if wanted is None else hashlib.new(self.hash_name, data_group).digest() == wanted


def read_security_object(ef_sod: bytes) -> SecurityObject:
    """Parse EF.SOD.

    Raises:
        ChipDataError: it is not what the standard lays out, or uses an algorithm that it does not know.
    """
    if len(ef_sod) > MOST_BYTES:
        raise ChipDataError("more octets than a chip can hold")
    content = next((inner for tag, inner in read_objects(ef_sod) if tag == _SOD), None)
    if content is None:
        raise ChipDataError("no security object")
    try:
        return _parse(content)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        if isinstance(error, ChipDataError):
            raise
        raise ChipDataError("the security object cannot be read") from error


def _parse(content: bytes) -> SecurityObject:
    info = cms.ContentInfo.load(content, strict=True)
    if info["content_type"].native != "signed_data":
        raise ChipDataError("the security object is not signed data")
    data = info["content"]
    encapsulated = data["encap_content_info"]
    if encapsulated["content_type"].dotted != LDS_SECURITY_OBJECT:
        raise ChipDataError("the signed content is no LDS security object")
    if len(data["signer_infos"]) != 1:
        raise ChipDataError("a security object has one signer")
    octets = bytes(encapsulated["content"])
    lds = _LdsSecurityObject.load(octets, strict=True)
    signer_info = data["signer_infos"][0]
    signed, digest_ok = _signed_octets(signer_info, octets)
    return SecurityObject(
        hash_name=_hash_name(lds["hash_algorithm"]["algorithm"].native),
        hashes={entry["number"].native: entry["value"].native for entry in lds["hashes"]},
        signed=signed,
        signature=signer_info["signature"].native,
        signature_algorithm=signer_info["signature_algorithm"],
        digest_name=_hash_name(signer_info["digest_algorithm"]["algorithm"].native),
        content_digest_ok=digest_ok,
        signer=_signer(data),
    )


def _signed_octets(signer_info: cms.SignerInfo, content: bytes) -> tuple[bytes, bool]:
    """What the signature is over: the signed attributes as a set (RFC 5652, section 5.4), or the content itself."""
    attributes = signer_info["signed_attrs"]
    if not len(attributes):
        return content, True
    values = {each["type"].native: each["values"] for each in attributes}
    digest = hashlib.new(_hash_name(signer_info["digest_algorithm"]["algorithm"].native), content).digest()
    same = (
        "message_digest" in values
        and values["message_digest"][0].native == digest
        and "content_type" in values
        and values["content_type"][0].dotted == LDS_SECURITY_OBJECT
    )
    return attributes.untag().dump(), same


def _signer(data: cms.SignedData) -> x509.Certificate:
    certificates = data["certificates"]
    if len(certificates) != 1:
        raise ChipDataError("a security object carries its signer's certificate, and one only")
    if certificates[0].chosen.serial_number <= 0:  # RFC 5280, 4.1.2.2; the library below would warn of it, then refuse
        raise ChipDataError("the signer's certificate has no positive serial number")
    signer = x509.load_der_x509_certificate(certificates[0].chosen.dump())
    _ = signer.issuer, signer.subject, signer.not_valid_before_utc, signer.not_valid_after_utc  # parsed when asked for
    return signer


def _hash_name(name: str) -> str:
    if name not in HASHES:
        raise ChipDataError("a hash that Doc 9303-12 does not allow")
    return name
