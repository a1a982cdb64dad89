"""A season of registrations through the registry itself, one after the other, and what came of each.

Intake, store, checks, documents, adjudication and their tables are those of the service, on SQLite in a folder of its
own; only HTTP, the job runner's clock and the biometric comparisons are not (`drawn_biometrics`).
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete, select

from services.cli.drawn_biometrics import DrawnSearch, Worth
from services.registry.adjudication.opening import Opening
from services.registry.adjudication.tables import AdjudicationRow, RegistrationLinkRow
from services.registry.documents.examination import DocumentRoom
from services.registry.documents.lost import LostDocuments
from services.registry.documents.trust import DocumentTrust
from services.registry.workers.check import RegistrationCheck
from services.registry.workers.heaping import Heap, heaps
from services.registry.workers.intake import Intake
from services.registry.workers.placed import count_placed
from services.registry.workers.store import CHECK_JOB, WEIGH_JOB, RegistrationStore
from services.registry.workers.tables import JobRow, RegistrationRow
from services.registry.workers.views import Record
from services.sandbox.region.records import REFERENCE
from services.sandbox.season import Arrival, Season
from shared.contracts.caller import Caller, Purpose, Role
from shared.crypto.keyfiles import make_key_files
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.db.jobs import Handler
from shared.db.migrate import upgrade
from shared.settings import Settings
from shared.standards.ages import load_rules
from shared.standards.epassport import CscaStore


@dataclass
class Outcome:
    """What the registry had kept of one registration at the end.

    Attributes:
        record: opened.
        linked: numbers of earlier registrations that it was tied to as the same person's, without a case.
        grounds: of its case; none: no case.
        audience: whose case it is.
    """

    arrival: Arrival
    record: Record
    linked: set[int] = field(default_factory=set)
    grounds: list[str] = field(default_factory=list)
    audience: str = ""

    @property
    def codes(self) -> dict[str, dict[str, object]]:
        """Evidence of each signal by its code."""
        return {each.signal.code.value: each.signal.evidence for each in self.record.signals}


@dataclass(frozen=True)
class Trial:
    """What came of a season.

    Attributes:
        outcomes: in the order in which they came.
        number_of: place in the season by registration id.
        heaps: agencies that were compared, of every member.
    """

    outcomes: list[Outcome]
    number_of: Mapping[str, int]
    heaps: list[Heap]


async def hold_season(settings: Settings, season: Season, worth: Worth, seed: int, came: Callable[[], None]) -> Trial:
    """Register everybody.

    Args:
        settings: an empty folder's.
        came: called after each registration.
    """
    make_key_files(settings.key_folder)
    upgrade("registry", settings.database_url("registry"))
    database = Database(settings.database_url("registry"))
    keys = settings.key_folder
    digest_key = base64.b64decode((keys / "registry-digest.key").read_text())
    store = RegistrationStore(database, KeyRing.load(keys / "registry-sealing.json"), digest_key)
    trust = DocumentTrust(CscaStore(season.authorities, season.revocations))
    documents, search = DocumentRoom(database, digest_key, trust), DrawnSearch(worth, seed)
    check = RegistrationCheck(store, search, documents, load_rules(), lambda: REFERENCE)
    work = {CHECK_JOB: check.run, WEIGH_JOB: Opening(database, store).weigh}
    season.write_lost(settings.var / "lost.csv")
    await LostDocuments(database, digest_key).load("sltd", settings.var / "lost.csv")
    intake = Intake(store, search, lambda: REFERENCE)
    try:
        number_of: dict[str, int] = {}
        for arrival in season.arrivals:
            body = json.dumps(arrival.request).encode()
            accepted = await intake.take(_desk(arrival.member), f"season-{arrival.number}", body)
            number_of[accepted.id] = arrival.number
            await _work_off(database, work)
            came()
        outcomes = await _outcomes(database, store, season, number_of)
        members = sorted({arrival.member for arrival in season.arrivals})
        compared = [heap for each in members for heap in heaps(await count_placed(database, each))]
        return Trial(outcomes, number_of, compared)
    finally:
        await documents.close()
        await database.close()


def _desk(member: str) -> Caller:
    purpose = Purpose.WORKER_REGISTRATION
    return Caller(
        client_id=f"desk-{member}", organisation="desk", member=member, role=Role.DESK_OFFICER, purpose=purpose
    )


async def _work_off(database: Database, work: Mapping[str, Handler]) -> None:
    """Do what was promised, in its order, until nothing is left."""
    while True:
        async with database.read() as session:
            jobs = (await session.execute(select(JobRow.id, JobRow.kind, JobRow.subject).order_by(JobRow.due_at))).all()
        if not jobs:
            return
        for _, kind, subject in jobs:
            await work[kind](subject)
        async with database.write() as session:
            await session.execute(delete(JobRow).where(JobRow.id.in_([job.id for job in jobs])))


async def _outcomes(
    database: Database, store: RegistrationStore, season: Season, number_of: Mapping[str, int]
) -> list[Outcome]:
    async with database.read() as session:
        rows = (await session.scalars(select(RegistrationRow).order_by(RegistrationRow.seq))).all()
        cases = {case.registration_seq: case for case in (await session.scalars(select(AdjudicationRow))).all()}
        links = (await session.execute(select(RegistrationLinkRow.from_seq, RegistrationLinkRow.to_seq))).all()
    at = {row.seq: number_of[row.id] for row in rows}
    outcomes = [Outcome(season.arrivals[at[row.seq]], store.record_of(row)) for row in rows]
    by_number = {each.arrival.number: each for each in outcomes}
    for one, other in links:
        by_number[at[one]].linked.add(at[other])
    for seq, case in cases.items():
        by_number[at[seq]].grounds, by_number[at[seq]].audience = list(case.grounds), case.audience
    return outcomes
