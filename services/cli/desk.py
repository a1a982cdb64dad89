"""The command that runs an enrolment station on this PC."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anyio
import click
import uvicorn

from services.cli.console import fail, json_option, show_json, url_option
from services.cli.preparation import DeploymentBusyError, hold, serving_address
from services.desk.lock import PinTooSimpleError, has_pin, set_pin
from services.desk.queue.gateway import GatewayAwayError
from services.desk.scanners.scanner import ScannerError, ScannerUnknownError
from services.desk.station import DeskSettings, Station, read_settings
from shared.contracts.registrations import FingerPosition
from shared.settings import Settings


@click.command(
    epilog="Example: lindung desk --simulate     Example: lindung desk --scanner sbi --port 8100     "
    "Example: lindung desk --status --json"
)
@url_option
@click.option("--folder", type=click.Path(path_type=Path), help="The desk's own; holds desk.toml. Default: VAR/desk.")
@click.option("--client", help="The desk's name as a client of the gateway. Default: desk.")
@click.option("--key", "key_file", type=click.Path(path_type=Path), help="Its private key. Default: of the key folder.")
@click.option("--port", type=click.IntRange(1, 65535), help="On 127.0.0.1. Default: 8100.")
@click.option("--scanner", help="sbi, secugen, rd-service, libfprint, folder, simulator, or one that a package brings.")
@click.option("--simulate", is_flag=True, help="No scanner: prints that are made up here.")
@click.option("--new-pin", is_flag=True, help="Choose another PIN first.")
@click.option("--status", is_flag=True, help="Show outbox and scanners, and end; 1 when something is wrong.")
@json_option
def desk(folder: Path | None, simulate: bool, new_pin: bool, status: bool, as_json: bool, **given: Any) -> None:
    """Enrol workers at this PC, with or without a network: a page in the browser, on loopback only."""
    settings = _settings(folder, simulate, given)
    try:
        with hold(settings.folder):
            if simulate:
                _make_prints(Path(settings.scanners["simulator"]["prints"]))
            station = Station(settings)
            if status:
                _show_status(station, as_json)
                return
            _choose_pin(settings.folder, new_pin)
            _serve(station)
    except DeploymentBusyError:
        fail("a desk runs in this folder already")
    except ScannerUnknownError as error:
        fail(str(error))


def _settings(folder: Path | None, simulate: bool, given: dict[str, Any]) -> DeskSettings:
    deployment = Settings()
    url = given.pop("url")
    client = given["client"]
    folder = folder or deployment.var / "desk"
    given["gateway"] = url or serving_address(deployment.var)
    if url is None or "public_url" in deployment.model_fields_set:
        given["audience"] = deployment.public_url
    if simulate:
        given |= {"scanner": "simulator", "scanners": {"simulator": {"prints": str(folder / "simulated-prints")}}}
    try:
        first = read_settings(folder, **{"gateway": deployment.public_url, "key_file": Path("none")} | _said(given))
        key = given["key_file"] or deployment.key_folder / "clients" / f"{client or first.client}.pem"
        given["key_file"] = key if first.key_file == Path("none") else first.key_file
        return read_settings(folder, **{"gateway": first.gateway} | _said(given))
    except ValueError as error:
        fail(f"desk.toml: {error}")


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _choose_pin(folder: Path, again: bool) -> None:
    while again or not has_pin(folder):
        try:
            set_pin(folder, click.prompt("PIN for this desk", hide_input=True, confirmation_prompt=True, err=True))
        except PinTooSimpleError as error:
            click.echo(str(error), err=True)
        else:
            return


def _serve(station: Station) -> None:
    from services.desk.app import create_app  # the photo's detector loads only for those who need it

    port = station.settings.port
    click.echo(f"The desk is at http://127.0.0.1:{port} (stop with Ctrl-C)", err=True)
    uvicorn.run(
        create_app(station), host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=10,
    )  # fmt: skip


def _show_status(station: Station, as_json: bool) -> None:
    found, trouble = anyio.run(_look, station)
    room = station.outbox.room()
    told = {"outbox": asdict(room), "scanner": station.settings.scanner, "devices": found, "trouble": trouble}
    if as_json:
        show_json(told)
    else:
        click.echo(f"waiting {room.waiting}, refused {room.refused}, room for about {room.fits}")
        click.echo(f"scanner {station.settings.scanner or 'none'}: {json.dumps(found, ensure_ascii=False)}")
        click.echo("\n".join(trouble) or "nothing is wrong")
    if trouble:
        raise SystemExit(1)


async def _look(station: Station) -> tuple[list[dict[str, Any]], list[str]]:
    found, trouble = [], []
    try:
        if station.scanner is not None:
            found = [asdict(device) for device in await station.scanner.discover()]
            trouble += [] if found else ["no scanner is connected"]
    except ScannerError as error:
        trouble.append(f"scanner: {error}")
    try:
        station.keys.take(await station.gateway.packet_key())
    except GatewayAwayError as error:
        trouble.append(f"gateway: {error}")
    await station.gateway.close()
    clock = station.clock.trouble(station.outbox.newest())
    return found, trouble + ([str(clock)] if clock else [])


def _make_prints(folder: Path) -> None:
    """Two shots of each usual finger, of nobody."""
    if folder.exists():
        return
    from services.sandbox.region import Impression
    from services.sandbox.studio import Studio

    folder.mkdir(parents=True, mode=0o700)
    studio = Studio()
    for number, finger in enumerate((FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX)):
        for shot in (1, 2):
            path = folder / f"{finger.value}.{shot}.png"
            path.write_bytes(studio.fingerprint(Impression(900 + number, shot)))
