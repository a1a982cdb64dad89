"""The plan of services in the database: each moves with the person's consent, and is looked after."""

import secrets

from sqlalchemy import select

from services.registry.support.casefile import CaseFile, CaseFiles
from services.registry.support.offices import Supporter
from services.registry.support.providers import find_provider
from services.registry.support.records import ServiceRecord
from services.registry.support.rules import check_provider, service_moved
from services.registry.support.tables import SupportServiceRow
from shared.contracts.support import SupportCase, SupportEventKind
from shared.contracts.support_plan import (
    FollowUpBody,
    ProviderNotice,
    ServiceBody,
    ServiceMove,
    ServiceOutcome,
    ServiceStep,
)
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now


class ServiceUnknownError(Exception):
    """The plan has no such service."""


class Plan:
    """Plans services and moves them.

    Args:
        database: the registry's.
        keys: sealing keys per member.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._files = CaseFiles(database, keys)

    async def add(self, who: Supporter, case_id: str, body: ServiceBody) -> SupportCase:
        """Plan a service.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError.
        """
        async with self._files.write(who, case_id) as file:
            row = SupportServiceRow(
                id=f"P{secrets.token_hex(12)}", case_seq=file.row.seq, follow_up_on=body.follow_up_on
            )
            service = ServiceRecord(service=body.service)
            file.seal_service(row, service)
            file.session.add(row)
            file.note(SupportEventKind.SERVICE, code=service.state, service=row.id)
            return await file.view()

    async def step(self, who: Supporter, case_id: str, service_id: str, step: ServiceStep) -> SupportCase:
        """Offer, accept, decline, refer, begin, end, drop, or take the consent back.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError, ServiceUnknownError, DayToComeError.
            IllegalSupportMoveError, PartNotForMoveError, ProviderUnknownError, ProviderUnfitError: it stays as it is.
        """
        if step.consent is not None:
            who.require_past(step.consent.given_on)
        async with self._files.write(who, case_id) as file:
            row = await _find(file, service_id)
            service = file.service(row)
            service.state = service_moved(service, step)
            await _apply(file, row, service, step)
            file.seal_service(row, service)
            file.note(SupportEventKind.SERVICE, code=service.state, text=step.remark, service=row.id)
            return await file.view()

    async def follow_up(self, who: Supporter, case_id: str, service_id: str, body: FollowUpBody) -> SupportCase:
        """Write down what a look after the person found, and when to look next.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError, ServiceUnknownError.
        """
        async with self._files.write(who, case_id) as file:
            row = await _find(file, service_id)
            row.follow_up_on = body.next
            file.note(SupportEventKind.FOLLOW_UP, text=body.found, service=row.id)
            return await file.view()


async def _find(file: CaseFile, service_id: str) -> SupportServiceRow:
    query = select(SupportServiceRow).where(
        SupportServiceRow.case_seq == file.row.seq, SupportServiceRow.id == service_id
    )
    row: SupportServiceRow | None = await file.session.scalar(query)
    if row is None:
        raise ServiceUnknownError("the plan has no such service")
    return row


async def _apply(file: CaseFile, row: SupportServiceRow, service: ServiceRecord, step: ServiceStep) -> None:
    """What a move brings with it."""
    if step.move is ServiceMove.OFFER and step.provider is not None:
        service.provider = step.provider
    if step.move in {ServiceMove.OFFER, ServiceMove.REFER} and service.provider is not None:
        provider = await find_provider(file.session, file.who, service.provider)
        check_provider(provider, service, file.child)
        service.provider_name = provider.name
    if step.move is ServiceMove.REFER:
        service.told = ProviderNotice(
            reference=row.id,
            service=service.service,
            language=file.record.language,
            child=file.child,
            told_at=now(),
            by=file.who.person,
        )
    service.consent = step.consent or service.consent
    service.outcome = ServiceOutcome.CONSENT_REVOKED if step.move is ServiceMove.REVOKE else step.outcome
