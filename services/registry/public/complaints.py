"""Complaints in the database: taken from whoever has something to say, read by the office that can act."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.parties.store import require_party
from services.registry.public.rules import following, is_what_it_says, may_follow, new_reference
from services.registry.public.tables import ComplaintFileRow, ComplaintMessageRow, ComplaintRow
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.complaints import (
    MAX_FILE_BYTES,
    MAX_FILES,
    Complaint,
    ComplaintBody,
    ComplaintItem,
    ComplaintMessage,
    ComplaintPage,
    ComplaintReceipt,
    ComplaintState,
    ComplaintStatus,
    ComplaintStep,
    WorkerFile,
)
from shared.contracts.moves import MoveOffered
from shared.crypto.sealing import KeyRing, SubjectKey
from shared.db.database import Database, now
from shared.db.newest import newest_rows

_LABOUR: Final = "labour"
_CHILD: Final = "child_protection"
_OFFICES: Final = {
    (Role.LABOUR_INSPECTOR, Purpose.LABOUR_INSPECTION): _LABOUR,
    (Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION): _CHILD,
}
_SAYS: Final = (
    "Keep this reference safe and tell it to nobody: with it you read the answer and add to what you said. Nobody who "
    "is named in your complaint is told of it by this system."
)


class ComplaintUnknownError(Exception):
    """No complaint has this id or reference, or it is not this office's: all look the same."""


class NoComplaintsOfficeError(Exception):
    """This role reads no complaints."""


class IllegalComplaintStepError(Exception):
    """The complaint cannot take this step."""


class FileRefusedError(Exception):
    """The file is too long, one too many, or not what it says."""


@dataclass(frozen=True)
class ComplaintsOffice:
    """Whose complaints an officer reads."""

    person: str
    member: str
    office: str

    @property
    def own(self) -> ColumnElement[bool]:
        """Rows that they may read."""
        return (ComplaintRow.member == self.member) & (ComplaintRow.office == self.office)


def complaints_office(caller: Caller) -> ComplaintsOffice:
    """The office that a caller is of.

    Raises:
        NoComplaintsOfficeError: another role or purpose.
    """
    office = _OFFICES.get((caller.role, caller.purpose)) if caller.role and caller.purpose else None
    if office is None:
        raise NoComplaintsOfficeError("for labour inspection, and of children for child protection")
    return ComplaintsOffice(caller.person, caller.member, office)


