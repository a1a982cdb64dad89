"""How visits move, who sees what of them, and what goes to licensing. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from shared.contracts.cases import Offence
from shared.contracts.inspections import Access, InspectionState, Remedy, Workplace
from shared.contracts.visits import VisitMove, VisitPlace, VisitState

_S = VisitState
_M = VisitMove
_P = VisitPlace


class VisitOffice(StrEnum):
    """Whose visits they are, and who may come along."""

    LABOUR = "labour"
    POLICE = "police"


class IllegalVisitMoveError(Exception):
    """From this state there is no such move."""


class RemediesOpenError(Exception):
    """Something is still to be put right, or nothing is where a follow-up would be for it."""


class HouseholdEntryError(Exception):
    """A household was entered by power of entry; it is entered with consent or a warrant."""


MOVES: Final[Mapping[tuple[VisitState, VisitMove], VisitState]] = {
    (_S.PLANNED, _M.CARRY_OUT): _S.CARRIED_OUT,
    (_S.PLANNED, _M.CALL_OFF): _S.CALLED_OFF,
    (_S.CARRIED_OUT, _M.FOLLOW_UP): _S.FOLLOW_UP,
    (_S.CARRIED_OUT, _M.CLOSE): _S.CLOSED,
    (_S.FOLLOW_UP, _M.FOLLOW_UP): _S.FOLLOW_UP,
    (_S.FOLLOW_UP, _M.CLOSE): _S.CLOSED,
}
"""All moves. What is over is over: whoever goes there again plans another visit."""

TOLD_POLICE: Final = frozenset(
    {
        Offence.TRAFFICKING_IN_PERSONS,
        Offence.FORCED_LABOUR,
        Offence.DEBT_BONDAGE,
        Offence.RESTRICTION_OF_MOVEMENT,
        Offence.ILLEGAL_RECRUITMENT,
        Offence.PASSPORT_RETENTION,
        Offence.OBSTRUCTION_OF_INSPECTION,
    }
)
"""Findings of a joint visit that police see. Wages, fees and contracts are labour law's, a child child protection's."""

WORKPLACES: Final[Mapping[VisitPlace, Workplace]] = {
    _P.DOMESTIC: Workplace.DOMESTIC,
    _P.FISHING_VESSEL: Workplace.VESSEL,
    _P.PLANTATION: Workplace.FORMAL,
    _P.CONSTRUCTION: Workplace.FORMAL,
    _P.FACTORY: Workplace.FORMAL,
    _P.AGENCY_OFFICE: Workplace.AGENCY_OFFICE,
}
"""How a licensee's file of inspections calls them; one where nobody is registered is `informal` there."""

TOLD_LICENSING: Final[Mapping[VisitState, InspectionState]] = {
    _S.CARRIED_OUT: InspectionState.CARRIED_OUT,
    _S.FOLLOW_UP: InspectionState.FOLLOW_UP,
    _S.CLOSED: InspectionState.CLOSED,
}
"""States in which a visit of a licensee is in its file. One that is planned, or was called off, nobody is told of."""


def moved(state: VisitState, move: VisitMove, remedies: Iterable[Remedy]) -> VisitState:
    """The state after a move.

    Args:
        remedies: as they stand with the move.

    Raises:
        IllegalVisitMoveError: not from this state.
        RemediesOpenError: closed with something still to be put right, or followed up with nothing to be.
    """
    after = MOVES.get((state, move))
    if after is None:
        raise IllegalVisitMoveError(f"from {state.value} there is no {move.value}")
    due = next_due(remedies)
    if after is _S.CLOSED and due is not None:
        raise RemediesOpenError("something is still to be put right")
    if after is _S.FOLLOW_UP and due is None:
        raise RemediesOpenError("a follow-up is for something that is still to be put right")
    return after


def following(office: VisitOffice, state: VisitState) -> list[VisitMove]:
    """Moves that an office can make from a state; visits are labour inspection's."""
    return [move for before, move in MOVES if before is state and office is VisitOffice.LABOUR]


def check_entry(place: VisitPlace, access: Access | None) -> None:
    """Refuse a household that was entered by power of entry.

    Raises:
        HouseholdEntryError: it was.
    """
    if place is VisitPlace.DOMESTIC and access is Access.POWER_OF_ENTRY:
        raise HouseholdEntryError("a household is entered with consent or a warrant")


def next_due(remedies: Iterable[Remedy]) -> date | None:
    """The earliest day of a remedy that is not done."""
    return min((each.due_on for each in remedies if each.done_on is None), default=None)


def workplace(place: VisitPlace, *, informal: bool) -> Workplace:
    """What a licensee's file calls the place."""
    known = WORKPLACES[place]
    return Workplace.INFORMAL if informal and known is Workplace.FORMAL else known
