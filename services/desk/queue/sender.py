"""Empties the outbox: in order, one after the other, until it is empty or the gateway is away."""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

import structlog

from services.desk.languages import Saying
from services.desk.queue.gateway import Gateway, GatewayAwayError, GatewayRefusedError
from services.desk.queue.keystore import KeyStore
from services.desk.queue.outbox import Outbox, Waiting

_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 15.0
_IDLE_S: Final = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Line:
    """How the way to the gateway is.

    Attributes:
        online: whether it answered last; none: not asked yet.
        trouble: why not, in words.
    """

    online: bool | None = None
    trouble: Saying | None = None


class Sender:
    """Sends what waits, again and again.

    Args:
        outbox: what waits.
        gateway: where to.
        keys: learns the gateway's packet key whenever it is reached.
    """

    def __init__(self, outbox: Outbox, gateway: Gateway, keys: KeyStore) -> None:
        self._outbox = outbox
        self._gateway = gateway
        self._keys = keys
        self._wake = asyncio.Event()
        self.line = Line()

    def wake(self) -> None:
        """There is something new to send."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled. A failure waits 2, 4, 8 and then 15 seconds, or as long as the gateway asks."""
        wait = _FIRST_WAIT_S
        while True:
            self._wake.clear()
            asked = await self.drain()
            wait = _FIRST_WAIT_S if self.line.online else min(wait * 2, _LONGEST_WAIT_S)
            try:
                await asyncio.wait_for(self._wake.wait(), _IDLE_S if self.line.online else max(wait, asked))
            except TimeoutError:
                continue

    def ended(self, task: asyncio.Task[None]) -> None:
        """Say so when the sending ends by a fault of ours: what waits would wait for ever."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("sending_ended", error=type(error).__name__, exc_info=error)
            self.line = Line(online=False, trouble=Saying("sending has stopped: start the desk again"))

    async def drain(self) -> float:
        """Send all that waits; stop at the first that cannot be sent now.

        Returns:
            Seconds that the gateway asked to wait; 0 when it asked for nothing.
        """
        try:
            self._keys.take(await self._gateway.packet_key())
            self.line = Line(online=True)
            for waiting in self._outbox.waiting():
                await self._send(waiting)
        except GatewayAwayError as error:
            self.line = replace(self.line, online=False, trouble=error.said)
            return error.wait_s
        except OSError as error:
            self.line = replace(self.line, online=False, trouble=Saying("the desk's disk failed"))
            log.error("desk_disk", error=type(error).__name__)
        return 0.0

    async def _send(self, waiting: Waiting) -> None:
        sealed = await asyncio.to_thread(waiting.path.read_bytes)
        try:
            receipt = await self._gateway.send(waiting.packet, sealed)
        except GatewayRefusedError as error:
            log.warning("packet_refused", packet=str(waiting.packet), reason=error.reason)
            await asyncio.to_thread(self._outbox.refuse, waiting, error.reason)
            return
        await asyncio.to_thread(self._outbox.sent, waiting, receipt)
