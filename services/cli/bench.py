"""Commands that measure speed, ours beside others on the same input."""

import os
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from services.cli.bench_enrolment import enrolment
from services.cli.console import json_option, show_json

log = Console(stderr=True)


@click.group(epilog="Example: lindung bench index --quick")
def bench() -> None:
    """Measure how fast it is, beside others, on the same input."""


bench.add_command(enrolment)


@bench.command(epilog="Example: lindung bench index --quick --json")
@click.option("--quick", is_flag=True, help="20,000 vectors of 128 dimensions only, in seconds.")
@json_option
def index(quick: bool, as_json: bool) -> None:
    """The index of faces beside faiss's Flat, HNSW and IVF: mates lost, CPU a search, memory, build.

    Vectors are made by seed, with the cosines of strangers and mates that were measured of the face engines. At 100,000
    and 1,000,000 vectors of 128 and 512 dimensions it takes half an hour of CPU and 6 GB.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # read when the libraries are loaded: now
        os.environ.setdefault(variable, "1")
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
    help="Folder with name_pairs.csv and cross_script_pairs.csv; default: invented names, misspelled.",
)
@click.option("--database", help="URL of an empty PostgreSQL database; default: SQLite in a temporary folder.")
@json_option
def screening(parties: int, quick: bool, pairs: Path | None, database: str | None, as_json: bool) -> None:
    """Screening among many parties, beside nomenklatura's logic-v2 and rapidfuzz's WRatio on the same pairs.

    Invented parties are imported as any list is; then every judged pair that is one party is looked for: candidates,
    answers, milliseconds. nomenklatura is asked where LINDUNG_ORACLE_PYTHON names an interpreter that has it.
    """
    from services.cli.screening_report import run_screening, show_screening

    document = run_screening(5_000 if quick else parties, pairs, database, log.print)
    if as_json:
        show_json(document)
    else:
        show_screening(document)


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
            f"p50 {each['p50_ms']} ms, p99 {each['p99_ms']} ms, longest {each['longest_ms']} ms"
        )
    for words in document["left_out"]:
        console.print(f"left out: {words}")
