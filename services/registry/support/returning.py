"""A return in the database: what the person said, whether it is safe, what is best for a child; then it moves."""

from services.registry.support.casefile import CaseFile, CaseFiles
from services.registry.support.offices import Supporter
from services.registry.support.records import ReturnRecord
from services.registry.support.rules import OPEN_RETURNS, IllegalSupportMoveError, return_moved
from shared.contracts.support import SupportCase, SupportEventKind
from shared.contracts.support_plan import (
    Determination,
    DeterminationBody,
    RepatriationBody,
    RepatriationStep,
    Safety,
    SafetyBody,
    Voluntariness,
    VoluntarinessBody,
)
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now


class NotChildProtectionError(Exception):
    """What is best for a child is determined by child protection."""


class Returning:
    """Plans a return, keeps what it rests on, moves it.

    Args:
        database: the registry's.
        keys: sealing keys per member.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._files = CaseFiles(database, keys)

    async def plan(self, who: Supporter, case_id: str, body: RepatriationBody) -> SupportCase:
        """Think of a return.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError.
            IllegalSupportMoveError: another is open.
        """
        async with self._files.write(who, case_id) as file:
            before = file.record.repatriation
            if before is not None and before.state in OPEN_RETURNS:
                raise IllegalSupportMoveError("a return is open")
            file.record.repatriation = ReturnRecord(country=body.country)
            file.note(SupportEventKind.REPATRIATION, code=file.record.repatriation.state)
            return await file.view()

    async def step(self, who: Supporter, case_id: str, step: RepatriationStep) -> SupportCase:
        """Arrange, depart, arrive or cancel.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError.
            IllegalSupportMoveError, PartNotForMoveError.
            ReturnLacksError: something stands against it.
        """
        async with self._files.write(who, case_id) as file:
            held = _held(file)
            held.state, held.ending = return_moved(held, step, file.child), step.ending
            file.note(SupportEventKind.REPATRIATION, code=held.state, text=step.remark)
            return await file.view()

    async def tell_voluntariness(self, who: Supporter, case_id: str, body: VoluntarinessBody) -> SupportCase:
        """Keep what the person said. The last word holds.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError, DayToComeError.
            IllegalSupportMoveError: no return is open.
        """
        who.require_past(body.asked_on)
        async with self._files.write(who, case_id) as file:
            _open(file).voluntariness = Voluntariness(**body.model_dump(), by=who.person, at=now())
            file.note(SupportEventKind.VOLUNTARINESS, code="yes" if body.voluntary else "no")
            return await file.view()

    async def tell_safety(self, who: Supporter, case_id: str, body: SafetyBody) -> SupportCase:
        """Keep whether it is safe. The last assessment holds.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError, DayToComeError.
            IllegalSupportMoveError: no return is open.
        """
        who.require_past(body.assessed_on)
        async with self._files.write(who, case_id) as file:
            _open(file).safety = Safety(**body.model_dump(), by=who.person, at=now())
            file.note(SupportEventKind.SAFETY, code="yes" if body.safe else "no")
            return await file.view()

    async def determine(self, who: Supporter, case_id: str, body: DeterminationBody) -> SupportCase:
        """Keep what child protection determined to be best. The last determination holds.

        Raises:
            SupportCaseUnknownError, NotCaseManagerError, SupportCaseClosedError.
            NotChildProtectionError: another office.
            IllegalSupportMoveError: no return is open.
        """
        async with self._files.write(who, case_id) as file:
            if not who.protects_children:
                raise NotChildProtectionError("say that the person is, or may be, a child: then the case is theirs")
            _open(file).determination = Determination(**body.model_dump(), by=who.person, at=now())
            file.note(SupportEventKind.BEST_INTERESTS, code="yes" if body.return_recommended else "no")
            return await file.view()


def _held(file: CaseFile) -> ReturnRecord:
    if file.record.repatriation is None:
        raise IllegalSupportMoveError("no return is planned")
    return file.record.repatriation


def _open(file: CaseFile) -> ReturnRecord:
    held = _held(file)
    if held.state not in OPEN_RETURNS:
        raise IllegalSupportMoveError("the return has ended; plan another")
    return held
