"""What the rules are given, out of registrations, complaints and labour inspection's conversations.

Nothing that is sealed for child protection counts, nothing that was withdrawn, and no other office's conversation: a
flag must not tell what its reader could not have asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, SQLColumnExpression, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.registry.documents.tables import AgencyCandidateRow
from services.registry.indicators.tables import AnswerRow, AssessmentRow
from services.registry.public.tables import ComplaintRow
from services.registry.redflags.facts import Report, Shared, Tally
from services.registry.workers.placed import countable
from services.registry.workers.tables import RegistrationRow
from shared.contracts.cases import Offence
from shared.standards.indicators.rules import Answer

_LABOUR: Final = "labour"
"""The office of complaints and of conversations that count."""
_AT: Final = RegistrationRow.created_at
_RETENTION: Final = frozenset({"SAP5", "FL07", "D2.03", "D5.01"})
"""Indicators that say that papers were kept."""
_Column = InstrumentedAttribute[Any]
_Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Complained:
    """A complaint, with the matter that it is about."""

    report: Report
    offences: frozenset[str]


async def members(session: AsyncSession) -> Sequence[str]:
    """Every member of whom something is kept that a rule may count."""
    every = union(*(select(row.member) for row in (RegistrationRow, ComplaintRow, AssessmentRow)))
    return sorted((await session.scalars(every)).all())


async def shared(session: AsyncSession, member: str, since: datetime, digest: _Column) -> list[Shared]:
    """Parties of whose workers several have the same digest."""
    row = AgencyCandidateRow
    several = _placed(select(digest, func.count()), member, since).where(digest.is_not(None))
    everybody = {known: int(each) for known, each in await session.execute(_grouped(several, digest))}
    days = func.count(func.distinct(func.date(_AT))), func.min(_AT), func.max(_AT)
    own = _placed(select(row.agency, digest, func.count(), *days), member, since).where(digest.is_not(None))
    found = await session.execute(_grouped(own, row.agency, digest))
    return [
        Shared(party, workers, everybody[known], on_days, _day(first), _day(last))
        for party, known, workers, on_days, first, last in found
    ]


def _grouped(query: _Query, *columns: SQLColumnExpression[Any]) -> _Query:
    """Of each group, where there are several."""
    return query.group_by(*columns).having(func.count() >= 2)


async def tallies(session: AsyncSession, member: str, since: datetime, party: _Column, so: _Column) -> list[Tally]:
    """By party: of how many workers something is known, and of how many it is so."""
    query = _placed(select(party, so, func.count(), func.min(_AT), func.max(_AT)), member, since)
    rows = (await session.execute(query.where(party.is_not(None), so.is_not(None)).group_by(party, so))).all()
    return _tallied(rows)


def _tallied(rows: Iterable[Any]) -> list[Tally]:
    counts: dict[str, dict[bool, tuple[int, date, date]]] = {}
    for party, so, count, first, last in rows:
        counts.setdefault(party, {})[so] = (count, _day(first), _day(last))
    found = []
    for party, each in counts.items():
        many, first, last = each.get(True, (0, None, None))
        found.append(Tally(party, sum(count for count, _, _ in each.values()), many, first, last))
    return found


async def complaints(session: AsyncSession, since: datetime) -> list[Complained]:
    """Complaints about a party that labour inspection has, of every member, each text once."""
    row = ComplaintRow
    query = select(row.id, row.party, row.assessment, row.member, row.received_at, row.offences).where(
        row.office == _LABOUR, row.party.is_not(None), row.same_as.is_(None), row.received_at >= since
    )
    matters = await _matters(session)
    return [
        Complained(
            Report(f"{party}", matters.get(assessment or "", id_), complaint=True, member=member, on=_day(at)),
            frozenset(offences),
        )
        for id_, party, assessment, member, at, offences in await session.execute(query)
    ]


async def _matters(session: AsyncSession) -> Mapping[str, str]:
    """Of each conversation, whose it is: the worker's registration, else its own."""
    query = select(AssessmentRow.id, AssessmentRow.registration).where(AssessmentRow.office == _LABOUR)
    return {id_: registration or id_ for id_, registration in await session.execute(query)}


async def retentions(session: AsyncSession, since: datetime) -> list[Report]:
    """Conversations of labour inspection in which papers are said to be kept."""
    row, answer = AssessmentRow, AnswerRow
    query = (
        select(row.id, row.employer, row.registration, row.member, row.opened_at, answer.code, answer.by, answer.answer)
        .join(answer, answer.assessment_seq == row.seq)
        .where(row.office == _LABOUR, row.child != Answer.YES.value, row.employer.is_not(None), row.opened_at >= since)
        .where(answer.code.in_(_RETENTION))
        .order_by(answer.seq)
    )
    reports, last = {}, {}
    for id_, party, registration, member, at, code, by, said in await session.execute(query):
        reports[id_] = Report(f"{party}", registration or id_, complaint=False, member=member, on=_day(at))
        last[id_, code, by] = said  # somebody's later answer replaces their own earlier one, and nobody else's
    told = {id_ for (id_, _, _), said in last.items() if said == Answer.YES.value}
    return [report for id_, report in reports.items() if id_ in told]


def of(offence: Offence, complained: Iterable[Complained]) -> list[Report]:
    """The complaints of one offence."""
    return [each.report for each in complained if offence.value in each.offences]


def _placed(query: _Query, member: str, since: datetime) -> _Query:
    """Within the placements of a member's workers that count."""
    joined = query.join_from(AgencyCandidateRow, RegistrationRow, RegistrationRow.id == AgencyCandidateRow.registration)
    return joined.where(countable(member), RegistrationRow.created_at >= since)


def _day(instant: datetime) -> date:
    return instant.date()
