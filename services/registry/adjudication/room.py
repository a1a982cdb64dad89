"""The adjudication room put together: its durable work, and its errors as answers."""

from collections.abc import Mapping

from services.registry.adjudication.casefile import CaseNotOpenError, CaseUnknownError
from services.registry.adjudication.deciding import (
    BestInterestsMissingError,
    NotClaimedError,
    OwnRecordError,
    SeatTakenError,
)
from services.registry.adjudication.opening import Opening
from services.registry.adjudication.people import NotAReviewerError
from services.registry.adjudication.rules import DecisionRefusedError, SoleGroundError
from services.registry.adjudication.states import IllegalStepError
from services.registry.adjudication.victims import OwnPresumptionError
from services.registry.adjudication.worker import NothingAskedError, NothingToAppealError, NotYetCheckedError
from services.registry.workers.store import WEIGH_JOB, RegistrationStore
from shared.db.database import Database
from shared.db.jobs import Handler
from shared.http.problems import Answer, ProblemTable

PROBLEMS: ProblemTable = {
    CaseUnknownError: Answer(404, "not-found", "There is no such case"),
    NotAReviewerError: Answer(403, "not-a-reviewer", "Not appointed to this"),
    OwnRecordError: Answer(403, "own-record", "Nobody decides about a record that they entered"),
    OwnPresumptionError: Answer(403, "own-presumption", "Another person ends a presumption"),
    CaseNotOpenError: Answer(409, "not-open", "The case is not open"),
    SeatTakenError: Answer(409, "seat-taken", "The case is not for this reviewer now"),
    NotClaimedError: Answer(409, "not-claimed", "The case is not in this reviewer's hands"),
    BestInterestsMissingError: Answer(409, "best-interests-missing", "First what is best for the child"),
    NothingAskedError: Answer(409, "nothing-asked", "No papers are asked for"),
    NothingToAppealError: Answer(409, "nothing-to-appeal", "There is no decision to appeal against"),
    NotYetCheckedError: Answer(409, "not-yet-checked", "The checks go on"),
    IllegalStepError: Answer(409, "illegal-step", "The registration cannot take this step"),
    DecisionRefusedError: Answer(422, "decision-refused", "The decision cannot count"),
    SoleGroundError: Answer(422, "sole-ground", "A face-age estimate is never the only ground"),
}


def adjudication_work(database: Database, store: RegistrationStore) -> Mapping[str, Handler]:
    """What this room has promised to do, by kind of job."""
    return {WEIGH_JOB: Opening(database, store).weigh}
