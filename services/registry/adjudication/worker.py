"""What the worker can do, with a desk officer's hands: show papers, appeal, withdraw.

A sealed registration, and a presumed victim's, answers as one of which nothing was ever asked or decided.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.adjudication.casefile import add_event
from services.registry.adjudication.deciding import PAPER
from services.registry.adjudication.opening import next_round
from services.registry.adjudication.outcome import erase, undo_links
from services.registry.adjudication.people import officer
from services.registry.adjudication.rules import APPEAL_HARM
from services.registry.adjudication.states import ADVERSE, Step, take
from services.registry.adjudication.tables import AdjudicationRow
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from services.registry.workers.views import scope_of
from shared.contracts.adjudication import AdjudicationState, Paper, PaperBody, PapersAsked, Receipt
from shared.contracts.caller import Caller
from shared.contracts.registrations import Progress, RegistrationState
from shared.db.database import Database, now


class NothingAskedError(Exception):
    """No papers are asked for."""


class NothingToAppealError(Exception):
    """Nothing was decided that takes something from the worker, or the appeal was heard."""


class NotYetCheckedError(Exception):
    """The checks of the registration go on."""


class WorkerSide:
    """The worker's steps.

    Args:
        database: the registry's.
        store: registrations.
    """

    def __init__(self, database: Database, store: RegistrationStore) -> None:
        self._database = database
        self._store = store

    async def papers_asked(self, caller: Caller, registration_id: str) -> PapersAsked:
        """What the worker is asked to show, and by when.

        Raises:
            NotAReviewerError, RegistrationUnknownError: not for this caller.
        """
        async with self._database.read() as session:
            row = await self._row(session, caller, registration_id)
            case = await _open_case(session, row)
        if case is None or case.state != AdjudicationState.DEFERRED:
            return PapersAsked(registration=row.id, papers=[], due=None)
        due = case.due_at.date() if case.due_at else None
        return PapersAsked(registration=row.id, papers=[Paper(each) for each in case.papers], due=due)

    async def show_paper(self, caller: Caller, registration_id: str, body: PaperBody) -> Receipt:
        """Write down that a paper was shown; the case is open again.

        Raises:
            NothingAskedError: nobody asked for one. RegistrationUnknownError, NotAReviewerError: not for this caller.
        """
        async with self._database.write() as session:
            row = await self._row(session, caller, registration_id)
            case = await _open_case(session, row)
            if case is None or case.state != AdjudicationState.DEFERRED:
                raise NothingAskedError("no papers are asked for")
            case.state, case.due_at = AdjudicationState.OPEN.value, None
            step = (PAPER, officer(caller), now())
            await add_event(session, self._store, (case, row), step, body.model_dump(mode="json"))
            return Receipt(registration=row.id, state=RegistrationState(row.state))

    async def appeal(self, caller: Caller, registration_id: str, reason: str) -> Receipt:
        """Ask other people to decide. What was decided is suspended until they have.

        Raises:
            NothingToAppealError: there is nothing to appeal against. RegistrationUnknownError, NotAReviewerError.
        """
        at = now()
        async with self._database.write() as session:
            row = await self._row(session, caller, registration_id)
            case = await _open_case(session, row)
            if case is None or case.appealed_from or RegistrationState(row.state) not in ADVERSE:
                raise NothingToAppealError("there is no decision to appeal against")
            row.state = take(RegistrationState(row.state), Step.REVIEW, {officer(caller)}).value
            await undo_links(session, case, at)
            next_round(case, at)
            case.appealed_from, case.harm = case.round, min(case.harm, APPEAL_HARM)
            await add_event(session, self._store, (case, row), ("APPEALED", officer(caller), at), {"reason": reason})
            return Receipt(registration=row.id, state=RegistrationState(row.state))

    async def withdraw(self, caller: Caller, registration_id: str, reason: str) -> Receipt:
        """Take the registration back: everything is erased but that there was one. Again: nothing more happens.

        A child's and a presumed victim's look erased and are kept for those who protect them: whoever holds the
        worker must not be able to make the traces vanish.

        Raises:
            NotYetCheckedError: nobody knows yet whether it is a child's. RegistrationUnknownError, NotAReviewerError.
        """
        at = now()
        async with self._database.write() as session:
            row = await self._row(session, caller, registration_id)
            receipt = Receipt(registration=row.id, state=RegistrationState.WITHDRAWN)
            if row.withdrawal_asked is not None:
                return receipt
            if row.progress != Progress.CHECKED.value:
                raise NotYetCheckedError("the checks go on; send it again")
            await self._log_withdrawal(session, caller, row, reason, at)
            if row.child_sealed or row.presumed_victim:
                row.withdrawal_asked = at
                return receipt
            take(RegistrationState(row.state), Step.WITHDRAW, {officer(caller)})
            await erase(session, self._store, row, at)
            return receipt

    async def _log_withdrawal(
        self, session: AsyncSession, caller: Caller, row: RegistrationRow, reason: str, at: datetime
    ) -> None:
        case = await session.scalar(select(AdjudicationRow).where(AdjudicationRow.registration_seq == row.seq))
        if case is not None:
            step = ("WITHDRAWAL", officer(caller), at)
            await add_event(session, self._store, (case, row), step, {"reason": reason})

    async def _row(self, session: AsyncSession, caller: Caller, registration_id: str) -> RegistrationRow:
        officer(caller)
        record = await self._store.read(registration_id, scope_of(caller))
        query = select(RegistrationRow).where(RegistrationRow.id == record.id).with_for_update()
        return (await session.scalars(query)).one()


async def _open_case(session: AsyncSession, row: RegistrationRow) -> AdjudicationRow | None:
    """The case that a desk may know of; None: none, or none that it may."""
    if row.child_sealed or row.presumed_victim or row.withdrawal_asked is not None:
        return None
    query = select(AdjudicationRow).where(
        AdjudicationRow.registration_seq == row.seq, AdjudicationRow.audience == "registration"
    )
    return await session.scalar(query.with_for_update())
