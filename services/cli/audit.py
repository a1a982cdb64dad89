"""Commands on the log of who looked at whom, straight on its database: for whoever holds its credentials."""

import base64
from typing import Final

import click
from sqlalchemy import select

from services.cli.alerts import acknowledge, alerts, interest
from services.cli.console import FOUND, json_option, run, show_json
from services.gateway.audit.entries import as_document
from services.gateway.audit.shown import PARTY, PERSON, REGISTRATION
from services.gateway.audit.subjects import SubjectDigests
from services.gateway.audit.verification import Verification, verify_log
from services.gateway.tables import AuditRow
from services.gateway.witness.routes import witnessed_heads
from shared.contracts.witness import Witnessed
from shared.crypto.keyfiles import load_trusted
from shared.db.database import Database
from shared.settings import Settings

_MOST: Final = 10_000


@click.group(epilog="Example: lindung audit verify")
def audit() -> None:
    """The log of who looked at whom."""


for _command in (alerts, acknowledge, interest):
    audit.add_command(_command)


@audit.command(epilog="Example: lindung audit verify --json")
@json_option
def verify(as_json: bool) -> None:
    """Recompute the log from the database and hold it against every signed head. Ends with 1 when it does not fit."""
    settings = Settings()

    async def work() -> Verification:
        database = Database(settings.database_url("gateway"))
        try:
            return await verify_log(database, load_trusted(settings.key_folder / "trusted.jwks"))
        finally:
            await database.close()

    found = run(work)
    if as_json:
        show_json(vars(found))
    else:
        said = "whole" if found.ok else f"first bad: {found.first_bad} ({found.reason})"
        click.echo(f"{found.entries} entries, {found.heads} signed heads, {said}")
    if not found.ok:
        raise SystemExit(FOUND)


@audit.command(epilog="Example: lindung audit explain /v1/registrations/01J…    lindung audit explain 01J… --json")
@click.argument("subject")
@click.option("--erase", is_flag=True, help="Then destroy what binds the entries to the subject; they stay.")
@json_option
def explain(subject: str, erase: bool, as_json: bool) -> None:
    """Who looked at SUBJECT: a record's address, or its id. For a request by the person whom it is about."""
    settings = Settings()

    async def work() -> list[dict[str, object]]:
        database = Database(settings.database_url("gateway"))
        key = base64.b64decode((settings.key_folder / "gateway-digest.key").read_text())
        try:
            return await _entries_about(database, SubjectDigests(key), subject, erase=erase)
        finally:
            await database.close()

    entries = run(work)
    if as_json:
        show_json({"subject": subject, "entries": entries, "erased": erase})
        return
    for entry in entries:
        click.echo("{at}  {outcome} {action} {kind}  {organisation} ({role}, {member})  {purpose}".format(**entry))
    click.echo(f"{len(entries)} entries")


@audit.command(epilog="Example: lindung audit heads --json")
@json_option
def heads(as_json: bool) -> None:
    """Heads of other members' logs that this node has seen. Ends with 1 when one does not fit."""
    settings = Settings()

    async def work() -> Witnessed:
        database = Database(settings.database_url("gateway"))
        try:
            return await witnessed_heads(database)
        finally:
            await database.close()

    found = run(work)
    forked = sorted({head.member for head in found.heads if head.forked})
    if as_json:
        show_json({"forked": forked} | found.model_dump(mode="json"))
    else:
        for head in found.heads:
            said = "DOES NOT FIT" if head.forked else "fits"
            click.echo(f"{head.member}  {head.size} entries at {head.at:%Y-%m-%d %H:%M:%S}  {head.root.hex()}  {said}")
    if forked:
        raise SystemExit(FOUND)


async def _entries_about(
    database: Database, digests: SubjectDigests, subject: str, *, erase: bool
) -> list[dict[str, object]]:
    addresses = [subject] if "/" in subject else [record.format(subject) for record in (REGISTRATION, PARTY, PERSON)]
    async with database.write() as session:
        found = [await digests.find(session, address.encode()) for address in addresses]
        chosen = select(AuditRow).where(AuditRow.subject_digest.in_([each for each in found if each is not None]))
        rows = (await session.execute(chosen.order_by(AuditRow.number).limit(_MOST))).scalars().all()
        if erase:
            for address in addresses:
                await digests.erase(session, address.encode())
    return [as_document(row) for row in rows]
