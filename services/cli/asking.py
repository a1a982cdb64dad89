"""Commands that ask the API something: a token, a screening, a verification."""

import base64
import secrets
from pathlib import Path
from typing import Any

import click
import httpx

from services.cli.connection import Api, Identity, connect
from services.cli.console import FOUND, fail, json_option, run, show_json, url_option
from services.cli.listing import screen_list, show_batch
from shared.contracts.caller import Purpose
from shared.settings import Settings

as_option = click.option("--as", "client", help="Local client to ask as; its key lies in the key folder.")


@click.command(
    epilog="Example: lindung token --as licensing POST /match/default | curl -H @- …     "
    "Example: lindung token --as legacy"
)
@click.argument("method", required=False)
@click.argument("path", required=False)
@click.option("--as", "client", default="desk", show_default=True, help="Local client.")
@url_option
@json_option
def token(method: str | None, path: str | None, client: str, url: str | None, as_json: bool) -> None:
    """What proves a local client: two header lines for one request, good once; or a bearer token of ten minutes.

    With METHOD and PATH: a token bound to a key that is forgotten at once, and the proof for that one request. Without:
    a token that is anybody's who has it, for clients that are registered as unbound.
    """
    settings = Settings()
    if method is not None and path is None:
        raise click.UsageError("name METHOD and PATH, or neither")

    async def work() -> dict[str, str]:
        async with connect(settings, url) as api:
            if method is None or path is None:
                return {"access_token": await api.token(client, bound=False)}
            return await api.headers(client, method.upper(), path)

    value = run(work)
    if as_json:
        show_json(value | {"client": client})
    elif method is None:
        click.echo(value["access_token"])
    else:
        click.echo("\n".join(f"{name}: {text}" for name, text in value.items()))


