"""What is kept of each exchange: nonces that came once, and the two signatures with what they are over."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

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


async def keep_receipt(database: Database, direction: str, member: str, reply: Reply) -> str:
    """Keep the evidence of one exchange; its id."""
    receipt = secrets.token_hex(16)
    async with database.write() as session:
        session.add(
            ReceiptRow(
                id=receipt,
                at=now(),
                direction=direction,
                member=member,
                method=reply.request.method,
                url=reply.request.url,
                status=reply.status_code,
                question=_kept(reply.request.headers),
                reply=_kept(reply.headers),
            )
        )
    return receipt


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    lower = {name.lower(): value for name, value in headers.items()}
    return {name: lower[name] for name in _KEPT if name in lower}
