"""MOSIP's DataShare envelope: what a share's address gives when the partner has a certificate.

base64url of: version `VER_R2` | SHA-256 of the certificate (32) | AES key by RSA-OAEP (SHA-256, MGF1 with SHA-256) |
`#KEY_SPLITTER#` | associated data (32, of which the first 12 are the nonce too) | AES-256-GCM ciphertext and tag.
Source: MOSIP documentation, "ABIS API" (reference URL), and its mock ABIS.
"""

import base64
import binascii
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.biometrics.mosip.refusals import MosipRefusedError
from shared.contracts.mosip import FailureReason

_VERSION: Final = b"VER_R2"
_THUMBPRINT: Final = 32
_SPLITTER: Final = b"#KEY_SPLITTER#"
_ASSOCIATED: Final = 32
_NONCE: Final = 12
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


class DataShareKey:
    """The private key that shares are sealed for.

    Args:
        key: RSA.
    """

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key

    @classmethod
    def load(cls, path: Path) -> "DataShareKey":
        """Read a key from a PEM file without password.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is no RSA private key.
        """
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("a DataShare key is an RSA key")  # noqa: TRY004  one error for whatever the file holds
        return cls(key)

    def open(self, share: bytes) -> bytes:
        """What a share holds.

        Raises:
            MosipRefusedError: NOT_FETCHED, it does not open with this key.
        """
        try:
            return self._opened(_decoded(share))
        except (InvalidTag, ValueError) as error:
            raise _closed("it does not open with this deployment's key") from error

    def _opened(self, envelope: bytes) -> bytes:
        start = len(_VERSION) + _THUMBPRINT
        end = start + self._key.key_size // 8
        if not envelope.startswith(_VERSION) or envelope[end : end + len(_SPLITTER)] != _SPLITTER:
            raise _closed("it is no envelope of version VER_R2 for a key of this length")
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
        secret = self._key.decrypt(envelope[start:end], oaep)
        rest = envelope[end + len(_SPLITTER) :]
        associated, sealed = rest[:_ASSOCIATED], rest[_ASSOCIATED:]
        return AESGCM(secret).decrypt(associated[:_NONCE], sealed, associated)


def _decoded(share: bytes) -> bytes:
    """Base64 in either alphabet, with or without padding: MOSIP's own reader takes all of these."""
    text = b"".join(share.split()).translate(_TO_STANDARD).rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise _closed("it is not base64") from error


def _closed(detail: str) -> MosipRefusedError:
    return MosipRefusedError(FailureReason.NOT_FETCHED, f"the share: {detail}")
