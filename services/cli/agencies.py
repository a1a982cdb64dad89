"""The command about agencies: whether their workers are just as old as they have to be."""

from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from services.cli.console import FOUND, json_option, run, show_json
from services.registry.workers.heaping import LEVEL, Heap, heaps
from services.registry.workers.placed import count_placed
from shared.db.database import Database
from shared.settings import Settings


@click.group(epilog="Example: lindung agencies heaping")
def agencies() -> None:
    """Figures about the agencies that place workers, for the office that licenses them."""


@agencies.command(epilog="Example: lindung agencies heaping --json")
@click.option("--member", help="Whose registrations, ISO 3166-1 alpha-3; default: this node's member.")
@json_option
def heaping(member: str | None, as_json: bool) -> None:
    """Which agencies have more workers than others in the first year above the minimum age.

    A reason to inspect an agency, and no finding about any worker. Agencies with fewer than 20 workers are not
    compared. Ends with 1 when an agency should be looked at.
    """
    settings = Settings()
    found = run(lambda: _heaps(settings, member or settings.member))
    if as_json:
        show_json({"level": LEVEL, "agencies": [asdict(each) for each in found]})
    else:
        _show(found)
    if any(each.named for each in found):
        raise SystemExit(FOUND)


async def _heaps(settings: Settings, member: str) -> list[Heap]:
    database = Database(settings.database_url("registry"))
    try:
        return heaps(await count_placed(database, member))
    finally:
        await database.close()


def _show(found: list[Heap]) -> None:
    table = Table(title="Workers within a year above the minimum age")
    for heading in ("agency", "workers", "there", "others' share", "p (Holm)", "look"):
        table.add_column(heading)
    for each in found:
        share = f"{100 * each.expected:.1f} %"
        row = (str(each.workers), str(each.at_floor), share, f"{each.p:.2g}", "yes" if each.named else "")
        table.add_row(each.agency, *row)
    Console().print(table)
