"""Commands about documents: lists of lost and stolen ones."""

import base64
from pathlib import Path

import click

from services.cli.console import fail, json_option, run, show_json
from services.registry.documents.lost import COLUMNS, LostDocuments, LostListError
from shared.db.database import Database
from shared.settings import Settings


@click.group(epilog="Example: lindung documents load-lost sltd.csv --list sltd")
def documents() -> None:
    """Load what registrations' documents are compared with."""


@documents.command("load-lost", epilog="Example: lindung documents load-lost sltd.csv --list sltd --json")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--list", "list_name", default="sltd", show_default=True, help="Its name; what was loaded under it goes.")
@json_option
def load_lost(file: Path, list_name: str, as_json: bool) -> None:
    """Load a list of lost, stolen and invalid documents, a CSV of issuer, number, type, status and reported_on.

    Of each document a digest under the registry's key is kept, not its number. Registrations that were checked before
    are not checked again.
    """
    if not list_name.isidentifier() or len(list_name) > 40:
        raise click.UsageError("--list takes a name of letters, digits and underscores")
    count = run(lambda: _load(Settings(), list_name, file))
    if as_json:
        show_json({"list": list_name, "documents": count})
    else:
        click.echo(f"{list_name}: {count} documents")


async def _load(settings: Settings, list_name: str, file: Path) -> int:
    key = base64.b64decode((settings.key_folder / "registry-digest.key").read_text())
    database = Database(settings.database_url("registry"))
    try:
        return await LostDocuments(database, key).load(list_name, file)
    except LostListError as error:
        fail(f"{file.name}: {error} (columns: {', '.join(COLUMNS)}); nothing was changed")
    except UnicodeDecodeError:
        fail(f"{file.name}: not UTF-8; nothing was changed")
    finally:
        await database.close()
