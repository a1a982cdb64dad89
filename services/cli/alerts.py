"""Commands on alerts of the rules over the log: what there is to look at, judging one, and who is too near to whom."""

from typing import Any

import click
from sqlalchemy import delete, select

from services.cli.connection import Identity, RefusedError, connect
from services.cli.console import FOUND, fail, json_option, run, show_json, url_option
from services.cli.registers import Registers, with_registers
from services.gateway.access.alert_tables import AlertRow, InterestRow
from services.gateway.access.recording import Step
from services.gateway.alert_routes import as_alert
from services.gateway.audit.nodes import queue_up
from services.gateway.audit.shown import PARTY, REGISTRATION
from services.gateway.audit.subjects import SubjectDigests
from shared.contracts.caller import Purpose
from shared.db.database import now
from shared.settings import Settings

_MOST = 1_000


@click.command(epilog="Example: lindung audit alerts --json")
@click.option("--all", "every", is_flag=True, help="Also those that were acknowledged.")
@json_option
def alerts(every: bool, as_json: bool) -> None:
    """What rules over the log ask to be looked at, newest first. Ends with 1 when something waits."""

    async def work(registers: Registers) -> list[dict[str, Any]]:
        query = select(AlertRow).order_by(AlertRow.at.desc()).limit(_MOST)
        if not every:
            query = query.where(AlertRow.acknowledged_at.is_(None))
        async with registers.database.read() as session:
            return [as_alert(row).model_dump(mode="json") for row in await session.scalars(query)]

    found = with_registers(work)
    if as_json:
        show_json({"alerts": found})
    else:
        for each in found:
            state = "waits   " if each["acknowledged_at"] is None else "judged  "
            click.echo("{}{at}  {rule:<17} {number:>5}  {person} ({role}, {organisation})  {id}".format(state, **each))
        click.echo(f"{len(found)} alerts")
    if any(each["acknowledged_at"] is None for each in found):
        raise SystemExit(FOUND)


@click.command(epilog="Example: lindung audit acknowledge 4f0c… --reason 'A court asked for the file six times.'")
@click.argument("alert")
@click.option("--reason", required=True, help="What the look at it came to.")
@click.option("--as", "client", default="auditor", show_default=True, help="Local client; never the one concerned.")
@url_option
@json_option
def acknowledge(alert: str, reason: str, client: str, url: str | None, as_json: bool) -> None:
    """Say what the look at an alert came to."""

    async def work() -> dict[str, Any]:
        async with connect(Settings(), url) as api:
            path = f"/v1/alerts/{alert}/acknowledgement"
            answer = await api.ask(Identity(client, Purpose.AUDIT), "POST", path, json={"reason": reason})
            return dict(answer.json())

    try:
        judged = run(work)
    except RefusedError as error:
        fail(str(error))
    if as_json:
        show_json(judged)
    else:
        click.echo(f"acknowledged: {judged['id']}")


@click.command(
    epilog="Example: lindung audit interest --person u-17 /v1/parties/P-204     "
    "Example: lindung audit interest --organisation 'Agency Sinar' R0123… --withdraw"
)
@click.argument("subject")
@click.option("--person", help="The user's id (or, of a system without users, the client's).")
@click.option("--organisation", help="As clients and users are registered.")
@click.option("--withdraw", is_flag=True, help="No longer.")
@json_option
def interest(subject: str, person: str | None, organisation: str | None, withdraw: bool, as_json: bool) -> None:
    """Tell that somebody is too near to a record: a look at it raises an alert. Kept as a digest, no reason."""
    if (person is None) == (organisation is None):
        raise click.UsageError("either --person or --organisation")
    who = f"person {person}" if person else f"organisation {organisation}"
    addresses = [subject] if "/" in subject else [record.format(subject) for record in (REGISTRATION, PARTY)]

    async def work(registers: Registers) -> None:
        digests = SubjectDigests(registers.digest_key)
        async with registers.database.write() as session:
            await queue_up(session)
            made = await digests.make(session, [address.encode() for address in addresses])
            for digest in made.values():
                known = (InterestRow.who == who, InterestRow.subject_digest == digest)
                await session.execute(delete(InterestRow).where(*known))
                if not withdraw:
                    session.add(InterestRow(who=who, subject_digest=digest, told_at=now()))
        await registers.record(Step.INTEREST, addresses[0])

    with_registers(work)
    if as_json:
        show_json({"who": who, "near": not withdraw})
    else:
        click.echo(f"{who}: {'no longer ' if withdraw else ''}too near to this record")
