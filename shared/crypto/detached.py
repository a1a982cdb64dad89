"""Signatures beside the file that they are over: ES256 (ECDSA on P-256, SHA-256; RFC 7518, section 3.4), 64 octets."""

from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

LENGTH: Final = 64

_ES256: Final = ECAlgorithm(ECAlgorithm.SHA256)


def sign(private_pem: bytes, context: str, content: bytes) -> bytes:
    """Sign a file.

    Args:
        private_pem: P-256.
        context: what kind of file it is, so that a signature over one kind is none over another.
        content: its octets.

    Returns:
        r and s, 32 octets each.
    """
    key = serialization.load_pem_private_key(private_pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("a signing key is an elliptic-curve key")
    return _ES256.sign(_octets(context, content), key)


def verify(public: Any, context: str, content: bytes, signature: bytes) -> bool:
    """Whether a signature is this key's over this file, as this kind of file."""
    if not isinstance(public, ec.EllipticCurvePublicKey) or len(signature) != LENGTH:
        return False
    return _ES256.verify(_octets(context, content), public, signature)


def _octets(context: str, content: bytes) -> bytes:
    return context.encode() + b"\x00" + content
