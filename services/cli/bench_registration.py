"""The command that measures whole registrations at several desks at once, and shows where the time goes."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from services.cli.console import json_option, run, show_json
from services.cli.preparation import settings_in

log = Console(stderr=True)


@click.command(epilog="Example: lindung bench registration --people 100000 --desks 4 --json")
@click.option("--people", default=100_000, show_default=True, type=click.IntRange(50), help="In the gallery.")
@click.option("--desks", default=4, show_default=True, type=click.IntRange(1, 100), help="That work at once.")
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(1), help="How long, of each load.")
@click.option("--every", default=10.0, show_default=True, type=click.FloatRange(1), help="Seconds between two people.")
@click.option("--quick", is_flag=True, help="300 people and a few seconds, to see that it works.")
@json_option
def registration(people: int, desks: int, seconds: float, every: float, quick: bool, as_json: bool) -> None:
    """Whole registrations through the gateway: face, two fingers, zone, chip, 1:N, cross-checks, database, sealing.

    Two loads: each desk begins with the next person when it is done with one; and one person comes to each desk every
    so many seconds, as in life. Everything runs in this process, in a temporary folder, over a gallery made by seed.
    """
    from services.cli.desk_load import LoadPlan, measure_load

    plan = LoadPlan(people, desks, ((0.0, seconds), (every, seconds)))
    if quick:
        plan = LoadPlan(300, desks, ((0.0, 3.0), (2.0, 3.0)), warm_up=1.0, captured=4, made=30)
    with TemporaryDirectory(prefix="lindung-bench-") as folder:
        settings = settings_in(Path(folder))
        document = run(lambda: measure_load(settings, plan, log.print))
    if as_json:
        show_json(document)
    else:
        _show(document)


def _show(document: dict[str, Any]) -> None:
    table = Table("", *(_load(row) for row in document["rows"]), title=f"{document['people']:,} people in the gallery")
    for name in (
        "registrations",
        "a_minute",
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "cores_used",
        "registrations_a_core_second",
    ):
        table.add_row(name.replace("_", " "), *(f"{row[name]:,}" for row in document["rows"]))
    for stage in document["rows"][0]["cpu_ms"]:
        table.add_row(f"CPU ms: {stage}", *(f"{row['cpu_ms'].get(stage, 0):,}" for row in document["rows"]))
    Console().print(table)


def _load(row: dict[str, Any]) -> str:
    return f"one every {row['every_s']:g} s a desk" if row["every_s"] else "one after the other"
