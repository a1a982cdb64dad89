"""OSIA's task operations."""
# ruff: noqa: FAST003  path parameters come by the standard's own names, as aliases

from typing import Annotated, cast

from fastapi import APIRouter, Path, Request

from services.biometrics.operation import OwnerDep, route
from services.biometrics.tasks.desk import TaskDesk
from services.biometrics.tasks.tables import TaskState

router = APIRouter(prefix="/v1/tasks", tags=["Task"])

TaskIdPath = Annotated[str, Path(alias="taskId", max_length=100, description="the id of the task")]


@router.get("/{taskId}/status", **route("readTaskStatus", "abis.task.read", [404], callback=False))
async def read_task_status(task_id: TaskIdPath, owner: OwnerDep, request: Request) -> TaskState:
    """How far a task is."""
    return await cast("TaskDesk", request.app.state.tasks).state(task_id, owner)


@router.post(
    "/{taskId}/redeliver", status_code=204, **route("redeliverTaskResult", "abis.task.update", [404], callback=False)
)
async def redeliver_task_result(task_id: TaskIdPath, owner: OwnerDep, request: Request) -> None:
    """Send the result of a task again; one that is not there yet is sent when it is."""
    await cast("TaskDesk", request.app.state.tasks).redeliver(task_id, owner)
