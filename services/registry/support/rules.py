"""How services and returns move, what a return needs, and how long a person may reflect. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from services.registry.clocks import Clock, term
from services.registry.support.records import CaseRecord, ReturnRecord, ServiceRecord
from shared.contracts.moves import MoveOffered
from shared.contracts.support_plan import (
    Provider,
    RepatriationEnding,
    RepatriationMove,
    RepatriationState,
    RepatriationStep,
    ReturnLack,
    ServiceMove,
    ServiceOutcome,
    ServiceState,
    ServiceStep,
)
from shared.standards.indicators.rules import Answer

_S, _M, _O = ServiceState, ServiceMove, ServiceOutcome
_R, _RM = RepatriationState, RepatriationMove


class IllegalSupportMoveError(Exception):
    """From this state there is no such move."""


class PartNotForMoveError(Exception):
    """The move lacks what belongs to it, or has what belongs to another."""


class ProviderUnfitError(Exception):
    """The provider does not do this, or not for this person."""


class ReturnLacksError(Exception):
    """Nobody is returned before it is voluntary, safe and, for who may be a child, best for them."""


class ReflectionShortenedError(Exception):
    """The reflection period ends earlier at the person's own wish only."""


class StandInRefusedError(Exception):
    """This is no stand-in for a while."""


OPEN_SERVICES: Final = frozenset({_S.PLANNED, _S.OFFERED, _S.ACCEPTED, _S.UNDER_WAY})
OPEN_RETURNS: Final = frozenset({_R.PLANNED, _R.ARRANGED, _R.UNDER_WAY})

SERVICE_MOVES: Final[Mapping[tuple[ServiceState, ServiceMove], ServiceState]] = {
    (_S.PLANNED, _M.OFFER): _S.OFFERED,
    (_S.OFFERED, _M.ACCEPT): _S.ACCEPTED,
    (_S.OFFERED, _M.DECLINE): _S.DECLINED,
    (_S.ACCEPTED, _M.REFER): _S.ACCEPTED,
    (_S.ACCEPTED, _M.BEGIN): _S.UNDER_WAY,
    (_S.UNDER_WAY, _M.END): _S.ENDED,
    **{(state, _M.DROP): _S.ENDED for state in (_S.PLANNED, _S.OFFERED, _S.ACCEPTED)},
    **{(state, _M.REVOKE): _S.ENDED for state in (_S.ACCEPTED, _S.UNDER_WAY)},
}
"""All moves of a service. To `refer` is to tell the provider: once, and before it begins."""

PARTS: Final[Mapping[ServiceMove, str]] = {
    _M.OFFER: "provider",
    _M.ACCEPT: "consent",
    _M.END: "outcome",
    _M.DROP: "outcome",
}
"""The one thing that a move has to bring; every other move brings none."""

OUTCOMES: Final[Mapping[ServiceMove, frozenset[ServiceOutcome]]] = {
    _M.END: frozenset({_O.ACHIEVED, _O.PARTLY_ACHIEVED, _O.NOT_ACHIEVED, _O.PERSON_LEFT, _O.PROVIDER_STOPPED}),
    _M.DROP: frozenset({_O.NOT_NEEDED, _O.NO_PROVIDER, _O.PERSON_LEFT}),
}
"""Outcomes of the moves that name one. Consent taken back is an outcome of its own."""

RETURN_MOVES: Final[Mapping[tuple[RepatriationState, RepatriationMove], RepatriationState]] = {
    (_R.PLANNED, _RM.ARRANGE): _R.ARRANGED,
    (_R.ARRANGED, _RM.DEPART): _R.UNDER_WAY,
    (_R.UNDER_WAY, _RM.ARRIVE): _R.RETURNED,
    **{(state, _RM.CANCEL): _R.CANCELLED for state in OPEN_RETURNS},
}
"""All moves of a return."""

_NEEDS_ALL: Final = frozenset({_RM.DEPART, _RM.ARRIVE})
LONGEST_STAND_IN: Final = timedelta(days=92)
"""Longer is a transfer. Source: ours."""


def service_moved(service: ServiceRecord, step: ServiceStep) -> ServiceState:
    """The state after a move.

    Raises:
        IllegalSupportMoveError: not from this state; told twice; begun before the provider was told.
        PartNotForMoveError: the part that belongs to it is missing, or another's is there.
    """
    after = SERVICE_MOVES.get((service.state, step.move))
    if after is None or not _is_its_turn(service, step.move):
        raise IllegalSupportMoveError(f"a service that is {service.state.value} cannot {step.move.value} now")
    for part in ("provider", "consent", "outcome"):
        if (getattr(step, part) is not None) != (PARTS.get(step.move) == part):
            raise PartNotForMoveError(f"to {step.move.value} takes {PARTS.get(step.move, 'nothing more')}")
    if step.outcome is not None and step.outcome not in OUTCOMES[step.move]:
        raise PartNotForMoveError(f"outcomes: {', '.join(sorted(OUTCOMES[step.move]))}")
    return after


