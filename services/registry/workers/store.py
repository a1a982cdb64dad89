"""Registrations in the database: sealed on the way in, opened on the way out."""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.workers.elsewhere import told
from services.registry.workers.particulars import Particulars
from services.registry.workers.results import Result
from services.registry.workers.tables import InquiryRow, JobRow, PacketRow, RegistrationRow, SignalRow
from services.registry.workers.views import AudiencedSignal, Record, Scope
from shared.contracts.registrations import Progress, RegistrationCandidate, RegistrationRequest, RegistrationState
from shared.crypto.sealing import KeyRing, SubjectKey
from shared.db.database import Database, now
from shared.db.jobs import enqueue

CHECK_JOB: Final = "check_registration"
WEIGH_JOB: Final = "weigh_signals"
"""Whether what a check found is for people to decide; its subject is the registration."""
ERASE_JOB: Final = "erase_biometrics"
"""Erase a person in the biometric service; its subject is the registration."""
_ID: Final = re.compile(r"R[0-9a-f]{24}")


class RegistrationUnknownError(Exception):
    """No such registration, or not for this caller: the two look the same."""


class IdempotencyConflictError(Exception):
    """The idempotency key was used before, for another request."""


@dataclass(frozen=True)
class Accepted:
    """What became of a request: which registration, and whether it is new."""

    id: str
    new: bool


@dataclass(frozen=True)
class Conclusion:
    """What the checks of one registration found, and which others must be checked again because of it."""

    signals: list[AudiencedSignal]
    candidates: list[RegistrationCandidate]
    missing: list[str]
    child_sealed: bool
    again: list[str]
    document: tuple[str, str] | None = None
    """Issuer and number as the checks read them: from the photo of a page, where intake had neither."""


@dataclass(frozen=True)
class Submission:
    """A request with what makes it repeatable."""

    member: str
    client_id: str
    idempotency_key: str
    body: bytes
    request: RegistrationRequest
    particulars: Particulars


