"""Commands on watches: be told when a party, or whoever a query finds, changes."""

from typing import Any, Final

import anyio
import click

from services.cli.connection import Api, Identity, connect
from services.cli.console import json_option, run, show_json, url_option
from shared.contracts.caller import Purpose
from shared.settings import Settings

_POLL_S: Final = 0.1
_LONGEST_S: Final = 60.0

as_option = click.option("--as", "client", default="licensing", show_default=True, help="Local client.")


def _ask(client: str, url: str | None, method: str, path: str, **options: Any) -> dict[str, Any]:
    async def work() -> dict[str, Any]:
        async with connect(Settings(), url) as api:
            return await _send(api, Identity(client, Purpose.LICENCE_CHECK), method, path, **options)

    return run(work)


async def _send(api: Api, identity: Identity, method: str, path: str, **options: Any) -> dict[str, Any]:
    answer = await api.ask(identity, method, path, **options)
    told: dict[str, Any] = answer.json() if answer.content else {}
    return told


async def _notices(api: Api, identity: Identity, after: int) -> dict[str, Any]:
    """What changed, once the service has looked since it started."""
    with anyio.move_on_after(_LONGEST_S):
        while True:
            page = await _send(api, identity, "GET", "/v1/watches/notices", params={"cursor": after, "limit": 200})
            if page["looked_at"] is not None:
                return page
            await anyio.sleep(_POLL_S)
    return page


@click.group(epilog="Example: lindung watch changes --after 0")
def watch() -> None:
    """Ongoing screening: what changed about parties and queries that this office watches."""


@watch.command(
    epilog='Example: lindung watch add --party agency-7     Example: lindung watch add "Sinar Jaya Agency" '
    "--schema Company"
)
@click.argument("name", required=False)
@click.option("--party", help="A party's id, in place of a name.")
@click.option(
    "--schema", type=click.Choice(["Person", "Company", "Organization", "LegalEntity"]), default="LegalEntity"
)
@click.option("--country", help="ISO 3166-1 alpha-2.")
@click.option("--born", help="Birth date of a person, YYYY[-MM[-DD]].")
@click.option("--label", help="Your own word for it.")
@click.option("--webhook", help="Where notices are sent; the operator names the hosts.")
@as_option
@url_option
@json_option
def add(
    name: str | None,
    party: str | None,
    schema: str,
    country: str | None,
    born: str | None,
    label: str | None,
    webhook: str | None,
    client: str,
    url: str | None,
    as_json: bool,
) -> None:
    """Watch a party, or whoever a name finds."""
    if (name is None) == (party is None):
        raise click.UsageError("either a NAME or --party")
    body: dict[str, Any] = {"party": party, "label": label, "webhook": webhook}
    if name is not None:
        properties: dict[str, list[str]] = {"name": [name]}
        properties |= {"birthDate": [born]} if born else {}
        properties |= {"nationality" if schema == "Person" else "country": [country]} if country else {}
        body["query"] = {"schema": schema, "properties": properties}
    told = _ask(client, url, "POST", "/v1/watches", json=body)
    if as_json:
        show_json(told)
    else:
        click.echo(f"{told['id']}  {told['hits']} parties now")


@watch.command("list", epilog="Example: lindung watch list --json")
@as_option
@url_option
@json_option
def list_(client: str, url: str | None, as_json: bool) -> None:
    """The watches of this client's office."""

    async def work() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async with connect(Settings(), url) as api:
            cursor: int | None = 0
            while cursor is not None:
                params = {"cursor": cursor, "limit": 200}
                identity = Identity(client, Purpose.LICENCE_CHECK)
                page = await _send(api, identity, "GET", "/v1/watches", params=params)
                found += page["results"]
                cursor = page["next"]
        return found

    watches = run(work)
    if as_json:
        show_json({"watches": watches})
        return
    for each in watches:
        about = each["party"] or ", ".join(each["query"]["properties"].get("name", ["a number"]))
        click.echo(f"{each['id']}  {about}  {each['hits']} parties  {each['label'] or ''}".rstrip())


@watch.command(epilog="Example: lindung watch remove 0f3c2a1b0f3c2a1b0f3c2a1b0f3c2a1b")
@click.argument("watch_id", metavar="ID")
@as_option
@url_option
@json_option
def remove(watch_id: str, client: str, url: str | None, as_json: bool) -> None:
    """Watch no longer; its notices go with it."""
    _ask(client, url, "DELETE", f"/v1/watches/{watch_id}")
    if as_json:
        show_json({"removed": watch_id})
    else:
        click.echo(f"removed: {watch_id}")


@watch.command(epilog="Example: lindung watch changes --after 17 --json")
@click.option("--after", type=click.IntRange(0), default=0, show_default=True, help="`next` of the last time.")
@as_option
@url_option
@json_option
def changes(after: int, client: str, url: str | None, as_json: bool) -> None:
    """What changed, from after a notice's number on."""

    async def work() -> dict[str, Any]:
        async with connect(Settings(), url) as api:
            return await _notices(api, Identity(client, Purpose.LICENCE_CHECK), after)

    page = run(work)
    if as_json:
        show_json(page)
        return
    for each in page["results"]:
        click.echo(f"{each['number']}  {each['at'][:19]}  {each['kind']}  {each['party']}  {each['watch']}")
    click.echo(f"next: --after {page['next']}", err=True)
