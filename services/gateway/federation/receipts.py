"""What is kept of each exchange: nonces that came once, and the two signatures with what they are over."""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from services.gateway.federation.messages import (
    CASE,
    MOST_SKEW_S,
    PURPOSE,
    USER,
    VERSION,
    MessageRefusedError,
    Proven,
    Reply,
)
from services.gateway.tables import FederationNonceRow, ReceiptRow
from shared.db.database import Database, now

_KEPT: Final = ("content-digest", "signature-input", "signature", PURPOSE, CASE, USER, VERSION)
_LONGEST_NONCE: Final = 64


async def use_nonce(database: Database, member: str, proven: Proven) -> None:
    """Mark a request as seen, durably; forget those that would be refused for their age anyhow.

    Raises:
        MessageRefusedError: it was seen before.
    """
    if len(proven.nonce) > _LONGEST_NONCE:
        raise MessageRefusedError("nonce", "the nonce is too long")
    expires = datetime.fromtimestamp(proven.created + 2 * MOST_SKEW_S, UTC)
    try:
        async with database.write() as session:
            await session.execute(delete(FederationNonceRow).where(FederationNonceRow.expires_at < now()))
            session.add(FederationNonceRow(member=member, nonce=proven.nonce, expires_at=expires))
    except IntegrityError as error:
        raise MessageRefusedError("replay", "the message was seen before") from error


class Receipts:
    """Keeps evidence; what comes together is written in one transaction: one fsync for a whole fan-out.

    Args:
        database: the gateway's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[ReceiptRow, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def keep(self, direction: str, member: str, reply: Reply) -> str:
        """Keep the evidence of one exchange; its id. When this returns it is durable."""
        row = ReceiptRow(
            id=secrets.token_hex(16),
            at=now(),
            direction=direction,
            member=member,
            method=reply.request.method,
            url=reply.request.url,
            status=reply.status_code,
            question=_kept(reply.request.headers),
            reply=_kept(reply.headers),
        )
        receipt, done = row.id, asyncio.get_running_loop().create_future()
        self._waiting.append((row, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        await done
        return receipt

    async def close(self) -> None:
        """Wait until what was handed over is written."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait([self._writer])

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                async with self._database.write() as session:
                    session.add_all(row for row, _ in batch)
            except SQLAlchemyError as error:
                failure: Exception | None = error
            else:
                failure = None
            for _, done in batch:
                if done.done():  # whoever waited has gone
                    continue
                if failure is None:
                    done.set_result(None)
                else:
                    done.set_exception(failure)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    lower = {name.lower(): value for name, value in headers.items()}
    return {name: lower[name] for name in _KEPT if name in lower}
