"""What is planted among the registrations of a season: how often, what must be raised, and what may be besides. Data.

Shares are a judgement: no office has published how often each comes. They lie between 0.1 and 1 % of registrations.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_SAME = "SAME_PERSON_OTHER_IDENTITY"


class Kind(StrEnum):
    """What is the matter with a registration, in truth."""

    SAME_AGAIN = "SAME_AGAIN"
    RENEWED = "RENEWED"
    OTHER_SPELLING = "OTHER_SPELLING"
    OTHER_NAME = "OTHER_NAME"
    OTHER_BIRTH = "OTHER_BIRTH"
    OTHER_NATIONALITY = "OTHER_NATIONALITY"
    OTHER_IDENTITY = "OTHER_IDENTITY"
    OTHER_IDENTITY_FACE_ONLY = "OTHER_IDENTITY_FACE_ONLY"
    NUMBER_TAKEN = "NUMBER_TAKEN"
    PASSPORT_BORROWED = "PASSPORT_BORROWED"
    PORTRAIT_SWAPPED = "PORTRAIT_SWAPPED"
    PICTURE_REUSED = "PICTURE_REUSED"
    ZONE_ALTERED = "ZONE_ALTERED"
    ZONE_ALTERED_WELL = "ZONE_ALTERED_WELL"
    TYPED_OTHERWISE = "TYPED_OTHERWISE"
    CHIP_ALTERED = "CHIP_ALTERED"
    CHIP_FORGED = "CHIP_FORGED"
    CHIP_REVOKED = "CHIP_REVOKED"
    CHIP_UNKNOWN = "CHIP_UNKNOWN"
    PAGE_AGAINST_CHIP = "PAGE_AGAINST_CHIP"
    REPORTED_LOST = "REPORTED_LOST"
    EXPIRED = "EXPIRED"
    IMPOSSIBLE_DATES = "IMPOSSIBLE_DATES"
    STRANGE_NUMBER = "STRANGE_NUMBER"
    BIRTH_RECORD_DIFFERS = "BIRTH_RECORD_DIFFERS"
    CHILD = "CHILD"
    CHILD_AS_ADULT = "CHILD_AS_ADULT"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    AGE_OPEN = "AGE_OPEN"
    LOOKALIKE = "LOOKALIKE"
    REFUSED = "REFUSED"
    NO_FINGERS = "NO_FINGERS"


@dataclass(frozen=True)
class Plant:
    """One kind.

    Attributes:
        per_mille: of registrations.
        raises: codes of which every one must be raised.
        besides: codes that may be raised too, without being false.
        says: what it is, in plain words.
    """

    per_mille: float
    raises: frozenset[str]
    besides: frozenset[str]
    says: str


def _plant(per_mille: float, says: str, raises: tuple[str, ...] = (), besides: tuple[str, ...] = ()) -> Plant:
    return Plant(per_mille, frozenset(raises), frozenset(besides), says)


PLANTS: Final = {
    Kind.SAME_AGAIN: _plant(10, "the same person, the same identity: to be linked"),
    Kind.RENEWED: _plant(5, "the same person with a renewed passport: to be linked"),
    Kind.OTHER_SPELLING: _plant(3, "the same person, name spelled otherwise in the new passport: to be linked"),
    Kind.OTHER_NAME: _plant(2, "the same person, another name", (_SAME,)),
    Kind.OTHER_BIRTH: _plant(2, "the same person, another birth date", (_SAME,)),
    Kind.OTHER_NATIONALITY: _plant(1, "the same person, another nationality", (_SAME,)),
    Kind.OTHER_IDENTITY: _plant(3, "the same person, another identity altogether", (_SAME,)),
    Kind.OTHER_IDENTITY_FACE_ONLY: _plant(1, "the same, of a person who has no fingers to give", (_SAME,)),
    Kind.NUMBER_TAKEN: _plant(2, "another person, a number that is somebody's already", ("DOCUMENT_NUMBER_REUSED",)),
    Kind.PASSPORT_BORROWED: _plant(2, "another person's passport: its portrait is theirs", ("PORTRAIT_MISMATCH",)),
    Kind.PORTRAIT_SWAPPED: _plant(1, "the page shows the bearer, the genuine chip its owner", ("PORTRAIT_MISMATCH",)),
    Kind.PICTURE_REUSED: _plant(1, "a picture of another's passport", ("PORTRAIT_REUSED",), ("PORTRAIT_MISMATCH",)),
    Kind.ZONE_ALTERED: _plant(2, "a zone altered, its digits left", ("MRZ_CHECK_DIGIT",)),
    Kind.ZONE_ALTERED_WELL: _plant(1, "a zone altered, its digits made new: no digit sees it", ("MRZ_CHECK_DIGIT",)),
    Kind.TYPED_OTHERWISE: _plant(2, "another birth date typed than the zone has", ("MRZ_DATA_MISMATCH",)),
    Kind.CHIP_ALTERED: _plant(1, "a data group altered after it was signed", ("CHIP_DATA_ALTERED",)),
    Kind.CHIP_FORGED: _plant(1, "a signer whom the authority did not issue", ("CHIP_CHAIN_WRONG",)),
    Kind.CHIP_REVOKED: _plant(1, "a signer whom the authority revoked", ("CHIP_SIGNER_REVOKED",)),
    Kind.CHIP_UNKNOWN: _plant(3, "an authority that is not on file: not forged", ("CHIP_AUTHORITY_UNKNOWN",)),
    Kind.PAGE_AGAINST_CHIP: _plant(1, "a page altered, the genuine chip not", ("CHIP_DATA_MISMATCH",)),
    Kind.REPORTED_LOST: _plant(2, "a passport on a list of lost ones", ("DOCUMENT_REPORTED_LOST",)),
    Kind.EXPIRED: _plant(3, "a passport past its date", ("DOCUMENT_EXPIRED",)),
    Kind.IMPOSSIBLE_DATES: _plant(1, "issued before its bearer was born", ("DOCUMENT_DATES_IMPOSSIBLE",)),
    Kind.STRANGE_NUMBER: _plant(2, "a number of no known shape", ("DOCUMENT_NUMBER_FORMAT",)),
    Kind.BIRTH_RECORD_DIFFERS: _plant(2, "a birth record of another year", ("BIRTH_RECORD_MISMATCH",)),
    Kind.CHILD: _plant(3, "under 18 by the stated birth date", ("CHILD_POSSIBLE",)),
    Kind.CHILD_AS_ADULT: _plant(1, "a child who comes again as an adult", ("CHILD_POSSIBLE", _SAME)),
    Kind.BELOW_MINIMUM: _plant(3, "an adult below the minimum of the work", ("BELOW_SECTOR_MINIMUM",)),
    Kind.AGE_OPEN: _plant(2, "a birth year only, in which the minimum is reached", ("AGE_UNDETERMINED",)),
    Kind.LOOKALIKE: _plant(2, "a twin of somebody: not the same, and not to be called so", (), (_SAME,)),
    Kind.REFUSED: _plant(5, "no biometrics, by the worker's wish: to be registered and marked"),
    Kind.NO_FINGERS: _plant(5, "both index fingers missing: to be registered and marked"),
}
"""What each kind is, and what it must raise."""

LINKED: Final = frozenset({Kind.SAME_AGAIN, Kind.RENEWED, Kind.OTHER_SPELLING})
"""Who comes again as themselves: found when linked to the first time, with nothing to decide."""
AGAIN: Final = LINKED | {
    Kind.OTHER_NAME,
    Kind.OTHER_BIRTH,
    Kind.OTHER_NATIONALITY,
    Kind.OTHER_IDENTITY,
    Kind.OTHER_IDENTITY_FACE_ONLY,
    Kind.CHILD_AS_ADULT,
}
"""The second registration of one person."""
MARKED: Final = frozenset({Kind.REFUSED, Kind.NO_FINGERS})
"""Found when the registration says what was not captured."""