@click.command(
    epilog='Example: lindung screen "Sinar Jaya Agency" --schema Company --country MY     '
    "Example: lindung screen --batch partners.csv --out result.csv"
)
@click.argument("name", required=False)
@click.option(
    "--schema", type=click.Choice(["Person", "Company", "Organization", "LegalEntity"]), default="LegalEntity"
)
@click.option("--country", help="ISO 3166-1 alpha-2.")
@click.option("--born", help="Birth date of a person, YYYY[-MM[-DD]].")
@click.option("--number", help="A registration, licence or document number.")
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True)
@click.option(
    "--batch",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file in place of a name; broken off, the same command goes on.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the batch's result is written.")
@click.option("--as", "client", default="licensing", show_default=True, help="Local client.")
@url_option
@json_option
def screen(
    name: str | None,
    schema: str,
    country: str | None,
    born: str | None,
    number: str | None,
    limit: int,
    batch: Path | None,
    out: Path | None,
    client: str,
    url: str | None,
    as_json: bool,
) -> None:
    """Is this employer, agency or person known to any member? Ends with 1 when there is a match.

    A batch asks this member's register only.
    """
    settings = Settings()
    if (name is None) == (batch is None) or (batch is None) != (out is None):
        raise click.UsageError("either a NAME, or --batch with --out")
    if batch is not None and out is not None:
        _screen_batch(batch, out, min(limit, 20), Identity(client, Purpose.LICENCE_CHECK), url, as_json=as_json)
        return
    assert name is not None  # noqa: S101
    properties: dict[str, list[str]] = {"name": [name]}
    properties |= {"birthDate": [born]} if born else {}
    properties |= {"idNumber": [number]} if number else {}
    properties |= {"nationality" if schema == "Person" else "country": [country]} if country else {}

    async def work() -> dict[str, Any]:
        async with connect(settings, url) as api:
            return await ask_match(api, Identity(client, Purpose.LICENCE_CHECK), schema, properties, limit)

    answer = run(work)
    if as_json:
        show_json(answer)
    else:
        _show_results(answer)
    if any(result["match"] for result in answer["results"]):
        raise SystemExit(FOUND)


def _screen_batch(batch: Path, out: Path, limit: int, identity: Identity, url: str | None, *, as_json: bool) -> None:
    async def work() -> dict[str, Any]:
        async with connect(Settings(), url) as api:
            return await screen_list(api, identity, batch, out, limit)

    done = run(work)
    if as_json:
        show_json(done | {"out": str(out)})
    else:
        show_batch(done, out)
    if done["matches"]:
        raise SystemExit(FOUND)


async def ask_match(
    api: Api, identity: Identity, schema: str, properties: dict[str, list[str]], limit: int = 10
) -> dict[str, Any]:
    """One query's results, and which members were asked and which stayed silent."""
    body = {"queries": {"q": {"schema": schema, "properties": properties}}}
    answer = (await api.ask(identity, "POST", f"/match/default?limit={limit}", json=body)).json()
    return {
        "results": answer["responses"]["q"]["results"],
        "members_asked": answer["members_asked"],
        "members_silent": answer["members_silent"],
    }


def _show_results(answer: dict[str, Any]) -> None:
    if answer["members_silent"]:
        click.echo(f"did not answer, so nothing is said of: {', '.join(answer['members_silent'])}")
    if not answer["results"]:
        click.echo(f"nothing found at {', '.join(answer['members_asked'])}")
    for result in answer["results"]:
        cleared = (result.get("clearance") or {}).get("stands", False)
        mark = "MATCH   " if result["match"] else "cleared " if cleared else "possible"
        click.echo(f"{mark} {result['score']:.2f}  {result['caption']}  [{result['schema']}]  {result['status_label']}")
        for link in result["links"]:
            click.echo(f"               {link['kind']}: {link['party']['caption']}: {link['status_label']}")
        for explanation in result["reasons"]:
            click.echo(f"               {explanation['field']}: {explanation['text']}")


@click.command(
    epilog="Example: lindung verify passport.jpg desk.jpg     Example: lindung verify a.wsq b.wsq --kind finger"
)
@click.argument("first", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("second", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice(["face", "finger"]), help="Default: whichever can be used.")
@click.option("--as", "client", default="desk", show_default=True, help="Local client.")
@url_option
@json_option
def verify(first: Path, second: Path, kind: str | None, client: str, url: str | None, as_json: bool) -> None:
    """Are two photos, or two prints, of one person? Ends with 1 when they are not."""
    settings = Settings()
    identity = Identity(client, Purpose.WORKER_REGISTRATION)

    async def work() -> dict[str, Any]:
        async with connect(settings, url) as api:
            chosen = kind or await _usable_kind(api, identity, first)
            body = {"biometricData1": [_item(first, chosen)], "biometricData2": [_item(second, chosen)]}
            answer = await api.ask(identity, "POST", _transaction("/v1/verify"), json=body)
            return _verdict(answer, chosen)

    answer = run(work)
    if as_json:
        show_json(answer)
    else:
        click.echo(
            f"{'same' if answer['decision'] else 'not the same'}: {answer['score']:.3f}, from {answer['threshold']:.3f}"
        )
    if not answer["decision"]:
        raise SystemExit(FOUND)


async def _usable_kind(api: Api, identity: Identity, path: Path) -> str:
    for kind in ("face", "finger"):
        answer = await api.ask(identity, "POST", _transaction("/v1/quality"), json=_item(path, kind))
        if answer.json()["usable"]:
            return kind
    return fail(f"{path}: neither a face nor a print can be used in it")


def _item(path: Path, kind: str) -> dict[str, Any]:
    image = base64.b64encode(path.read_bytes()).decode()
    if kind == "face":
        return {"biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": image}
    return {"biometricType": "FINGER", "biometricSubType": "UNKNOWN", "image": image}


def _transaction(path: str) -> str:
    return f"{path}?transactionId={secrets.token_hex(8)}"


def _verdict(answer: httpx.Response, kind: str) -> dict[str, Any]:
    body = answer.json()
    details = [{**detail, **(detail.get("others") or {})} for detail in body.get("scores") or ()]
    return {
        "score": next((detail["fusedScore"] for detail in details), 0.0),
        "decision": body["decision"],
        "threshold": next((detail["threshold"] for detail in details), None),
        "unit": "-log10 of the share of strangers that reach the score",
        "kind": kind,
        "raw": [detail["score"] for detail in details],
    }
