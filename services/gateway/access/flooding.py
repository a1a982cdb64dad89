"""Requests of those who name themselves to nobody: so many a minute from one address, of which nothing is kept."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

A_MINUTE: Final = 40
"""Many people of a hostel or a telephone network come from one address."""
_MOST: Final = 50_000
_KEY_LIVES_S: Final = 3600.0


class FloodError(Exception):
    """Too many requests came from this address just now."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many requests came from your address; ask again in {seconds} s")
        self.headers = {"Retry-After": str(seconds)}


class Flooding:
    """Token buckets by address, in memory. The address itself is not held: its digest, under a key of an hour.

    Args:
        a_minute: requests from one address (of IPv6: one network of 64 bits).
        clock: seconds that only grow.
    """

    def __init__(self, a_minute: int = A_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_minute = a_minute
        self._clock = clock
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._key = secrets.token_bytes(32)
        self._made = clock()

    def take(self, address: str) -> None:
        """Count a request.

        Raises:
            FloodError: one too many.
        """
        at = self._clock()
        if at - self._made > _KEY_LIVES_S:
            self._key, self._made = secrets.token_bytes(32), at
            self._buckets.clear()
        digest = hashlib.blake2b(_network(address), key=self._key, digest_size=16).digest()
        left, since = self._buckets.pop(digest, (float(self._a_minute), at))
        left = min(float(self._a_minute), left + (at - since) * self._a_minute / 60)
        self._buckets[digest] = (max(left - 1, 0.0) if left >= 1 else left, at)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        if left < 1:
            raise FloodError(ceil((1 - left) * 60 / self._a_minute))


def _network(address: str) -> bytes:
    try:
        found = ip_address(address)
    except ValueError:
        return address.encode()
    return found.packed[:8] if isinstance(found, IPv6Address) else found.packed
