"""The nightly audit of the face indexes: nobody is lost by the way that searches go, and all are in that should be."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import select

from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.evidence import Calibration
from services.biometrics.identify.face_shelves import FaceShelf, FaceShelves
from services.biometrics.identify.matching import score_worth
from services.biometrics.index.audit import IndexAudit, audit_index
from services.biometrics.tables import JobRow
from shared.db.database import Database, now
from shared.db.jobs import enqueue

AUDIT: Final = "index-audit"
SAMPLE: Final = 200
"""Vectors a night and index; each is searched as it is and turned away."""
_HOUR_UTC: Final = 19
"""Night in the region: 2 to 4 o'clock."""
_WORTH_BANS: Final = 3.0
"""The similarity that is audited: reached by about one stranger in a thousand."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ShelfAudit:
    """What was found of one index.

    Attributes:
        shelf: which.
        compared: searches both ways.
        missing: keys that the table has and the index has not.
        extra: keys that the index has and the table has not.
    """

    shelf: FaceShelf
    compared: IndexAudit
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nobody is lost, missing, or left over."""
        return not (self.compared.lost or self.missing or self.extra)


class IndexAuditor:
    """Audits every face index of the process.

    Args:
        shelves: what searches go through.
        reader: of the table.
        calibrations: gives those in force, by model id.
    """

    def __init__(
        self, shelves: FaceShelves, reader: EncounterReader, calibrations: Callable[[], Mapping[str, Calibration]]
    ) -> None:
        self._shelves = shelves
        self._reader = reader
        self._calibrations = calibrations

    async def run(self, sample: int = SAMPLE) -> list[ShelfAudit]:
        """Audit all, one after the other, beside whatever else goes on; losses are logged as errors.

        Args:
            sample: vectors drawn of each index.
        """
        indexes = self._shelves.shelves()
        table = _by_shelf(await self._reader.face_keys())
        found = [await self._audit(shelf, table[shelf], sample) for shelf in sorted(indexes.keys() | table.keys())]
        for each in found:
            if not each.ok:
                log.error(
                    "index_audit_failed",
                    model_id=each.shelf.model_id,
                    lost=each.compared.lost,
                    missing=each.missing,
                    extra=each.extra,
                )
        return found

    async def _audit(self, shelf: FaceShelf, wanted: set[str], sample: int) -> ShelfAudit:
        index = self._shelves.shelves().get(shelf)
        if index is None:
            return ShelfAudit(shelf, IndexAudit(0, 0, 0, ()), tuple(sorted(wanted)), ())
        threshold = score_worth(self._calibrations()[shelf.model_id], _WORTH_BANS)
        compared = await asyncio.to_thread(audit_index, index, threshold, sample, np.random.default_rng())
        missing, extra = wanted - set(index.keys()), set(index.keys()) - wanted
        if missing or extra:  # or written meanwhile: whoever is so still, is so
            again = _by_shelf(await self._reader.face_keys())[shelf]
            missing, extra = missing & (again - set(index.keys())), extra & (set(index.keys()) - again)
        return ShelfAudit(shelf, compared, tuple(sorted(missing)), tuple(sorted(extra)))


class NightlyAudit:
    """The job, its next night, and its figures.

    Args:
        database: the service's.
        auditor: does it.
        registry: of the service's metrics.
    """

    def __init__(self, database: Database, auditor: IndexAuditor, registry: CollectorRegistry) -> None:
        self._database = database
        self._auditor = auditor
        self._lost = Gauge(
            "lindung_index_lost", "Faces lost, missing or left over, at the last audit", registry=registry
        )
        self._probes = Counter("lindung_index_audit_probes", "Searches that audits compared", registry=registry)

    async def promise(self) -> None:
        """Enqueue the next night's audit, unless it is promised already."""
        promised = (JobRow.kind == AUDIT) & (JobRow.state == "READY") & (JobRow.due_at > now())
        async with self._database.write() as session:
            if await session.scalar(select(JobRow.id).where(promised).limit(1)) is None:
                enqueue(session, JobRow, AUDIT, "faces", next_night(now()))

    async def work(self, _subject: str) -> None:
        """Audit, and promise the next; a job's handler."""
        found = await self._auditor.run()
        self._probes.inc(sum(each.compared.probes for each in found))
        self._lost.set(sum(len(each.compared.lost) + len(each.missing) + len(each.extra) for each in found))
        await self.promise()


def next_night(instant: datetime) -> datetime:
    """When the next audit begins."""
    tonight = instant.replace(hour=_HOUR_UTC, minute=0, second=0, microsecond=0)
    return tonight if tonight > instant else tonight + timedelta(days=1)


def _by_shelf(faces: Iterable[tuple[str, str, int]]) -> defaultdict[FaceShelf, set[str]]:
    found: defaultdict[FaceShelf, set[str]] = defaultdict(set)
    for gallery, model_id, seq in faces:
        found[FaceShelf(gallery, model_id)].add(str(seq))
    return found
