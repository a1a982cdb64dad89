"""Commands that take lists in and give them out."""

import csv
import hashlib
import json
import tomllib
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path
from typing import IO, Any, Final

import anyio
import click
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from services.cli.connection import Api, Identity, connect
from services.cli.console import FOUND, json_option, run, show_json, url_option
from shared.contracts.caller import Purpose
from shared.contracts.exchange import ImportOrder, ImportState
from shared.settings import Settings

_PART: Final = 700_000  # characters of whole lines that are sent at once
_POLL_S: Final = 0.5
_PAGE: Final = 1000

log = Console(stderr=True)


@click.command("import", epilog="Example: lindung import debarred.csv --mapping debarred.toml --dry-run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TOML; for CSV.")
@click.option("--source", help="Which list, the same for each edition; default: the file's name.")
@click.option("--delta", is_flag=True, help="The file holds changes only: what it lacks is not delisted.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it, and change nothing.")
@click.option(
    "--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Write rejected lines here: .csv or .json."
)
@click.option("--as", "client", default="registrar", show_default=True, help="Local client.")
@url_option
@json_option
def import_(
    file: Path,
    mapping: Path | None,
    source: str | None,
    delta: bool,
    dry_run: bool,
    rejected: Path | None,
    client: str,
    url: str | None,
    as_json: bool,
) -> None:
    """Take a list into the register: FollowTheMoney JSON lines, or CSV with a mapping.

    What the list says already is left as it is; what it no longer names is delisted, not forgotten. Stopped at any
    moment, the same command goes on where it was. Ends with 1 when lines were rejected.
    """
    order = _order(file, mapping, source or file.stem.lower().replace("_", "-")[:32], delta, dry_run)

    async def work() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        async with connect(Settings(), url) as api:
            identity = Identity(client, Purpose.REGISTER_MAINTENANCE)
            record = await _send(api, identity, file, order)
            return record, [each async for each in _rejections(api, identity, record["id"])]

    record, refused = run(work)
    if rejected:
        _write_rejections(rejected, refused)
    if as_json:
        show_json(record | {"rejections": refused})
    else:
        _show(record, refused)
    if refused:
        raise SystemExit(FOUND)


