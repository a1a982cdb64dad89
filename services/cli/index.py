"""Commands on the index of faces."""

from contextlib import nullcontext
from dataclasses import asdict
from typing import Any, Literal

import click
from rich.console import Console
from rich.table import Table

from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.face import CALIBRATIONS
from services.biometrics.identify.auditing import SAMPLE, IndexAuditor, ShelfAudit
from services.biometrics.identify.face_shelves import SNAPSHOTS, FaceShelves
from services.biometrics.identify.galleries import Galleries
from services.biometrics.identify.index_migration import IndexMigration, Moved, Shelf
from services.biometrics.identify.loading import load
from services.biometrics.index import IndexUnavailableError
from services.biometrics.index.milvus_connection import IndexNotVouchedError, connect
from services.biometrics.index.opening import open_index
from services.cli.console import FOUND, fail, json_option, run, show_json
from services.cli.preparation import hold
from shared.crypto.sealing import KeyRing
from shared.db.database import Database
from shared.settings import Settings

log = Console(stderr=True)


@click.group(epilog="Example: lindung index migrate --to milvus")
def index() -> None:
    """The index that faces are searched in."""


@index.command(epilog="Example: LINDUNG_MILVUS_VOUCHED=true lindung index migrate --to milvus --json")
@click.option("--to", "target", type=click.Choice(["milvus", "embedded"]), required=True, help="Which index to fill.")
@click.option("--erase-milvus", is_flag=True, help="With --to embedded: erase all face vectors on Milvus at the end.")
@json_option
def migrate(target: Literal["milvus", "embedded"], erase_milvus: bool, as_json: bool) -> None:
    """Fill another index from the database, count it, and compare a sample of searches. Ends with 1 when it differs.

    Stopped half-way, it goes on where it was when it is run again. Set LINDUNG_INDEX afterwards and start the service:
    it takes over what came meanwhile. --to embedded needs the service to be stopped.
    """
    settings = Settings().model_copy(update={"index": target})
    if erase_milvus and target == "milvus":
        raise click.BadParameter("erasing what is being filled", param_hint="--erase-milvus")
    try:
        with hold(settings.var) if target == "embedded" else nullcontext():
            moved = run(lambda: _migrate(settings))
        if erase_milvus and _whole(moved):
            _erase(settings)
    except (IndexNotVouchedError, IndexUnavailableError) as error:
        fail(f"{error}")
    document = {"to": target, "ok": _whole(moved), "galleries": [_row(shelf, each) for shelf, each in moved.items()]}
    if as_json:
        show_json(document)
    else:
        _show(document)
    if not document["ok"]:
        raise SystemExit(FOUND)


@index.command(epilog="Example: lindung index audit --sample 1000 --json")
@click.option(
    "--sample", type=click.IntRange(1, 1_000_000), default=SAMPLE, show_default=True, help="Vectors an index."
)
@json_option
def audit(sample: int, as_json: bool) -> None:
    """Compare what the index finds with all vectors, and its keys with the table. Ends with 1 on a loss.

    An index in the process is loaded as a start of the service would, beside the service if that runs; one on Milvus is
    asked where it is. Nothing is written. The service audits its index every night; see its log and its metrics.
    """
    settings = Settings()
    try:
        found = run(lambda: _audit(settings, sample))
    except (IndexNotVouchedError, IndexUnavailableError) as error:
        fail(f"{error}")
    rows = [
        {**each.shelf._asdict(), **asdict(each.compared), "missing": each.missing, "extra": each.extra, "ok": each.ok}
        for each in found
    ]
    if as_json:
        show_json({"ok": all(row["ok"] for row in rows), "galleries": rows})
    for row in () if as_json else rows:
        lost = ", ".join(row["lost"]) or "nobody"
        click.echo(f"{row['gallery']} {row['model_id']}: {row['rows']} faces, {row['probes']} searches, lost: {lost}")
    if not all(row["ok"] for row in rows):
        raise SystemExit(FOUND)


async def _audit(settings: Settings, sample: int) -> list[ShelfAudit]:
    ring = KeyRing.load(settings.key_folder / "biometrics-sealing.json")
    key = ring.derived(SNAPSHOTS)
    database = Database(settings.database_url("biometrics"))
    shelves = FaceShelves(lambda shelf, size: open_index(settings, *shelf, size, key, read_only=True))
    try:
        models = await EncounterReader(database, ring, frozenset()).face_models()
        reader = EncounterReader(database, ring, frozenset(models))
        with log.status("encounters"):
            await load(Galleries(shelves), reader)
        with log.status("searches"):
            return await IndexAuditor(shelves, reader, lambda: CALIBRATIONS).run(sample)
    finally:
        for index in shelves.shelves().values():
            index.close()
        await database.close()


async def _migrate(settings: Settings) -> dict[Shelf, Moved]:
    database = Database(settings.database_url("biometrics"))
    try:
        ring = KeyRing.load(settings.key_folder / "biometrics-sealing.json")
        models = await EncounterReader(database, ring, frozenset()).face_models()
        reader = EncounterReader(database, ring, frozenset(models))
        with log.status("encounters") as status:
            work = IndexMigration(
                reader,
                lambda shelf: open_index(settings, *shelf, ring.derived("index-snapshots")),
                lambda done: status.update(f"{done:,} encounters"),
            )
            return await work.run()
    finally:
        await database.close()


def _erase(settings: Settings) -> None:
    connection = connect(settings)
    try:
        connection.erase()
    finally:
        connection.close()


def _whole(moved: dict[Shelf, Moved]) -> bool:
    return all(each.ok for each in moved.values())


def _row(shelf: Shelf, moved: Moved) -> dict[str, Any]:
    return {**shelf._asdict(), **asdict(moved), "ok": moved.ok}


def _show(document: dict[str, Any]) -> None:
    headings = ("gallery", "model_id", "rows", "added", "removed", "counted", "sampled", "differing")
    table = Table(*headings, title=f"Filled: {document['to']}")
    for row in document["galleries"]:
        table.add_row(*(str(row[name]) for name in headings))
    Console().print(table)
    if document["ok"]:
        click.echo(f"set LINDUNG_INDEX={document['to']} and start the service")
