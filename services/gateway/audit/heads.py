"""Signed tree heads: the gateway's word, at an instant, for everything that the log then held.

What is signed is TreeHeadDataV2 of RFC 9162, section 4.10 (timestamp in milliseconds, size, root, no extensions), by
ECDSA on P-256 with SHA-256, the gateway's signing key.
"""

import struct
from dataclasses import dataclass
from datetime import datetime

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.audit.nodes import compute, log_size, queue_up
from services.gateway.tables import AuditHeadRow
from shared.db.database import Database, now
from shared.standards.merkle import root


class HeadNotSignedError(Exception):
    """A head's signature does not hold for its content."""


@dataclass(frozen=True)
class TreeHead:
    """What the log was: its size and root at an instant (whole milliseconds), signed."""

    size: int
    at: datetime
    root: bytes
    key_id: str
    signature: bytes

    @classmethod
    def of(cls, row: AuditHeadRow) -> "TreeHead":
        """A head out of its table."""
        return cls(row.size, row.at, row.root, row.key_id, row.signature)


def signed_octets(size: int, at: datetime, tree_root: bytes) -> bytes:
    """TreeHeadDataV2: uint64 timestamp, uint64 tree size, opaque root hash<32..255>, extensions<0..65535>."""
    milliseconds = round(at.timestamp() * 1000)
    return struct.pack(">QQB", milliseconds, size, len(tree_root)) + tree_root + struct.pack(">H", 0)


def verify_head(head: TreeHead, key: jwt.PyJWK) -> None:
    """Check a head against its signer's public key.

    Raises:
        HeadNotSignedError: it does not hold.
    """
    public = key.key
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise HeadNotSignedError("heads are signed with an elliptic-curve key")
    try:
        public.verify(head.signature, signed_octets(head.size, head.at, head.root), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise HeadNotSignedError("the signature of a head does not hold") from error


class HeadSigner:
    """Signs what the log is now.

    Args:
        database: the gateway's.
        private_pem: the gateway's signing key.
        key_id: its id in `trusted.jwks`.
    """

    def __init__(self, database: Database, private_pem: bytes, key_id: str = "gateway") -> None:
        key = serialization.load_pem_private_key(private_pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("a signing key is an elliptic-curve key")
        self._database, self._key, self._key_id = database, key, key_id

    async def sign(self) -> TreeHead:
        """The newest head; a new one when the log has grown since the last."""
        async with self._database.read() as session:
            latest, size = await latest_head(session), await log_size(session)
        if latest is not None and latest.size == size:
            return latest
        async with self._database.write() as session:
            await queue_up(session)
            size = await log_size(session)
            row = await session.get(AuditHeadRow, size)
            if row is None:
                row = self._make(size, await compute(session, lambda lookup: root(size, lookup)))
                session.add(row)
            return TreeHead.of(row)

    def _make(self, size: int, tree_root: bytes) -> AuditHeadRow:
        instant = now()
        at = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
        signature = self._key.sign(signed_octets(size, at, tree_root), ec.ECDSA(hashes.SHA256()))
        return AuditHeadRow(size=size, at=at, root=tree_root, key_id=self._key_id, signature=signature)


async def latest_head(session: AsyncSession) -> TreeHead | None:
    """The head of the largest size that was signed; None when none was."""
    row = (await session.execute(select(AuditHeadRow).order_by(AuditHeadRow.size.desc()).limit(1))).scalar()
    return None if row is None else TreeHead.of(row)
