"""A year of recruitment put into a registry, and its rules applied."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import insert

from services.registry.documents.tables import AgencyCandidateRow
from services.registry.indicators.tables import AnswerRow, AssessmentRow
from services.registry.public.tables import ComplaintRow
from services.registry.redflags.weighing import Weighing
from services.registry.workers.placed import Digest, candidate_row
from services.registry.workers.store import RegistrationStore
from services.registry.workers.tables import RegistrationRow
from services.sandbox.recruitment import Complaint, Conversation, Visit, Year
from shared.contracts.red_flags import FlagRule
from shared.contracts.registrations import Progress, RegistrationState
from shared.crypto.keyfiles import make_key_files
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.settings import Settings
from shared.standards.ages import load_rules
from shared.standards.indicators.rules import Answer
from shared.standards.placement_fees import load_fee_rules

_PART = 500


@dataclass(frozen=True)
class Flagged:
    """Parties of whom a rule was found to hold, by rule, whichever member's they are."""

    parties: Mapping[FlagRule, frozenset[str]]


async def hold_year(settings: Settings, year: Year) -> Flagged:
    """Keep what registrations leave behind, complaints and conversations, and weigh them.

    Args:
        settings: an empty folder's.
    """
    make_key_files(settings.key_folder)
    upgrade("registry", settings.database_url("registry"))
    database = Database(settings.database_url("registry"))
    key = base64.b64decode((settings.key_folder / "registry-digest.key").read_text())
    store = RegistrationStore(database, KeyRing.load(settings.key_folder / "registry-sealing.json"), key)
    try:
        await _fill(database, year, store.digest)
        found = await Weighing(database).find(_noon(year.last_day))
    finally:
        await database.close()
    every = [each for some in found.values() for each in some]
    return Flagged({rule: frozenset(each.party for each in every if each.rule is rule) for rule in FlagRule})


async def _fill(database: Database, year: Year, digest: Digest) -> None:
    rules, fees = load_rules(), load_fee_rules()
    columns = [column.name for column in AgencyCandidateRow.__table__.columns]
    placed = [
        candidate_row(_id(number), visit.request, None, digest, rules, fees) for number, visit in enumerate(year.visits)
    ]
    rows: Sequence[tuple[type[Any], list[dict[str, Any]]]] = (
        (RegistrationRow, [_registration(number, visit) for number, visit in enumerate(year.visits)]),
        (AgencyCandidateRow, [{name: getattr(row, name) for name in columns} for row in placed if row]),
        (ComplaintRow, [_complaint(number, each) for number, each in enumerate(year.complaints)]),
        (AssessmentRow, [_assessment(number, each) for number, each in enumerate(year.conversations, start=1)]),
        (AnswerRow, [_answer(number, each) for number, each in enumerate(year.conversations, start=1)]),
    )
    async with database.write() as session:
        for table, values in rows:
            for part in _parts(values):
                await session.execute(insert(table), part)


def _parts(values: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    yield from (values[start : start + _PART] for start in range(0, len(values), _PART))


def _registration(number: int, visit: Visit) -> dict[str, Any]:
    """As checked; what is sealed is empty here, for no rule opens it."""
    return {
        "id": _id(number),
        "person_id": f"P{number:023d}",
        "member": visit.member,
        "client_id": visit.officer,
        "idempotency_key": f"{number}",
        "request_digest": "",
        "state": RegistrationState.PROVISIONAL.value,
        "progress": Progress.CHECKED.value,
        "child_sealed": False,
        "wrapped_key": b"",
        "particulars": b"",
        "created_at": _noon(visit.on),
    }


def _complaint(number: int, complaint: Complaint) -> dict[str, Any]:
    return {
        "id": f"K{number:023d}",
        "member": complaint.member,
        "office": "labour",
        "reference_digest": f"{number}",
        "text_digest": f"{number}",
        "state": "in_hand",
        "offences": [offence.value for offence in complaint.offences],
        "language": "en",
        "party": complaint.party,
        "assessment": complaint.conversation,
        "again": 0,
        "files": 0,
        "wrapped_key": b"",
        "received_at": _noon(complaint.on),
    }


def _assessment(number: int, talk: Conversation) -> dict[str, Any]:
    return {
        "seq": number,
        "id": talk.id,
        "member": talk.member,
        "office": "labour",
        "organisation": "Labour office",
        "employer": talk.party,
        "language": "en",
        "child": Answer.NO.value,
        "recruited_or_moved": Answer.YES.value,
        "interviewer": "inspector",
        "state": "open",
        "strength": "weak",
        "wrapped_key": b"",
        "opened_at": _noon(talk.on),
    }


def _answer(number: int, talk: Conversation) -> dict[str, Any]:
    answer = Answer.YES if talk.papers_kept else Answer.NO
    return {
        "assessment_seq": number,
        "code": "FL07",
        "answer": answer.value,
        "confidence": "high",
        "evidence": [],
        "by": "inspector",
        "at": _noon(talk.on),
    }


def _id(number: int) -> str:
    return f"R{number:024x}"


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
