"""How a presumption ends, and how long a person may reflect."""

from services.registry.adjudication.victims import Victims, require_another
from services.registry.support.casefile import CaseFiles
from services.registry.support.offices import Supporter
from services.registry.support.rules import IllegalSupportMoveError, ends_on, extended
from shared.contracts.adjudication import VictimStatus, VictimStatusBody
from shared.contracts.support import (
    ReflectionBody,
    ReflectionWish,
    SupportCase,
    SupportEventKind,
)
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now


class Status:
    """Ends presumptions, moves the end of reflection periods.

    Args:
        database: the registry's.
        keys: sealing keys per member.
        victims: who is protected as a victim, of those who are registered.
    """

    def __init__(self, database: Database, keys: KeyRing, victims: Victims) -> None:
        self._files = CaseFiles(database, keys)
        self._victims = victims

    async def end_presumption(self, who: Supporter, case_id: str, reason: str) -> SupportCase:
        """Presume it no longer. Services, and the reflection period, go on.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError.
            OwnPresumptionError: they presumed it themselves.
            IllegalSupportMoveError: it has ended.
        """
        async with self._files.write(who, case_id) as file:
            held, registration = file.record.presumption, file.row.registration
            if held.status is VictimStatus.ENDED:
                raise IllegalSupportMoveError("the presumption has ended")
            require_another(who.person, held.by)
            if registration is not None:
                body = VictimStatusBody(status=VictimStatus.ENDED, reason=reason)
                await self._victims.tell_in(file.session, who.person, registration, body)
            ended = {"status": VictimStatus.ENDED, "ended_at": now(), "ended_by": who.person, "ended_because": reason}
            file.record.presumption = held.model_copy(update=ended)
            file.note(SupportEventKind.PRESUMPTION, code=VictimStatus.ENDED, text=reason)
            return await file.view()

    async def extend_reflection(self, who: Supporter, case_id: str, body: ReflectionBody) -> SupportCase:
        """Let it end later.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError.
            ReflectionShortenedError: it would not.
        """
        async with self._files.write(who, case_id) as file:
            file.record.ends, file.record.wish = extended(file.record, body.until), None
            file.note(SupportEventKind.REFLECTION, code=f"{body.until}", text=body.reason)
            return await file.view()

    async def end_reflection(self, who: Supporter, case_id: str, wish: ReflectionWish) -> SupportCase:
        """The person themselves wishes it to end.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError, DayToComeError.
            IllegalSupportMoveError: it has ended.
        """
        who.require_past(wish.wished_on)
        async with self._files.write(who, case_id) as file:
            if ends_on(file.record) < who.today or file.record.wish is not None:
                raise IllegalSupportMoveError("the reflection period has ended")
            file.record.wish = wish
            file.note(SupportEventKind.REFLECTION, code="wish")
            return await file.view()
