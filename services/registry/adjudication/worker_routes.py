"""What concerns a worker's own registration: papers, appeal, withdrawal, links, protection as a victim."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends

from services.registry.adjudication.reading import CaseReader
from services.registry.adjudication.routes import StoreDep
from services.registry.adjudication.victims import Victims
from services.registry.adjudication.worker import WorkerSide
from services.registry.admission import require_purpose
from services.registry.workers.views import scope_of
from shared.contracts.adjudication import (
    PaperBody,
    PapersAsked,
    ReasonBody,
    Receipt,
    RegistrationLinks,
    VictimStatusBody,
    VictimStatusView,
)
from shared.contracts.caller import Purpose
from shared.http.callers import CallerDep
from shared.http.state import DatabaseDep

router = APIRouter(prefix="/v1/registrations/{registration}", tags=["adjudication"])

_READERS: Final = frozenset({Purpose.WORKER_REGISTRATION, Purpose.CHILD_PROTECTION, Purpose.ADJUDICATION})


async def _side(database: DatabaseDep, store: StoreDep) -> WorkerSide:
    return WorkerSide(database, store)


async def _victims(database: DatabaseDep, store: StoreDep) -> Victims:
    return Victims(database, store)


SideDep = Annotated[WorkerSide, Depends(_side)]
VictimsDep = Annotated[Victims, Depends(_victims)]


@router.get("/papers", operation_id="readPapersAsked")
async def read_papers(registration: str, caller: CallerDep, side: SideDep) -> PapersAsked:
    """What the worker is asked to show, and by when."""
    return await side.papers_asked(caller, registration)


@router.post("/papers", operation_id="showPaper")
async def show_paper(registration: str, body: PaperBody, caller: CallerDep, side: SideDep) -> Receipt:
    """Write down that the worker showed a paper."""
    return await side.show_paper(caller, registration, body)


@router.post("/appeal", operation_id="appealRegistration")
async def appeal(registration: str, body: ReasonBody, caller: CallerDep, side: SideDep) -> Receipt:
    """The worker asks other people to decide; what was decided is suspended until they have."""
    return await side.appeal(caller, registration, body.reason)


@router.post("/withdrawal", operation_id="withdrawRegistration")
async def withdraw(registration: str, body: ReasonBody, caller: CallerDep, side: SideDep) -> Receipt:
    """The worker takes the registration back: everything is erased but that there was one."""
    return await side.withdraw(caller, registration, body.reason)


@router.get("/links", operation_id="readRegistrationLinks")
async def read_links(registration: str, caller: CallerDep, database: DatabaseDep, store: StoreDep) -> RegistrationLinks:
    """Which other registrations belong to it, or were found not to; also links that no longer hold."""
    require_purpose(caller, _READERS)
    return await CaseReader(database, store).links(scope_of(caller), registration)


@router.get("/victim-status", operation_id="readVictimStatus")
async def read_victim_status(registration: str, caller: CallerDep, victims: VictimsDep) -> VictimStatusView:
    """Whether the person is protected as a victim."""
    return await victims.status(caller, registration)


@router.put("/victim-status", operation_id="putVictimStatus")
async def put_victim_status(
    registration: str, body: VictimStatusBody, caller: CallerDep, victims: VictimsDep
) -> VictimStatusView:
    """Presume, identify or end; from then on what tells against the person is shown to nobody else."""
    return await victims.tell(caller, registration, body)
