"""Fixed random rounding: counts of people become multiples of three; no difference of two figures tells of one. Pure.

Source: the rule that Stats NZ calls fixed random rounding to base 3 (FRR3), told from memory. Here a keyed digest
draws, so that whoever asks again is told the same and nobody outside can draw for themselves.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

BASE: Final = 3


def round_count(key: bytes, cell: Sequence[str], count: int) -> int:
    """A count as it may be told: one of the two multiples of three around it, as often the nearer as makes it fair.

    Args:
        key: of the deployment.
        cell: which figure: its table, period and value; with the count it decides the draw.
        count: how many there are, 0 or more.

    Returns:
        Off by at most 2; the mean over draws is the count itself; 0 and multiples of three stay.
    """
    low, rest = count - count % BASE, count % BASE
    words = "\n".join((*cell, str(count))).encode()
    draw = int.from_bytes(hmac.digest(key, words, hashlib.sha256)[:8], "big") / 2**64
    return low + BASE if draw < rest / BASE else low
