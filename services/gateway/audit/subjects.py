"""Digests of subjects: the same subject has the same digest for as long as its salt is kept, and no meaning after.

tag = HMAC-SHA-256(key, subject) finds the salt; digest = HMAC-SHA-256(HMAC-SHA-256(key, salt), subject). Who has the
table but not the key cannot try names; when the salt is destroyed, nobody can, key or not.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.tables import AuditSubjectRow

_SALT_BYTES = 16
_BATCH = 500


class SubjectDigests:
    """Makes and finds the digests of subjects.

    Args:
        key: 32 octets, of the deployment.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    async def make(self, session: AsyncSession, subjects: Iterable[bytes]) -> dict[bytes, str]:
        """The digest of each subject; salts that are missing are made. The caller holds the log's write lock."""
        tags = {self._tag(subject): subject for subject in subjects}
        salts = await self._salts(session, list(tags))
        new = {tag: secrets.token_bytes(_SALT_BYTES) for tag in tags.keys() - salts.keys()}
        session.add_all(AuditSubjectRow(tag=tag, salt=salt) for tag, salt in new.items())
        salts |= new
        return {subject: self._digest(salts[tag], subject) for tag, subject in tags.items()}

    async def find(self, session: AsyncSession, subject: bytes) -> str | None:
        """The digest that entries about a subject carry; None when it was never asked for, or was erased."""
        salts = await self._salts(session, [self._tag(subject)])
        return next((self._digest(salt, subject) for salt in salts.values()), None)

    async def erase(self, session: AsyncSession, subject: bytes) -> bool:
        """Destroy what binds entries to a subject. The entries stay, and the log still verifies.

        Returns:
            Whether there was something to destroy.
        """
        erased = await session.execute(
            delete(AuditSubjectRow).where(AuditSubjectRow.tag == self._tag(subject)).returning(AuditSubjectRow.tag)
        )
        return erased.first() is not None

    def _tag(self, subject: bytes) -> str:
        return hmac.new(self._key, subject, hashlib.sha256).hexdigest()

    def _digest(self, salt: bytes, subject: bytes) -> str:
        own = hmac.digest(self._key, salt, "sha256")
        return hmac.new(own, subject, hashlib.sha256).hexdigest()

    async def _salts(self, session: AsyncSession, tags: list[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for start in range(0, len(tags), _BATCH):
            some = select(AuditSubjectRow.tag, AuditSubjectRow.salt).where(
                AuditSubjectRow.tag.in_(tags[start : start + _BATCH])
            )
            found |= {row.tag: row.salt for row in await session.execute(some)}
        return found
