"""`lindung keys rotate`: new sealing keys for the members, while the services go on. How and why: docs/adr/0014."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from shared.crypto.rotation import RingFile, rotating
from shared.crypto.sealing import KeyRing
from shared.db.database import Database, now
from shared.db.rewrapping import rewrap_all, wrapped_by
from shared.settings import ServiceName, Settings

SEALERS: Final[tuple[ServiceName, ...]] = ("registry", "biometrics")
"""Services that keep sealed values, each with a ring of its own."""

_SHORTEST_REST: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Rotated:
    """What was done to one service's keys.

    Attributes:
        kid: the newest key's id.
        resumed: an earlier run's rotation was finished; no key was made.
        rewrapped: subject keys brought under it.
        dropped: old keys taken out, as MEMBER/kid.
        kept: old keys that stay, as MEMBER/kid.
        why_kept: a sentence; empty when nothing was to be dropped.
    """

    kid: str
    resumed: bool
    rewrapped: int
    dropped: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    why_kept: str = ""

    def told(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)


def ring_path(settings: Settings, service: ServiceName) -> Path:
    """Where a service's key ring lies."""
    return settings.key_folder / f"{service}-sealing.json"


async def rotate(settings: Settings, service: ServiceName) -> Rotated:
    """Give every member a new key and bring all subject keys under it; a run that was cut off is finished first.

    Raises:
        RotationBusyError: another process rotates.
        OSError, ValueError: the ring cannot be read or written.
        SealingError, MemberKeyMissingError: a subject key does not open; those before it are done.
        sqlalchemy.exc.SQLAlchemyError: the database does not do it.
    """
    path = ring_path(settings, service)
    with rotating(path) as file:
        begun = file.begin(now())
        rewrapped = await _rewrap(settings, service)
        file.finish()
    return Rotated(begun.kid, begun.resumed, rewrapped, kept=_old(KeyRing.load(path)))


async def drop_old(settings: Settings, service: ServiceName) -> Rotated:
    """Take out the old keys that wrap nothing any more; what they still wrap is brought under the newest first.

    Nothing is taken out when there was something to bring, or soon after the newest key was made: a request that is
    under way may have read the old key, and would write, or open, what it wraps.

    Raises:
        As `rotate`.
    """
    path = ring_path(settings, service)
    with rotating(path) as file:
        rewrapped = await _rewrap(settings, service)
        ring = KeyRing.load(path)
        kid = ring.kids(ring.members()[0])[0]
        if reason := _too_soon(file, settings, rewrapped):
            return Rotated(kid, resumed=False, rewrapped=rewrapped, kept=_old(ring), why_kept=reason)
        unused = await _unused(settings, service, ring)
        file.drop(unused)
    dropped = [f"{member}/{old}" for member, old in unused]
    kept = _old(KeyRing.load(path))
    return Rotated(kid, False, rewrapped, dropped, kept, "they still wrap something" if kept else "")


def _too_soon(file: RingFile, settings: Settings, rewrapped: int) -> str:
    rest = max(_SHORTEST_REST, timedelta(seconds=2 * settings.request_seconds))
    made = file.made_at()
    if made is not None and now() - made < rest:
        return f"the newest key is younger than {rest.total_seconds():.0f} s; run this again later"
    return f"{rewrapped} subject keys were wrapped by them until now; run this again later" if rewrapped else ""


async def _rewrap(settings: Settings, service: ServiceName) -> int:
    database = Database(settings.database_url(service))
    try:
        return await rewrap_all(database, _metadata(service), KeyRing.load(ring_path(settings, service)))
    finally:
        await database.close()


async def _unused(settings: Settings, service: ServiceName, ring: KeyRing) -> list[tuple[str, str]]:
    database = Database(settings.database_url(service))
    old = [(member, kid) for member in ring.members() for kid in ring.kids(member)[1:]]
    try:
        return [each for each in old if not await wrapped_by(database, _metadata(service), *each)]
    finally:
        await database.close()


def _old(ring: KeyRing) -> list[str]:
    return [f"{member}/{kid}" for member in ring.members() for kid in ring.kids(member)[1:]]


def _metadata(service: ServiceName) -> sa.MetaData:
    metadata: sa.MetaData = import_module(f"services.{service}.schema").metadata
    return metadata


def chosen(service: ServiceName | None) -> Sequence[ServiceName]:
    """The services whose keys are meant; None: all."""
    return SEALERS if service is None else (service,)
