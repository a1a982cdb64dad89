"""A support case as it is shown: that there is one to the office, what is in it to who manages it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.registry.clocks import Clock, term
from services.registry.keeping import keeping
from services.registry.support.offices import Supporter
from services.registry.support.records import CaseRecord, EventRecord, ReturnRecord, ServiceRecord
from services.registry.support.rules import ends_on, lacks, return_moves, service_moves
from services.registry.support.tables import SupportCaseRow, SupportEventRow, SupportServiceRow
from shared.contracts.adjudication import VictimStatus
from shared.contracts.support import (
    Reflection,
    SupportCaseItem,
    SupportCaseState,
    SupportContent,
    SupportEvent,
)
from shared.contracts.support_plan import PlannedService, Repatriation
from shared.standards.indicators.rules import Answer


@dataclass(frozen=True)
class Parts:
    """What a case's content is made of, beside the row and its record."""

    child: Answer
    status: VictimStatus
    services: Sequence[PlannedService]
    events: Sequence[SupportEvent]
    today: date


def item(who: Supporter, row: SupportCaseRow, overdue: bool | None) -> SupportCaseItem:
    """All that others of the office see."""
    return SupportCaseItem(
        id=row.id,
        member=row.member,
        state=SupportCaseState(row.state),
        manager=who.manager_of(row),
        stand_in=who.stand_in_of(row),
        opened_at=row.opened_at,
        mine=who.reads(row),
        overdue=overdue,
        erased_on=row.erased_at.date() if row.erased_at else None,
    )


def content(row: SupportCaseRow, record: CaseRecord, parts: Parts) -> SupportContent:
    """What the manager and who stands in read."""
    return SupportContent(
        called=record.called,
        language=record.language,
        child=parts.child,
        registration=row.registration,
        assessment=row.assessment,
        referral=row.referral,
        presumption=record.presumption.model_copy(update={"status": parts.status}),
        reflection=_reflection(row.member, record, parts.today),
        services=list(parts.services),
        repatriation=_repatriation(record.repatriation, parts.child) if record.repatriation else None,
        events=list(parts.events),
        keeping=keeping(row.member, Clock.SUPPORT_CLOSED, row.closed_at, row.held_until),
    )


def service_view(row: SupportServiceRow, service: ServiceRecord, today: date) -> PlannedService:
    """A service of the plan."""
    overdue = row.follow_up_on is not None and row.follow_up_on < today
    kept = {name: getattr(service, name) for name in ServiceRecord.model_fields}
    return PlannedService(
        id=row.id, follow_up_on=row.follow_up_on, overdue=overdue, moves=service_moves(service), **kept
    )


def event_view(row: SupportEventRow, told: EventRecord) -> SupportEvent:
    """Something that was done."""
    return SupportEvent(by=row.by, at=row.at, **told.model_dump())


def _reflection(member: str, record: CaseRecord, today: date) -> Reflection:
    clock, ends = term(member, Clock.REFLECTION), ends_on(record)
    return Reflection(
        begins=record.begins,
        ends=ends,
        running=today <= ends and record.wish is None,
        source=clock.source,
        confirmed=clock.confidence == "confirmed",
        wish=record.wish,
    )


def _repatriation(record: ReturnRecord, child: Answer) -> Repatriation:
    kept = {name: getattr(record, name) for name in ReturnRecord.model_fields}
    return Repatriation(lacks=lacks(record, child), moves=return_moves(record, child), **kept)
