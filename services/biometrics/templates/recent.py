"""Samples extracted a moment ago: a desk's photo is looked over, enrolled and compared, and extracted once."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from shared.contracts.osia import BiometricData

T = TypeVar("T")

KEPT_S: Final = 60.0
MOST: Final = 64


class RecentSamples(Generic[T]):
    """Remembers, in memory only, what the same sample gave within the last minute.

    Two requests with the same one at once share one extraction. A refusal is remembered like a result. Nothing
    stays longer than KEPT_S, whether or not it is asked for again, and never more than MOST samples.
    """

    def __init__(self) -> None:
        self._samples: OrderedDict[bytes, asyncio.Future[T]] = OrderedDict()

    async def get(self, item: BiometricData, extract: Callable[[], Awaitable[T]]) -> T:
        """What the item gives: remembered, or extracted now.

        Raises:
            Whatever `extract` raises, now or then.
        """
        key = _fingerprint(item)
        sample = self._samples.get(key)
        if sample is None or sample.cancelled():
            sample = asyncio.ensure_future(extract())
            self._samples[key] = sample
            asyncio.get_running_loop().call_later(KEPT_S, self._samples.pop, key, None)
            if len(self._samples) > MOST:
                self._samples.popitem(last=False)
        return await asyncio.shield(sample)


def _fingerprint(item: BiometricData) -> bytes:
    """What decides an extraction: the image, or the template, and how it is to be read."""
    told = f"{item.biometricType}|{item.biometricSubType}|{item.resolution}|{item.templateFormat}|"
    of_image = item.image is not None
    sample = item.image if of_image else item.template
    return hashlib.sha256(f"{told}{of_image}|".encode() + (sample or b"")).digest()
