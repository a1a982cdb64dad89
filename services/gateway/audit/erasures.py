"""What the registry erased because its time was over, in the log of accesses: how many records, by which clock.

The registry keeps the count until it is told that the log has it. Whoever wrote an entry remembers it until then: it is
there twice only where a gateway ended in between, and then with the same subject.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from services.gateway.audit.log import AuditLog
from shared.contracts.caller import Caller, Purpose
from shared.contracts.retention import Erasure, ErasureList, ErasuresLogged
from shared.http.background import run_alongside
from shared.http.client import ServiceClient, ServiceUnavailableError

CHECK_S: Final = 60.0
KIND: Final = "retention"
_JSON: Final = {"content-type": "application/json"}

log = structlog.get_logger(__name__)


async def log_erasures(registry: ServiceClient, audit_log: AuditLog, own: str, written: set[int]) -> int:
    """Write down what was erased since, and tell the registry of each entry.

    Args:
        registry: where it was erased.
        audit_log: where it is written down.
        own: this member.
        written: ids of which there is an entry that the registry does not know of; changed here.

    Returns:
        How many the registry knows of now.

    Raises:
        ServiceUnavailableError, ValidationError, HTTPStatusError: the registry does not answer as it should.
    """
    keeper = _caller(own, None)
    answer = await registry.request(keeper, "GET", "/v1/region/erasures")
    erasures = ErasureList.model_validate_json(answer.content).items
    written.intersection_update([each.id for each in erasures])
    for each in erasures:
        if each.id not in written:
            subject = f"/retention/{each.id}".encode()
            await audit_log.append(_caller(each.member, said(each)), KIND, "erase", subject)
            written.add(each.id)
        body = ErasuresLogged(ids=[each.id]).model_dump_json()
        told = await registry.request(keeper, "POST", "/v1/region/erasures/logged", content=body, headers=_JSON)
        told.raise_for_status()
    return len(erasures)


def said(erasure: Erasure) -> str:
    """What stands in the open in the entry, as its reference."""
    return f"{erasure.number} {erasure.clock}"


@asynccontextmanager
async def erasures_logged(registry: ServiceClient, audit_log: AuditLog, own: str) -> AsyncIterator[None]:
    """Ask again and again while the block runs."""
    async with run_alongside(_run(registry, audit_log, own)):
        yield


async def _run(registry: ServiceClient, audit_log: AuditLog, own: str) -> None:
    written: set[int] = set()
    while True:
        await asyncio.sleep(CHECK_S)
        try:
            await log_erasures(registry, audit_log, own, written)
        except ServiceUnavailableError:
            log.warning("erasures_wait")
        except Exception as error:  # noqa: BLE001  whatever it was, the registry has the count until it is logged
            log.error("erasures_not_logged", error=type(error).__name__)


def _caller(member: str, reference: str | None) -> Caller:
    return Caller(
        client_id="retention",
        organisation="gateway",
        member=member,
        purpose=Purpose.REGISTER_MAINTENANCE,
        case_reference=reference,
    )
