"""What a reviewer is shown of a case: both records side by side, and nothing of what another reviewer found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.registry.adjudication.casefile import (
    SYSTEM,
    CaseFile,
    events_of,
    hidden_from,
    open_file,
    read_event,
    reason_owner,
    scope_of_reviewer,
)
from services.registry.adjudication.deciding import BEST_INTERESTS, PAPER
from services.registry.adjudication.images import images_of
from services.registry.adjudication.people import Reviewer
from services.registry.adjudication.tables import AdjudicationEventRow, AdjudicationRow, RegistrationLinkRow, SeatRow
from services.registry.workers.particulars import differences
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.views import Record, Scope, view
from shared.contracts.adjudication import (
    Adjudication,
    AdjudicationState,
    BestInterests,
    ClaimView,
    EventList,
    EventView,
    Finding,
    Ground,
    LinkRelation,
    Outcome,
    OwnDecision,
    Paper,
    RegistrationLink,
    RegistrationLinks,
    ShownPaper,
    Side,
)
from shared.contracts.registrations import Signal
from shared.db.database import Database, now

_ANOTHER_MEMBERS: Final = "held by another member: ask it through the gateway, for this case"


class CaseReader:
    """Shows cases.

    Args:
        database: the registry's.
        store: registrations.
    """

    def __init__(self, database: Database, store: RegistrationStore) -> None:
        self._database = database
        self._store = store

    async def case(self, reviewer: Reviewer, case_id: str) -> Adjudication:
        """A case as a reviewer may see it.

        Raises:
            CaseUnknownError: not for this reviewer.
        """
        async with self._database.read() as session:
            file = await open_file(session, self._store, reviewer, case_id)
            sides = await self._sides(session, reviewer, file)
            events = await events_of(session, file.case, reviewer)
            signals = await self._signals(reviewer, file)
        return self._shown(reviewer, file, sides, events, signals)

    async def events(self, reviewer: Reviewer, case_id: str) -> EventList:
        """The steps of a case: the reviewer's own and the system's; everybody's once it is decided.

        Raises:
            CaseUnknownError: not for this reviewer.
        """
        async with self._database.read() as session:
            file = await open_file(session, self._store, reviewer, case_id)
            events = await events_of(session, file.case, reviewer)
        known = [event for event in events if _may_know(reviewer, file, event)]
        actors = {actor: f"person {number}" for number, actor in enumerate(_people(known), 1)}
        names = actors | {SYSTEM: SYSTEM, reviewer.name: "you"}
        shown = [
            EventView(number=number, kind=each.kind, by=names[each.actor], at=each.at)
            for number, each in enumerate(known, 1)  # a gap would tell that somebody else did something
        ]
        return EventList(case=case_id, events=shown)

    async def links(self, scope: Scope, registration_id: str) -> RegistrationLinks:
        """Links of a registration with others, as far as the reader may know these.

        Raises:
            RegistrationUnknownError: not for this reader.
        """
        record = await self._store.read(registration_id, scope)
        if (record.presumed_victim or record.child_sealed or record.withdrawal_asked) and not scope.protects:
            return RegistrationLinks(registration=record.id, links=[])
        async with self._database.read() as session:
            found = await _links_of(session, record.id)
        hidden = await self._store.hidden({other for _, other, _ in found}, scope)
        shown = [
            RegistrationLink(
                registration=record.id,
                other=other,
                relation=LinkRelation(link.relation),
                by=case or SYSTEM,
                since=link.since,
                undone_at=link.undone_at,
            )
            for link, other, case in found
            if other not in hidden
        ]
        return RegistrationLinks(registration=record.id, links=shown)

    async def _sides(self, session: AsyncSession, reviewer: Reviewer, file: CaseFile) -> list[Side]:
        query = select(RegistrationRow).where(RegistrationRow.id.in_(file.others)).order_by(RegistrationRow.seq)
        subject = self._store.record_of(file.registration)
        sides = [await self._side(file, subject, subject)]
        for row in await session.scalars(query):
            record = self._store.record_of(row)
            if row.member == reviewer.member:
                sides.append(await self._side(file, record, subject))
            else:
                differs = differences(subject.particulars, record.particulars)
                sides.append(Side(registration=row.id, subject=False, withheld=_ANOTHER_MEMBERS, differs=differs))
        held = (Side(registration=each, subject=False, withheld=_ANOTHER_MEMBERS) for each in file.members)
        return [*sides, *held]

    async def _side(self, file: CaseFile, record: Record, subject: Record) -> Side:
        stated, (issuer, number) = record.particulars, record.particulars.document or (None, None)
        _, packet = await self._store.packet(record.id)
        itself = record.id == subject.id
        return Side(
            registration=record.id,
            subject=itself,
            name=stated.name,
            native_name=stated.native_name,
            born=stated.born,
            sex=stated.sex,
            nationality=stated.nationality,
            document_issuer=issuer,
            document_number=number,
            registered_on=record.created_at.date(),
            missing=record.missing,
            images=images_of(file.case.id, record.id, packet),
            differs=[] if itself else differences(subject.particulars, stated),
        )

    async def _signals(self, reviewer: Reviewer, file: CaseFile) -> list[Signal]:
        hidden = await hidden_from(self._store, reviewer, [file.case])
        return view(self._store.record_of(file.registration), scope_of_reviewer(reviewer), hidden).signals

    def _shown(
        self,
        reviewer: Reviewer,
        file: CaseFile,
        sides: list[Side],
        events: Sequence[AdjudicationEventRow],
        signals: list[Signal],
    ) -> Adjudication:
        case, seat = file.case, file.seat_of(reviewer)
        steps = [(event, self._said(file, event)) for event in events if event.kind in {PAPER, BEST_INTERESTS}]
        best = [content for event, content in steps if event.kind == BEST_INTERESTS and content]
        papers = [(event.at, content) for event, content in steps if event.kind == PAPER and content]
        return Adjudication(
            case=case.id,
            registration=file.registration.id,
            state=AdjudicationState(case.state),
            round=len({event.round for event in events}),
            appealed=case.appealed_from > 0,
            opened_at=case.opened_at,
            signals=signals,
            records=sides,
            claim=_claim(seat, now()),
            own_decision=self._own(file, seat),
            asked=[Paper(each) for each in case.papers],
            due=case.due_at.date() if case.due_at else None,
            shown=[ShownPaper(**content, at=at) for at, content in papers],
            best_interests=BestInterests(**best[-1]) if best else None,
            outcome=_outcome(case),
        )

    def _said(self, file: CaseFile, event: AdjudicationEventRow) -> dict[str, Any]:
        return read_event(self._store, file.case, file.registration, event)

    def _own(self, file: CaseFile, seat: SeatRow | None) -> OwnDecision | None:
        if seat is None or seat.finding is None or seat.decided_at is None:
            return None
        reason = None
        if seat.reason is not None:
            key = self._store.key_of(file.registration)
            reason = key.open(seat.reason, reason_owner(file.case, seat)).decode()
        return OwnDecision(
            finding=Finding(seat.finding),
            other=seat.other,
            grounds=frozenset(Ground(each) for each in seat.grounds),
            reason=reason,
            at=seat.decided_at,
        )


def _claim(seat: SeatRow | None, at: datetime) -> ClaimView | None:
    active = seat is not None and seat.finding is None and seat.expires_at > at
    return ClaimView(until=seat.expires_at) if seat is not None and active else None


def _outcome(case: AdjudicationRow) -> Outcome | None:
    if case.finding is None or case.decided_at is None:
        return None
    return Outcome(finding=Finding(case.finding), other=case.other, at=case.decided_at)


def _may_know(reviewer: Reviewer, file: CaseFile, event: AdjudicationEventRow) -> bool:
    """Own steps and the system's; what others did, once the round is over: blind until then."""
    over = event.round < file.case.round or file.case.state == AdjudicationState.DECIDED
    return over or event.actor in {SYSTEM, reviewer.name} or event.kind in {PAPER, BEST_INTERESTS}


def _people(events: Sequence[AdjudicationEventRow]) -> list[str]:
    return list(dict.fromkeys(event.actor for event in events if event.actor != SYSTEM))


async def _links_of(session: AsyncSession, registration_id: str) -> list[tuple[RegistrationLinkRow, str, str | None]]:
    """Links that begin or end at a registration: the link, the other end, the case that made it."""
    begin, end = aliased(RegistrationRow), aliased(RegistrationRow)
    query = (
        select(RegistrationLinkRow, begin.id, end.id, AdjudicationRow.id)
        .join(begin, begin.seq == RegistrationLinkRow.from_seq)
        .join(end, end.seq == RegistrationLinkRow.to_seq)
        .outerjoin(AdjudicationRow, AdjudicationRow.seq == RegistrationLinkRow.case_seq)
        .where(or_(begin.id == registration_id, end.id == registration_id))
        .order_by(RegistrationLinkRow.seq)
    )
    found = await session.execute(query)
    return [(link, to if start == registration_id else start, case) for link, start, to, case in found]
