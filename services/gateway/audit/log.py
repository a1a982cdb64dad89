"""The append-only log: each entry is bound to all before it, so that none can be changed, dropped or moved unseen.

Entry n carries chain(n) = SHA-256(0x01 || chain(n-1) || SHA-256(0x00 || entry n)), with the leaf and node prefixes of
RFC 9162, section 2.1. Subjects are keyed digests: the log holds no personal data.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, text

from services.gateway.tables import AuditRow
from shared.contracts.caller import Caller
from shared.db.database import Database, now

_EMPTY: Final = hashlib.sha256(b"").digest()
_FIELDS: Final = (
    "number", "at", "client_id", "organisation", "member", "role", "purpose", "case_reference", "kind", "action",
    "subject_digest",
)  # fmt: skip


@dataclass(frozen=True)
class Verification:
    """What came of recomputing the log."""

    entries: int
    ok: bool
    first_bad: int | None


class AuditLog:
    """Appends entries and checks them.

    Args:
        database: the gateway's.
        digest_key: keys the subjects' digests, so that nobody without it can try names against the log.
    """

    def __init__(self, database: Database, digest_key: bytes) -> None:
        self._database = database
        self._key = digest_key

    async def append(self, caller: Caller, kind: str, action: str, subject: bytes) -> None:
        """Write who asks for what, durably, before it is answered."""
        async with self._database.write() as session:
            if self._database.engine.dialect.name == "postgresql":  # SQLite's writer lock already puts us in a row
                await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('lindung-audit'))"))
            last = (
                await session.execute(select(AuditRow).order_by(AuditRow.number.desc()).limit(1))
            ).scalar_one_or_none()
            row = AuditRow(
                number=1 if last is None else last.number + 1,
                at=now(),
                client_id=caller.client_id,
                organisation=caller.organisation,
                member=caller.member,
                role=caller.role.value if caller.role else "",
                purpose=caller.purpose.value if caller.purpose else "",
                case_reference=caller.case_reference,
                kind=kind,
                action=action,
                subject_digest=hmac.new(self._key, subject, hashlib.sha256).hexdigest(),
            )
            row.chain = _link(_EMPTY if last is None else last.chain, row)
            session.add(row)

    async def verify(self) -> Verification:
        """Recompute every entry.

        Returns:
            How many there are, and the first whose chain does not hold (altered, dropped or moved before it).
        """
        chain, count = _EMPTY, 0
        async with self._database.read() as session:
            async for row in await session.stream_scalars(select(AuditRow).order_by(AuditRow.number)):
                count += 1
                chain = _link(chain, row)
                if row.number != count or row.chain != chain:
                    return Verification(count, ok=False, first_bad=row.number)
        return Verification(count, ok=True, first_bad=None)


def _link(previous: bytes, row: AuditRow) -> bytes:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["at"] = row.at.isoformat(timespec="microseconds")
    leaf = hashlib.sha256(b"\x00" + json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).digest()
    return hashlib.sha256(b"\x01" + previous + leaf).digest()
