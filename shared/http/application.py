"""The frame of every service's application: limits, problems, logs, figures, health."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from shared.http.limits import RequestLimits
from shared.http.observation import Metrics, Observation
from shared.http.problems import ProblemTable, install_problems
from shared.settings import ServiceName, Settings

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Ready = Callable[[FastAPI], Awaitable[None]]


_health: Final = APIRouter(tags=["health"])
"""Its routes ask for the application: FastAPI keeps every route's function, and would keep what it closes over."""


@_health.get("/health/live", summary="The process runs", operation_id="live")
async def live() -> dict[str, str]:
    return {"status": "live"}


@_health.get("/health/ready", summary="The service can do its work", operation_id="ready")
async def is_ready(request: Request) -> dict[str, str]:
    try:
        await cast("Ready", request.app.state.ready)(request.app)
    except Exception as error:
        raise HTTPException(503, type(error).__name__) from error
    return {"status": "ready"}


@_health.get("/healthz", include_in_schema=False)
async def healthz() -> dict[str, str]:
    """Liveness, as clients of yente ask for it."""
    return {"status": "ok"}


@_health.get("/readyz", include_in_schema=False)
async def readyz(request: Request) -> dict[str, str]:
    """Readiness, likewise."""
    await is_ready(request)
    return {"status": "ok"}


@_health.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    operation_id="metrics",
)
async def metrics(request: Request) -> Response:
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def frame_application(
    service: ServiceName,
    settings: Settings,
    *,
    lifespan: Lifespan,
    ready: Ready,
    problems: ProblemTable,
    description: dict[str, Any],
) -> FastAPI:
    """An application with everything that the three services share, and no route of its own yet.

    Args:
        service: its name.
        settings: the deployment's.
        lifespan: opens what the service needs and closes it.
        ready: raises while the service cannot do its work (database away, index loading).
        problems: the service's errors and how they are answered.
        description: OpenAPI's title, version and description.
    """
    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False, **description)
    metrics = Metrics(service)
    app.state.metrics = metrics
    app.state.settings = settings
    app.add_middleware(RequestLimits, max_body_bytes=settings.max_body_bytes, seconds=settings.request_seconds)
    app.add_middleware(Observation, metrics=metrics)
    install_problems(app, problems)
    app.state.ready = ready
    app.include_router(_health)
    return app
