"""How alike two names are, in any script and word order, and why."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

from services.registry.screening.likeness import Comparison, across_scripts, comparison, in_latin, runs_alike
from services.registry.screening.names import Name, Token
from services.registry.screening.titles import Kind, is_person

SAME_WORD: Final = 0.7  # below it two words are different words
CONFLICT: Final = 2.0  # cost of a word against a different word: information against
ONE_SIDED: Final = {True: 0.4, False: 1.0}
"""Cost of a word that only one name has: a middle name left out of a person's, the branch or owner of a firm."""
ONE_DIFFERS: Final = 0.65  # the most that names score of which a whole word differs, however long they are
OTHER_DIGITS: Final = 0.3  # the most two names score whose numbers differ
RUN_TOGETHER: Final = 0.97  # same letters, other blanks
SISTERS: Final = 0.72  # long names that differ in their numbers only: of one series, worth a look
OTHER_TRADE: Final = 0.8  # across scripts: the same name in another line of business
ACRONYM: Final = 0.75  # an organisation and its initials

ACROSS: Final = ((0.0, 0.0), (0.6, 0.3), (0.8, 0.6), (0.85, 0.7), (0.93, 0.87), (1.0, 0.98))
"""Likeness of readings across scripts → score; see docs/accuracy.md, Names."""
MOST_ACROSS: Final = ACROSS[-1][1]