def service_moves(service: ServiceRecord) -> list[MoveOffered]:
    """What can be done with a service now, each with the outcomes of which it takes one."""
    moves = [move for state, move in SERVICE_MOVES if state is service.state and _is_its_turn(service, move)]
    return [MoveOffered(move=move, codes=sorted(OUTCOMES.get(move, ()))) for move in moves]


def _is_its_turn(service: ServiceRecord, move: ServiceMove) -> bool:
    """The provider is told once, and before it begins."""
    return {_M.REFER: service.told is None, _M.BEGIN: service.told is not None}.get(move, True)


def check_provider(provider: Provider, service: ServiceRecord, child: Answer) -> None:
    """Whether a provider can be asked. Whose age nobody knows counts as a child.

    Raises:
        ProviderUnfitError: gone, does something else, or takes no children.
    """
    if not provider.active or service.service not in provider.services:
        raise ProviderUnfitError("the provider does not offer this")
    if child is not Answer.NO and not provider.accepts_children:
        raise ProviderUnfitError("the provider takes no children, and this may be one")


def lacks(record: ReturnRecord, child: Answer) -> list[ReturnLack]:
    """What stands against a return. Whose age nobody knows counts as a child.

    Source: Palermo Protocol art. 8 (safety, preferably voluntary), here always voluntary; CRC art. 3 (best interests).
    """
    found = []
    if record.voluntariness is None:
        found.append(ReturnLack.VOLUNTARINESS)
    elif not record.voluntariness.voluntary:
        found.append(ReturnLack.NOT_VOLUNTARY)
    if record.safety is None:
        found.append(ReturnLack.SAFETY)
    elif not record.safety.safe:
        found.append(ReturnLack.NOT_SAFE)
    if child is Answer.NO:
        return found
    if record.determination is None:
        found.append(ReturnLack.BEST_INTERESTS)
    elif not record.determination.return_recommended:
        found.append(ReturnLack.NOT_IN_BEST_INTERESTS)
    return found


def return_moved(record: ReturnRecord, step: RepatriationStep, child: Answer) -> RepatriationState:
    """The state after a move.

    Raises:
        IllegalSupportMoveError: not from this state.
        PartNotForMoveError: cancelled without saying why, or something else with it.
        ReturnLacksError: nobody departs, and nobody has returned, before nothing stands against it.
    """
    after = RETURN_MOVES.get((record.state, step.move))
    if after is None:
        raise IllegalSupportMoveError(f"a return that is {record.state.value} cannot {step.move.value}")
    if (step.ending is None) == (step.move is _RM.CANCEL):
        raise PartNotForMoveError(f"to cancel takes one of {', '.join(sorted(RepatriationEnding))}; no other move does")
    if step.move in _NEEDS_ALL and (missing := lacks(record, child)):
        raise ReturnLacksError(f"against it stands: {', '.join(missing)}")
    return after


def return_moves(record: ReturnRecord, child: Answer) -> list[MoveOffered]:
    """What can be done with a return now, each with the endings of which it takes one."""
    held = _NEEDS_ALL if lacks(record, child) else frozenset()
    moves = [move for state, move in RETURN_MOVES if state is record.state and move not in held]
    return [MoveOffered(move=move, codes=sorted(RepatriationEnding) if move is _RM.CANCEL else []) for move in moves]


def reflection_end(member: str, begins: date) -> date:
    """The last day of the reflection period, by the member's clock."""
    return term(member, Clock.REFLECTION).last_day(begins) or date.max


def ends_on(record: CaseRecord) -> date:
    """The last day as it stands: the person's own wish ends it, and nothing else does before its time."""
    return min(record.ends, record.wish.wished_on) if record.wish else record.ends


def extended(record: CaseRecord, until: date) -> date:
    """A later last day.

    Raises:
        ReflectionShortenedError: it is not later.
    """
    if until <= ends_on(record):
        raise ReflectionShortenedError("it can only end later; earlier at the person's own wish")
    return until


def check_stand_in(person: str, manager: str, until: date, today: date) -> None:
    """Who stands in is somebody else, for a while.

    Raises:
        StandInRefusedError: the manager themselves, or a day that has passed or is too far.
    """
    if person == manager or not today <= until <= today + LONGEST_STAND_IN:
        raise StandInRefusedError(f"somebody else, for at most {LONGEST_STAND_IN.days} days")
