"""Who is at the page: an officer whose PIN opened it, their language, and the worker whom they are enrolling."""

from typing import Annotated, Final, cast

from fastapi import Depends, Request

from services.desk.enrolment import Enrolment
from services.desk.languages import Language
from services.desk.station import Station
from shared.pages.languages import LANGUAGES

COOKIE: Final = "lindung-desk"
LANGUAGE_COOKIE: Final = "lindung-desk-language"
_UNTOUCHED: Final = frozenset({"/status", "/state", "/photo/frame"})
"""What the page asks by itself: no sign of anybody."""


class LockedError(Exception):
    """The page is locked."""


class NobodyAtDeskError(Exception):
    """No enrolment was begun, or it was finished."""


def station_of(request: Request) -> Station:
    """The station, also while it is locked."""
    return cast("Station", request.app.state.station)


def language_of(request: Request) -> Language:
    """How the officer reads: as was chosen in this browser, else English."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "en")
    return Language(chosen if chosen in LANGUAGES else "en")


async def officer(request: Request) -> Station:
    """The station, when the page is open.

    Raises:
        LockedError: it is not.
    """
    station = station_of(request)
    if not station.lock.is_open(request.cookies.get(COOKIE)):
        raise LockedError
    if request.url.path not in _UNTOUCHED:
        station.lock.touch()
    return station


StationDep = Annotated[Station, Depends(officer)]


async def worker(station: StationDep) -> Enrolment:
    """The enrolment that is going on.

    Raises:
        NobodyAtDeskError: there is none.
    """
    if station.enrolment is None:
        raise NobodyAtDeskError
    return station.enrolment


WorkerDep = Annotated[Enrolment, Depends(worker)]


async def consented(enrolment: WorkerDep) -> Enrolment:
    """The enrolment, once the worker has agreed to photo and prints.

    Raises:
        NobodyAtDeskError: they have not (yet); nothing is captured.
    """
    if not enrolment.agreed:
        raise NobodyAtDeskError
    return enrolment


AgreedDep = Annotated[Enrolment, Depends(consented)]
