"""The screening benchmark run in a database of its own, and shown."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import anyio
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url
from sqlalchemy.engine import URL

from services.cli.screening_bench import SEED, invented_pairs, measure, read_pairs
from shared.db.database import Database
from shared.db.migrate import upgrade

_INVENTED: Final = 500


def run_screening(parties: int, folder: Path | None, url: str | None, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure in an empty database.

    Args:
        parties: invented ones.
        folder: of the judged pairs; None: invented.
        url: of an empty PostgreSQL database; None: SQLite in a temporary folder.
        say: where progress is told.
    """
    pairs = read_pairs(folder) if folder else invented_pairs(_INVENTED, SEED)
    with TemporaryDirectory(prefix="lindung-bench-") as temporary:
        default = URL.create("sqlite+aiosqlite", database=str(Path(temporary) / "registry.sqlite"))
        chosen = make_url(url).set(drivername="postgresql+psycopg") if url else default
        upgrade("registry", chosen)

        async def work() -> dict[str, Any]:
            database = Database(chosen)
            try:
                return await measure(database, pairs, parties, say)
            finally:
                await database.close()

        return anyio.run(work)


def show_screening(document: dict[str, Any]) -> None:
    """The same as tables."""
    console = Console()
    console.print(_systems(document))
    console.print(_search(document))
    console.print(f"CPU a query grows {document['growth']} times while the parties grow tenfold")
    for words in document["left_out"]:
        console.print(f"left out: {words}")


def _systems(document: dict[str, Any]) -> Table:
    columns = ("precision", "recall", "f1", "best_f1", "recall_at_p95", "cpu_us_per_pair")
    table = Table("system", "set", "threshold", *(column.replace("_", " ") for column in columns), title="Judged pairs")
    for system in document["systems"]:
        rows = {"all": system, **system["sets"]}
        for name, row in rows.items():
            cells = (str(row.get(column, "")) for column in columns)
            table.add_row(system["system"] if name == "all" else "", name, str(system["threshold"]), *cells)
    return table


def _search(document: dict[str, Any]) -> Table:
    table = Table("parties", "recall@50", "n", "", title=f"Looked for in {document['database']}")
    for step in document["steps"]:
        times = (
            f"candidates {_both(step['candidates_ms'])} ms, screening {_both(step['screening_ms'])} ms (p50 / p99)\n"
            f"{step['cpu_ms_per_query']} ms CPU a query, {step['memory_mb']} MB\n"
            f"imported {step['import']['parties']:,} in {step['import']['seconds']} s "
            f"({step['import']['cpu_seconds']} s CPU)"
        )
        for number, (group, found) in enumerate(step["recall_at_50"].items()):
            table.add_row(
                f"{step['parties']:,} {group}", str(found["recall"]), str(found["n"]), "" if number else times
            )
    brute = document["rapidfuzz_wratio_brute_force"]
    words = f"{_both(brute['ms'])} ms (p50 / p99), {brute['cpu_ms_per_query']} ms CPU a query, {brute['memory_mb']} MB"
    table.add_row(
        "WRatio with every party", str(brute["recall_at_50"]["recall"]), str(brute["recall_at_50"]["n"]), words
    )
    return table


def _both(quantiles: dict[str, float]) -> str:
    return f"{quantiles['p50']} / {quantiles['p99']}"