class RegistrationStore:
    """Keeps registrations.

    Args:
        database: the registry's.
        keys: sealing keys per member.
        digest_key: keys the digests of document numbers and references, so that a stolen table cannot be guessed at.
    """

    def __init__(self, database: Database, keys: KeyRing, digest_key: bytes) -> None:
        self._database = database
        self._keys = keys
        self._digest_key = digest_key

    async def accept(self, submission: Submission) -> Accepted:
        """Keep a request and promise its checks, in one transaction; once for each idempotency key.

        Raises:
            IdempotencyConflictError: the key was used for another request.
            MemberKeyMissingError: no sealing key for the member.
        """
        try:
            return Accepted(await self._insert(submission), new=True)
        except IntegrityError:
            known = await self.find(submission)  # the same request came twice at once
            if known is None:
                raise
            return known

    async def find(self, submission: Submission) -> Accepted | None:
        """The registration that this very request made before, if it did.

        Raises:
            IdempotencyConflictError: its key was used for another request.
        """
        query = select(RegistrationRow.id, RegistrationRow.request_digest).where(
            RegistrationRow.client_id == submission.client_id,
            RegistrationRow.idempotency_key == submission.idempotency_key,
        )
        async with self._database.read() as session:
            found = (await session.execute(query)).first()
        if found is None:
            return None
        if found.request_digest != self.digest("request", submission.body):
            raise IdempotencyConflictError("this Idempotency-Key was used for another request; take a new one")
        return Accepted(found.id, new=False)

    async def packet(self, registration_id: str) -> tuple[RegistrationRow, RegistrationRequest]:
        """The row and the opened packet.

        Raises:
            RegistrationUnknownError: no such registration.
            SealingError: the packet does not open.
        """
        query = select(RegistrationRow, PacketRow).join(PacketRow, PacketRow.registration_seq == RegistrationRow.seq)
        async with self._database.read() as session:
            found = (await session.execute(query.where(RegistrationRow.id == registration_id))).first()
        if found is None:
            raise RegistrationUnknownError("no such registration")
        row, packet = found
        key = self._keys.subject(row.member, row.wrapped_key)
        return row, RegistrationRequest.model_validate_json(key.open(packet.packet, _owner(row.id, "packet")))

    async def conclude(self, row: RegistrationRow, conclusion: Conclusion) -> None:
        """Keep what the checks found, whole; repeating it replaces it."""
        async with self._database.write() as session:
            kept = await session.get_one(RegistrationRow, row.seq, with_for_update=True)
            if kept.state == RegistrationState.WITHDRAWN:
                enqueue(session, JobRow, ERASE_JOB, row.id)  # this check may have enrolled the person again
                return
            before = self.result_of(kept)
            changes = {
                "signals": conclusion.signals + before.of_members(),  # what other members answered stays
                "candidates": conclusion.candidates,
                "missing": conclusion.missing,
                "document": conclusion.document,
            }
            result = before.model_copy(update=changes)
            await self.keep_result(session, kept, result)
            if kept.document_digest is None and conclusion.document:
                kept.document_digest = self.digest("document", *conclusion.document)
            kept.progress, kept.checked_at = Progress.CHECKED.value, now()
            kept.child_sealed = conclusion.child_sealed and not kept.seal_ended
            if await session.get(InquiryRow, row.seq) is None:
                session.add(InquiryRow(registration_seq=row.seq, due_at=now()))
            if result.signals or result.candidates:
                enqueue(session, JobRow, WEIGH_JOB, row.id)
            for other in conclusion.again:
                enqueue(session, JobRow, CHECK_JOB, other)

    def result_of(self, row: RegistrationRow) -> Result:
        """What was found about a registration so far."""
        if row.result is None:
            return Result()
        return Result.model_validate_json(self.key_of(row).open(row.result, _owner(row.id, "result")))

    async def keep_result(self, session: AsyncSession, row: RegistrationRow, result: Result) -> None:
        """Put what was found in the place of what was, in the caller's transaction."""
        row.result = self.key_of(row).seal(result.model_dump_json().encode(), _owner(row.id, "result"))
        await session.execute(delete(SignalRow).where(SignalRow.registration_seq == row.seq))
        session.add_all(
            SignalRow(registration_seq=row.seq, code=each.signal.code.value, audience=each.audience)
            for each in result.signals
        )

    async def person(self, registration_id: str) -> tuple[str, str]:
        """Member and opaque person id of a registration.

        Raises:
            RegistrationUnknownError: no such registration.
        """
        query = select(RegistrationRow.member, RegistrationRow.person_id).where(RegistrationRow.id == registration_id)
        async with self._database.read() as session:
            found = (await session.execute(query)).first()
        if found is None:
            raise RegistrationUnknownError("no such registration")
        return found.member, found.person_id

    async def by_persons(self, person_ids: Collection[str]) -> dict[str, Record]:
        """Registrations by the opaque ids under which the biometric service knows them."""
        return {
            row.person_id: self._open(row)
            for row in await self._rows(
                select(RegistrationRow).where(
                    RegistrationRow.person_id.in_(person_ids),
                    RegistrationRow.state != RegistrationState.WITHDRAWN.value,  # a stub has nothing to compare
                )
            )
        }

    async def with_document(self, document: tuple[str, str], other_than: str) -> list[Record]:
        """Other registrations that show this document number."""
        digest = self.digest("document", *document)
        query = select(RegistrationRow).where(
            RegistrationRow.document_digest == digest, RegistrationRow.id != other_than
        )
        return [self._open(row) for row in await self._rows(query.order_by(RegistrationRow.seq).limit(50))]

    async def read(self, registration_id: str, scope: Scope) -> Record:
        """One registration within the scope.

        Raises:
            RegistrationUnknownError: none, or outside the scope.
        """
        if not _ID.fullmatch(registration_id):  # PostgreSQL cannot compare with just any text
            raise RegistrationUnknownError("no such registration")
        rows = await self._rows(within(scope).where(RegistrationRow.id == registration_id))
        if not rows:
            raise RegistrationUnknownError("no such registration")
        return self._open(rows[0])

    async def hidden(self, registration_ids: Collection[str], scope: Scope) -> frozenset[str]:
        """Those of some registrations that a reader of this scope must not be pointed at.

        Sealed, not checked yet, withdrawn, or a presumed victim's: a victim's other registrations do not tell on them.
        """
        if scope.protects or not registration_ids:
            return frozenset()
        kept_back = RegistrationRow.withdrawal_asked.is_not(None) | RegistrationRow.presumed_victim.is_(True)
        if scope.child_sealed is False:
            kept_back |= ~_open_to_all()
        query = select(RegistrationRow.id).where(RegistrationRow.id.in_(registration_ids), kept_back)
        async with self._database.read() as session:
            return frozenset((await session.scalars(query)).all())

    async def page(
        self, scope: Scope, before: int | None, limit: int, signal: str | None, reference: str | None
    ) -> tuple[list[Record], int | None]:
        """Registrations within the scope, newest first.

        Returns:
            The records, and where the next page begins (None: there is none).
        """
        query = within(scope).order_by(RegistrationRow.seq.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(RegistrationRow.seq < before)
        if reference is not None:
            query = query.where(RegistrationRow.reference_digest == self.digest("reference", reference))
            if not scope.protects:
                query = query.where(RegistrationRow.withdrawal_asked.is_(None))
        if signal is not None:
            seqs = select(SignalRow.registration_seq).where(
                SignalRow.code == signal, SignalRow.audience.in_(scope.audiences)
            )
            query = query.where(RegistrationRow.seq.in_(seqs))
        rows = await self._rows(query)
        more = rows[limit - 1].seq if len(rows) > limit else None
        return [self._open(row) for row in rows[:limit]], more

    def key_of(self, row: RegistrationRow) -> SubjectKey:
        """The key of a registration: what is said about it is sealed with it, and erased with it."""
        return self._keys.subject(row.member, row.wrapped_key)

    def record_of(self, row: RegistrationRow) -> Record:
        """A row, opened."""
        return self._open(row)

    def empty(self, row: RegistrationRow, at: datetime) -> None:
        """Destroy the key of a registration and everything sealed with it; leave a stub under a fresh key."""
        row.wrapped_key = self._keys.new_subject_key(row.member)
        blank = asdict(Particulars("", None, "", None, None, None)) | {"reference": None}
        row.particulars = self.key_of(row).seal(json.dumps(blank).encode(), _owner(row.id, "particulars"))
        row.result = row.document_digest = row.reference_digest = None
        row.child_sealed = row.presumed_victim = False
        row.withdrawal_asked = at

    async def _rows(self, query: Select[RegistrationRow]) -> Sequence[RegistrationRow]:
        async with self._database.read() as session:
            return (await session.scalars(query)).all()

    async def _insert(self, submission: Submission) -> str:
        registration_id, request = f"R{secrets.token_hex(12)}", submission.request
        wrapped = self._keys.new_subject_key(submission.member)
        key = self._keys.subject(submission.member, wrapped)
        document = submission.particulars.document
        particulars = json.dumps(asdict(submission.particulars) | {"reference": request.reference}).encode()
        row = RegistrationRow(
            id=registration_id,
            person_id=secrets.token_hex(16),
            member=submission.member,
            client_id=submission.client_id,
            idempotency_key=submission.idempotency_key,
            request_digest=self.digest("request", submission.body),
            state=RegistrationState.PROVISIONAL.value,
            progress=Progress.RECEIVED.value,
            child_sealed=False,
            wrapped_key=wrapped,
            particulars=key.seal(particulars, _owner(registration_id, "particulars")),
            document_digest=self.digest("document", *document) if document else None,
            reference_digest=self.digest("reference", request.reference) if request.reference else None,
            created_at=now(),
        )
        packet = key.seal(request.model_dump_json().encode(), _owner(registration_id, "packet"))
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            session.add(PacketRow(registration_seq=row.seq, packet=packet))
            enqueue(session, JobRow, CHECK_JOB, registration_id)
        return registration_id

    def digest(self, kind: str, *parts: str | bytes) -> str:
        """The keyed digest under which something is found again, and not told."""
        content = b"\x1f".join([kind.encode(), *(part.encode() if isinstance(part, str) else part for part in parts)])
        return hmac.new(self._digest_key, content, hashlib.sha256).hexdigest()

    def _open(self, row: RegistrationRow) -> Record:
        reference, particulars = stated_in(row, self.key_of(row))
        result = self.result_of(row)
        return Record(
            id=row.id,
            person_id=row.person_id,
            member=row.member,
            reference=reference,
            particulars=particulars,
            state=RegistrationState(row.state),
            progress=Progress(row.progress),
            child_sealed=row.child_sealed,
            signals=result.signals,
            candidates=result.candidates,
            missing=result.missing,
            created_at=row.created_at,
            checked_at=row.checked_at,
            presumed_victim=row.presumed_victim,
            withdrawal_asked=row.withdrawal_asked is not None,
            seal_ended=row.seal_ended,
            elsewhere=told(result.elsewhere, result.again_until),
        )


def stated_in(row: RegistrationRow, key: SubjectKey) -> tuple[str | None, Particulars]:
    """What a registration says, unsealed: the desk's reference, and the worker."""
    stated: dict[str, Any] = json.loads(key.open(row.particulars, _owner(row.id, "particulars")))
    reference: str | None = stated.pop("reference")
    document = stated.pop("document")
    return reference, Particulars(**stated, document=(document[0], document[1]) if document else None)


def _owner(registration_id: str, part: str) -> str:
    return f"registration/{registration_id}/{part}"


def _open_to_all() -> ColumnElement[bool]:
    """Known not to be a child's: checked, and not sealed."""
    return RegistrationRow.child_sealed.is_(False) & (RegistrationRow.progress == Progress.CHECKED.value)


def within(scope: Scope) -> Select[RegistrationRow]:
    """The registrations that a reader of this scope may see at all."""
    query = select(RegistrationRow).where(RegistrationRow.member == scope.member)
    if scope.child_sealed is not None:
        query = query.where(RegistrationRow.child_sealed.is_(True) if scope.child_sealed else _open_to_all())
    if scope.only_codes is not None:
        seqs = select(SignalRow.registration_seq).where(SignalRow.code.in_(scope.only_codes))
        query = query.where(RegistrationRow.seq.in_(seqs), RegistrationRow.presumed_victim.is_(False))
    return query
