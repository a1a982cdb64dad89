"""Referrals in the database: previewed, sent, moved, read."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.history import DayToComeError
from services.registry.indicators.store import Assessments, office_of
from services.registry.parties.store import require_party
from services.registry.referrals.agreements import agreement, party_content, person_content
from services.registry.referrals.offices import Referrer
from services.registry.referrals.rules import (
    AWAITED,
    ENDED,
    Side,
    check_child,
    check_consent,
    check_own_state,
    due_at,
    moved,
)
from services.registry.referrals.subjects import state_of
from services.registry.referrals.tables import ReferralEventRow, ReferralRow
from services.registry.referrals.views import item, owner, referral, side_of
from shared.contracts.referrals import (
    Consent,
    LegalOverride,
    Referral,
    ReferralAbout,
    ReferralAnswer,
    ReferralBody,
    ReferralCode,
    ReferralContent,
    ReferralDirection,
    ReferralMove,
    ReferralOffice,
    ReferralPage,
    ReferralState,
    ReferralStep,
    Urgency,
)
from shared.crypto.sealing import KeyRing, SubjectKey
from shared.db.database import Database, now
from shared.db.newest import newest_rows

_DAYS_BEGIN_IN_THE_EAST: Final = timedelta(days=1)


class ReferralUnknownError(Exception):
    """No such referral, or not this office's: the two look the same."""


class NoConsentError(Exception):
    """It was not sent because somebody consented: there is nothing to revoke."""


@dataclass(frozen=True)
class ReferralFilter:
    """Which referrals are listed."""

    direction: ReferralDirection | None = None
    state: ReferralState | None = None
    overdue: bool = False


