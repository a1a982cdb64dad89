"""Commands that measure speed, ours beside others on the same input."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from services.cli.bench_enrolment import enrolment
from services.cli.bench_registration import registration
from services.cli.bench_start import start
from services.cli.console import json_option, show_json
from services.cli.console_bench import console_pages

log = Console(stderr=True)


@click.group(epilog="Example: lindung bench index --quick")
def bench() -> None:
    """Measure how fast it is, beside others, on the same input."""


bench.add_command(enrolment)
bench.add_command(registration)
bench.add_command(start)
bench.add_command(console_pages)


@bench.command(epilog="Example: lindung bench index --quick --json")
@click.option("--quick", is_flag=True, help="20,000 vectors of 128 dimensions only, in seconds.")
@json_option
def index(quick: bool, as_json: bool) -> None:
    """The index of faces beside faiss's Flat, HNSW and IVF: mates lost, CPU a search, memory, build.

    Vectors are made by seed, with the cosines of strangers and mates that were measured of the face engines. At 100,000
    and 1,000,000 vectors of 128 and 512 dimensions it takes an hour of CPU and 7 GB.
    """
    from services.biometrics.benchmark.index_run import QUICK, Plan, measure

    document = measure(QUICK if quick else Plan(), log.print)
    if as_json:
        show_json(document)
    else:
        _show(document)


@bench.command(epilog="Example: lindung bench screening --quick --json")
@click.option("--parties", type=click.IntRange(1_000, 5_000_000), default=1_000_000, show_default=True)
@click.option("--quick", is_flag=True, help="5,000 parties only.")
@click.option(
    "--pairs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with name_pairs.csv, cross_script_pairs.csv and cross_script.csv; default: invented names only.",
)
@click.option("--database", help="URL of an empty database; default: SQLite in a temporary folder.")
@click.option("--filled", is_flag=True, help="The database holds the parties of an earlier run: only look for them.")
@json_option
def screening(parties: int, quick: bool, pairs: Path | None, database: str | None, filled: bool, as_json: bool) -> None:
    """Screening among many parties, beside nomenklatura's logic-v2 and rapidfuzz's WRatio on the same pairs.

    Invented parties are imported as any list is; then every judged pair that is one party is looked for: candidates,
    answers, milliseconds. nomenklatura is asked where LINDUNG_ORACLE_PYTHON names an interpreter that has it.
    """
    from services.cli.screening_report import Trial, run_screening, show_screening

    if filled and not database:
        raise click.UsageError("--filled needs --database")
    document = run_screening(Trial(5_000 if quick else parties, pairs, database, filled), log.print)
    if as_json:
        show_json(document)
    else:
        show_screening(document)


@bench.command(epilog="Example: lindung bench federation --members 11 --quick --json")
@click.option("--members", type=click.IntRange(2, 50), default=11, show_default=True)
@click.option("--quick", is_flag=True, help="30 screenings and 3 seconds.")
@json_option
def federation(members: int, quick: bool, as_json: bool) -> None:
    """Screening over members: the time that proof adds, beside a plain gather of the same without signatures.

    Each member is a gateway in a process of its own behind a socket; its register is one that takes 20 ms.
    """
    from dataclasses import replace

    from services.cli.federation_bench import QUICK, Plan, measure

    plan = replace(QUICK if quick else Plan(), members=members)
    document = measure(plan, log.print)
    if as_json:
        show_json(document)
        return
    for name in ("federated", "plain"):
        click.echo("{:<10} p50 {p50_ms} ms, p95 {p95_ms} ms, {a_second} a second".format(name, **document[name]))
    click.echo("ratio {ratio_p50} (p50), {ratio_rate} (rate); added {added_ms} ms to {own_ms} ms".format(**document))
    for part, cpu_ms in document["cpu_ms"].items():
        click.echo(f"  {part:<26} {cpu_ms} ms CPU")


def _show(document: dict[str, Any]) -> None:
    headings = (
        "engine",
        "d",
        "vectors",
        "lost of",
        "CPU ms single",
        "batched",
        "x flat",
        "bytes raw + other",
        "build s",
    )
    table = Table(*headings, title="Index")
    for row in document["rows"]:
        table.add_row(
            row["engine"],
            str(row["dimension"]),
            f"{row['rows']:,}",
            f"{row['lost']} of {row['mates']:,}",
            f"{row['cpu_ms_single']}",
            f"{row['cpu_ms_batched']}",
            f"{row['ratio']}",
            f"{row['raw_bytes']:.0f} + {row['other_bytes']:.0f}",
            f"{row['build_cpu_s']}",
        )
    console = Console()
    console.print(table)
    for each in document["growth"]:
        console.print(f"{each['engine']}, d = {each['dimension']}: CPU time grows as n^{each['exponent']}")
    for each in document["while_enrolling"]:
        console.print(
            f"one core, {each['rows']:,} x {each['dimension']}, {each['enrolled']} enrolled meanwhile: "
            f"p50 {each['p50_ms']}, p95 {each['p95_ms']}, p99 {each['p99_ms']}, longest {each['longest_ms']} ms; "
            f"of the processor p50 {each['cpu_p50_ms']}, p99 {each['cpu_p99_ms']} ms"
        )
