"""How alike two words of names are: as written, as romanised, or across scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rapidfuzz.distance import OSA, Levenshtein

from services.registry.screening.names import Name, Run, Token, script_of
from services.registry.screening.scripts.vietnamese import is_vietnamese, marks_alike
from services.registry.screening.titles import Kind

NO_MARKS: Final = 0.98  # same letters, marks on one side only: a passport prints none
OTHER_MARKS: Final = 0.8  # same letters, different marks, where the script is not Vietnamese
INITIAL: Final = 0.75  # a single letter against a word that begins with it
SOUND_ONLY: Final = 0.97  # same sound, spelt otherwise: Mohamed, Muhamad

_SOUND: Final = 0.85  # of a comparison across scripts; the rest is of letters
_LETTERS: Final = 1 - _SOUND
_RARENESS: Final = 0.06  # what a reading's cost takes from a comparison
_BY_RANK: Final = 0.015  # what a word's reading loses for each more usual one
_ENOUGH: Final = 0.005  # gain for which no rarer reading is tried
_LEAST: Final = 0.35  # words less alike than this are not looked at more closely

SHORT: Final = 0.55  # words of up to four letters that differ by one: Hong and Hung are two names
SAME_SOUND: Final = 0.84
SLOPE: Final = 1.0  # what a share of the sound code that differs takes from likeness

Comparison = Callable[[Token, Token], float]


def comparison(one: Name, other: Name) -> Comparison:
    """The way to compare the words of two names."""
    if one.script == other.script:
        return in_latin if one.script == "LATIN" else as_written
    return across_scripts if one.is_guessed or other.is_guessed else in_latin


def as_written(one: Token, other: Token) -> float:
    """In one script other than Latin, where every mark carries meaning."""
    if one.native == other.native:
        return 1.0
    return _edited(one.native, other.native)


def in_latin(one: Token, other: Token) -> float:
    """In Latin letters: marks when both are marked, then letters, then sound."""
    first, second = one.folded, other.folded
    if first == second:
        return 1.0 if one.weight < 1 else _marks(one.native, other.native)
    if one.kind is not other.kind and Kind.PARTICLE in (one.kind, other.kind):
        return 0.0
    if len(first) == 1 or len(second) == 1:
        return INITIAL if first[0] == second[0] else 0.0
    if one.plain == other.plain:
        return SOUND_ONLY
    return max(_edited(first, second), _heard(one.sounds[0], other.sounds[0]))


def across_scripts(one: Token, other: Token) -> float:
    """In different scripts: the readings closest to each other, the usual ones preferred."""
    best = 0.0
    for rank, (text, sound) in enumerate(zip(one.readings, one.sounds, strict=False)):
        for other_rank, (other_text, other_sound) in enumerate(zip(other.readings, other.sounds, strict=False)):
            cost = _BY_RANK * (rank + other_rank)
            best = max(best, _read_alike(text, sound, other_text, other_sound, best + cost) - cost)
    return best


def runs_alike(one: tuple[Run, ...], other: tuple[Run, ...]) -> float:
    """How alike two whole names are as read, words run together."""
    best = 0.0
    for text, sound, rare in one:
        for other_text, other_sound, other_rare in other:
            cost = _RARENESS * (rare + other_rare)
            if 1.0 - cost > best + _ENOUGH:
                alike = _read_alike(text, sound, other_text, other_sound, best + cost)
                best = max(best, alike - cost)
    return best


def _read_alike(text: str, sound: str, other_text: str, other_sound: str, least: float) -> float:
    """Mostly by sound; 0 where it cannot be more than `least`."""
    needed = max((least - _LETTERS) / _SOUND, _LEAST)
    if needed > 1:
        return 0.0
    sounds = Levenshtein.normalized_similarity(sound, other_sound, score_cutoff=needed)
    return _SOUND * sounds + _LETTERS * OSA.normalized_similarity(text, other_text) if sounds else 0.0


def _marks(one: str, other: str) -> float:
    """Words of the same letters: do their marks agree too?"""
    if one == other:
        return 1.0
    if one.isascii() or other.isascii() or script_of(one) != script_of(other):
        return NO_MARKS
    return marks_alike(one, other) if is_vietnamese(one + other) else OTHER_MARKS


def _edited(one: str, other: str) -> float:
    """1 less the share of letters edited; an edit of a short word counts for more, of a number for all."""
    longer = max(len(one), len(other))
    if longer < 3 or one.isdigit() or other.isdigit():
        return 0.0
    if longer < 5:
        return SHORT if one[0] == other[0] and OSA.distance(one, other) == 1 else 0.0
    allowed = 1 if longer < 7 else 2 if longer < 11 else 3
    edits = OSA.distance(one, other, score_cutoff=allowed)
    return 1.0 - edits / (longer - 1) if edits <= allowed else 0.0


def _heard(one: str, other: str) -> float:
    """SOUND_ONLY for words that sound the same, less for words that nearly do; 0 below SAME_SOUND."""
    alike = Levenshtein.normalized_similarity(one, other, score_cutoff=SAME_SOUND)
    return SOUND_ONLY - SLOPE * (1.0 - alike) if alike else 0.0