class Referrals:
    """Previews, sends, moves and reads referrals.

    Args:
        database: the registry's.
        keys: sealing keys per member: each referral is sealed with a key of its own.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def preview(self, who: Referrer, body: ReferralBody) -> ReferralContent:
        """Exactly what the receiver would see. Nothing is kept.

        Raises:
            NotAgreedError: no agreement lets this be sent.
            NotForThisOfficeError: a child, or who may be one, is not referred there.
            ConsentNeededError: no law stands in for consent there.
            NotOwnStateError: a consular office of another state than the person's, as far as this office may read it.
            AssessmentUnknownError, UnknownPartyError, DayToComeError.
        """
        across = receiving_member(who, body) != who.caller.member
        agreed = agreement(who.office, body.to, body.about, across=across)
        if body.party is not None:
            async with self._database.read() as session:
                await require_party(session, body.party, "party")
            return party_content(agreed, body.party, body.reasons)
        _require_past(body.consent)
        assessment = await Assessments(self._database, self._keys).read(office_of(who.caller), body.assessment or "")
        check_child(assessment.child, who.office, body.to, across=across)
        check_consent(body.to, consented=body.consent is not None)
        await self._check_own_state(who, body, assessment.registration)
        told = {"consent": body.consent, "law": body.override.law if body.override else None}
        return person_content(agreed, assessment, body.contact).model_copy(update=told)

    async def send(self, who: Referrer, body: ReferralBody) -> Referral:
        """Send what a preview shows.

        Raises:
            As `preview`.
        """
        content, at = await self.preview(who, body), now()
        caller, consent, override = who.caller, body.consent, body.override
        row = ReferralRow(
            id=f"R{secrets.token_hex(12)}",
            member=caller.member,
            sender=who.office.value,
            sender_member=caller.member,
            sender_organisation=caller.organisation,
            receiver=body.to.value,
            receiver_member=receiving_member(who, body),
            case_reference=caller.case_reference,
            about=body.about.value,
            assessment=body.assessment,
            party=body.party,
            purpose=content.purpose.value,
            urgency=body.urgency.value,
            consent_on=consent.given_on if consent else None,
            consent_language=consent.language if consent else None,
            law=override.law if override else None,
            decided_by=override.decided_by if override else None,
            state=ReferralState.SENT.value,
            wrapped_key=self._keys.new_subject_key(caller.member),
            sent_at=at,
            due_at=due_at(body.urgency, at),
        )
        self._seal(row, content, override)
        async with self._database.write() as session:
            session.add(row)
            await session.flush()
            return await self._noted(session, who, row, None, None)

    async def read(self, who: Referrer, referral_id: str) -> Referral:
        """One referral, as this office sees it.

        Raises:
            ReferralUnknownError: none, or not this office's.
        """
        async with self._database.read() as session:
            return await self._view(session, who, await _find(session, who, referral_id))

    async def newest(self, who: Referrer, wanted: ReferralFilter, before: int | None, limit: int) -> ReferralPage:
        """This office's, newest first, with counts by state."""
        rows_of, at = who.rows(wanted.direction), now()
        query = select(ReferralRow).where(rows_of)
        if wanted.state is not None:
            query = query.where(ReferralRow.state == wanted.state.value)
        if wanted.overdue:
            query = query.where(ReferralRow.state.in_([state.value for state in AWAITED]), ReferralRow.due_at < at)
        counting = select(ReferralRow.state, func.count()).where(rows_of).group_by(ReferralRow.state)
        async with self._database.read() as session:
            rows, more = await newest_rows(session, query, ReferralRow.seq, before, limit)
            counts = {ReferralState(state): count for state, count in await session.execute(counting)}
        return ReferralPage(items=[item(who, row, at) for row in rows], counts=counts, next=more)

    async def step(self, who: Referrer, referral_id: str, step: ReferralStep) -> Referral:
        """Receive, accept, decline, request more, hand back, complete or withdraw.

        Raises:
            ReferralUnknownError, NotThisSideError, IllegalReferralMoveError, CodeNotForMoveError.
        """
        async with self._database.write() as session:
            row = await _find(session, who, referral_id, lock=True)
            return await self._move(session, who, row, step.move, step.code, step.note)

    async def answer(self, who: Referrer, referral_id: str, body: ReferralAnswer) -> Referral:
        """Tell more, as requested: what is sent is made anew, and the clock begins again.

        Raises:
            ReferralUnknownError, NotThisSideError, IllegalReferralMoveError, and as `preview`.
        """
        async with self._database.read() as session:
            row = await _find(session, who, referral_id)
            moved(ReferralState(row.state), ReferralMove.ANSWER, side_of(who, row), None)
        content = await self.preview(who, self._again(row, body))
        async with self._database.write() as session:
            row = await _find(session, who, referral_id, lock=True)
            send_again(row, now())
            self._seal(row, content, None)
            return await self._move(session, who, row, ReferralMove.ANSWER, None, None)

    async def revoke(self, who: Referrer, referral_id: str) -> Referral:
        """The person takes the consent back, at either office: the receiver reads nothing of it any more.

        Raises:
            ReferralUnknownError, IllegalReferralMoveError.
            NoConsentError: it was not sent by consent.
        """
        async with self._database.write() as session:
            row = await _find(session, who, referral_id, lock=True)
            if row.consent_on is None:
                raise NoConsentError("it was not sent because a person consented; its sender can withdraw it")
            return await self._move(session, who, row, ReferralMove.REVOKE, ReferralCode.CONSENT_REVOKED, None)

    async def _move(
        self,
        session: AsyncSession,
        who: Referrer,
        row: ReferralRow,
        move: ReferralMove,
        code: ReferralCode | None,
        note: str | None,
    ) -> Referral:
        state = moved(ReferralState(row.state), move, side_of(who, row), code)
        row.state = state.value
        if move is ReferralMove.RECEIVE:
            row.receiver_organisation = who.caller.organisation
        if state in ENDED:
            row.content = None
        if state is ReferralState.WITHDRAWN:
            await forget_receivers_notes(session, row)
        return await self._noted(session, who, row, code, note)

    async def _noted(
        self, session: AsyncSession, who: Referrer, row: ReferralRow, code: ReferralCode | None, note: str | None
    ) -> Referral:
        event = ReferralEventRow(
            referral_seq=row.seq,
            state=row.state,
            code=code.value if code else None,
            side=side_of(who, row).value,
            by=who.caller.person,
            note=self._key(row).seal(note.encode(), owner(row, "note")) if note else None,
            at=now(),
        )
        session.add(event)
        owe(row)
        await session.flush()
        return await self._view(session, who, row)

    async def _view(self, session: AsyncSession, who: Referrer, row: ReferralRow) -> Referral:
        query = select(ReferralEventRow).where(ReferralEventRow.referral_seq == row.seq)
        events: Sequence[ReferralEventRow] = (await session.scalars(query.order_by(ReferralEventRow.seq))).all()
        return referral(who, row, events, self._key(row), now())

    def _seal(self, row: ReferralRow, content: ReferralContent, override: LegalOverride | None) -> None:
        key = self._key(row)
        row.content = key.seal(content.model_dump_json().encode(), owner(row, "content"))
        if override is not None:
            row.why = key.seal(override.why.encode(), owner(row, "why"))

    def _again(self, row: ReferralRow, more: ReferralAnswer) -> ReferralBody:
        """What was asked to be sent, with what is told now; what was told before and is not told now stays."""
        key = self._key(row)
        before = ReferralContent.model_validate_json(key.open(row.content or b"", owner(row, "content")))
        person = row.about == ReferralAbout.PERSON.value
        return ReferralBody(
            to=ReferralOffice(row.receiver),
            member=row.receiver_member,
            assessment=row.assessment,
            contact=more.contact or before.contact,
            consent=before.consent,
            override=_override(row, key),
            party=row.party,
            reasons=[] if person else more.reasons or before.reasons or [],
        )

    async def _check_own_state(self, who: Referrer, body: ReferralBody, registration: str | None) -> None:
        if body.to is not ReferralOffice.CONSULAR:
            return
        async with self._database.read() as session:
            state = await state_of(session, self._keys, who.caller, registration)
        check_own_state(receiving_member(who, body), state)

    def _key(self, row: ReferralRow) -> SubjectKey:
        return self._keys.subject(row.member, row.wrapped_key)