def _order(file: Path, mapping: Path | None, source: str, delta: bool, dry_run: bool) -> ImportOrder:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    told: dict[str, Any] = {"source": source, "format": "csv" if mapping else "ftm", "digest": digest}
    told |= {"delta": delta, "dry_run": dry_run, "parts": 1}
    try:
        if mapping:
            told["mapping"] = tomllib.loads(mapping.read_text(encoding="utf-8"))
            told["header"] = _header(file, str(told["mapping"].get("delimiter", ",")))
        told["parts"] = max(1, sum(1 for _ in _parts(file, skip_header=mapping is not None)))
        return ImportOrder.model_validate(told)
    except ValidationError as error:
        problems = "".join(
            f"\n  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False)
        )
        raise click.UsageError(f"the list cannot be read so:{problems}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, csv.Error) as error:
        raise click.UsageError(f"{type(error).__name__}: {mapping or file}") from error


def _header(file: Path, delimiter: str) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as content:
        return next(csv.reader(StringIO(content.readline()), delimiter=delimiter), [])


def _parts(file: Path, *, skip_header: bool) -> Iterator[str]:
    """The file in parts of whole records: a quoted cell of CSV may hold line breaks."""
    lines: list[str] = []
    size, quotes = 0, 0
    with file.open(encoding="utf-8-sig", newline="") as content:
        if skip_header:
            content.readline()
        while line := content.readline(_PART):
            lines.append(line)
            size, quotes = size + len(line), quotes + line.count('"')
            if size >= _PART // 2 and line.endswith("\n") and (quotes % 2 == 0 or not skip_header):
                yield "".join(lines)
                lines, size = [], 0
    if lines:
        yield "".join(lines)


async def _send(api: Api, identity: Identity, file: Path, order: ImportOrder) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    told = order.model_dump(mode="json", by_alias=True)
    record: dict[str, Any] = (await api.ask(identity, "POST", "/v1/imports", json=told)).json()
    with Progress(*columns, console=log) as progress:
        sending = progress.add_task("sent", total=order.parts)
        for number, text in enumerate(_parts(file, skip_header=order.mapping is not None)):
            if number >= record["parts_received"]:
                path = f"/v1/imports/{record['id']}/parts/{number}"
                record = (await api.ask(identity, "PUT", path, json={"text": text})).json()
            progress.update(sending, completed=record["parts_received"])
        return await _wait(api, identity, record, progress, progress.add_task("read", total=order.parts))


async def _wait(
    api: Api, identity: Identity, record: dict[str, Any], progress: Progress, reading: TaskID
) -> dict[str, Any]:
    while record["state"] != ImportState.DONE:
        await anyio.sleep(_POLL_S)
        record = (await api.ask(identity, "GET", f"/v1/imports/{record['id']}")).json()
        progress.update(reading, completed=record["parts_read"], description=record["state"])
    return record


async def _rejections(api: Api, identity: Identity, import_id: str) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        params = {"after": after, "limit": _PAGE}
        page = (await api.ask(identity, "GET", f"/v1/imports/{import_id}/rejections", params=params)).json()
        for each in page["results"]:
            yield each
        after = page["next"]


def _write_rejections(path: Path, refused: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        if path.suffix == ".json":
            json.dump({"rejections": refused}, out, ensure_ascii=False, indent=2)
            return
        writer = csv.DictWriter(out, ["line", "reason"])
        writer.writeheader()
        writer.writerows(refused)


def _show(record: dict[str, Any], refused: list[dict[str, Any]]) -> None:
    for each in refused[:20]:
        click.echo(f"line {each['line']}: {each['reason']}")
    if len(refused) > 20:
        click.echo(f"and {len(refused) - 20} more; --rejected FILE writes them all")
    would = "would be " if record["dry_run"] else ""
    counts = ", ".join(f"{record[name]} {would}{name}" for name in ("created", "changed", "delisted"))
    click.echo(f"{record['lines']} lines: {counts}, {record['unchanged']} unchanged, {record['rejected']} rejected")


@click.command(epilog="Example: lindung export parties.jsonl --source debarred --since 2026-06-01T00:00:00Z")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["ftm", "csv", "delta"]), default="ftm", show_default=True)
@click.option("--source", help="Only the parties of this list.")
@click.option("--since", help="Only what was added, changed or delisted after: an instant with its zone.")
@click.option("--as", "client", default="registrar", show_default=True, help="Local client.")
@url_option
@json_option
def export(
    file: Path, form: str, source: str | None, since: str | None, client: str, url: str | None, as_json: bool
) -> None:
    """Give parties out: FollowTheMoney JSON lines, CSV, or a delta file of what changed (- for standard output)."""

    async def work() -> int:
        async with connect(Settings(), url) as api:
            parties = _exported(api, Identity(client, Purpose.REGISTER_MAINTENANCE), source, since)
            with click.open_file(str(file), "w", encoding="utf-8") as out:
                return await _write(out, parties, form)

    count = run(work)
    if as_json:
        show_json({"parties": count, "file": str(file)})
    else:
        click.echo(f"{count} parties", err=True)


async def _exported(
    api: Api, identity: Identity, source: str | None, since: str | None
) -> AsyncIterator[dict[str, Any]]:
    params: dict[str, Any] = {"limit": _PAGE}
    params |= {name: value for name, value in (("source", source), ("since", since)) if value}
    while True:
        page = (await api.ask(identity, "GET", "/v1/exports/parties", params=params)).json()
        for each in page["results"]:
            yield each
        if page["next"] is None:
            return
        params["cursor"] = page["next"]


async def _write(out: IO[str], parties: AsyncIterator[dict[str, Any]], form: str) -> int:
    writer = csv.writer(out)
    if form == "csv":
        writer.writerow(_CSV)
    count = 0
    async for party in parties:
        op = party.pop("op")
        if form == "csv":
            writer.writerow([_cell(party, column) for column in _CSV])
        elif form == "delta":
            out.write(json.dumps({"op": op, "entity": party}, ensure_ascii=False) + "\n")
        elif op != "DEL":
            out.write(json.dumps(party, ensure_ascii=False) + "\n")
        else:
            continue
        count += 1
    return count


_CSV: Final = (
    *("id", "schema", "name", "alias", "birthDate", "nationality", "country", "idNumber", "passportNumber"),
    *("registrationNumber", "licenseNumber", "address", "datasets", "delisted"),
)


def _cell(party: dict[str, Any], column: str) -> str:
    if column == "delisted":
        return ";".join(f"{each['source']} {each['delisted_at']}" for each in party["lists"] if each["delisted_at"])
    value = party.get(column, party["properties"].get(column, []))
    text = value if isinstance(value, str) else ";".join(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text  # a spreadsheet would run it
