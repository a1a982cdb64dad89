"""Packets of a desk, sealed so that only the gateway opens them: HPKE (RFC 9180), base mode.

Form: `LDP1`, key id (8 octets), packet id (16 octets, a UUID), then what HPKE gives: encapsulated key and ciphertext.
The head is bound to the ciphertext (HPKE's info), so that no packet can be given another one's id. Base mode proves
no sender: who brings a packet is proven by their access token, and its contents say who packed it.
"""

import base64
import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

MAX_CONTENTS: Final = 48_000_000
"""Octets of the contents once unpacked; more is refused before it is held."""

_MAGIC: Final = b"LDP1"
_HEAD: Final = struct.Struct(">4s8s16s")
_INFO: Final = b"lindung packet 1\x00"
_PEM_END: Final = b"-----END PRIVATE KEY-----"
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class PacketError(Exception):
    """Bytes that are no packet, or one that these keys do not open. `reason` is a stable code."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class PacketHead:
    """What can be read of a packet without opening it: its id, and which key it is sealed to."""

    packet: UUID
    kid: str


def new_packet_key() -> bytes:
    """A fresh X25519 private key, PEM (PKCS #8)."""
    return X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def key_id(public: X25519PublicKey) -> str:
    """The id of a public key: the first eight octets of its SHA-256, hexadecimal."""
    return _digest(public).hex()


def encode_public(public: X25519PublicKey) -> str:
    """A public key as JSON carries it: its 32 octets, base64."""
    return base64.b64encode(_raw(public)).decode()


def decode_public(text: str) -> X25519PublicKey:
    """The public key of that text.

    Raises:
        ValueError: it is none.
    """
    return X25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))


def seal_packet(contents: bytes, packet: UUID, public: X25519PublicKey) -> bytes:
    """A packet that only the holder of the private key opens; not even who sealed it can."""
    head = _HEAD.pack(_MAGIC, _digest(public), packet.bytes)
    return head + _SUITE.encrypt(zlib.compress(contents, 1), public, _INFO + head)


def read_head(sealed: bytes) -> PacketHead:
    """What stands on the outside of a packet.

    Raises:
        PacketError: it is none.
    """
    if len(sealed) <= _HEAD.size:
        raise PacketError("NOT_A_PACKET", "too short for a packet")
    magic, kid, packet = _HEAD.unpack_from(sealed)
    if magic != _MAGIC:
        raise PacketError("NOT_A_PACKET", "no packet, or one of a later version")
    return PacketHead(UUID(bytes=packet), kid.hex())


class PacketOpener:
    """Opens packets with the private keys of one file.

    Args:
        keys: the first is the one that desks seal to now; the others still open what was sealed before.
    """

    def __init__(self, keys: Iterable[X25519PrivateKey]) -> None:
        held = list(keys)
        self.current = held[0].public_key()
        self._keys = {key_id(key.public_key()): key for key in held}

    def open(self, sealed: bytes) -> tuple[UUID, bytes]:
        """Id and contents.

        Raises:
            PacketError: not a packet, sealed to a key that is not held, altered, or too large.
        """
        head = read_head(sealed)
        key = self._keys.get(head.kid)
        if key is None:
            raise PacketError("KEY_UNKNOWN", "sealed to a key that this gateway does not hold (any more)")
        try:
            packed = _SUITE.decrypt(sealed[_HEAD.size :], key, _INFO + sealed[: _HEAD.size])
        except (InvalidTag, ValueError) as error:
            raise PacketError("NOT_OPENED", "the packet was altered, or is not whole") from error
        return head.packet, _unpack(packed)


def read_packet_keys(pem: bytes) -> PacketOpener:
    """The opener for a key file: one or more X25519 private keys (PEM, PKCS #8), the current one first.

    Raises:
        ValueError: there is none, or one that is not X25519.
    """
    keys = []
    for part in pem.split(_PEM_END)[:-1]:
        key = load_pem_private_key(part + _PEM_END, password=None)
        if not isinstance(key, X25519PrivateKey):
            raise ValueError("a packet key is an X25519 private key")  # noqa: TRY004  a wrong file, not a wrong call
        keys.append(key)
    if not keys:
        raise ValueError("the file holds no key")
    return PacketOpener(keys)


def _unpack(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        contents = unpacker.decompress(packed, MAX_CONTENTS)
    except zlib.error as error:
        raise PacketError("CONTENTS_INVALID", "the contents cannot be unpacked") from error
    if not unpacker.eof:
        raise PacketError("CONTENTS_INVALID", f"the contents are cut off, or more than {MAX_CONTENTS} octets")
    return contents


def _digest(public: X25519PublicKey) -> bytes:
    return hashlib.sha256(_raw(public)).digest()[:8]


def _raw(public: X25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)
