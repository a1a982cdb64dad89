"""Assessments in the database: who may have which, who asks, and what was told."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.indicators.leads import lead_of
from services.registry.indicators.tables import AnswerRow, AssessmentRow
from services.registry.parties.store import require_party
from shared.contracts.assessments import (
    Assessment,
    AssessmentBody,
    AssessmentItem,
    AssessmentPage,
    AssessmentState,
    InterviewerBody,
    NoteView,
    PersonBody,
    TicksBody,
    TickView,
)
from shared.contracts.caller import Caller, Purpose, Role
from shared.crypto.sealing import KeyRing, SubjectKey
from shared.db.database import Database, now
from shared.db.newest import newest_rows
from shared.standards.indicators.catalogue import catalogue
from shared.standards.indicators.rules import Answer, Person

CHILD_OFFICE: Final = "child_protection"
_OFFICES: Final = {
    (Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION): "labour",
    (Role.INVESTIGATOR, Purpose.CRIMINAL_INVESTIGATION): "police",
    (Role.VICTIM_SUPPORT, Purpose.VICTIM_SUPPORT): "support",
    (Role.CONSULAR_OFFICER, Purpose.CONSULAR_ASSISTANCE): "consular",
    (Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION): CHILD_OFFICE,
}


class AssessmentUnknownError(Exception):
    """No such assessment, or not this office's: the two look the same."""


class NotAnInterviewerError(Exception):
    """This role holds no conversations with workers."""


class OtherInterviewerError(Exception):
    """Somebody else talks with this worker: one person asks, nothing is asked twice."""


class AssessmentClosedError(Exception):
    """Nothing is added to an assessment that is closed."""


class IndicatorUnknownError(Exception):
    """Nobody published an indicator of this code."""


@dataclass(frozen=True)
class Office:
    """Who asks, and whose assessments are theirs to read."""

    person: str
    member: str
    office: str
    organisation: str

    @property
    def own(self) -> ColumnElement[bool]:
        """Rows that this office may read. Children's are all of child protection's, nobody else's."""
        mine = (AssessmentRow.member == self.member) & (AssessmentRow.office == self.office)
        return mine if self.office == CHILD_OFFICE else mine & (AssessmentRow.organisation == self.organisation)


def office_of(caller: Caller) -> Office:
    """The office that a caller is of.

    Raises:
        NotAnInterviewerError: another role or purpose.
    """
    office = _OFFICES.get((caller.role, caller.purpose)) if caller.role and caller.purpose else None
    if office is None:
        raise NotAnInterviewerError(
            "for labour inspection, police, victim support, consular offices and child protection"
        )
    return Office(caller.person, caller.member, office, caller.organisation)


