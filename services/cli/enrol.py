"""The command that registers a worker."""

import base64
import secrets
from pathlib import Path
from typing import Any

import click

from services.cli.connection import Api, Identity, connect
from services.cli.console import FOUND, json_option, run, show_json, url_option
from shared.contracts.caller import Purpose
from shared.contracts.registrations import FingerPosition
from shared.settings import Settings


class _Finger(click.ParamType[tuple[str, Path]]):
    """`right-index=print.wsq`."""

    name = "POSITION=FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        """Position and file.

        Raises:
            click.BadParameter: the position is not a finger's, or there is no such file.
        """
        if isinstance(value, tuple):
            return value
        position, _, file = str(value).partition("=")
        if position not in set(FingerPosition):
            self.fail(f"{position!r} is none of {', '.join(FingerPosition)}", param, ctx)
        path = Path(file)
        if not path.is_file():
            self.fail(f"no file {file!r}", param, ctx)
        return position, path


@click.command(
    epilog="Example: lindung enrol --photo desk.jpg --finger right-index=ri.wsq --name 'SITI AMINAH' --born 1996-04-02"
)
@click.option("--photo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Live photo.")
@click.option("--finger", "fingers", type=_Finger(), multiple=True, help="A print; may be given for each finger.")
@click.option("--name", required=True, help="In the passport's spelling.")
@click.option("--native-name", help="In the worker's own script.")
@click.option("--born", required=True, help="YYYY, YYYY-MM or YYYY-MM-DD.")
@click.option("--document", help="Machine-readable zone; lines one after the other, or parted by a line feed.")
@click.option(
    "--portrait", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Portrait on the document."
)
@click.option("--nationality", help="ISO 3166-1 alpha-3.")
@click.option("--sex", type=click.Choice(["F", "M", "X"]))
@click.option("--destination", help="ISO 3166-1 alpha-3 of the intended work; with --start.")
@click.option("--sector", default="any", show_default=True)
@click.option("--start", help="Intended first day, YYYY-MM-DD.")
@click.option("--key", help="Idempotency key; give the same to send again. Default: random.")
@click.option("--as", "client", default="desk", show_default=True, help="Local client.")
@url_option
@json_option
def enrol(client: str, url: str | None, as_json: bool, key: str | None, **given: Any) -> None:
    """Register a worker and wait for the checks. Ends with 1 when they point at something."""
    settings, body = Settings(), _body(given)

    async def work() -> dict[str, Any]:
        async with connect(settings, url) as api:
            return await register(
                api, Identity(client, Purpose.WORKER_REGISTRATION), body, key or secrets.token_hex(16)
            )

    answer = run(work)
    if as_json:
        show_json(answer)
    else:
        _show(answer)
    if answer["signals"]:
        raise SystemExit(FOUND)


async def register(api: Api, identity: Identity, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Register, and read until it is checked."""
    headers = {"Idempotency-Key": key, "Prefer": "wait=30"}
    answer: dict[str, Any] = (await api.ask(identity, "POST", "/v1/registrations", json=body, headers=headers)).json()
    while answer["progress"] != "CHECKED":
        path = f"/v1/registrations/{answer['registration']}"
        answer = (await api.ask(identity, "GET", path, headers={"Prefer": "wait=30"})).json()
    return answer


def encode(image: bytes) -> str:
    """An image as JSON carries it."""
    return base64.b64encode(image).decode()


def _body(given: dict[str, Any]) -> dict[str, Any]:
    document = {"mrz": given["document"]} if given["document"] else {}
    document |= {"portrait": encode(given["portrait"].read_bytes())} if given["portrait"] else {}
    placement = None
    if given["destination"] or given["start"]:
        if not (given["destination"] and given["start"]):
            raise click.UsageError("--destination and --start go together")
        placement = {"destination": given["destination"], "sector": given["sector"], "start": given["start"]}
    body = {
        "name": given["name"],
        "native_name": given["native_name"],
        "born": given["born"],
        "sex": given["sex"],
        "nationality": given["nationality"],
        "document": document or None,
        "placement": placement,
        "photo": encode(given["photo"].read_bytes()) if given["photo"] else None,
        "fingers": [{"position": position, "image": encode(path.read_bytes())} for position, path in given["fingers"]],
    }
    return {name: value for name, value in body.items() if value is not None}


def _show(answer: dict[str, Any]) -> None:
    click.echo(f"{answer['registration']}  {answer['state']}")
    for signal in answer["signals"]:
        click.echo(f"  {signal['code']} ({signal['strength']}): {signal['says']}")
        click.echo(f"     does not prove: {signal['does_not_prove']}")
    for candidate in answer["candidates"]:
        differs = ", ".join(candidate["differences"]) or "nothing"
        found = f"score {candidate['score']:.1f}, {candidate['relation']}, differs in {differs}"
        click.echo(f"  candidate {candidate['registration']}: {found}")
    for item in answer["missing"]:
        click.echo(f"  missing: {item}")
