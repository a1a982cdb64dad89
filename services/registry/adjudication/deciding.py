"""What reviewers do with a case: take it, decide, ask for papers, write down what is best for a child, reopen."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.casefile import CaseFile, CaseNotOpenError, add_event, open_file, reason_owner
from services.registry.adjudication.opening import next_round
from services.registry.adjudication.outcome import conclude, undo_links
from services.registry.adjudication.people import Reviewer
from services.registry.adjudication.queue import waiting_cases
from services.registry.adjudication.rules import (
    CLAIM,
    LONGEST_DEFERRAL,
    DecisionRefusedError,
    agreed,
    check_decision,
    may_sit,
)
from services.registry.adjudication.states import Step, take
from services.registry.adjudication.tables import AdjudicationEventRow, SeatRow
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from shared.contracts.adjudication import (
    AdjudicationState,
    BestInterests,
    DeferralBody,
    Finding,
    FindingBody,
    PaperBody,
)
from shared.contracts.registrations import RegistrationState
from shared.db.database import Database, now
from shared.standards.ages import possibly_child

BEST_INTERESTS: Final = "BEST_INTERESTS"
PAPER: Final = "PAPER"


class OwnRecordError(Exception):
    """The reviewer entered one of the records that the case is about."""


class SeatTakenError(Exception):
    """Enough reviewers have the case, or this one must not sit on it."""


class NotClaimedError(Exception):
    """The case is not, or no longer, in this reviewer's hands."""


class BestInterestsMissingError(Exception):
    """A step in a child's case before anybody wrote down what is best for the child."""


