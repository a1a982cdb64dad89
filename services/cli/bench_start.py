"""The command that measures how long the biometric service takes to start with many people."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from services.cli.console import json_option, show_json

log = Console(stderr=True)


@click.command(epilog="Example: lindung bench start --people 100000 --dimension 512")
@click.option("--people", default=1_000_000, show_default=True, type=click.IntRange(100), help="In the table.")
@click.option("--dimension", default="512", show_default=True, type=click.Choice(["128", "512"]), help="Of a face.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the database is made and removed; default: where temporary files go.",
)
@json_option
def start(people: int, dimension: str, folder: Path | None, as_json: bool) -> None:
    """A start of the biometric service: from its table alone, and beside a snapshot.

    The service itself is started, on SQLite, in a process of its own, until it is ready: everybody is found then. A
    million faces of 512 dimensions take 7 GB of disk, and four minutes of CPU to be written.
    """
    from services.biometrics.benchmark.starting import measure

    document = measure(people, int(dimension), folder, log.print)
    if as_json:
        show_json(document)
    else:
        _show(document)


def _show(document: dict[str, Any]) -> None:
    names = ("ready_s", "cpu_s", "coding_s", "resident_gb", "asked", "found", "search_ms")
    title = f"Start with {document['people']:,} faces of {document['dimension']} dimensions"
    table = Table("from", *(name.replace("_", " ") for name in names), title=title)
    for each in document["starts"]:
        table.add_row(each["from"], *(f"{each[name]:,}" for name in names))
    Console().print(table)
