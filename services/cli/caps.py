"""The command that raises or lowers what one client may ask for."""

import click

from services.cli.console import fail, json_option, show_json
from services.cli.registers import Registers, with_registers
from services.gateway.access.caps import own_caps, set_own_cap
from services.gateway.access.caps_rules import Limit, load_caps
from services.gateway.access.recording import Step, client_subject


@click.command(
    epilog="Example: lindung client cap desk-batam registering --day 4000     "
    "Example: lindung client cap desk-batam registering --default"
)
@click.argument("name")
@click.argument("cap", type=click.Choice([cap.name for cap in load_caps()]))
@click.option("--minute", type=click.IntRange(1, 10_000_000), help="Requests in any minute (or records shown).")
@click.option("--day", type=click.IntRange(1, 100_000_000), help="Requests on a day.")
@click.option("--default", "reset", is_flag=True, help="Its role's again.")
@json_option
def cap(name: str, cap: str, minute: int | None, day: int | None, reset: bool, as_json: bool) -> None:
    """How much one client may ask for: shown, raised or lowered. Holds within 15 seconds."""
    if reset and (minute or day):
        raise click.UsageError("either --default or limits")

    async def work(registers: Registers) -> Limit | None:
        known = {each.client.client_id: each.client for each in await registers.clients.all()}
        if name not in known:
            return None
        rule = next(each for each in load_caps() if each.name == cap)
        own = {(row.client_id, row.cap): Limit(row.minute, row.day) for row in await own_caps(registers.database)}
        usual = rule.limit(known[name].role)
        now = usual if reset else own.get((name, cap), usual)
        limit = Limit(minute or now.minute, day or now.day)
        if reset or minute or day:
            await set_own_cap(registers.database, name, cap, None if reset else limit)
            await registers.record(Step.CLIENT_CAP, client_subject(name))
        return limit

    limit = with_registers(work)
    if limit is None:
        fail("there is no client of this name")
    if as_json:
        show_json({"client": name, "cap": cap, "minute": limit.minute, "day": limit.day})
    else:
        click.echo(f"{name}, {cap}: {limit.minute} a minute, {limit.day} a day")