_ROMAN: Final = {
    roman: str(number)
    for number, roman in enumerate("ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split(), 2)  # noqa: SIM905
}

Tokens = tuple[Token, ...]


class NameComparison(NamedTuple):
    """How alike two names are.

    Attributes:
        score: 0..1. Not a probability; what it is worth was measured (docs/accuracy.md, Names).
        reasons: for the adjudicator; counts and rules only, no part of a name.
    """

    score: float
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The reasons in one line."""
        return "; ".join(self.reasons)


NOTHING: Final = NameComparison(0.0, ("no name to compare",))


class Alignment(NamedTuple):
    """The words of two names, each against its like.

    Attributes:
        score: 0..1.
        same: how many words agree.
        differ: how many stand against a different word.
        extra: how many only one name has.
    """

    score: float
    same: int
    differ: int
    extra: int


def compare_names(query: Name, party: Name, schema: str = "") -> NameComparison:
    """How alike two prepared names are, whatever their word order.

    Two names in one script other than Latin are compared as written, since its marks carry meaning; names in
    different scripts by what they may be read as, which is a weaker comparison. Symmetric; 1 for the same name.

    Args:
        query, party: from names.prepare, with the same schema.
        schema: of both; a word too many says less against a person than against an organisation.
    """
    if not query.tokens or not party.tokens:
        return NOTHING
    # In one order, whoever asks: equally good assignments must not depend on who is the query.
    one, other = (query, party) if query.written <= party.written else (party, query)
    compare = comparison(one, other)
    return _across(one, other, schema) if compare is across_scripts else _within(one, other, schema, compare)


def _within(one: Name, other: Name, schema: str, compare: Comparison) -> NameComparison:
    """In one script, word by word."""
    ones, others = _comparable(one, other)
    found = _align(ones, others, compare, schema)
    score, reasons = found.score, [_count(found)]
    if one.patronymic and other.patronymic:
        score = min(score, _patronymic_order(one, other, compare, schema))
        if score < found.score:
            reasons.append("given name and father's name do not both agree")
    if score < RUN_TOGETHER and _is_run_together(ones, others, compare):
        score, reasons = RUN_TOGETHER, ["the same letters, other blanks"]
    elif score < ACRONYM and not is_person(schema) and _is_acronym(ones, others):
        score, reasons = ACRONYM, ["one name is the initials of the other"]
    return _numbered(one, other, score, [*reasons, "compared as written"], schema)


def _across(one: Name, other: Name, schema: str) -> NameComparison:
    """In different scripts: as a whole, since one may write no blanks, and word by word, since orders differ."""
    whole = runs_alike(one.full_runs, other.full_runs)
    if one.is_titled is not other.is_titled:
        whole = max(whole, runs_alike(one.runs, other.runs))
    ones, others = _comparable(one, other)
    likeness, reasons = whole, ["compared across scripts by sound, read as a whole"]
    if whole < _SURELY_READ and len(ones) > 1 and len(others) > 1:
        worded = _align(ones, others, across_scripts, schema, _READ_ALIKE).score
        if worded > whole:
            likeness, reasons = worded, ["compared across scripts by sound, words in another order"]
    score = _calibrate(likeness)
    in_order = likeness == whole and "CJK" not in (one.script, other.script)  # Chinese is read in both orders
    if score > ONE_DIFFERS and in_order and _a_word_differs(ones, others):
        score, reasons = ONE_DIFFERS, [*reasons, "one word sounds different"]
    if _other_trade(one, other):
        score, reasons = score * OTHER_TRADE, [*reasons, "another line of business"]
    return _numbered(one, other, score, reasons, schema)


def _other_trade(one: Name, other: Name) -> bool:
    trades = [{token.folded for token in name.tokens if token.kind is Kind.TERM} for name in (one, other)]
    return all(trades) and not trades[0] & trades[1]


def _a_word_differs(one: Tokens, other: Tokens) -> bool:
    """In names of as many words, one that is hardly the word in its place: Tin Maung Win, Tin Maung Lwin."""
    ones, others = ([token for token in side if token.kind is Kind.NAME] for side in (one, other))
    if len(ones) != len(others) or len(ones) < 2:
        return False
    return any(across_scripts(a, b) < _READ_ALIKE for a, b in zip(ones, others, strict=True))


def _calibrate(likeness: float) -> float:
    """Across scripts likeness is worth less: strangers' names read alike by chance."""
    for (low, least), (high, most) in pairwise(ACROSS):
        if likeness <= high:
            return least + (most - least) * (likeness - low) / (high - low)
    return ACROSS[-1][1]


def _comparable(one: Name, other: Name) -> tuple[Tokens, Tokens]:
    """Titles count only where both names have one: U Tin is Tin, and not Daw Tin."""
    return (one.tokens, other.tokens) if one.is_titled and other.is_titled else (one.untitled, other.untitled)


def _align(one: Tokens, other: Tokens, compare: Comparison, schema: str, least: float = 0.5) -> Alignment:
    """The best one-to-one assignment of words, greedily: equal ones, then the most alike first.

    Words less alike than `least` are different ones.
    """
    rows, columns = dict(enumerate(one)), dict(enumerate(other))
    gained = total = against = 0.0
    same = 0
    for alike, i, j in _pairs(one, other, compare, least):
        if i in rows and j in columns:
            weight = (rows.pop(i).weight + columns.pop(j).weight) / 2
            gained += alike * weight
            total += weight
            against += CONFLICT * weight * max(0.0, _SURE - alike)
            same += alike >= SAME_WORD
    left = sum(token.weight for token in rows.values()), sum(token.weight for token in columns.values())
    against += CONFLICT * min(left) + ONE_SIDED[not schema or is_person(schema)] * abs(left[0] - left[1])
    differ = min(len(rows), len(columns))
    score = gained / (total + against) if total + against else 0.0
    if min(left) >= 1:
        score = min(score, ONE_DIFFERS)
    return Alignment(score, same, differ, max(len(rows), len(columns)) - differ)


def _pairs(one: Tokens, other: Tokens, compare: Comparison, least: float) -> list[tuple[float, int, int]]:
    """Likeness and places of the words that are alike, in the order in which they are paired."""
    equal = [(1.0, i, j) for i, a in enumerate(one) for j, b in enumerate(other) if a.native == b.native]
    if len(equal) == len(one) == len(other):
        return equal
    rows, columns = {i for _, i, _ in equal}, {j for _, _, j in equal}
    alike = [
        (compare(a, b), i, j)
        for i, a in enumerate(one)
        if i not in rows
        for j, b in enumerate(other)
        if j not in columns
    ]
    near = [pair for pair in alike if pair[0] >= least]
    near.sort(key=lambda pair: (-pair[0] * (one[pair[1]].weight + other[pair[2]].weight), pair[1] != pair[2], pair))
    return equal + near


_READ_ALIKE: Final = 0.8  # across scripts; a word less alike is another word
_LONG: Final = 4  # words besides the number
_SURE: Final = 0.75  # words more alike are surely the same
_SURELY_READ: Final = 0.9  # across scripts; no other order of words is tried


def _patronymic_order(one: Name, other: Name, compare: Comparison, schema: str) -> float:
    """The most that names with a patronymic can score: Ahmad bin Hasan is not Hasan bin Ahmad."""
    given, father = (
        _align(a, b, compare, schema).score for a, b in zip(_at_patronymic(one), _at_patronymic(other), strict=True)
    )
    return (1.0 + min(given, father)) / 2


def _at_patronymic(name: Name) -> tuple[Tokens, Tokens]:
    return name.untitled[: name.patronymic], name.untitled[name.patronymic + 1 :]


def _is_acronym(one: Tokens, other: Tokens) -> bool:
    """PLA and People's Liberation Army; three letters at least."""
    short, long = sorted((_proper(one), _proper(other)), key=len)
    initials = "".join(word[0] for word in long)
    return len(short) == 1 and len(initials) >= 3 and short[0] == initials


def _proper(side: Tokens) -> list[str]:
    """Words but forms, particles and numbers."""
    words = (token for token in side if token.kind in {Kind.NAME, Kind.TERM})
    return [token.folded for token in words if not token.folded.isdigit() and token.folded not in _ROMAN]


def _is_run_together(one: Tokens, other: Tokens, compare: Comparison) -> bool:
    """The same letters, and marks where both have them, with other blanks."""
    written, against = ("".join(token.native for token in side) for side in (one, other))
    if written == against:
        return True
    unmarked = written.isascii() or against.isascii()
    return compare is in_latin and unmarked and _folded(one) == _folded(other) != ""


def _folded(side: Tokens) -> str:
    return "".join(token.folded for token in side)


def _numbered(one: Name, other: Name, score: float, reasons: list[str], schema: str) -> NameComparison:
    """Numbers tell organisations apart: Fund II is not the Fund, Kilang 12 not Kilang 21."""
    numbers = [_numbers(name, schema) for name in (one, other)]
    if numbers[0] != numbers[1]:
        most = OTHER_DIGITS if all(numbers) else ONE_DIFFERS
        score = SISTERS if all(numbers) and _is_series(one, other) else min(score, most)
        return NameComparison(round(score, 4), (*reasons, "the numbers in the names differ"))
    return NameComparison(round(min(score, 1.0), 4), tuple(reasons))


def _is_series(one: Name, other: Name) -> bool:
    words = _proper(one.untitled)
    return len(words) >= _LONG and sorted(words) == sorted(_proper(other.untitled))


def _numbers(name: Name, schema: str) -> list[str]:
    roman = {} if is_person(schema) else _ROMAN
    words = (token.folded for token in name.tokens)
    return sorted(roman.get(word, word) for word in words if word.isdigit() or word in roman)


def _count(found: Alignment) -> str:
    parts = [f"{found.same} words agree"]
    if found.differ:
        parts.append(f"{found.differ} differ")
    if found.extra:
        parts.append(f"{found.extra} in one name only")
    return ", ".join(parts)
