"""The states' signing authorities (CSCA) that are trusted: certificates from files that an operator puts in place.

PEM, DER, a directory of them, LDIF of the ICAO public key directory (`userCertificate`, `cACertificate`) and CSCA
master lists (Doc 9303-12, section 9) are read. Who puts a file there vouches for it: the signature of a master list is
not checked. Lists of revoked certificates may lie beside them: see `revocation`.
"""

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from asn1crypto import cms, core
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from shared.standards.epassport.revocation import RevocationLists, signed_by

MASTER_LIST: Final = "2.23.136.1.1.2"
_LARGEST_FILE: Final = 64_000_000
_PEM: Final = re.compile(rb"-----BEGIN (CERTIFICATE|X509 CRL)-----.+?-----END \1-----", re.DOTALL)
_LDIF: Final = re.compile(
    rb"^(?:userCertificate|cACertificate|pkdMasterListContent|certificateRevocationList)(?:;binary)?::[ ]*"
    rb"((?:.*\r?\n)(?:[ ].*(?:\r?\n|$))*)",
    re.MULTILINE | re.IGNORECASE,
)
_Read = x509.Certificate | x509.CertificateRevocationList


class TrustFileError(ValueError):
    """A file of certificates cannot be read."""


class _MasterList(core.Sequence):  # type: ignore[misc]  # asn1crypto carries no types
    _fields = [("version", core.Integer), ("certificates", core.SetOf, {"spec": core.Any})]  # noqa: RUF012


class CscaStore:
    """Trusted authorities, found by name, and whom they revoked.

    Args:
        certificates: of authorities.
        lists: of what they revoked; one of an authority that is not among them says nothing here.

    Raises:
        TrustFileError: a list names one of these authorities as its issuer, and none of them signed it.
    """

    def __init__(
        self, certificates: Iterable[x509.Certificate] = (), lists: Iterable[x509.CertificateRevocationList] = ()
    ) -> None:
        self._by_subject: defaultdict[bytes, list[x509.Certificate]] = defaultdict(list)
        for certificate in certificates:
            self._by_subject[certificate.subject.public_bytes()].append(certificate)
        self.revocations = RevocationLists()
        for each in lists:
            named = self._by_subject.get(each.issuer.public_bytes(), [])
            issuer = next((one for one in named if signed_by(each, one)), None)
            if issuer is not None:
                self.revocations.add(issuer, each)
            elif named:
                raise TrustFileError("a list of revoked certificates is not signed by the authority that it names")

    def __len__(self) -> int:
        return sum(map(len, self._by_subject.values()))

    def issuers_of(self, signer: x509.Certificate) -> list[x509.Certificate]:
        """Authorities that a document signer names as its issuer, those of the right key first."""
        named = self._by_subject.get(signer.issuer.public_bytes(), [])
        wanted = _authority_key(signer)
        return sorted(named, key=lambda each: wanted is None or _subject_key(each) != wanted)

    def countries(self) -> set[str]:
        """Two-letter codes of the states that are covered."""
        every = (each for some in self._by_subject.values() for each in some)
        found = (each.subject.get_attributes_for_oid(x509.NameOID.COUNTRY_NAME) for each in every)
        return {str(attribute.value).upper() for attributes in found for attribute in attributes}


def load_csca_files(path: Path) -> CscaStore:
    """Read a file, or every file of a folder.

    Raises:
        OSError: it cannot be read.
        TrustFileError: a file holds no certificate that can be read.
    """
    files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
    read = [each for file in files for each in _read(file)]
    return CscaStore(
        (each for each in read if isinstance(each, x509.Certificate)),
        (each for each in read if isinstance(each, x509.CertificateRevocationList)),
    )


def _read(file: Path) -> list[_Read]:
    if file.stat().st_size > _LARGEST_FILE:
        raise TrustFileError(f"{file.name} is too large for a list of certificates")
    content = file.read_bytes()
    try:
        found = list(_from_octets(content))
    except (ValueError, TypeError, binascii.Error) as error:
        raise TrustFileError(f"{file.name} holds a certificate that cannot be read") from error
    if not found:
        raise TrustFileError(f"{file.name} holds no certificate")
    return found


def _from_octets(content: bytes) -> Iterator[_Read]:
    if _PEM.search(content):
        for match in _PEM.finditer(content):
            load = x509.load_pem_x509_certificate if match[1] == b"CERTIFICATE" else x509.load_pem_x509_crl
            yield load(match.group())
    elif entries := list(_LDIF.finditer(content)):
        for entry in entries:
            yield from _from_der(base64.b64decode(re.sub(rb"\s", b"", entry.group(1)), validate=True))
    else:
        yield from _from_der(content)


def _from_der(content: bytes) -> Iterator[_Read]:
    """A certificate, a list of revoked ones, or a signed list of many certificates."""
    for load in (x509.load_der_x509_certificate, x509.load_der_x509_crl):
        try:
            found: _Read = load(content)
        except ValueError:
            continue
        yield found
        return
    yield from _from_master_list(content)


def _from_master_list(content: bytes) -> Iterator[x509.Certificate]:
    info = cms.ContentInfo.load(content, strict=True)
    encapsulated = info["content"]["encap_content_info"]
    if encapsulated["content_type"].dotted != MASTER_LIST:
        raise ValueError("neither a certificate nor a list of them")
    listed = _MasterList.load(bytes(encapsulated["content"]))
    yield from (x509.load_der_x509_certificate(each.dump()) for each in listed["certificates"])


def _authority_key(certificate: x509.Certificate) -> bytes | None:
    try:
        extension = certificate.extensions.get_extension_for_oid(ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
    except (x509.ExtensionNotFound, ValueError):
        return None
    value = extension.value
    return value.key_identifier if isinstance(value, x509.AuthorityKeyIdentifier) else None


def _subject_key(certificate: x509.Certificate) -> bytes | None:
    try:
        extension = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_KEY_IDENTIFIER)
    except (x509.ExtensionNotFound, ValueError):
        return None
    value = extension.value
    return value.digest if isinstance(value, x509.SubjectKeyIdentifier) else None