async def _find(session: AsyncSession, who: Referrer, referral_id: str, *, lock: bool = False) -> ReferralRow:
    query = select(ReferralRow).where(ReferralRow.id == referral_id, who.rows(None))
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise ReferralUnknownError("there is no such referral")
    return row


def _override(row: ReferralRow, key: SubjectKey) -> LegalOverride | None:
    if row.law is None or row.decided_by is None or row.why is None:
        return None
    return LegalOverride(law=row.law, decided_by=row.decided_by, why=key.open(row.why, owner(row, "why")).decode())


def receiving_member(who: Referrer, body: ReferralBody) -> str:
    """Whose office it goes to."""
    return body.member or who.caller.member


def send_again(row: ReferralRow, at: datetime) -> None:
    """The clock begins again."""
    row.sent_at, row.due_at, row.reminders = at, due_at(Urgency(row.urgency), at), 0


def owe(row: ReferralRow) -> None:
    """What was done here is to be told to the other member, where there is one."""
    if row.sender_member == row.receiver_member:
        return
    row.told += 1
    row.owed_to = row.receiver_member if row.member == row.sender_member else row.sender_member
    row.undelivered = row.tried_at = None


async def forget_receivers_notes(session: AsyncSession, row: ReferralRow) -> None:
    """What was noted because of a content that may not be read any more."""
    theirs = (ReferralEventRow.referral_seq == row.seq) & (ReferralEventRow.side == Side.RECEIVER.value)
    await session.execute(update(ReferralEventRow).where(theirs).values(note=None))


def _require_past(consent: Consent | None) -> None:
    if consent is not None and consent.given_on > now().date() + _DAYS_BEGIN_IN_THE_EAST:
        raise DayToComeError("the day of the consent has not come")
