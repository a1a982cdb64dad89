"""One enrolment station: its settings, and everything that it holds while it runs."""

import asyncio
import contextlib
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from services.desk.enrolment import Enrolment
from services.desk.lock import Lock
from services.desk.queue.clock import Clock
from services.desk.queue.doubles import DoubleWatch
from services.desk.queue.gateway import Gateway
from services.desk.queue.keystore import KeyStore
from services.desk.queue.outbox import Outbox
from services.desk.queue.packing import Packer, new_reference
from services.desk.queue.sender import Sender
from services.desk.scanners.adapters import open_scanner
from services.desk.scanners.scanner import Scanner

FILE: Final = "desk.toml"


class DeskSettings(BaseModel):
    """A desk's settings: the file `desk.toml` in its folder, and what the command was given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    gateway: str = Field(pattern=r"^https?://", description="Its address")
    audience: str | None = Field(default=None, description="The gateway's LINDUNG_PUBLIC_URL; default: its address")
    client: str = Field(default="desk", description="The desk's name as a client of the gateway")
    key_file: Path = Field(description="The client's private key (PEM)")
    port: int = Field(default=8100, ge=1, le=65535)
    lock_s: int = Field(default=180, ge=10, le=3600, description="Without a touch for so long, the page locks")
    keep_free: int = Field(default=200_000_000, ge=0, description="Octets of the disk that the desk leaves alone")
    scanner: str | None = Field(default=None, description="Which of `scanners` is used")
    scanners: dict[str, dict[str, Any]] = Field(default_factory=dict, description="Options by adapter")


def read_settings(folder: Path, **given: Any) -> DeskSettings:
    """The desk's file, with what was given put over it.

    Raises:
        ValueError: the file is no TOML, or a setting does not fit.
    """
    path = folder / FILE
    told = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return DeskSettings.model_validate(told | {"folder": folder} | {k: v for k, v in given.items() if v is not None})


class Station:
    """What the pages share. There is one officer at a time, and one worker.

    Args:
        settings: the desk's.
        clock: for tests; none: the PC's.
    """

    def __init__(self, settings: DeskSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.outbox = Outbox(settings.folder, settings.keep_free)
        self.keys = KeyStore(settings.folder / "gateway-key.json")
        audience = settings.audience or settings.gateway
        self.gateway = Gateway(settings.gateway, audience, settings.client, settings.key_file, self.clock)
        self.sender = Sender(self.outbox, self.gateway, self.keys)
        self.packer = Packer(settings.client, self.outbox, self.keys, self.clock, DoubleWatch())
        self.lock = Lock(settings.folder, settings.lock_s)
        self.scanner = self._scanner()
        self.capturing = asyncio.Lock()
        self.enrolment: Enrolment | None = None
        self.notice_language: str | None = None

    def begin(self) -> Enrolment:
        """A new worker; whatever was there of another is gone."""
        self.enrolment = Enrolment(new_reference())
        return self.enrolment

    def today(self) -> date:
        """The day, as far as the desk knows (UTC)."""
        return datetime.fromtimestamp(self.clock.now(), UTC).date()

    def forget(self) -> None:
        """Nobody is at the desk."""
        self.enrolment = None

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Send in the background for as long as this lasts."""
        task = asyncio.create_task(self.sender.run())
        task.add_done_callback(self.sender.ended)
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await self.gateway.close()

    def _scanner(self) -> Scanner | None:
        name = self.settings.scanner
        return None if name is None else open_scanner(name, self.settings.scanners.get(name, {}))
