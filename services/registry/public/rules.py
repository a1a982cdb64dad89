"""What may follow what with a complaint, and which files are what they say. Pure."""

import secrets
from typing import Final

from shared.contracts.complaints import ComplaintState

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit."""

MOVES: Final = {
    ComplaintState.RECEIVED: {ComplaintState.IN_HAND, ComplaintState.REFERRED, ComplaintState.CLOSED},
    ComplaintState.IN_HAND: {ComplaintState.REFERRED, ComplaintState.CLOSED},
    ComplaintState.REFERRED: {ComplaintState.IN_HAND, ComplaintState.CLOSED},
    ComplaintState.CLOSED: {ComplaintState.IN_HAND},
}
"""A closed one is opened again; none becomes unread."""

_BEGINS: Final = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "application/pdf": b"%PDF-",
}


def new_reference() -> str:
    """A secret of 100 random bits in five groups of four."""
    letters = [secrets.choice(_ALPHABET) for _ in range(20)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, 20, 4))


def may_follow(state: ComplaintState, then: ComplaintState) -> bool:
    """Whether an office may make this move."""
    return then in MOVES[state]


def following(state: ComplaintState) -> list[ComplaintState]:
    """The moves that an office may make, in the order of the closed list."""
    return [each for each in ComplaintState if each in MOVES[state]]


def is_what_it_says(media: str, content: bytes) -> bool:
    """Whether a file begins as files of its kind do."""
    return content.startswith(_BEGINS[media])
