"""The console put together: its pages, and the gateway's own doors that they ask."""

from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException

from services.gateway.console import (
    accesses,
    alerts,
    calibrating,
    claiming,
    complaints,
    deciding,
    everybody,
    flags,
    funding,
    inspecting,
    interviews,
    letting_in,
    lists,
    operations,
    referring,
    region,
    register,
    registrations,
    screening,
    signing,
    supporting,
    watching,
)
from services.gateway.console.asking import OwnDoors
from services.gateway.console.routing import page_router

_otherwise = page_router()


@_otherwise.get("/{rest:path}")
async def no_such_page(rest: str) -> None:
    """Whatever else is asked for under the console's address."""
    del rest
    raise HTTPException(404)


ROUTERS: Final[tuple[APIRouter, ...]] = (
    *(signing.router, lists.router, screening.router, register.router, watching.router, deciding.router),
    *(registrations.router, accesses.router, alerts.router, region.router, operations.router, calibrating.router),
    *(complaints.router, interviews.router, referring.router, supporting.router, claiming.router),
    *(funding.router, flags.router, inspecting.router, letting_in.router, everybody.router, _otherwise),
)


def add_console(app: FastAPI) -> None:
    """Give a gateway its pages."""
    app.state.own_doors = OwnDoors(app)
    for router in ROUTERS:
        app.include_router(router)
