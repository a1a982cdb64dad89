"""A registration comes in: looked over while the worker is still at the desk, then kept, then checked."""

from collections.abc import Callable
from datetime import date
from typing import Final

import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.registry.workers.biometrics import (
    BiometricSearch,
    Item,
    captured_items,
    photo_item,
)
from services.registry.workers.check import stated
from services.registry.workers.store import Accepted, RegistrationStore, Submission
from shared.contracts.caller import Caller
from shared.contracts.problem import FieldProblem
from shared.contracts.registrations import RegistrationRequest
from shared.http.client import ServiceUnavailableError
from shared.standards.dates import DateIntervalError, parse_partial_date

log = structlog.get_logger(__name__)

MAX_KEY: Final = 128


class IdempotencyKeyMissingError(Exception):
    """A registration needs a key by which it can be sent again without being made twice."""


class CaptureNotUsableError(Exception):
    """A photo or print cannot be used; nothing was kept. `errors` says which and why."""

    def __init__(self, errors: list[FieldProblem]) -> None:
        super().__init__("capture again, or give an exception for a finger that cannot be captured")
        self.errors = errors


class ParticularsInvalidError(Exception):
    """A stated date does not exist, or cannot be true. `errors` says which."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__("give the date as it stands on the paper, or as much of it as is known")
        self.errors = [FieldProblem(pointer=f"/body/{field}", detail=detail)]


class Intake:
    """Takes registrations in.

    Args:
        store: keeps them.
        search: the biometric service; when it is away, registrations are taken in all the same and checked later.
        today: the present day.
    """

    def __init__(self, store: RegistrationStore, search: BiometricSearch, today: Callable[[], date]) -> None:
        self._store = store
        self._search = search
        self._today = today

    async def take(self, caller: Caller, key: str | None, body: bytes) -> Accepted:
        """Keep a registration durably, or say what is wrong with it and keep nothing.

        Raises:
            IdempotencyKeyMissingError, IdempotencyConflictError, CaptureNotUsableError, ParticularsInvalidError,
            RequestValidationError: nothing was kept.
        """
        if not key or len(key) > MAX_KEY or not key.isprintable():
            raise IdempotencyKeyMissingError(f"send the header Idempotency-Key, 1 to {MAX_KEY} printable characters")
        try:
            request = RegistrationRequest.model_validate_json(body)
        except ValidationError as error:
            raise RequestValidationError(_located(error)) from error
        self._check_births(request)
        submission = Submission(caller.member, caller.person, key, body, request, stated(request, self._today()))
        known = await self._store.find(submission)
        if known is not None:
            return known
        await self._look_over(caller.member, request)
        return await self._store.accept(submission)

    def _check_births(self, request: RegistrationRequest) -> None:
        births = {"born": request.born}
        births |= {"birth_record/born": request.birth_record.born} if request.birth_record else {}
        for field, born in births.items():
            try:
                earliest = parse_partial_date(born).earliest
            except DateIntervalError as error:
                raise ParticularsInvalidError(field, str(error)) from error
            if earliest > self._today():
                raise ParticularsInvalidError(field, "a day that is still to come")

    async def _look_over(self, member: str, request: RegistrationRequest) -> None:
        items = [item for item in captured_items(request) if "image" in item.data]
        if request.document and request.document.portrait:
            items.append(Item("/body/document/portrait", photo_item(request.document.portrait)))
        try:
            problems = await self._search.problems(member, items)
        except ServiceUnavailableError:
            log.warning("intake_unassessed")  # the desk goes on; the check looks later
            return
        if problems:
            raise CaptureNotUsableError(problems)


def _located(error: ValidationError) -> list[dict[str, object]]:
    return [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_input=False, include_url=False)]