class Complaints:
    """Takes and reads complaints.

    Args:
        database: the registry's.
        keys: sealing keys per member.
        digest_key: keys the digests of references and texts.
    """

    def __init__(self, database: Database, keys: KeyRing, digest_key: bytes) -> None:
        self._database = database
        self._keys = keys
        self._digest_key = digest_key

    async def take(self, member: str, body: ComplaintBody) -> ComplaintReceipt:
        """Keep a complaint. The same text again is kept, counted with the first, and shown to the office once."""
        reference, at, digest = new_reference(), now(), self._digest("text", f"{body.about}\0{body.text}")
        wrapped = self._keys.new_subject_key(member)
        key = self._keys.subject(member, wrapped)
        row = ComplaintRow(
            id=f"K{secrets.token_hex(12)}",
            member=member,
            office=_CHILD if body.child else _LABOUR,
            reference_digest=self._digest("reference", reference),
            text_digest=digest,
            state=ComplaintState.RECEIVED.value,
            offences=[offence.value for offence in body.offences],
            language=body.language,
            wrapped_key=wrapped,
            received_at=at,
        )
        row.about = key.seal(body.about.encode(), _owner(row)) if body.about else None
        row.contact = key.seal(body.contact.encode(), _owner(row)) if body.contact else None
        async with self._database.write() as session:
            earlier = await _same(session, row)
            if earlier is not None and not body.contact:
                earlier.again += 1
                row.same_as = earlier.seq
            session.add(row)
            await session.flush()
            session.add(ComplaintMessageRow(complaint_seq=row.seq, text=_seal(key, row, body.text), at=at))
        return ComplaintReceipt(reference=reference, received_at=at, says=_SAYS)

    async def status(self, reference: str) -> ComplaintStatus:
        """A complaint as its worker sees it.

        Raises:
            ComplaintUnknownError: no such reference.
        """
        async with self._database.read() as session:
            row = await self._by_reference(session, reference)
            messages, state = await self._messages(session, row), row.state
            if row.same_as is not None and (first := await session.get(ComplaintRow, row.same_as)):
                messages += [each for each in await self._messages(session, first) if each.by == "office"]
                state = first.state
        return ComplaintStatus(
            state=ComplaintState(state), received_at=row.received_at, files=row.files, messages=messages
        )

    async def say(self, reference: str, text: str) -> ComplaintStatus:
        """Something more that the worker says; it opens a closed complaint again.

        Raises:
            ComplaintUnknownError: no such reference.
        """
        async with self._database.write() as session:
            row = await self._by_reference(session, reference)
            session.add(ComplaintMessageRow(complaint_seq=row.seq, text=_seal(self._key(row), row, text), at=now()))
            if row.state == ComplaintState.CLOSED.value:
                row.state = ComplaintState.IN_HAND.value
        return await self.status(reference)

    async def attach(self, body: WorkerFile) -> ComplaintStatus:
        """A photo or a document.

        Raises:
            ComplaintUnknownError: no such reference.
            FileRefusedError: too long, one too many, or not what it says.
        """
        if len(body.content) > MAX_FILE_BYTES or not is_what_it_says(body.media, body.content):
            raise FileRefusedError(f"JPEG, PNG or PDF of at most {MAX_FILE_BYTES:,} bytes")
        async with self._database.write() as session:
            row = await self._by_reference(session, body.reference)
            if row.files >= MAX_FILES:
                raise FileRefusedError(f"at most {MAX_FILES} files to a complaint")
            row.files += 1
            sealed = self._key(row).seal(body.content, _owner(row))
            session.add(ComplaintFileRow(complaint_seq=row.seq, number=row.files, media=body.media, content=sealed))
        return await self.status(body.reference)

    async def newest(
        self, office: ComplaintsOffice, state: ComplaintState | None, before: int | None, limit: int
    ) -> ComplaintPage:
        """This office's, newest first."""
        query = select(ComplaintRow).where(office.own, ComplaintRow.same_as.is_(None))
        if state is not None:
            query = query.where(ComplaintRow.state == state.value)
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, ComplaintRow.seq, before, limit)
        items = [ComplaintItem.model_validate(row, from_attributes=True) for row in rows]
        return ComplaintPage(items=items, next=more)

    async def read(self, office: ComplaintsOffice, complaint_id: str) -> Complaint:
        """One complaint, opened.

        Raises:
            ComplaintUnknownError: none, or not this office's.
        """
        async with self._database.read() as session:
            row = await _of_office(session, office, complaint_id)
            return await self._view(session, row)

    async def file(self, office: ComplaintsOffice, complaint_id: str, number: int) -> tuple[str, bytes]:
        """Media type and content of a file.

        Raises:
            ComplaintUnknownError: none, or not this office's.
        """
        async with self._database.read() as session:
            row = await _of_office(session, office, complaint_id)
            found = await session.get(ComplaintFileRow, (row.seq, number))
        if found is None:
            raise ComplaintUnknownError("there is no such file")
        return found.media, self._key(row).open(found.content, _owner(row))

    async def answer(self, office: ComplaintsOffice, complaint_id: str, text: str) -> Complaint:
        """Say something to the worker.

        Raises:
            ComplaintUnknownError: none, or not this office's.
        """
        async with self._database.write() as session:
            row = await _of_office(session, office, complaint_id)
            sealed = _seal(self._key(row), row, text)
            session.add(ComplaintMessageRow(complaint_seq=row.seq, by=office.person, text=sealed, at=now()))
            await session.flush()
            return await self._view(session, row)

    async def step(self, office: ComplaintsOffice, complaint_id: str, step: ComplaintStep) -> Complaint:
        """Take a complaint in hand, refer or close it.

        Raises:
            ComplaintUnknownError: none, or not this office's.
            IllegalComplaintStepError: it cannot follow.
            UnknownPartyError: the register does not hold the party.
        """
        async with self._database.write() as session:
            row = await _of_office(session, office, complaint_id)
            if not may_follow(ComplaintState(row.state), step.state):
                raise IllegalComplaintStepError(f"{row.state} is not followed by {step.state.value}")
            await require_party(session, step.party, "party")
            row.state, row.officer = step.state.value, office.person
            row.party, row.assessment = step.party or row.party, step.assessment or row.assessment
            return await self._view(session, row)

    async def _view(self, session: AsyncSession, row: ComplaintRow) -> Complaint:
        key = self._key(row)
        item = ComplaintItem.model_validate(row, from_attributes=True)
        return Complaint(
            **item.model_dump(),
            about=key.open(row.about, _owner(row)).decode() if row.about else None,
            contact=key.open(row.contact, _owner(row)).decode() if row.contact else None,
            assessment=row.assessment,
            files=row.files,
            messages=await self._messages(session, row),
            moves=[MoveOffered(move=each.value, codes=[]) for each in following(item.state)],
        )

    async def _messages(self, session: AsyncSession, row: ComplaintRow) -> list[ComplaintMessage]:
        query = select(ComplaintMessageRow).where(ComplaintMessageRow.complaint_seq == row.seq)
        said: Sequence[ComplaintMessageRow] = (await session.scalars(query.order_by(ComplaintMessageRow.seq))).all()
        key = self._key(row)
        return [
            ComplaintMessage(
                by="office" if each.by else "worker", text=key.open(each.text, _owner(row)).decode(), at=each.at
            )
            for each in said
        ]

    async def _by_reference(self, session: AsyncSession, reference: str) -> ComplaintRow:
        digest = self._digest("reference", reference)
        row = await session.scalar(select(ComplaintRow).where(ComplaintRow.reference_digest == digest))
        if row is None:
            raise ComplaintUnknownError("there is no complaint of this reference")
        return row

    def _key(self, row: ComplaintRow) -> SubjectKey:
        return self._keys.subject(row.member, row.wrapped_key)

    def _digest(self, kind: str, text: str) -> str:
        return hmac.new(self._digest_key, f"complaint/{kind}\0{text}".encode(), hashlib.sha256).hexdigest()


async def _same(session: AsyncSession, row: ComplaintRow) -> ComplaintRow | None:
    """The first complaint in the same words."""
    same = select(ComplaintRow).where(
        ComplaintRow.text_digest == row.text_digest,
        ComplaintRow.member == row.member,
        ComplaintRow.office == row.office,
        ComplaintRow.same_as.is_(None),
    )
    return (await session.scalars(same.order_by(ComplaintRow.seq).limit(1).with_for_update())).first()


async def _of_office(session: AsyncSession, office: ComplaintsOffice, complaint_id: str) -> ComplaintRow:
    row = await session.scalar(select(ComplaintRow).where(ComplaintRow.id == complaint_id, office.own))
    if row is None:
        raise ComplaintUnknownError("there is no such complaint")
    return row


def _seal(key: SubjectKey, row: ComplaintRow, text: str) -> bytes:
    return key.seal(text.encode(), _owner(row))


def _owner(row: ComplaintRow) -> str:
    return f"complaint/{row.id}"
