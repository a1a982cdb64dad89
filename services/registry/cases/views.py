"""Cases as they are told to somebody: what may be said of them on a day, or nothing at all."""

from dataclasses import dataclass
from datetime import date, datetime

from services.registry.cases.provisions import provisions_of
from services.registry.cases.rules import in_force, is_proven, label, legal_status, spoken_of_until
from services.registry.cases.tables import CaseRow
from services.registry.cases.visibility import Audience, Sight, sight_of_case
from shared.contracts.cases import CaseBody, CaseRecord, Sanction


@dataclass(frozen=True)
class CaseStatement:
    """A case as it was told at some time.

    Attributes:
        last_told: when its member last told anything new of it.
    """

    id: str
    member: str
    version: int
    last_told: datetime
    body: CaseBody


_COLUMNS = (
    *("proceeding", "offences", "stage", "stage_on", "appeal", "appeal_on", "stay", "opened_on", "final_on", "court"),
    *("sanctions", "source", "authority", "document_digest"),
)


def fill(row: CaseRow, body: CaseBody) -> None:
    """Put what was told into a row."""
    told = body.model_dump(mode="json", include={"offences", "sanctions"})
    for name in _COLUMNS:
        setattr(row, name, told.get(name, getattr(body, name)))


def statement(row: CaseRow, party: str) -> CaseStatement:
    """A row as it was told.

    Raises:
        ValueError: the row was damaged.
    """
    body = CaseBody.model_validate({name: getattr(row, name) for name in _COLUMNS} | {"party": party})
    return CaseStatement(row.id, row.member, row.version, row.as_of, body)


def sight(told: CaseStatement, today: date, audience: Audience) -> Sight:
    """How a case is seen, as it stands today."""
    until = spoken_of_until(told.body, told.member, told.last_told.date(), today)
    return sight_of_case(legal_status(told.body, today), until, today, audience)


def record(told: CaseStatement, on: date, *, sealed: bool = False) -> CaseRecord:
    """A case with what may be said of it on a day."""
    body = told.body
    status = legal_status(body, on)
    sanctions = [Sanction(**each.model_dump(), in_force=in_force(body, each, on)) for each in body.sanctions]
    return CaseRecord(
        **body.model_dump(exclude={"sanctions"}),
        sanctions=sanctions,
        provisions=provisions_of(told.member, body.offences),
        id=told.id,
        member=told.member,
        version=told.version,
        as_of=told.last_told,
        status=status,
        label=label(status),
        proven=is_proven(status),
        sealed=sealed,
        spoken_of_until=spoken_of_until(body, told.member, told.last_told.date(), on),
    )