class Deciding:
    """The reviewers' steps. Each is one transaction, with its line in the case's log.

    Args:
        database: the registry's.
        store: registrations.
    """

    def __init__(self, database: Database, store: RegistrationStore) -> None:
        self._database = database
        self._store = store

    async def claim(self, reviewer: Reviewer, case_id: str) -> None:
        """Take a case in hand for half an hour; taken again, for another.

        Raises:
            CaseUnknownError, CaseNotOpenError, OwnRecordError, SeatTakenError: it stays where it is.
        """
        at = now()
        async with self._database.write() as session:
            file = await open_file(session, self._store, reviewer, case_id, lock=True)
            await _refuse_own(session, file, reviewer)
            _require_open(file, at)
            if not may_sit(reviewer.name, file.places, file.case.round, file.case.appealed_from, at):
                raise SeatTakenError("enough reviewers have this case, or you decided in it before")
            row = file.registration
            row.state = take(RegistrationState(row.state), Step.REVIEW, {reviewer.name}).value
            file.case.state, file.case.due_at = AdjudicationState.OPEN.value, None
            self._seat(session, file, reviewer, at)
            await self._log(session, file, ("CLAIMED", reviewer.name, at))

    async def claim_next(self, reviewer: Reviewer) -> str | None:
        """Take the case in hand that harms most by waiting; one that is already in hand, if there is.

        Returns:
            Its id; None: nothing waits for this reviewer.
        """
        async with self._database.read() as session:
            waiting = await waiting_cases(session, self._store, reviewer, now())
        for item in sorted(waiting, key=lambda each: not each.claimed):
            try:
                await self.claim(reviewer, item.case)
            except (OwnRecordError, SeatTakenError, CaseNotOpenError):
                continue  # somebody was quicker, or it is not for this one
            return item.case
        return None

    async def decide(self, reviewer: Reviewer, case_id: str, body: FindingBody) -> datetime:
        """Say what was found. The second who finds the same decides the case; told again, nothing is changed.

        Returns:
            When it was found.

        Raises:
            CaseUnknownError, NotClaimedError, BestInterestsMissingError, DecisionRefusedError: nothing was kept.
        """
        at = now()
        async with self._database.write() as session:
            file = await open_file(session, self._store, reviewer, case_id, lock=True)
            await _refuse_own(session, file, reviewer)
            seat = file.seat_of(reviewer)
            if seat is not None and seat.decided_at is not None:
                _same_again(seat, body)
                return seat.decided_at
            seat = await self._in_hand(session, file, reviewer, at)
            child = reviewer.protects_children
            about = [*file.others, *file.members]
            check_decision(body.finding, body.other, body.grounds, child=child, others=about)
            self._check_age(file, body.finding, at.date())
            seat.finding, seat.other, seat.decided_at = body.finding.value, body.other, at
            seat.grounds = sorted(ground.value for ground in body.grounds)
            seat.reason = self._store.key_of(file.registration).seal(
                body.reason.encode(), reason_owner(file.case, seat)
            )
            await self._log(session, file, ("FOUND", reviewer.name, at))
            vote = agreed(file.votes.values())
            if vote is not None:
                humans = {name for name, each in file.votes.items() if each == vote}
                await conclude(session, self._store, file, vote, humans, at)
        return at

    async def defer(self, reviewer: Reviewer, case_id: str, body: DeferralBody) -> None:
        """Ask the worker for papers, by a day; until then nobody needs to look at the case.

        Raises:
            CaseUnknownError, NotClaimedError, BestInterestsMissingError, DecisionRefusedError: it is not deferred.
        """
        at = now()
        if not at.date() < body.due <= at.date() + LONGEST_DEFERRAL:
            raise DecisionRefusedError(f"a day to come, at most {LONGEST_DEFERRAL.days} days off", "due")
        async with self._database.write() as session:
            file = await open_file(session, self._store, reviewer, case_id, lock=True)
            await self._in_hand(session, file, reviewer, at)
            file.case.state = AdjudicationState.DEFERRED.value
            file.case.papers = sorted(paper.value for paper in body.papers)
            file.case.due_at = datetime.combine(body.due + timedelta(days=1), time(), UTC)
            for seat in file.seats:
                if seat.round == file.case.round and seat.finding is None:
                    seat.expires_at = min(seat.expires_at, at)
            content = {"papers": file.case.papers, "reason": body.reason, "due": body.due.isoformat()}
            await self._log(session, file, ("DEFERRED", reviewer.name, at), content)

    async def show_paper(self, reviewer: Reviewer, case_id: str, body: PaperBody) -> None:
        """Write down a paper that reached the reviewers themselves; a case that waited for papers is open again.

        Raises:
            CaseUnknownError, CaseNotOpenError: it is not kept.
        """
        at = now()
        async with self._database.write() as session:
            file = await open_file(session, self._store, reviewer, case_id, lock=True)
            if file.case.state == AdjudicationState.DECIDED:
                raise CaseNotOpenError("it is decided; it can be reopened")
            file.case.state, file.case.due_at = AdjudicationState.OPEN.value, None
            await self._log(session, file, (PAPER, reviewer.name, at), body.model_dump(mode="json"))

    async def keep_best_interests(self, reviewer: Reviewer, case_id: str, body: BestInterests) -> None:
        """Write down what is best for the child. The last one holds; those before are kept.

        Raises:
            CaseUnknownError: there is none for this reviewer, or it is no child's.
        """
        at = now()
        async with self._database.write() as session:
            file = await open_file(session, self._store, reviewer, case_id, lock=True)
            await self._log(session, file, (BEST_INTERESTS, reviewer.name, at), body.model_dump(mode="json"))

    async def reopen(self, reviewer: Reviewer, case_id: str, reason: str) -> None:
        """Look at a decided case again: what it did is undone until it is decided anew. A merge is parted so.

        Raises:
            CaseUnknownError, CaseNotOpenError, OwnRecordError, BestInterestsMissingError: it stays decided.
        """
        at = now()
        async with self._database.write() as session:
            file = await open_file(session, self._store, reviewer, case_id, lock=True)
            await _refuse_own(session, file, reviewer)
            if file.case.state != AdjudicationState.DECIDED:
                raise CaseNotOpenError("it is not decided yet")
            await _require_best_interests(session, file, reviewer)
            row = file.registration
            row.state = take(RegistrationState(row.state), Step.REVIEW, {reviewer.name}).value
            if reviewer.protects_children:
                row.child_sealed, row.seal_ended = True, False
            await undo_links(session, file.case, at)
            next_round(file.case, at)
            await self._log(session, file, ("REOPENED", reviewer.name, at), {"reason": reason})

    async def _in_hand(self, session: AsyncSession, file: CaseFile, reviewer: Reviewer, at: datetime) -> SeatRow:
        seat = file.seat_of(reviewer)
        if file.case.state != AdjudicationState.OPEN or seat is None or seat.finding or seat.expires_at <= at:
            raise NotClaimedError("take the case in hand first")
        await _require_best_interests(session, file, reviewer)
        return seat

    def _check_age(self, file: CaseFile, finding: Finding, today: date) -> None:
        if finding is Finding.COME_OF_AGE:
            born = self._store.record_of(file.registration).particulars.birth
            if possibly_child(born, today):
                raise DecisionRefusedError("by the stated birth date 18 is not reached for certain", "finding")

    @staticmethod
    def _seat(session: AsyncSession, file: CaseFile, reviewer: Reviewer, at: datetime) -> None:
        seat = file.seat_of(reviewer)
        if seat is None:
            seat = SeatRow(case_seq=file.case.seq, round=file.case.round, reviewer=reviewer.name, grounds=[])
            session.add(seat)
        seat.expires_at = at + CLAIM

    async def _log(
        self,
        session: AsyncSession,
        file: CaseFile,
        step: tuple[str, str, datetime],
        content: dict[str, Any] | None = None,
    ) -> None:
        await add_event(session, self._store, (file.case, file.registration), step, content)


async def _refuse_own(session: AsyncSession, file: CaseFile, reviewer: Reviewer) -> None:
    query = select(RegistrationRow.client_id).where(RegistrationRow.id.in_([file.registration.id, *file.others]))
    if reviewer.name in (await session.scalars(query)).all():
        raise OwnRecordError("you entered a record that this case is about")


def _require_open(file: CaseFile, at: datetime) -> None:
    if file.case.state == AdjudicationState.DECIDED:
        raise CaseNotOpenError("it is decided")
    if file.case.state == AdjudicationState.DEFERRED and file.case.due_at is not None and file.case.due_at > at:
        raise CaseNotOpenError("papers are asked for, and their day has not passed")


async def _require_best_interests(session: AsyncSession, file: CaseFile, reviewer: Reviewer) -> None:
    if not reviewer.protects_children:
        return
    kept = select(AdjudicationEventRow.seq).where(
        AdjudicationEventRow.case_seq == file.case.seq, AdjudicationEventRow.kind == BEST_INTERESTS
    )
    if await session.scalar(kept.limit(1)) is None:
        raise BestInterestsMissingError("write down what is best for the child before any further step")


def _same_again(seat: SeatRow, body: FindingBody) -> None:
    if (seat.finding, seat.other) != (body.finding.value, body.other):
        raise CaseNotOpenError("you found something else before; a finding stays")
