"""What a presumption rests on: the lead of a conversation, or of a referral that told of one."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.indicators.store import Assessments, office_of
from services.registry.indicators.tables import AssessmentRow
from services.registry.referrals.offices import referrer_of
from services.registry.referrals.store import Referrals
from services.registry.referrals.tables import ReferralRow
from services.registry.support.offices import Supporter
from services.registry.support.tables import SupportCaseRow
from services.registry.workers.tables import RegistrationRow
from shared.contracts.assessments import LeadStrength
from shared.contracts.support import SupportCaseBody, SupportCaseState
from shared.crypto.sealing import KeyRing
from shared.db.database import Database


class NoLeadError(Exception):
    """The conversation, or the referral, has no lead."""


class SupportCaseKnownError(Exception):
    """The office supports this person already."""


async def lead_of(database: Database, keys: KeyRing, who: Supporter, body: SupportCaseBody) -> LeadStrength | None:
    """The strength of the lead that a presumption rests on; None: an officer presumes.

    Raises:
        AssessmentUnknownError, ReferralUnknownError: none, or not this office's.
        NoLeadError: nothing points at anything, or the referral's content is not to be read.
    """
    strength: LeadStrength | None
    if body.assessment is not None:
        strength = (await Assessments(database, keys).read(office_of(who.caller), body.assessment)).lead.strength
    elif body.referral is not None:
        referral = await Referrals(database, keys).read(referrer_of(who.caller), body.referral)
        strength = referral.content.strength if referral.content else None
    else:
        return None
    if strength in {None, LeadStrength.NONE}:
        raise NoLeadError("there is no lead in it that can be read; an officer can presume for a reason of their own")
    return strength


async def require_new(session: AsyncSession, who: Supporter, body: SupportCaseBody) -> None:
    """A person has one case in an office: two at the same moment wait for each other.

    Raises:
        SupportCaseKnownError: there is one that is open.
    """
    case = SupportCaseRow
    sources: list[ColumnElement[bool]] = []
    for column, source, known in (
        (AssessmentRow, body.assessment, case.assessment),
        (ReferralRow, body.referral, case.referral),
        (RegistrationRow, body.registration, case.registration),
    ):
        if source is not None:
            await session.execute(select(column.seq).where(column.id == source).with_for_update())
            sources.append(known == source)
    if not sources:
        return
    query = select(case.seq).where(who.rows, case.state == SupportCaseState.OPEN.value, or_(*sources)).limit(1)
    if await session.scalar(query) is not None:
        raise SupportCaseKnownError("the office has an open case of this person")
