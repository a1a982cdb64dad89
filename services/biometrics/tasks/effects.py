"""That a task has made its change, written together with the change: work that is done again changes nothing twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.biometrics.tasks.tables import TaskRow
from shared.contracts.osia import PersonIds

OK: Final = '"OK"'
"""What is sent to a callback when there is nothing else to say."""

_current: ContextVar[str | None] = ContextVar("current_task", default=None)


@contextmanager
def working_on(task_id: str) -> Iterator[None]:
    """What is written inside is the effect of this task."""
    token = _current.set(task_id)
    try:
        yield
    finally:
        _current.reset(token)


async def note_effect(session: AsyncSession, ids: PersonIds | None = None) -> None:
    """Say in the transaction of a change that the task at hand has made it; nothing happens outside a task.

    Args:
        session: the transaction.
        ids: of what was written; None where the answer has no body.
    """
    task_id = _current.get()
    if task_id is not None:
        effect = OK if ids is None else ids.model_dump_json()
        await session.execute(update(TaskRow).where(TaskRow.id == task_id).values(effect=effect))
