"""The log while the gateway runs: opened, its head signed each minute, closed when all is written."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy.exc import SQLAlchemyError

from services.gateway.audit.heads import HeadSigner
from services.gateway.audit.log import AuditLog
from shared.db.database import Database
from shared.http.background import run_alongside

SIGN_EVERY_S: Final = 60.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_audit_log(
    database: Database, digest_key: bytes, signer: HeadSigner, metrics: CollectorRegistry
) -> AsyncIterator[AuditLog]:
    """An audit log whose heads are signed while it is open, and once more at its end."""
    size = Gauge("lindung_audit_head_size", "Entries that the newest signed head vouches for", registry=metrics)
    audit_log = AuditLog(database, digest_key)
    try:
        async with run_alongside(_sign_for_ever(signer, size)):
            yield audit_log
    finally:
        await audit_log.close()
        await _sign(signer, size)


async def _sign_for_ever(signer: HeadSigner, size: Gauge) -> None:
    while True:
        await _sign(signer, size)
        await asyncio.sleep(SIGN_EVERY_S)


async def _sign(signer: HeadSigner, size: Gauge) -> None:
    try:
        size.set((await signer.sign()).size)
    except SQLAlchemyError as error:
        log.error("audit_head_not_signed", error=type(error).__name__)  # the next minute tries again
