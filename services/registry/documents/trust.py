"""The certificates that documents are verified with, from the folders that an operator names."""

from dataclasses import dataclass, field
from pathlib import Path

import structlog
from cryptography import x509

from shared.standards.epassport import CscaStore, TrustFileError, load_csca_files

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DocumentTrust:
    """Whom to believe.

    Attributes:
        authorities: signing authorities of states (CSCA).
        seal_signers: signers of visible digital seals.
    """

    authorities: CscaStore = field(default_factory=CscaStore)
    seal_signers: tuple[x509.Certificate, ...] = ()


def load_trust(authorities: Path | None, seal_signers: Path | None) -> DocumentTrust:
    """Read both folders; none named: nobody is known, and every chip's authority is told as unknown.

    Raises:
        OSError, TrustFileError: a file cannot be read. A node that was told whom to trust does not start without.
    """
    known = load_csca_files(authorities) if authorities else CscaStore()
    signers = tuple(_certificates(seal_signers)) if seal_signers else ()
    log.info("document_trust", authorities=len(known), seal_signers=len(signers))
    return DocumentTrust(known, signers)


def _certificates(folder: Path) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    for file in sorted(each for each in folder.iterdir() if each.is_file()):
        content = file.read_bytes()
        try:
            pem = b"-----BEGIN" in content
            found += x509.load_pem_x509_certificates(content) if pem else [x509.load_der_x509_certificate(content)]
        except ValueError as error:
            raise TrustFileError(f"{file.name} holds no certificate that can be read") from error
    return found
