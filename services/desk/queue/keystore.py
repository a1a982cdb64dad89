"""The gateway's public key, kept for the days without a network."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from pydantic import ValidationError

from shared.contracts.packets import PacketKey
from shared.crypto.packets import decode_public, key_id
from shared.crypto.ringfile import write_durably


class NoPacketKeyError(Exception):
    """The desk has never reached the gateway: it cannot seal, so it captures nothing."""


class KeyStore:
    """One key in one file. It is public: who changes it can make packets unreadable, and read none.

    Whoever can write the file could also put their own key in; a disk that others can write is no place for a desk.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key: X25519PublicKey | None = None
        try:
            self._key = _read(PacketKey.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError, ValueError):
            self._key = None  # not there, or damaged: asked for again

    def take(self, told: PacketKey) -> None:
        """Keep the key that the gateway tells, when it is another one.

        Raises:
            OSError: the disk is full or failed; the former key stays.
        """
        key = _read(told)
        if self._key is None or key_id(key) != key_id(self._key):
            write_durably(self._path, told.model_dump_json().encode())
            self._key = key

    def current(self) -> X25519PublicKey:
        """The key to seal to.

        Raises:
            NoPacketKeyError: there is none yet.
        """
        if self._key is None:
            raise NoPacketKeyError("connect this desk to the gateway once before working without a network")
        return self._key

    @property
    def ready(self) -> bool:
        """Whether there is one."""
        return self._key is not None


def _read(told: PacketKey) -> X25519PublicKey:
    return decode_public(told.x25519)
