"""What a count out of a number of trials says of the share behind it."""

from math import sqrt
from typing import Final

_Z: Final = 1.959963984540054
"""Of the standard normal distribution: 95 % lie within plus and minus this."""


def wilson(count: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion.

    Args:
        count: 0..trials.
        trials: from 0; nothing tried says nothing.

    Returns:
        Lowest and highest share, within 0..1.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
    """
    if trials == 0:
        return 0.0, 1.0
    share, weight = count / trials, _Z * _Z / trials
    middle = (share + weight / 2) / (1 + weight)
    spread = sqrt(share * (1 - share) * weight + weight * weight / 4) / (1 + weight)
    return max(0.0, middle - spread), min(1.0, middle + spread)
