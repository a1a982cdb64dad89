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

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.crypto.ringfile import Stamp, read_ring_file, stamp_of

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32

log = structlog.get_logger(__name__)


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

    A ring that was loaded from a file follows it: a key that is put into the file, or taken out, counts from the next
    use on, without a restart. A file that cannot be read changes nothing; the ring goes on with the keys that it has.

    Args:
        keys: per member (ISO 3166-1 alpha-3), newest first, at least one.
    """

    def __init__(self, keys: Mapping[str, tuple[MemberKey, ...]]) -> None:
        self._keys = keys
        self._path: Path | None = None
        self._stamp: Stamp | None = None

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Read a ring from its JSON file `{"IDN": [{"kid": "…", "key": base64}]}`, and follow it.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not a key ring.
        """
        stamp = stamp_of(path)
        ring = cls(_parse(read_ring_file(path)))
        ring._path, ring._stamp = path, stamp
        return ring

    def new_subject_key(self, member: str) -> bytes:
        """A fresh subject key, wrapped under the member's newest key: what a table keeps.

        Raises:
            MemberKeyMissingError: no key for the member.
        """
        return _wrap(self._newest(member), secrets.token_bytes(_KEY_BYTES), member)

    def subject(self, member: str, wrapped: bytes) -> "SubjectKey":
        """Open a subject key.

        Raises:
            SealingError: it does not open under the member's keys.
            MemberKeyMissingError: no key for the member.
        """
        return SubjectKey(self._unwrap(member, wrapped))

    def members(self) -> tuple[str, ...]:
        """Whose keys are held."""
        return tuple(self._current())

    def kids(self, member: str) -> tuple[str, ...]:
        """Ids of a member's keys, newest first; none when no key is held."""
        return tuple(key.kid for key in self._current().get(member, ()))

    def rewrap(self, member: str, wrapped: bytes) -> bytes:
        """The same subject key under the member's newest key; what it has sealed still opens.

        Raises:
            SealingError, MemberKeyMissingError: as `subject`.
        """
        return _wrap(self._newest(member), self._unwrap(member, wrapped), member)

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for what belongs to no one member and can be made again (HKDF-SHA-256, RFC 5869).

        From every member's newest key: whoever holds the ring has it, and with any new key it is another.
        """
        newest = b"".join(self._keys[member][0].secret for member in sorted(self._keys))
        return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=f"lindung/{purpose}".encode()).derive(newest)

    def _newest(self, member: str) -> MemberKey:
        keys = self._current()
        if member not in keys:
            raise MemberKeyMissingError(f"no sealing key for member {member}")
        return keys[member][0]

    def _unwrap(self, member: str, wrapped: bytes) -> bytes:
        length = wrapped[0] if wrapped else 0
        kid, body = wrapped[1 : 1 + length].decode("ascii", "replace"), wrapped[1 + length :]
        for key in self._current().get(member, ()):
            if key.kid == kid:
                return _decrypt(key.secret, body, member.encode())
        raise MemberKeyMissingError(f"no sealing key {kid!r} for member {member}")

    def _current(self) -> Mapping[str, tuple[MemberKey, ...]]:
        """The keys as the file has them now. Looking whether it changed takes some microseconds."""
        if self._path is None:
            return self._keys
        try:
            stamp = stamp_of(self._path)
            if stamp != self._stamp:
                self._stamp = stamp
                self._keys = _parse(read_ring_file(self._path))
                log.info("key_ring_read_again")
        except (OSError, ValueError) as error:
            log.error("key_ring_not_read", error=type(error).__name__)
        return self._keys


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


def wrapping_mark(kid: str) -> bytes:
    """What every subject key that is wrapped under this key begins with."""
    return bytes([len(kid)]) + kid.encode("ascii")


def _wrap(key: MemberKey, secret: bytes, member: str) -> bytes:
    return wrapping_mark(key.kid) + _encrypt(key.secret, secret, member.encode())


def _parse(text: str) -> dict[str, tuple[MemberKey, ...]]:
    try:
        ring = {
            member: tuple(MemberKey(entry["kid"], base64.b64decode(entry["key"], validate=True)) for entry in entries)
            for member, entries in json.loads(text).items()
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("not a key ring") from error
    if not all(ring.values()):
        raise ValueError("a member without a sealing key")
    if any(len(key.secret) != _KEY_BYTES for keys in ring.values() for key in keys):
        raise ValueError("a sealing key is not 32 bytes")
    return ring


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
