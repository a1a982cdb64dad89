"""How alike two names are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from scipy.optimize import linear_sum_assignment

from services.registry.screening.names import Token, script_of, skeleton, tokens

SAME_TOKEN = 0.7  # below it two words are different words
ONE_SIDED = 0.5  # cost of a word that only one name has: information missing
CONFLICT = 2.0  # cost of a word against a different word: information against
OTHER_MARKS = 0.8  # same letters, different marks: Hùng and Hưng are two names
NO_MARKS = 0.98  # same letters, marks on one side only: a passport prints none
OTHER_DIGITS = 0.3  # the most two names score whose numbers differ
RUN_TOGETHER = 0.97  # same letters, other blanks
INITIAL = 0.75  # a single letter against a word that begins with it
CONSONANTS_ONLY = 0.9  # the same consonants, in different scripts

PATRONYMICS = frozenset({"bin", "binti", "anaklelaki", "anakperempuan"})

Tokens = tuple[Token, ...]
Comparison = Callable[[Token, Token], float]


@dataclass(frozen=True, slots=True)
class NameScore:
    """How alike two names are.

    Attributes:
        score: 0..1. Not a probability.
        reason: for the adjudicator; counts only, no part of a name.
    """

    score: float
    reason: str


def score_names(query: str, candidate: str) -> NameScore:
    """How alike two names are, whatever their word order.

    Two names in one script other than Latin are compared as written, since its marks carry meaning; names in
    different scripts by their romanisation, which is a weaker comparison. Symmetric; 1 for the same name.
    """
    # In one order, whoever asks: equally good assignments must not depend on who is the query.
    first, second = sorted((query, candidate))
    one, other = tokens(first), tokens(second)
    if not one or not other:
        return NameScore(0.0, "no name to compare")
    scripts = script_of(first), script_of(second)
    compare = _comparison(scripts)
    score, agree = _align(one, other, compare)
    score = min(score, _patronymic_order(one, other, compare))
    score = max(score, _run_together(one, other, native=compare is _as_written))
    if _numbers_differ(one, other):
        return NameScore(min(score, OTHER_DIGITS), "the numbers in the names differ")
    return NameScore(round(score, 4), _reason(agree, one, other, scripts))


def _align(one: Tokens, other: Tokens, compare: Comparison) -> tuple[float, int]:
    """Score of the best one-to-one assignment of words, and how many agree."""
    alike = np.array([[compare(a, b) for b in other] for a in one])
    alike[alike < SAME_TOKEN] = 0.0
    weights = np.array([t.weight for t in one]), np.array([t.weight for t in other])
    rows, columns = _assign(alike, weights[0][:, None] + weights[1][None, :])
    matched = alike[rows, columns] > 0
    rows, columns = rows[matched], columns[matched]
    pair_weights = (weights[0][rows] + weights[1][columns]) / 2
    left = weights[0].sum() - weights[0][rows].sum(), weights[1].sum() - weights[1][columns].sum()
    against = CONFLICT * min(left) + ONE_SIDED * abs(left[0] - left[1])
    gained = float((alike[rows, columns] * pair_weights).sum())
    return gained / float(pair_weights.sum() + against), len(rows)


def _assign(
    alike: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    rows, columns = linear_sum_assignment(alike * weights, maximize=True)
    return rows, columns


def _comparison(scripts: tuple[str, str]) -> Comparison:
    if scripts[0] != scripts[1]:
        return _across_scripts
    return _in_latin if scripts[0] == "LATIN" else _as_written


def _as_written(one: Token, other: Token) -> float:
    return _letters_alike(one.native, other.native)


def _in_latin(one: Token, other: Token) -> float:
    if one.folded == other.folded:
        return 1.0 if one.weight < 1 else _marks_alike(one.native, other.native)
    if 1 in (len(one.folded), len(other.folded)):
        return INITIAL if one.folded[0] == other.folded[0] else 0.0
    return _romanised_alike(one.folded, other.folded)


def _across_scripts(one: Token, other: Token) -> float:
    """Several scripts write few vowels or none, so the consonants decide."""
    sounds = _letters_alike(skeleton(one.folded), skeleton(other.folded))
    return max(_letters_alike(one.folded, other.folded), CONSONANTS_ONLY * sounds)


def _patronymic_order(one: Tokens, other: Tokens, compare: Comparison) -> float:
    """The most that names with a patronymic can score: Ahmad bin Hasan is not Hasan bin Ahmad."""
    halves = _at_patronymic(one), _at_patronymic(other)
    if not all(half for pair in halves for half in pair):
        return 1.0
    given, father = (_align(a, b, compare)[0] for a, b in zip(*halves, strict=True))
    return (1.0 + min(given, father)) / 2


def _at_patronymic(name: Tokens) -> tuple[Tokens, Tokens]:
    at = next((i for i, token in enumerate(name) if token.folded in PATRONYMICS), 0)
    return name[:at], name[at + 1 :]


def _marks_alike(one: str, other: str) -> float:
    """Words of the same letters: do their marks agree too?"""
    if one == other:
        return 1.0
    both_marked = not one.isascii() and not other.isascii() and script_of(one) == script_of(other)
    return OTHER_MARKS if both_marked else NO_MARKS


def _romanised_alike(one: str, other: str) -> float:
    letters = _letters_alike(one, other)
    if min(len(one), len(other)) < 6:
        return letters
    sounds = _letters_alike(skeleton(one), skeleton(other))
    return max(letters, (letters + sounds) / 2)


def _letters_alike(one: str, other: str) -> float:
    """1 less the share of letters edited; an edit of a short word counts for more, of a number for all."""
    if one == other:
        return 1.0
    longer = max(len(one), len(other))
    if longer < 4 or one.isdigit() or other.isdigit():
        return 0.0
    edits = OSA.distance(one, other)
    return max(0.0, 1.0 - edits / (longer - 1))


def _run_together(one: Tokens, other: Tokens, *, native: bool) -> float:
    joined = ["".join(t.native if native else t.folded for t in side) for side in (one, other)]
    return RUN_TOGETHER if joined[0] == joined[1] and _same_marks(one, other) else 0.0


def _same_marks(one: Tokens, other: Tokens) -> bool:
    return _marks_alike("".join(t.native for t in one), "".join(t.native for t in other)) != OTHER_MARKS


def _numbers_differ(one: Tokens, other: Tokens) -> bool:
    numbers = [sorted(t.folded for t in side if t.folded.isdigit()) for side in (one, other)]
    return bool(numbers[0] and numbers[1]) and numbers[0] != numbers[1]


def _reason(agree: int, one: Tokens, other: Tokens, scripts: tuple[str, str]) -> str:
    how = "as written" if scripts[0] == scripts[1] else "across scripts, romanised"
    return f"{agree} words agree, of {len(one)} and {len(other)}; compared {how}"
