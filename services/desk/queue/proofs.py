"""Proof of possession with every request (DPoP, RFC 9449): a token that is overheard is of use to nobody."""

import base64
import hashlib
import json
import secrets
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import ECAlgorithm

ALGORITHM: Final = "ES256"


class Prover:
    """A key that lives as long as the program, and the gateway's last nonce.

    Args:
        audience: the gateway's address as it knows itself.
    """

    def __init__(self, audience: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self._private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._public = json.loads(ECAlgorithm.to_jwk(key.public_key()))
        self._audience = audience.rstrip("/")
        self._nonce: str | None = None

    def note(self, nonce: str | None) -> None:
        """Take the field DPoP-Nonce of an answer."""
        self._nonce = nonce or self._nonce

    def proof(self, method: str, path: str, now: float, token: str | None = None) -> str:
        """The field DPoP of one request; good once."""
        claims: dict[str, Any] = {"jti": secrets.token_hex(16), "htm": method, "htu": self._audience + path}
        claims |= {"iat": int(now)} | ({"nonce": self._nonce} if self._nonce else {})
        claims |= {"ath": _digest(token)} if token else {}
        return jwt.encode(claims, self._private, ALGORITHM, headers={"typ": "dpop+jwt", "jwk": self._public})


def _digest(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
