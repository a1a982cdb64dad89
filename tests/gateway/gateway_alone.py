"""A gateway with its register in this process, and no biometric service: what most of the federation needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from services.gateway.app import create_app as create_gateway
from services.registry.app import create_app as create_registry
from shared.settings import Settings


def create_gateway_alone(settings: Settings) -> FastAPI:
    """Starts in a moment: no engine is loaded."""
    registry = create_registry(settings)
    to_registry = httpx.ASGITransport(registry, raise_app_exceptions=False)
    gateway = create_gateway(settings, to_registry, httpx.ASGITransport(FastAPI()))
    own_lifespan = gateway.router.lifespan_context

    @asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[None]:
        async with registry.router.lifespan_context(registry), own_lifespan(app):
            yield

    gateway.router.lifespan_context = both
    return gateway