class Assessments:
    """Opens, adds to and reads assessments.

    Args:
        database: the registry's.
        keys: sealing keys per member: what people said is sealed with a key of the assessment's own.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def open(self, office: Office, body: AssessmentBody) -> Assessment | None:
        """Begin. A child's is child protection's from the first moment: None for whoever else began it.

        Raises:
            UnknownPartyError: the register does not hold the employer.
        """
        row = AssessmentRow(
            id=f"A{secrets.token_hex(12)}",
            member=office.member,
            office=office.office,
            organisation=office.organisation,
            registration=body.registration,
            employer=body.employer,
            language=body.language,
            child=body.child.value,
            recruited_or_moved=body.recruited_or_moved.value,
            interviewer=office.person,
            state=AssessmentState.OPEN.value,
            strength="none",
            wrapped_key=self._keys.new_subject_key(office.member),
            opened_at=now(),
        )
        async with self._database.write() as session:
            await require_party(session, body.employer, "employer")
            session.add(row)
            _seal_if_child(row)
            await session.flush()
            return self._seen(office, row, [])

    async def read(self, office: Office, assessment_id: str) -> Assessment:
        """One assessment.

        Raises:
            AssessmentUnknownError: none, or not this office's.
        """
        async with self._database.read() as session:
            row = await _find(session, office, assessment_id)
            return self._view(row, await _answers(session, row))

    async def newest(
        self, office: Office, state: AssessmentState | None, before: int | None, limit: int
    ) -> AssessmentPage:
        """This office's, newest first."""
        query = select(AssessmentRow).where(office.own)
        if state is not None:
            query = query.where(AssessmentRow.state == state.value)
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, AssessmentRow.seq, before, limit)
        return AssessmentPage(items=[_item(row) for row in rows], next=more)

    async def tell(self, office: Office, assessment_id: str, body: TicksBody) -> Assessment:
        """Add answers, the question that they came from, what was said.

        Raises:
            AssessmentUnknownError, OtherInterviewerError, AssessmentClosedError, IndicatorUnknownError.
        """
        if foreign := {tick.code for tick in body.ticks} - catalogue().keys():
            raise IndicatorUnknownError(f"no such indicators: {', '.join(sorted(foreign))}")
        async with self._database.write() as session:
            row = await _mine(session, office, assessment_id)
            session.add_all(self._rows(office, row, body))
            await session.flush()
            answers = await _answers(session, row)
            view = self._view(row, answers)
            row.strength = view.lead.strength.value
            return view

    async def tell_person(self, office: Office, assessment_id: str, body: PersonBody) -> Assessment | None:
        """Say what became known of the person. Once it is a child, the assessment is child protection's: None.

        Raises:
            AssessmentUnknownError, OtherInterviewerError, AssessmentClosedError.
        """
        async with self._database.write() as session:
            row = await _mine(session, office, assessment_id)
            row.child, row.recruited_or_moved = body.child.value, body.recruited_or_moved.value
            _seal_if_child(row)
            answers = await _answers(session, row)
            row.strength = self._view(row, answers).lead.strength.value
            return self._seen(office, row, answers)

    async def hand_over(self, office: Office, assessment_id: str, body: InterviewerBody) -> Assessment:
        """Let somebody else of the office go on; the reason is kept.

        Anybody of the office may: the one who began can be ill.

        Raises:
            AssessmentUnknownError, AssessmentClosedError.
        """
        async with self._database.write() as session:
            row = await _open_one(session, office, assessment_id)
            row.interviewer = body.person
            session.add_all(self._rows(office, row, TicksBody(note=body.reason)))
            await session.flush()
            return self._view(row, await _answers(session, row))

    async def close(self, office: Office, assessment_id: str) -> Assessment:
        """Nothing more is added.

        Raises:
            AssessmentUnknownError, OtherInterviewerError, AssessmentClosedError.
        """
        async with self._database.write() as session:
            row = await _mine(session, office, assessment_id)
            row.state = AssessmentState.CLOSED.value
            return self._view(row, await _answers(session, row))

    def _rows(self, office: Office, row: AssessmentRow, body: TicksBody) -> list[AnswerRow]:
        common: dict[str, Any] = {"assessment_seq": row.seq, "by": office.person, "at": now()}
        rows = [
            AnswerRow(
                code=tick.code,
                answer=tick.answer.value,
                confidence=tick.confidence.value,
                observed_on=tick.observed_on,
                evidence=list(tick.evidence),
                **common,
            )
            for tick in body.ticks
        ]
        if body.question or body.note:
            note = self._key(row).seal(body.note.encode(), _owner(row)) if body.note else None
            rows.append(AnswerRow(question=body.question, note=note, evidence=[], **common))
        return rows

    def _seen(self, office: Office, row: AssessmentRow, answers: Sequence[AnswerRow]) -> Assessment | None:
        return self._view(row, answers) if row.office == office.office else None

    def _view(self, row: AssessmentRow, answers: Sequence[AnswerRow]) -> Assessment:
        ticks = [_tick(answer) for answer in answers if answer.code]
        return Assessment(
            id=row.id,
            member=row.member,
            state=AssessmentState(row.state),
            opened_at=row.opened_at,
            registration=row.registration,
            employer=row.employer,
            language=row.language,
            child=Answer(row.child),
            recruited_or_moved=Answer(row.recruited_or_moved),
            interviewer=row.interviewer,
            asked=[answer.question for answer in answers if answer.question],
            ticks=ticks,
            notes=[self._note(row, answer.note, answer) for answer in answers if answer.note],
            lead=lead_of(ticks, Person(Answer(row.child), Answer(row.recruited_or_moved))),
        )

    def _note(self, row: AssessmentRow, sealed: bytes, answer: AnswerRow) -> NoteView:
        return NoteView(text=self._key(row).open(sealed, _owner(row)).decode(), by=answer.by, at=answer.at)

    def _key(self, row: AssessmentRow) -> SubjectKey:
        return self._keys.subject(row.member, row.wrapped_key)


def _seal_if_child(row: AssessmentRow) -> None:
    if row.child == Answer.YES.value and row.office != CHILD_OFFICE:
        row.office, row.organisation = CHILD_OFFICE, None


async def _find(session: AsyncSession, office: Office, assessment_id: str) -> AssessmentRow:
    row = await session.scalar(select(AssessmentRow).where(AssessmentRow.id == assessment_id, office.own))
    if row is None:
        raise AssessmentUnknownError("there is no such assessment")
    return row


async def _open_one(session: AsyncSession, office: Office, assessment_id: str) -> AssessmentRow:
    row = await _find(session, office, assessment_id)
    if row.state != AssessmentState.OPEN.value:
        raise AssessmentClosedError("the assessment is closed; open another")
    return row


async def _mine(session: AsyncSession, office: Office, assessment_id: str) -> AssessmentRow:
    row = await _open_one(session, office, assessment_id)
    if row.interviewer != office.person and not (row.office == CHILD_OFFICE and row.organisation is None):
        raise OtherInterviewerError("another officer talks with this worker; they hand over first")
    row.interviewer = office.person
    if row.office == CHILD_OFFICE:
        row.organisation = office.organisation  # whoever of child protection takes it first goes on with it
    return row


async def _answers(session: AsyncSession, row: AssessmentRow) -> Sequence[AnswerRow]:
    query = select(AnswerRow).where(AnswerRow.assessment_seq == row.seq).order_by(AnswerRow.seq)
    return (await session.scalars(query)).all()


def _owner(row: AssessmentRow) -> str:
    return f"assessment/{row.id}/note"


def _tick(row: AnswerRow) -> TickView:
    return TickView.model_validate(row, from_attributes=True)


def _item(row: AssessmentRow) -> AssessmentItem:
    return AssessmentItem.model_validate(row, from_attributes=True)
