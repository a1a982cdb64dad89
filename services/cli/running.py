"""Commands that run and prepare the services."""

import gc
import json
from importlib import import_module
from pathlib import Path

import anyio
import click
import uvicorn
from fastapi import FastAPI

from services.cli.console import FOUND, fail, json_option, show_json
from services.cli.preparation import DeploymentBusyError, hold, prepare, write_address
from shared.db.migrate import upgrade
from shared.http.observation import configure_logging
from shared.settings import SERVICES, ServiceName, Settings

_PORTS = {"gateway": 8000, "registry": 8001, "biometrics": 8002}


@click.command(epilog="Example: lindung serve --port 8000     Example: lindung serve registry --host 0.0.0.0")
@click.argument("service", required=False, type=click.Choice(SERVICES))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help="Default: 8000; registry 8001, biometrics 8002.")
def serve(service: ServiceName | None, host: str, port: int | None) -> None:
    """Serve all three in one process, or one of them.

    All three: the folder LINDUNG_VAR is prepared first (keys, schema, a local client for each role), and one process
    at a time serves it. One of them: keys and schema must be there (lindung keys, lindung migrate).
    """
    settings = Settings()
    port = port or _PORTS[service or "gateway"]
    configure_logging(settings.log_level)
    if service is not None:
        run_server(create_service(service, settings), host, port)
        return
    try:
        with hold(settings.var):
            anyio.run(prepare, settings)
            address = f"http://{host}:{port}"
            write_address(settings.var, address)
            click.echo(f"Lindung answers at {address} (stop with Ctrl-C)", err=True)
            run_server(import_module("services.standalone").create_app(settings), host, port)
    except DeploymentBusyError as error:
        fail(str(error))


def create_service(service: ServiceName, settings: Settings) -> FastAPI:
    """One service's application; imported only now, so that no other command waits for its engines."""
    app: FastAPI = import_module(f"services.{service}.app").create_app(settings)
    return app


def run_server(app: FastAPI, host: str, port: int) -> None:
    """Serve until told to stop; logs are the application's own.

    What was imported stays: it is not looked through for garbage again, since every request would wait for that.
    """
    gc.freeze()
    uvicorn.run(
        app,
        host=host,
        port=port,
        http="h11",  # bounds a request's head, which httptools does not
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who a request comes from is read after LINDUNG_PROXIES
        timeout_keep_alive=30,
        timeout_graceful_shutdown=20,
        h11_max_incomplete_event_size=32_768,
    )


@click.command(epilog="Example: lindung migrate     Example: lindung migrate --only registry")
@click.option("--only", type=click.Choice(SERVICES), help="One service's database.")
@json_option
def migrate(only: ServiceName | None, as_json: bool) -> None:
    """Bring the databases to the newest schema; safe to repeat."""
    settings = Settings()
    done = [only] if only else list(SERVICES)
    for service in done:
        upgrade(service, settings.database_url(service))
    if as_json:
        show_json({"migrated": done})
    else:
        click.echo(f"migrated: {', '.join(done)}")


@click.command(epilog="Example: lindung openapi --into docs/api     Example: lindung openapi --check")
@click.option("--into", type=click.Path(path_type=Path), default=Path("docs/api"), show_default=True)
@click.option("--check", is_flag=True, help="Change nothing; end with 1 when a file differs.")
@json_option
def openapi(into: Path, check: bool, as_json: bool) -> None:
    """Write the services' OpenAPI documents."""
    settings = Settings()
    stale = []
    for service in SERVICES:
        path = into / f"{service}.json"
        text = (
            json.dumps(create_service(service, settings).openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        )
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    done = "differs" if check else "written"
    if as_json:
        show_json({done: stale})
    else:
        click.echo(f"{done}: {', '.join(stale) or 'none'}")
    if check and stale:
        raise SystemExit(FOUND)
