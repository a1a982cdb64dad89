"""Who may see what: the one place where it is decided. Pure: words in, words out.

Everybody: listings that rest on a final decision, after notice and reply, within their time and not stopped by an
appeal; and how a licence stands today. Competent authorities: pending matters too, labelled as no finding. Whatever
fell away leaves every answer at once; those who keep it find a sealed stub.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from services.registry.cases.rules import is_proven, is_spoken_of
from shared.contracts.caller import Caller, Purpose
from shared.contracts.cases import Appeal, LegalStatus
from shared.contracts.listings import ListingState


class Audience(StrEnum):
    """For whom an answer is. Keepers are the registrars of the member whose record it is."""

    PUBLIC = "public"
    AUTHORITY = "authority"
    KEEPER = "keeper"


class Sight(StrEnum):
    """How a record is seen."""

    FINDING = "finding"
    LABELLED = "labelled"
    SEALED = "sealed"
    HIDDEN = "hidden"


def audience_of(caller: Caller, member: str) -> Audience:
    """As whom a caller sees a member's record; nobody who is vouched for sees less than an authority."""
    keeps = caller.purpose is Purpose.REGISTER_MAINTENANCE and caller.member == member
    return Audience.KEEPER if keeps else Audience.AUTHORITY


def sight_of_case(status: LegalStatus, over_since: date | None, today: date, audience: Audience) -> Sight:
    """How a case is seen. Cases are never public: what everybody may know of one is its listing.

    Args:
        status: what may be said of it today, whichever day is asked about: the past is no way round an acquittal.
        over_since: last day on which it is spoken of; None: no end.
    """
    over = over_since is not None and over_since < today
    if audience is Audience.PUBLIC:
        return Sight.HIDDEN
    if over or not is_spoken_of(status):
        return Sight.SEALED if audience is Audience.KEEPER else Sight.HIDDEN
    return Sight.FINDING if is_proven(status) else Sight.LABELLED


@dataclass(frozen=True)
class ListingView:
    """What decides whether a listing is seen.

    Attributes:
        state: on the day asked about.
        notified: a notice was served and its id is known.
        heard: representations were made, or the time for them had passed when it was listed.
        appeal, stay, review_by: of the appeal against the listing itself.
        case_status: what may be said today of the case that it rests on.
    """

    state: ListingState
    notified: bool
    heard: bool
    appeal: Appeal
    stay: bool
    review_by: date | None
    case_status: LegalStatus


ON_A_LIST: Final = frozenset({ListingState.LISTED, ListingState.AGREEMENT})
"""States in which a listing can be public."""

_OVER: Final = frozenset({ListingState.EXPIRED, ListingState.REMOVED, ListingState.DROPPED})


def sight_of_listing(listing: ListingView, on: date, audience: Audience) -> Sight:
    """How a listing is seen on a day."""
    fell_away = not is_spoken_of(listing.case_status)
    if fell_away or listing.state in _OVER:
        return Sight.SEALED if audience is Audience.KEEPER else Sight.HIDDEN
    if is_public(listing, on):
        return Sight.FINDING
    return Sight.HIDDEN if audience is Audience.PUBLIC else Sight.LABELLED


def is_public(listing: ListingView, on: date) -> bool:
    """Whether everybody may see a listing on a day."""
    due_process = listing.notified and listing.heard and is_proven(listing.case_status)
    return listing.state in ON_A_LIST and due_process and not appeal_hides(listing, on)


def appeal_hides(listing: ListingView, on: date) -> bool:
    """Whether an appeal takes the listing out of sight: with a stay at once, else when its time is over."""
    if listing.appeal is not Appeal.PENDING:
        return listing.appeal is Appeal.OVERTURNED
    return listing.stay or listing.review_by is None or listing.review_by < on


INSPECTION_LABEL: Final = "indications of an inspection; not a finding"
PARTICULARS_LABEL: Final = "the licensing office's file; complaints and fees are not a finding"
