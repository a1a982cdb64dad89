"""The screening benchmark run in a database of its own, and shown."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import anyio
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url
from sqlalchemy.engine import URL

from services.cli.screening_bench import SEED, Step, measure_beside, measure_search, measure_steps, steps_of
from services.cli.screening_pairs import invented_pairs, read_pairs, spelled_twice
from shared.db.database import Database
from shared.db.migrate import upgrade

_INVENTED: Final = 500
"""Invented parties that are looked for by another spelling."""


@dataclass(frozen=True)
class Trial:
    """What is measured.

    Attributes:
        parties: invented ones.
        folder: of the judged pairs; None: invented ones only.
        url: of an empty database; None: SQLite in a temporary folder.
        filled: the database holds the parties of an earlier run; nothing is imported, parties are only looked for.
    """

    parties: int
    folder: Path | None
    url: str | None
    filled: bool = False


def run_screening(trial: Trial, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure.

    Args:
        trial: what.
        say: where progress is told.
    """
    pairs = read_pairs(trial.folder) if trial.folder else []
    queries = [pair for pair in pairs if pair.same and pair.name != pair.other]
    queries += [*(spelled_twice(trial.folder) if trial.folder else []), *invented_pairs(_INVENTED, SEED)]
    steps = steps_of(queries, trial.parties)
    with TemporaryDirectory(prefix="lindung-bench-") as temporary:
        url = _database_url(trial.url or f"sqlite:///{Path(temporary) / 'registry.sqlite'}")
        upgrade("registry", url)
        measured = anyio.run(_measure, url, steps, trial.filled, say)
    found = {"database": url.get_backend_name(), "steps": measured}
    if trial.filled:
        return found
    found["growth"] = round(measured[1]["cpu_ms_per_query"] / measured[0]["cpu_ms_per_query"], 2)
    return found | measure_beside(pairs, queries, trial.parties, say)


def _database_url(text: str) -> URL:
    url = make_url(text)
    return url.set(drivername="sqlite+aiosqlite" if url.get_backend_name() == "sqlite" else "postgresql+psycopg")


async def _measure(url: URL, steps: list[Step], filled: bool, say: Callable[[str], None]) -> list[dict[str, Any]]:
    database = Database(url)
    try:
        if not filled:
            return await measure_steps(database, steps, say)
        held = steps[-1].last + sum(len(step.mates) for step in steps)
        return [{"parties": held, **await measure_search(database, steps[-1].queries)}]
    finally:
        await database.close()


def show_screening(document: dict[str, Any]) -> None:
    """The same as tables."""
    console = Console()
    console.print(_search(document))
    if "growth" in document:
        console.print(f"CPU a query grows {document['growth']} times while the parties grow tenfold")
        console.print(_systems(document))
    for words in document.get("left_out", ()):
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
    table = Table("parties", "recall@50", "95 %", "n", "", title=f"Looked for in {document['database']}")
    for step in document["steps"]:
        for number, (group, found) in enumerate(step["recall_at_50"].items()):
            table.add_row(f"{step['parties']:,} {group}", *_recall(found), "" if number else _times(step))
    brute = document.get("rapidfuzz_wratio_brute_force")
    if brute:
        words = (
            f"{_both(brute['ms'])} ms (p50 / p99), {brute['cpu_ms_per_query']} ms CPU a query, {brute['memory_mb']} MB"
        )
        table.add_row("WRatio with every party", *_recall(brute["recall_at_50"]), words)
    return table


def _recall(found: dict[str, float]) -> tuple[str, str, str]:
    return f"{found['recall']}", f"{found['low']} to {found['high']}", f"{found['n']}"


def _times(step: dict[str, Any]) -> str:
    lines = [
        f"candidates {_both(step['candidates_ms'])} ms, screening {_both(step['screening_ms'])} ms (p50 / p99)",
        f"{step['cpu_ms_per_query']} ms CPU a query, {step['memory_mb']} MB",
    ]
    if imported := step.get("import"):
        lines.append(
            f"imported {imported['parties']:,} in {imported['seconds']} s ({imported['cpu_seconds']} s CPU), "
            f"{imported['memory_mb']} MB, a reader {imported['reader_memory_mb']} MB"
        )
    return "\n".join(lines)


def _both(quantiles: dict[str, float]) -> str:
    return f"{quantiles['p50']} / {quantiles['p99']}"
