"""The command on the aid fund's ledger, straight on the registry's database: for whoever holds its credentials."""

from dataclasses import asdict

import click
from sqlalchemy.exc import SQLAlchemyError

from services.cli.console import FOUND, fail, json_option, run, show_json
from services.registry.redress.verification import LedgerVerification, verify_ledger
from shared.db.database import Database
from shared.settings import Settings


@click.group(epilog="Example: lindung ledger verify")
def ledger() -> None:
    """The aid fund's ledger."""


@ledger.command(epilog="Example: lindung ledger verify --json")
@json_option
def verify(as_json: bool) -> None:
    """Add the whole ledger up again: postings, balances, payments, claims. Ends with 1 when something does not fit."""
    settings = Settings()

    async def work() -> LedgerVerification:
        database = Database(settings.database_url("registry"))
        try:
            return await verify_ledger(database)
        finally:
            await database.close()

    try:
        found = run(work)
    except SQLAlchemyError as error:
        fail(f"the registry's database cannot be used ({type(error).__name__}); was it migrated? (lindung migrate)")
    if as_json:
        show_json(asdict(found) | {"ok": found.ok})
    else:
        for each in found.findings:
            click.echo(f"{each.rule}: {each.where}")
        said = "adds up" if found.ok else f"{len(found.findings)} findings"
        click.echo(f"{found.funds} funds, {found.postings} postings, {found.payments} payments: {said}")
    if not found.ok:
        raise SystemExit(FOUND)
