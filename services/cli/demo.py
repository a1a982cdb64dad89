"""The command that shows a region at work: its register filled, its workers enrolled, its plants found."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import anyio
import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.biometrics.face import FacepluginFaceEngine, is_installed
from services.cli.connection import connect
from services.cli.console import FOUND, fail, json_option, run, show_json
from services.cli.preparation import prepare, register_clients
from services.cli.rehearsal import Tally, enrol_region, fill_register, screen_region, tally
from services.sandbox.region import Region, make_region
from services.sandbox.studio import Studio
from shared.contracts.caller import Role
from shared.crypto.keyfiles import MEMBERS
from shared.settings import Settings

_MARK: Final = "made-by-lindung-demo"
_START_S: Final = 60.0
_ROLES: Final = {
    "desk": Role.DESK_OFFICER,
    "child-protection": Role.CHILD_PROTECTION,
    "labour": Role.LABOUR_INSPECTOR,
    "registrar": Role.REGISTRAR,
}

_WELCOME: Final = """
The gateway answers at {address} (stop with Ctrl-C). Its clients sign in with keys that lie in {var}/keys/clients:
desk, licensing, labour, child-protection, victim-support, registrar, adjudicator, investigator, prosecutor,
consular, auditor, member-system; adjudicator-2, child-protection-2 and victim-support-2 are the second persons of a
decision. For example:

  export LINDUNG_VAR={var} LINDUNG_PUBLIC_URL={address} PATH=.venv/bin:$PATH
  lindung screen "Ladang Kenchana Merbuk Sdn Bhd" --schema Company --country my
  lindung token --as labour GET /v1/parties | curl -H @- -H "Lindung-Purpose: labour_inspection" \\
       {address}/v1/parties?limit=5
"""

log = Console(stderr=True)


@click.command(epilog="Example: lindung demo     Example: lindung demo --no-serve --json")
@click.option(
    "--no-serve", is_flag=True, help="End after the table; 1 when a plant was missed or something false raised."
)
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder PERSON/photo.jpg: real photos in place of drawn faces.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the synthetic region.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default: 8000, or a free one.")
@json_option
def demo(no_serve: bool, photos: Path | None, seed: int, port: int | None, as_json: bool) -> None:
    """Show a small synthetic region at work, through the public API, in a folder of its own (LINDUNG_VAR/demo).

    Eleven states fill the register, desks enrol workers (drawn faces, drawn prints, invented names), a licensing
    office screens agencies. The table tells what was planted, found, missed, and raised falsely.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the server ends with us
    chosen = port or _free_port()
    base = Settings()
    settings = base.model_copy(
        update={
            "var": base.var / "demo",
            "models": base.model_folder,
            "face_engine": base.face_engine if photos else "dlib",  # drawn faces were bred to be told apart by it
            "public_url": f"http://127.0.0.1:{chosen}",
            "cap_factor": 1000.0,  # eleven states' work of a year, in a minute
        }
    )
    region, studio = make_region(seed), Studio(photos)
    _say_engine(settings, drawn=photos is None)
    _fresh_folder(settings.var)
    run(lambda: _prepare(settings))
    with _server(settings, chosen) as server:
        started = time.perf_counter()
        found = run(lambda: _rehearse(settings, region, studio))
        seconds = time.perf_counter() - started
        document = _document(region, found, seconds)
        if as_json:
            show_json(document)
        else:
            _show(document)
        failed = any(row["missed"] or row["false"] for row in document["signals"].values())
        if not no_serve:
            _stay(settings, server)
    if failed:
        raise SystemExit(FOUND)


async def _prepare(settings: Settings) -> None:
    await prepare(settings)
    clients = ((f"{name}-{member}", role, member) for name, role in _ROLES.items() for member in MEMBERS)
    await register_clients(settings, clients)


async def _rehearse(settings: Settings, region: Region, studio: Studio) -> Tally:
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with connect(settings, settings.public_url) as api:
        with Progress(*columns, console=log) as progress:
            await fill_register(api, region, progress.track)
            await enrol_region(api, region, studio, progress.track)
            screened = await screen_region(api, region, progress.track)
        return await tally(api, region, screened)


def _document(region: Region, found: Tally, seconds: float) -> dict[str, Any]:
    return {
        "signals": {
            kind: {
                "planted": len(found.planted[kind]),
                "found": len(found.planted[kind] & raised),
                "missed": len(found.planted[kind] - raised),
                "false": len(raised - found.planted[kind]),
            }
            for kind, raised in sorted(found.raised.items())
        },
        "seconds": round(seconds, 1),
        "enrolled": len(region.enrolments),
        "screened": len(region.screenings),
    }


def _show(document: dict[str, Any]) -> None:
    table = Table(title="What was planted in the region, and what was found")
    table.add_column("signal")
    for heading in ("planted", "found", "missed", "false"):
        table.add_column(heading, justify="right")
    for kind, row in document["signals"].items():
        style = "red" if row["missed"] or row["false"] else ""
        table.add_row(kind, *(str(row[heading]) for heading in ("planted", "found", "missed", "false")), style=style)
    console = Console()
    console.print(table)
    console.print(
        f"{document['enrolled']} workers enrolled and {document['screened']} parties screened "
        f"through the API in {document['seconds']:.0f} s"
    )


def _stay(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    log.print(_WELCOME.format(var=settings.var, address=settings.public_url), highlight=False, soft_wrap=True)
    try:
        server.wait()
    except KeyboardInterrupt:
        log.print("stopping")


def _say_engine(settings: Settings, *, drawn: bool) -> None:
    installed = is_installed(settings.model_folder)
    if not installed and settings.face_engine != "dlib":
        log.print("[bold yellow]WARNING[/]: the less accurate face engine is used; mend it: lindung models install")
    elif drawn:
        kept = "is installed" if installed else "is not installed (lindung models install)"
        log.print(
            "drawn faces are compared by dlib-resnet-v1, which they were made for; the more accurate "
            f"{FacepluginFaceEngine.model_id}, for real faces, {kept}"
        )


def _fresh_folder(folder: Path) -> None:
    """Empty the demo's own folder; never one that the demo did not make."""
    if folder.exists():
        if not (folder / _MARK).exists():
            fail(f"{folder} was not made by the demo; name another folder with LINDUNG_VAR")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()


def _free_port() -> int:
    for port in (8000, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return fail("no free port")


@contextmanager
def _server(settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The service as a process of its own, as `lindung serve` starts it; its log goes into the folder."""
    environment = {
        "LINDUNG_VAR": str(settings.var),
        "LINDUNG_MODELS": str(settings.model_folder),
        "LINDUNG_FACE_ENGINE": settings.face_engine,
        "LINDUNG_PUBLIC_URL": settings.public_url,
        "LINDUNG_CAP_FACTOR": str(settings.cap_factor),
    }
    with (settings.var / "server.log").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own program with our own arguments
            [sys.executable, "-m", "services.cli", "serve", "--port", str(port)],
            env=_inherited() | environment,
            stderr=output,
            stdout=output,
        )
        try:
            run(lambda: _until_ready(settings.public_url, process))
            yield process
        finally:
            process.terminate()
            process.wait(30)


async def _until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        with anyio.move_on_after(_START_S):
            while process.poll() is None:
                try:
                    if (await client.get("/health/ready")).is_success:
                        return
                except httpx.TransportError:
                    await anyio.sleep(0.1)
    fail("the service did not start; see server.log in the demo's folder")


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
