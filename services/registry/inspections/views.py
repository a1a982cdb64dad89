"""A visit as labour inspection or police see it."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.registry.inspections.rules import TOLD_POLICE, VisitOffice, following
from services.registry.inspections.tables import VisitEventRow, VisitRow
from shared.contracts.cases import Offence
from shared.contracts.moves import MoveOffered
from shared.contracts.visits import Chosen, Visit, VisitEvent, VisitItem, VisitState
from shared.crypto.sealing import SubjectKey


def item(office: VisitOffice, row: VisitRow, today: date) -> VisitItem:
    """As it stands in a list. What has to be put right by when is labour inspection's."""
    labour = office is VisitOffice.LABOUR
    told = {name: getattr(row, name) for name in VisitItem.model_fields if hasattr(row, name)}
    due = row.next_due_on if labour else None
    return VisitItem.model_validate(told | {"next_due_on": due, "overdue": due is not None and due < today})


def visit(office: VisitOffice, row: VisitRow, events: Sequence[VisitEventRow], key: SubjectKey, today: date) -> Visit:
    """Police see where, when and offences that are theirs; not why it was chosen, nor what labour law found.

    A flag or a complaint among the reasons would tell them what a worker told labour inspection alone.
    """
    labour = office is VisitOffice.LABOUR
    findings = [Offence(each) for each in row.findings]
    return Visit(
        **item(office, row, today).model_dump(),
        access=row.access,
        address=key.open(row.address, owner(row, "address")).decode() if row.address else None,
        chosen=Chosen(row.chosen) if labour else None,
        factors=row.factors if labour else [],
        findings=[each for each in findings if labour or each in TOLD_POLICE],
        remedies=row.remedies if labour else [],
        moves=[MoveOffered(move=each.value, codes=[]) for each in following(office, VisitState(row.state))],
        events=[_event(row, each, key, own=each.office == office.value) for each in _seen(office, events)],
    )


def _seen(office: VisitOffice, events: Sequence[VisitEventRow]) -> Iterator[VisitEventRow]:
    """One's own; of the other office what changed the state, and not that it noted something."""
    state = None
    for event in events:
        if event.office == office.value or event.state != state:
            yield event
        state = event.state


def owner(row: VisitRow, what: str) -> str:
    """What a sealed text belongs to."""
    return f"visit/{row.id}/{what}"


def _event(row: VisitRow, event: VisitEventRow, key: SubjectKey, *, own: bool) -> VisitEvent:
    note = key.open(event.note, owner(row, "note")).decode() if own and event.note else None
    return VisitEvent.model_validate(
        {"state": event.state, "at": event.at, "by": event.by if own else None, "note": note}
    )
