"""The states' signing authorities (CSCA) that are trusted: certificates from files that an operator puts in place.

PEM, DER, a directory of them, LDIF of the ICAO public key directory (`userCertificate`, `cACertificate`) and CSCA
master lists (Doc 9303-12, section 9) are read. Who puts a file there vouches for it: the signature of a master list is
not checked.
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

MASTER_LIST: Final = "2.23.136.1.1.2"
_LARGEST_FILE: Final = 64_000_000
_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_LDIF: Final = re.compile(
    rb"^(?:userCertificate|cACertificate|pkdMasterListContent)(?:;binary)?::[ ]*((?:.*\r?\n)(?:[ ].*(?:\r?\n|$))*)",
    re.MULTILINE | re.IGNORECASE,
)


class TrustFileError(ValueError):
    """A file of certificates cannot be read."""


class _MasterList(core.Sequence):  # type: ignore[misc]  # asn1crypto carries no types
    _fields = [("version", core.Integer), ("certificates", core.SetOf, {"spec": core.Any})]  # noqa: RUF012


class CscaStore:
    """Trusted authorities, found by name."""

    def __init__(self, certificates: Iterable[x509.Certificate] = ()) -> None:
        self._by_subject: defaultdict[bytes, list[x509.Certificate]] = defaultdict(list)
        for certificate in certificates:
            self._by_subject[certificate.subject.public_bytes()].append(certificate)

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
    return CscaStore(certificate for file in files for certificate in _certificates(file))


def _certificates(file: Path) -> list[x509.Certificate]:
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


def _from_octets(content: bytes) -> Iterator[x509.Certificate]:
    if _PEM.search(content):
        yield from (x509.load_pem_x509_certificate(match.group()) for match in _PEM.finditer(content))
    elif entries := list(_LDIF.finditer(content)):
        for entry in entries:
            yield from _from_der(base64.b64decode(re.sub(rb"\s", b"", entry.group(1)), validate=True))
    else:
        yield from _from_der(content)


def _from_der(content: bytes) -> Iterator[x509.Certificate]:
    """A certificate, or a signed list of many."""
    try:
        yield x509.load_der_x509_certificate(content)
    except ValueError:
        info = cms.ContentInfo.load(content, strict=True)
        encapsulated = info["content"]["encap_content_info"]
        if encapsulated["content_type"].dotted != MASTER_LIST:
            raise
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
