"""Sealing to one member: HPKE (RFC 9180), DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode.

Who asks whom about what is bound in as `info`: a sealed probe that is taken out of its message does not open elsewhere.
The sender is proven by the message's signature, not by the seal.
"""

from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from services.gateway.federation.directory import public_key
from services.gateway.federation.inbound import MemberRefusedError
from shared.contracts.membership import MemberEntry

SEALING_KEY: Final = "federation-sealing.pem"

_SUITE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class NotSealedToUsError(MemberRefusedError):
    """A sealed part does not open with this node's key and for this message."""

    slug, title = "not-sealed-to-us", "The sealed part does not open here"


class NoSealingKeyError(MemberRefusedError):
    """The member has no sealing key in the directory, or this node none in its folder."""

    status, slug, title = 409, "no-sealing-key", "There is no key to seal to"


def seal_to(entry: MemberEntry, sender: str, subject: str, content: bytes) -> bytes:
    """Encrypt to a member.

    Args:
        entry: whose sealing key the directory has.
        sender: member that sends.
        subject: what it is about, e.g. `probe/ID`; needed again to open.
        content: any bytes.

    Raises:
        NoSealingKeyError: the directory has none for it.
    """
    if entry.sealing_key is None:
        raise NoSealingKeyError(f"{entry.member} has no sealing key in the directory")
    key = public_key(entry.sealing_key).key
    return _SUITE.encrypt(content, key, _info(sender, entry.member, subject))


class Opener:
    """Opens what is sealed to this member.

    Args:
        member: this node's.
        path: of the private key (PEM); read when it is first needed.
    """

    def __init__(self, member: str, path: Path) -> None:
        self._member, self._path = member, path
        self._key: ec.EllipticCurvePrivateKey | None = None

    def open(self, sender: str, subject: str, sealed: bytes) -> bytes:
        """Decrypt.

        Raises:
            NoSealingKeyError: this node has no key.
            NotSealedToUsError: it does not open.
        """
        try:
            return _SUITE.decrypt(sealed, self._private(), _info(sender, self._member, subject))
        except (InvalidTag, ValueError) as error:
            raise NotSealedToUsError("the sealed part does not open here") from error

    def _private(self) -> ec.EllipticCurvePrivateKey:
        if self._key is None:
            try:
                key = serialization.load_pem_private_key(self._path.read_bytes(), password=None)
            except OSError as error:
                raise NoSealingKeyError("this node has no sealing key") from error
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise NoSealingKeyError("a sealing key is an elliptic-curve key")
            self._key = key
        return self._key


def _info(sender: str, receiver: str, subject: str) -> bytes:
    return f"lindung/2/{sender}/{receiver}/{subject}".encode()
