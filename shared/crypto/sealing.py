"""Encryption at rest: a key per member state wraps a key per subject; destroying the subject's key erases the subject.

AES-256-GCM (NIST SP 800-38D) through `cryptography`. What a sealed value belongs to is bound into it as associated
data, so that a row copied onto another row does not open.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32


class SealingError(Exception):
    """A sealed value does not open: wrong key, wrong owner, or altered. Says nothing of the content."""


class MemberKeyMissingError(Exception):
    """This deployment holds no sealing key for the member state."""


@dataclass(frozen=True)
class MemberKey:
    """A member state's key-encryption key, with the id it is rotated by."""

    kid: str
    secret: bytes


class KeyRing:
    """The member states' keys that one service holds; the newest of each seals, all open.

    Args:
        keys: per member (ISO 3166-1 alpha-3), newest first, at least one.
    """

    def __init__(self, keys: Mapping[str, tuple[MemberKey, ...]]) -> None:
        self._keys = keys

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Read a ring from its JSON file `{"IDN": [{"kid": "…", "key": base64}]}`.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not a key ring.
        """
        document = json.loads(path.read_text())
        ring = {
            member: tuple(MemberKey(entry["kid"], base64.b64decode(entry["key"], validate=True)) for entry in entries)
            for member, entries in document.items()
        }
        if any(len(key.secret) != _KEY_BYTES for keys in ring.values() for key in keys):
            raise ValueError("a sealing key is not 32 bytes")
        return cls(ring)

    def new_subject_key(self, member: str) -> bytes:
        """A fresh subject key, wrapped under the member's newest key: what a table keeps.

        Raises:
            MemberKeyMissingError: no key for the member.
        """
        key = self._newest(member)
        kid = key.kid.encode()
        wrapped = _encrypt(key.secret, secrets.token_bytes(_KEY_BYTES), member.encode())
        return bytes([len(kid)]) + kid + wrapped

    def subject(self, member: str, wrapped: bytes) -> "SubjectKey":
        """Open a subject key.

        Raises:
            SealingError: it does not open under the member's keys.
            MemberKeyMissingError: no key for the member.
        """
        return SubjectKey(self._unwrap(member, wrapped))

    def _newest(self, member: str) -> MemberKey:
        if member not in self._keys:
            raise MemberKeyMissingError(f"no sealing key for member {member}")
        return self._keys[member][0]

    def _unwrap(self, member: str, wrapped: bytes) -> bytes:
        length = wrapped[0] if wrapped else 0
        kid, body = wrapped[1 : 1 + length].decode("ascii", "replace"), wrapped[1 + length :]
        for key in self._keys.get(member, ()):
            if key.kid == kid:
                return _decrypt(key.secret, body, member.encode())
        raise MemberKeyMissingError(f"no sealing key {kid!r} for member {member}")


class SubjectKey:
    """One subject's key, open in memory: seals and opens what belongs to that subject."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, content: bytes, owner: str) -> bytes:
        """Encrypt content.

        Args:
            content: any bytes.
            owner: what the value belongs to, e.g. `registration/R1/packet`; needed again to open.

        Returns:
            version (1) | nonce (12) | ciphertext | tag (16).
        """
        return _encrypt(self._secret, content, owner.encode())

    def open(self, sealed: bytes, owner: str) -> bytes:
        """Decrypt.

        Raises:
            SealingError: altered, of another owner, or of another subject.
        """
        return _decrypt(self._secret, sealed, owner.encode())


def _encrypt(secret: bytes, content: bytes, owner: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(secret).encrypt(nonce, content, owner)


def _decrypt(secret: bytes, sealed: bytes, owner: bytes) -> bytes:
    if sealed[:1] != _VERSION:
        raise SealingError("not a sealed value of a known version")
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(secret).decrypt(nonce, body, owner)
    except (InvalidTag, ValueError) as error:
        raise SealingError("a sealed value does not open") from error
