"""Commands on the log of who looked at whom."""

import click

from services.cli.console import FOUND, json_option, run, show_json
from services.gateway.audit.log import AuditLog, Verification
from shared.db.database import Database
from shared.settings import Settings


@click.group(epilog="Example: lindung audit verify")
def audit() -> None:
    """The log of who looked at whom."""


@audit.command(epilog="Example: lindung audit verify --json")
@json_option
def verify(as_json: bool) -> None:
    """Recompute the log from the database. Ends with 1 when an entry was changed, dropped or moved."""
    settings = Settings()

    async def work() -> Verification:
        database = Database(settings.database_url("gateway"))
        try:
            return await AuditLog(database, b"").verify()
        finally:
            await database.close()

    found = run(work)
    if as_json:
        show_json({"entries": found.entries, "ok": found.ok, "first_bad": found.first_bad})
    else:
        click.echo(f"{found.entries} entries, {'whole' if found.ok else f'first bad: {found.first_bad}'}")
    if not found.ok:
        raise SystemExit(FOUND)
