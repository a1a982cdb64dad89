"""What a score means: how rarely two different fingers reach it.

Measured on FVC2002 set B (four databases, 80 fingers, 320 prints): all 49,920 pairs of prints of different fingers,
11,520 of them from one sensor. The pairs share fingers, so they are fewer than they look. A false match rate below
1 / 49,920 was not measured: the line is continued with the slope of its last stretch and capped.
The extractor's training prints are unknown and may include this family: a deployment must measure its own.
"""

import numpy as np

IMPOSTOR_PAIRS = 49_920
SCORE_AT_FMR = (
    (0.0145, 0.301),  # the median impostor
    (0.0176, 1.0),
    (0.0226, 2.0),
    (0.0290, 3.0),
    (0.0393, 4.0),
    (0.0464, 4.698),  # the highest of all impostor scores
    (0.0596, 6.0),  # continued; a higher score is worth no more
)
"""(score, -log10 of the share of impostor pairs that reach it)."""


def minus_log10_fmr(score: float) -> float:
    """The evidence of a score: 3 means that one pair of different fingers in a thousand reaches it.

    Args:
        score: LSS-R, 0..1.

    Returns:
        -log10 of the false match rate, 0 to 6, not falling with the score; below the median impostor 0.
    """
    scores, evidence = zip(*SCORE_AT_FMR, strict=True)
    return float(np.interp(score, scores, evidence, left=0.0))
