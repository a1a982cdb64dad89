"""Referrals across member states: what is owed to others, and what they tell.

Each side tells everything that it has done, numbered, until it is taken; what was heard before changes nothing. So a
message may be lost, doubled or late, and a member away for days.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.referrals.agreements import agreement, check_foreign
from services.registry.referrals.offices import PURPOSE_OF, is_child
from services.registry.referrals.rules import ENDED, IllegalReferralMoveError, Side, check_consent, due_at, heard
from services.registry.referrals.store import ReferralUnknownError, forget_receivers_notes, owe, send_again
from services.registry.referrals.tables import ReferralEventRow, ReferralRow, TakenBackRow
from services.registry.referrals.views import owner
from shared.contracts.caller import Purpose
from shared.contracts.crossing import (
    OwedReferral,
    ReferralOffer,
    ReferralResult,
    ReferralTold,
    ToldEvent,
)
from shared.contracts.referrals import ReferralCode, ReferralContent, ReferralOffice, ReferralState
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now

_AT_ONCE: Final = 100


class Abroad:
    """What the gateway takes to other members, and what it brings from them.

    Args:
        database: the registry's.
        keys: sealing keys per member.
        own: this node's member.
    """

    def __init__(self, database: Database, keys: KeyRing, own: str) -> None:
        self._database, self._keys, self._own = database, keys, own

    async def owed(self) -> list[OwedReferral]:
        """What other members have yet to take; what was never sent first, then what was tried longest ago."""
        await self._take_back_childrens()
        tried = ReferralRow.tried_at
        query = select(ReferralRow).where(ReferralRow.owed_to.is_not(None))
        query = query.order_by(tried.is_not(None), tried, ReferralRow.seq).limit(_AT_ONCE)
        async with self._database.read() as session:
            rows = (await session.scalars(query)).all()
            return [await self._owed(session, row) for row in rows]

    async def settle(self, results: Sequence[ReferralResult]) -> None:
        """Note what became of sending. What changed here meanwhile stays owed."""
        async with self._database.write() as session:
            for each in results:
                row = await session.scalar(select(ReferralRow).where(ReferralRow.id == each.id).with_for_update())
                if row is None or row.told != each.number or row.owed_to is None:
                    continue
                row.tried_at, row.undelivered = now(), each.reason
                if each.reason is None or each.final:
                    row.owed_to = None

    async def take_in(self, member: str, offer: ReferralOffer) -> None:
        """A referral of another member for an office here, or more of it.

        Raises:
            NotAgreedError: no agreement, as it stands here, lets this be sent.
            ConsentNeededError: a person's own state, without consent.
            IllegalReferralMoveError: nothing more was asked for; or the id is another referral's.
        """
        check_foreign(agreement(offer.sender, offer.receiver, offer.about, across=True), offer.content)
        check_consent(offer.receiver, consented=offer.content.consent is not None)
        async with self._database.write() as session:
            if await session.get(TakenBackRow, (member, offer.id)) is not None:
                return
            row = await session.scalar(select(ReferralRow).where(ReferralRow.id == offer.id).with_for_update())
            if row is None:
                row = self._new(member, offer)
                session.add(row)
            elif (row.sender_member, row.receiver_member) != (member, self._own):
                raise IllegalReferralMoveError("the id is another referral's")
            elif offer.number <= row.heard or row.state == ReferralState.WITHDRAWN:
                return
            else:
                row.state = heard(ReferralState(row.state), ReferralState.SENT, Side.SENDER, None).value
                send_again(row, offer.sent_at)
            key = self._keys.subject(row.member, row.wrapped_key)
            row.content = key.seal(offer.content.model_dump_json().encode(), owner(row, "content"))
            row.heard = offer.number
            await session.flush()
            session.add(_event(row, Side.SENDER, ToldEvent(state=ReferralState.SENT, code=None, at=offer.sent_at)))

    async def hear(self, member: str, told: ReferralTold) -> None:
        """What the other side has done with a referral.

        Raises:
            ReferralUnknownError: there is no such referral with that member.
            IllegalReferralMoveError: that office cannot have done this.
        """
        async with self._database.write() as session:
            row = await session.scalar(select(ReferralRow).where(ReferralRow.id == told.id).with_for_update())
            if row is None and told.events[-1].state is ReferralState.WITHDRAWN:
                await session.merge(TakenBackRow(member=member, id=told.id, at=now()))
                return
            if row is None or member == self._own or member not in {row.sender_member, row.receiver_member}:
                raise ReferralUnknownError("there is no such referral with this member")
            if told.number > row.heard:
                await self._hear(session, row, member, told)

    async def _hear(self, session: AsyncSession, row: ReferralRow, member: str, told: ReferralTold) -> None:
        side = Side.SENDER if member == row.sender_member else Side.RECEIVER
        known = [each.state for each in await _events(session, row, side)]
        if [each.state for each in told.events[: len(known)]] != known:
            raise IllegalReferralMoveError("it was told otherwise before")
        for event in told.events[len(known) :]:
            state = heard(ReferralState(row.state), event.state, side, event.code)
            if row.state != ReferralState.WITHDRAWN:
                session.add(_event(row, side, event))
            row.state = state.value
        row.heard = told.number
        if row.state in ENDED:
            row.content = None
        if row.state == ReferralState.WITHDRAWN:
            await forget_receivers_notes(session, row)
        if row.state == told.events[-1].state:  # whoever got there after us has what we told
            row.owed_to = row.undelivered = None

    async def _owed(self, session: AsyncSession, row: ReferralRow) -> OwedReferral:
        sends = row.member == row.sender_member
        office = ReferralOffice(row.sender if sends else row.receiver)
        common = {"member": row.owed_to, "id": row.id, "number": row.told}
        if sends and row.content is not None:
            case, purpose = row.case_reference, PURPOSE_OF[office]
            return OwedReferral(**common, purpose=purpose, case_reference=case, offer=self._offer(row))
        events = await _events(session, row, Side.SENDER if sends else Side.RECEIVER)
        told = ReferralTold(id=row.id, number=row.told, events=[_told(each) for each in events])
        return OwedReferral(**common, purpose=Purpose.REGISTER_MAINTENANCE, case_reference=None, told=told)

    def _offer(self, row: ReferralRow) -> ReferralOffer:
        same = ("id", "sender", "receiver", "about", "purpose", "urgency", "sent_at")
        key = self._keys.subject(row.member, row.wrapped_key)
        content = ReferralContent.model_validate_json(key.open(row.content or b"", owner(row, "content")))
        known = {name: getattr(row, name) for name in same}
        return ReferralOffer.model_validate(known | {"number": row.told, "content": content})

    def _new(self, member: str, offer: ReferralOffer) -> ReferralRow:
        consent = offer.content.consent
        return ReferralRow(
            id=offer.id,
            member=self._own,
            sender=offer.sender.value,
            sender_member=member,
            sender_organisation="",
            receiver=offer.receiver.value,
            receiver_member=self._own,
            about=offer.about.value,
            purpose=offer.purpose.value,
            urgency=offer.urgency.value,
            consent_on=consent.given_on if consent else None,
            consent_language=consent.language if consent else None,
            law=offer.content.law,
            state=ReferralState.SENT.value,
            wrapped_key=self._keys.new_subject_key(self._own),
            sent_at=offer.sent_at,
            due_at=due_at(offer.urgency, offer.sent_at),
        )

    async def _take_back_childrens(self) -> None:
        """What was told abroad of somebody who turned out to be a child is taken back, without saying why."""
        ours = (ReferralRow.member == ReferralRow.sender_member) & (ReferralRow.receiver_member != ReferralRow.member)
        open_still = ReferralRow.state.not_in([state.value for state in ENDED])
        others = ReferralRow.sender != ReferralOffice.CHILD_PROTECTION.value
        query = select(ReferralRow).where(ours, open_still, others, is_child())
        async with self._database.read() as session:
            if await session.scalar(query.limit(1)) is None:
                return
        async with self._database.write() as session:
            for row in (await session.scalars(query.with_for_update())).all():
                row.state, row.content = ReferralState.WITHDRAWN.value, None
                event = ToldEvent(state=ReferralState.WITHDRAWN, code=ReferralCode.SENT_IN_ERROR, at=now())
                session.add(_event(row, Side.SENDER, event))
                owe(row)


async def _events(session: AsyncSession, row: ReferralRow, side: Side) -> Sequence[ReferralEventRow]:
    query = select(ReferralEventRow).where(
        ReferralEventRow.referral_seq == row.seq, ReferralEventRow.side == side.value
    )
    return (await session.scalars(query.order_by(ReferralEventRow.seq))).all()


def _event(row: ReferralRow, side: Side, event: ToldEvent) -> ReferralEventRow:
    code = event.code.value if event.code else None
    return ReferralEventRow(
        referral_seq=row.seq, state=event.state.value, code=code, side=side.value, by="", note=None, at=event.at
    )


def _told(row: ReferralEventRow) -> ToldEvent:
    return ToldEvent.model_validate({"state": row.state, "code": row.code, "at": row.at})
