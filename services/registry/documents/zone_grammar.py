"""Which character may stand where in a machine-readable zone, and what a reader's doubts settle into. Pure.

Three things decide, in this order: the alphabet of the field (no digit in a name, no letter in a date), what the reader
saw, and, only between characters that print alike and that the reader saw both, the check digits. A digit that is wrong
with what was clearly seen stays wrong: it is for a human to look at, not for a reader to mend.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.standards.mrz import MrzFormat, MrzFormatError, parse_mrz
from shared.standards.mrz.alphabet import ALPHABET, FILLER, LETTERS
from shared.standards.mrz.layout import LAYOUTS, Layout, Slot

Cells = NDArray[np.float64]

_DIGITS: Final = frozenset("0123456789")
_KINDS: Final = frozenset("PIACV")
"""Passports, cards and visas: what a document code begins with (Doc 9303-4, -5, -6, -7)."""
_ALIKE: Final = ("0ODQ", "1IL", "2Z", "5S", "6G", "8B", "CG", "UV", "38", "69", "17")
"""Characters that print alike."""
_SEEN: Final = 0.01
"""Share of the best character's score from which another counts as seen too."""
_DOUBTS: Final = 10
"""Doubtful characters that are tried, one or two at a time."""


@dataclass(frozen=True)
class ZoneText:
    """A zone as it was read.

    Attributes:
        text: its lines, parted by line feeds.
        settled: characters for which the check digits decided between two that the reader saw.
        wrong: check digits that do not fit.
        confidence: 0..1, mean share of the characters that were chosen.
    """

    text: str
    settled: int
    wrong: int
    confidence: float


def read_zone(lines: list[Cells]) -> ZoneText | None:
    """The most likely zone of these lines.

    Args:
        lines: float64 (width, 37) each, as many and as wide as a format has.

    Returns:
        None when no format has such lines.
    """
    read = [_settle(lines, LAYOUTS[layout]) for layout in _formats(lines)]
    return max((each for each in read if each), key=lambda each: (-each.wrong, each.confidence), default=None)


def _formats(lines: list[Cells]) -> list[MrzFormat]:
    """By size; a visa says so by its first letter."""
    first = max(_KINDS, key=lambda kind: lines[0][0, ALPHABET.index(kind)])
    visa = first == "V"
    sizes = {len(line) for line in lines}
    return [
        each
        for each, layout in LAYOUTS.items()
        if layout.lines == len(lines) and sizes == {layout.width} and (layout.lines == 3 or _is_visa(each) is visa)
    ]


def _is_visa(mrz_format: MrzFormat) -> bool:
    return mrz_format in {MrzFormat.MRV_A, MrzFormat.MRV_B}


def allowed(layout: Layout) -> list[list[frozenset[str]]]:
    """For each line and place, the characters that its field may hold."""
    may = [[frozenset(ALPHABET)] * layout.width for _ in range(layout.lines)]

    def put(slot: Slot, characters: frozenset[str]) -> None:
        may[slot.line][slot.start : slot.end] = [characters] * slot.width

    for slot in (layout.document_code, layout.issuer, layout.nationality, layout.name):
        put(slot, LETTERS | {FILLER})
    for slot in (layout.birth, layout.expiry):
        put(slot, _DIGITS | {FILLER})
    put(layout.sex, frozenset("MF<"))
    for rule in layout.checks:
        blank = rule.may_be_blank or (rule.field == "document_number" and layout.number_may_continue)
        put(rule.at, _DIGITS | {FILLER} if blank else _DIGITS)
    put(Slot(0, 0, 1), _KINDS)
    return may


def _settle(lines: list[Cells], layout: Layout) -> ZoneText | None:
    may = [np.array([[c in some for c in ALPHABET] for some in row]) for row in allowed(layout)]
    scores = [np.where(fits, line, 0.0) for line, fits in zip(lines, may, strict=True)]
    chosen = np.concatenate([line.argmax(axis=1) for line in scores])
    every = np.concatenate(scores)
    wrong = _wrong(chosen, layout)
    if wrong is None:
        return None
    best, settled = chosen, 0
    if wrong:
        best, settled = _mend(chosen, every, layout)
    share = every[np.arange(len(best)), best]
    return ZoneText(_text(best, layout), settled, _wrong(best, layout) or 0, float(share.mean()))


def _mend(chosen: NDArray[np.int64], scores: Cells, layout: Layout) -> tuple[NDArray[np.int64], int]:
    """The likeliest change of one or two doubtful characters that makes every check digit fit; else none."""
    doubts = _doubts(chosen, scores)
    for count in (1, 2):
        for some in combinations(doubts, count):
            if len({at for at, _, _ in some}) < count:
                continue
            tried = chosen.copy()
            for at, other, _ in some:
                tried[at] = other
            if _wrong(tried, layout) == 0:
                return tried, count
    return chosen, 0


def _doubts(chosen: NDArray[np.int64], scores: Cells) -> list[tuple[int, int, float]]:
    found = []
    for at, symbol in enumerate(chosen):
        alike = {c for group in _ALIKE if ALPHABET[symbol] in group for c in group} - {ALPHABET[symbol]}
        for character in alike:
            other = ALPHABET.index(character)
            share = scores[at, other] / max(scores[at, symbol], 1e-12)
            if share >= _SEEN:
                found.append((at, other, float(share)))
    return sorted(found, key=lambda each: -each[2])[:_DOUBTS]


def _wrong(chosen: NDArray[np.int64], layout: Layout) -> int | None:
    try:
        return sum(not check.ok for check in parse_mrz(_text(chosen, layout)).checks)
    except MrzFormatError:
        return None


def _text(chosen: NDArray[np.int64], layout: Layout) -> str:
    joined = "".join(ALPHABET[symbol] for symbol in chosen)
    return "\n".join(joined[at : at + layout.width] for at in range(0, len(joined), layout.width))
