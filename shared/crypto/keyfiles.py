"""The key files of a deployment: made once, random, readable by their owner only, never replaced.

Files in the folder: `NAME-signing.pem` (ES256 private key of a service), `trusted.jwks` (public keys of the services),
`NAME-sealing.json` (key ring, see sealing.py), `NAME-digest.key` (32 bytes for keyed digests), `gateway-packets.pem`
(opens what desks sealed, see packets.py), `clients/NAME.pem`.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from shared.crypto.packets import new_packet_key
from shared.crypto.ringfile import write_durably

MEMBERS: Final = ("BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "PHL", "SGP", "THA", "TLS", "VNM")
"""ISO 3166-1 alpha-3 of the eleven ASEAN member states."""

_SIGNERS: Final = ("gateway", "registry")
_SEALERS: Final = ("registry", "biometrics")
_PACKETS: Final = "gateway-packets.pem"


def make_key_files(folder: Path) -> list[str]:
    """Make every key file that is missing.

    Args:
        folder: made with mode 0700 when absent.

    Returns:
        Names of the files made; empty when all were there.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = [
        *(f"{name}-signing.pem" for name in _SIGNERS if keep_file(folder / f"{name}-signing.pem", new_signing_key)),
        *(f"{name}-sealing.json" for name in _SEALERS if keep_file(folder / f"{name}-sealing.json", _new_ring)),
        *(f"{name}-digest.key" for name in _SIGNERS if keep_file(folder / f"{name}-digest.key", _new_secret)),
        *(name for name in (_PACKETS,) if keep_file(folder / name, new_packet_key)),
    ]
    if made or not (folder / "trusted.jwks").exists():
        _write(folder / "trusted.jwks", _trusted(folder), replace=True)
    return made


def new_signing_key() -> bytes:
    """A fresh P-256 private key, PEM (PKCS #8)."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_jwk(private_pem: bytes, kid: str) -> dict[str, Any]:
    """The public half of a private key as a JSON Web Key (RFC 7517)."""
    key = serialization.load_pem_private_key(private_pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("a signing key is an elliptic-curve key")
    document: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    return document | {"kid": kid, "alg": "ES256", "use": "sig"}


def sealing_jwk(private_pem: bytes, kid: str) -> dict[str, Any]:
    """The public half of a private key that others seal to."""
    document = public_jwk(private_pem, kid)
    return {name: value for name, value in document.items() if name != "alg"} | {"use": "enc"}


def load_trusted(path: Path) -> dict[str, jwt.PyJWK]:
    """Public keys by key id, from a JWK set (RFC 7517, section 5).

    Raises:
        OSError: the file cannot be read.
        jwt.PyJWKSetError: it is not a JWK set.
    """
    return {str(key.key_id): key for key in jwt.PyJWKSet.from_json(path.read_text()).keys}


def write_client_key(folder: Path, name: str) -> Path:
    """A client's private key file; kept when it is there already."""
    path = folder / "clients" / f"{name}.pem"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keep_file(path, new_signing_key)
    return path


def write_secret(path: Path, characters: int = 32) -> bool:
    """A random printable secret, one line; kept when it is there already. True when made."""
    return keep_file(path, lambda: secrets.token_urlsafe(characters).encode())


def _trusted(folder: Path) -> bytes:
    keys: Iterable[dict[str, Any]] = (
        public_jwk((folder / f"{name}-signing.pem").read_bytes(), name) for name in _SIGNERS
    )
    return json.dumps({"keys": list(keys)}, indent=1).encode()


def _new_secret() -> bytes:
    return base64.b64encode(secrets.token_bytes(32))


def _new_ring() -> bytes:
    ring = {member: [{"kid": "1", "key": _new_secret().decode()}] for member in MEMBERS}
    return json.dumps(ring, indent=1).encode()


def keep_file(path: Path, make: Callable[[], bytes]) -> bool:
    """Write a secret file, unless it is there. True when made."""
    if path.exists():
        return False
    _write(path, make())
    return True


def _write(path: Path, content: bytes, *, replace: bool = False) -> None:
    if replace or not path.exists():
        write_durably(path, content)
