"""The command about red flags: weigh them now, not only tonight."""

import click
from rich.console import Console

from services.cli.console import json_option, run, show_json
from services.registry.redflags.weighing import Weighing
from shared.db.database import Database, now
from shared.settings import Settings


@click.group(epilog="Example: lindung redflags weigh")
def redflags() -> None:
    """Reasons for labour inspection to look at agencies and employers."""


@redflags.command(epilog="Example: lindung redflags weigh --json")
@json_option
def weigh(as_json: bool) -> None:
    """Apply every rule to what is kept now. The service does it every night.

    Says how many flags stand; which they are, labour inspection reads at GET /v1/red-flags.
    """
    settings = Settings()
    standing = run(lambda: _weigh(settings))
    if as_json:
        show_json({"flags": standing})
    else:
        Console().print(f"{standing} flags stand")


async def _weigh(settings: Settings) -> int:
    database = Database(settings.database_url("registry"))
    try:
        return await Weighing(database).weigh(now())
    finally:
        await database.close()
