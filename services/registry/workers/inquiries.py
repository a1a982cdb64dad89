"""Which registrations other members are to be asked about, and what they answered: kept with the registration.

The gateway knows the members and asks them; it takes what is due from here and brings the answers. Nothing is lost when
either is killed: what was not answered is due again.
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Select, select

from services.registry.workers.elsewhere import ASKED_FOR, elsewhere_signals, is_silent, merged, next_try
from services.registry.workers.store import WEIGH_JOB, RegistrationStore
from services.registry.workers.tables import InquiryRow, JobRow, RegistrationRow
from services.registry.workers.views import AudiencedSignal
from shared.contracts.region import Asked, DocumentQuestion, Inquiry
from shared.db.database import Database, now
from shared.db.jobs import enqueue


class Inquiries:
    """What is to be asked, and what came of it.

    Args:
        database: the registry's.
        store: registrations.
    """

    def __init__(self, database: Database, store: RegistrationStore) -> None:
        self._database = database
        self._store = store

    async def due(self, member: str, limit: int) -> list[Inquiry]:
        """Registrations of a member whose turn it is, who waited longest first.

        A child's is among them, so that nobody can tell it by its not being asked about. A presumed victim's is not:
        nobody in another state needs to learn that the person is here; nor is one that was withdrawn.
        """
        async with self._database.read() as session:
            rows = (await session.scalars(_due(member, now()).limit(limit))).all()
        return [self._inquiry(row) for row in rows]

    async def answer(self, registration_id: str, asked: Sequence[Asked]) -> None:
        """Keep what members answered; of a registration that is not asked about, nothing."""
        at = now()
        async with self._database.write() as session:
            query = select(RegistrationRow).where(RegistrationRow.id == registration_id).with_for_update()
            row = await session.scalar(query)
            inquiry = await session.get(InquiryRow, row.seq) if row is not None else None
            if row is None or inquiry is None or row.withdrawal_asked is not None:
                return
            result = self._store.result_of(row)
            every = merged(result.elsewhere, asked)
            inquiry.tries += 1
            inquiry.until = inquiry.until or at + ASKED_FOR
            inquiry.due_at = next_try(every, inquiry.tries, at, inquiry.until)
            found = [AudiencedSignal(signal, "registration") for signal in elsewhere_signals(every)]
            changes = {
                "signals": result.of_checks() + found,
                "elsewhere": every,
                "again_until": inquiry.until if inquiry.due_at else None,
            }
            await self._store.keep_result(session, row, result.model_copy(update=changes))
            if found:
                enqueue(session, JobRow, WEIGH_JOB, row.id)

    def _inquiry(self, row: RegistrationRow) -> Inquiry:
        result = self._store.result_of(row)
        return Inquiry(
            registration=row.id,
            person=row.person_id,
            document=_question(result.document or self._store.record_of(row).particulars.document),
            answered=[each.member for each in result.elsewhere if not is_silent(each)],
        )


def _due(member: str, at: datetime) -> Select[RegistrationRow]:
    return (
        select(RegistrationRow)
        .join(InquiryRow, InquiryRow.registration_seq == RegistrationRow.seq)
        .where(
            InquiryRow.due_at <= at,
            RegistrationRow.member == member,
            RegistrationRow.presumed_victim.is_(False),
            RegistrationRow.withdrawal_asked.is_(None),
        )
        .order_by(InquiryRow.due_at)
    )


def _question(document: tuple[str, str] | None) -> DocumentQuestion | None:
    """The question about a number; None where no other member could hold one of this form."""
    try:
        return DocumentQuestion(issuer=document[0], number=document[1]) if document else None
    except ValidationError:
        return None
