"""What is known of every workplace that could be visited next."""

import hashlib
import hmac
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.registry.inspections.risk import Known
from services.registry.inspections.tables import VisitRow
from services.registry.licences.store import licences_on
from services.registry.licences.tables import LicenceRow
from services.registry.listings.store import listings_of
from services.registry.parties.tables import PartyRow
from services.registry.redflags.facts import WINDOW
from services.registry.redflags.gathering import complaints
from services.registry.redflags.standing import Flags
from services.registry.tables import chunked
from shared.contracts.listings import ListingState
from shared.contracts.visits import VisitPlace
from shared.db.database import Database


async def workplaces(database: Database, member: str, at: datetime) -> list[Known]:
    """Parties that are flagged, complained of, licensed by the member or were visited; and places of no known party."""
    today = at.date()
    flags = await Flags(database).of_member(member)
    async with database.read() as session:
        told = await complaints(session, at - WINDOW)
        many = Counter(each.report.party for each in told if each.report.member == member)
        known, places = await _visited(session, member, today)
        licensed = select(PartyRow.id).join(LicenceRow, LicenceRow.party_seq == PartyRow.seq)
        holders = (await session.scalars(licensed.where(LicenceRow.member == member))).all()
        for party in {*flags, *many, *holders} - known.keys():
            known[party] = Known(party, None, None)
        for party, each in known.items():
            known[party] = replace(each, flags=flags.get(party, ()), complaints=many[party])
        return [*await _registered(session, known, today), *places]


async def _visited(session: AsyncSession, member: str, today: date) -> tuple[dict[str, Known], list[Known]]:
    """Parties that were visited or are to be, with the last visit's place; and the places of the others."""
    query = select(VisitRow).where(VisitRow.member == member).order_by(VisitRow.seq)
    parties: dict[str, Known] = {}
    places: dict[tuple[str, str], Known] = {}
    for row in (await session.scalars(query)).all():
        before = parties.get(row.party) if row.party else places.get((row.place, row.area))
        known = before or Known(row.party, VisitPlace(row.place), row.area)
        last = max((day for day in (known.last_visit, row.carried_out_on) if day), default=None)
        overdue = known.overdue or (row.next_due_on is not None and row.next_due_on < today)
        known = replace(known, place=VisitPlace(row.place), area=row.area, last_visit=last, overdue=overdue)
        if row.party:
            parties[row.party] = known
        else:
            places[row.place, row.area] = known
    return parties, list(places.values())


async def _registered(session: AsyncSession, known: dict[str, Known], today: date) -> Sequence[Known]:
    """The parties with what the register says of them."""
    seqs: dict[int, str] = {}
    for chunk in chunked(known):
        rows = await session.execute(select(PartyRow.seq, PartyRow.id).where(PartyRow.id.in_(chunk)))
        seqs |= {int(seq): party for seq, party in rows}
    licences, dockets = await licences_on(session, seqs, today), await listings_of(session, list(seqs))
    for seq, party in seqs.items():
        held = licences.get(seq, [])
        listed = any(
            docket.row.state == ListingState.LISTED and docket.is_proven(today) for docket in dockets.get(seq, [])
        )
        place = known[party].place or (VisitPlace.AGENCY_OFFICE if held else None)
        statuses = tuple(licence.status for licence in held)
        known[party] = replace(known[party], licences=statuses, listed=listed, place=place)
    return list(known.values())


def chance_of(key: bytes, member: str, today: date) -> random.Random:
    """Chance that is the same for a week, so that nobody asks until the draw suits them, and that needs the key."""
    week = "{}-{}".format(*today.isocalendar()[:2])
    return random.Random(hmac.new(key, f"visits/{member}/{week}".encode(), hashlib.sha256).digest())  # noqa: S311
