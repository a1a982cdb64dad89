"""A calibration that is put in force takes effect in the services that run, each of which goes by one whole set.

Engines and searches are made anew with what is in force and put in the place of those before; what is under way goes
on with those that it began with. A service looks at the shelf again and again, since the command line and other
processes write there too, and officers come and go: what no longer verifies is let go by each process, as one that
starts would not take it up.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import structlog

from services.biometrics.evidence.shelf import Activation, CalibrationShelf
from services.biometrics.templates.engines import Engines
from shared.http.background import run_alongside

CHECK_S: Final = 5.0
"""How long a service may go by what was in force before."""

log = structlog.get_logger(__name__)


class CalibrationWatch:
    """Hands out engines whenever other calibrations are in force.

    Args:
        engines: as they were loaded.
        shelf: of the deployment.
        take: puts engines in the place of those before; called in the event loop, and waits for nothing.
    """

    def __init__(self, engines: Engines, shelf: CalibrationShelf, take: Callable[[Engines], None]) -> None:
        self._engines, self._shelf, self._take = engines, shelf, take
        self._seen: Mapping[str, Activation] | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def active(self) -> Mapping[str, Activation]:
        """What was put in force and whether it verified, by model, when the service last looked."""
        return self._seen or {}

    async def look(self) -> None:
        """Take over what is in force now, if it is something else; the log says what, and so since when.

        Raises:
            OSError: a file or folder that is there cannot be read; what was in force stays so.
        """
        async with self._one_at_a_time:
            active = await asyncio.to_thread(self._shelf.active)
            if active == self._seen:
                return
            engines = self._engines.calibrated(active)
            if self._seen is None or engines.calibrations != self._engines.calibrations:
                self._take(engines)
                for model_id, made in sorted(engines.calibrations.items()):
                    document = active.get(model_id, Activation()).document
                    log.info(
                        "calibration_in_force",
                        model=model_id,
                        digest=document.digest if document else None,
                        source=made.source,
                    )
            self._engines, self._seen = engines, active

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look before the block, and again and again while it runs.

        Raises:
            OSError: a file or folder that is there cannot be read.
        """
        await self.look()
        async with run_alongside(self._run()):
            yield

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  whatever it was, what is in force stays so
                log.error("calibrations_not_read", error=type(error).__name__)
