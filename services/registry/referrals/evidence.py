"""A referral as evidence: that it was sent, on what ground, and what became of it. Nothing of the matter itself."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.referrals.store import ReferralUnknownError
from services.registry.referrals.tables import ReferralEventRow, ReferralRow
from shared.contracts.evidence import EvidenceStep, ReferralFile


async def referral_file(session: AsyncSession, referral_id: str, member: str) -> ReferralFile:
    """The file of a referral from or to another member.

    Raises:
        ReferralUnknownError: there is none; one within a member state is no matter between states.
    """
    row = await session.scalar(select(ReferralRow).where(ReferralRow.id == referral_id, ReferralRow.member == member))
    if row is None or row.sender_member == row.receiver_member:
        raise ReferralUnknownError("there is no such referral between member states")
    query = select(ReferralEventRow).where(ReferralEventRow.referral_seq == row.seq).order_by(ReferralEventRow.seq)
    steps = [EvidenceStep.model_validate(each, from_attributes=True) for each in (await session.scalars(query)).all()]
    same = ReferralFile.model_fields.keys() - {"ground", "steps"}
    ground = "consent" if row.consent_on else "law" if row.law else "none"
    return ReferralFile(**{name: getattr(row, name) for name in same}, ground=ground, steps=steps)
