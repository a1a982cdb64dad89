"""The room put together: its desk, its work, and the way its results go out."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import jwt
from fastapi import FastAPI

from services.biometrics.tables import JobRow
from services.biometrics.tasks.addresses import CallbackHosts
from services.biometrics.tasks.delivery import Delivery
from services.biometrics.tasks.desk import DELIVER, EXECUTE, PURGE, TaskDesk
from services.biometrics.tasks.execution import TaskWork, new_signer_name
from shared.crypto.keyfiles import new_signing_key, public_jwk
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.db.jobs import Handler, JobRunner
from shared.http.tokens import CallerSigner

WORKERS = 4
"""Jobs at the same time; most wait for an engine's thread or for a callback's answer."""


@asynccontextmanager
async def open_tasks(
    app: FastAPI, database: Database, ring: KeyRing, trusted: dict[str, jwt.PyJWK], others: Mapping[str, Handler]
) -> AsyncIterator[None]:
    """Start the service's durable work.

    Args:
        app: the service, with everything that its operations need.
        database: the service's.
        ring: the member states' keys.
        trusted: the keys that the service's verifier trusts; one is added that lives in this process only, by which
            the service vouches to itself for a task's caller.
        others: handlers of other kinds of job.
    """
    private, name = new_signing_key(), new_signer_name()
    trusted[name] = jwt.PyJWK(public_jwk(private, name))
    hosts = CallbackHosts(app.state.settings.callback_hosts)
    work = TaskWork(database, ring, app, CallerSigner(name, private))
    delivery = Delivery(database, ring, hosts)
    handlers = {EXECUTE: work.execute, DELIVER: delivery.deliver, PURGE: work.purge, **others}
    runner = JobRunner(database, JobRow, handlers, WORKERS)
    app.state.callback_hosts, app.state.tasks = (
        hosts,
        TaskDesk(database, ring, runner, app.state.settings.waiting_tasks),
    )
    app.state.job_runner = runner
    await runner.start()
    try:
        yield
    finally:
        await runner.stop()
        await work.close()
        await delivery.close()
