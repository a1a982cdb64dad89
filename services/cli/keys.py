"""The command about key files: making those that are missing, and rotating the members' sealing keys."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy.exc import SQLAlchemyError

from services.cli.console import FOUND, fail, json_option, run, show_json
from services.cli.rotation import SEALERS, Rotated, chosen, drop_old, rotate
from shared.crypto.keyfiles import make_key_files, write_secret
from shared.crypto.rotation import RotationBusyError
from shared.crypto.sealing import MemberKeyMissingError, SealingError
from shared.settings import ServiceName, Settings

_ROTATE: Final = "rotate"


@click.command(
    epilog="Example: lindung keys --into secrets     Example: lindung keys rotate     "
    "Example: lindung keys rotate --service biometrics --drop-old"
)
@click.argument("action", required=False, type=click.Choice([_ROTATE]))
@click.option("--into", type=click.Path(path_type=Path), help="Default: the key folder of the settings.")
@click.option("--service", type=click.Choice(SEALERS), help="rotate: one service's sealing keys; default: both.")
@click.option("--drop-old", is_flag=True, help="rotate: make no key; take out the old ones that wrap nothing any more.")
@json_option
def keys(action: str | None, into: Path | None, service: ServiceName | None, drop_old: bool, as_json: bool) -> None:
    """Make the key files that are missing, and a database password; nothing that exists is changed.

    With rotate: give every member a new sealing key and bring all that is kept under it, while the services go on.
    A run that was cut off is finished by the next. Ends with 1 when an old key that was to go had to stay.
    """
    if action is None:
        if service or drop_old:
            raise click.UsageError("--service and --drop-old go with rotate")
        _make(into, as_json)
        return
    settings = Settings() if into is None else Settings().model_copy(update={"keys": into})
    done = {name: _rotate(settings, name, drop_old) for name in chosen(service)}
    _tell(done, as_json)
    if any(each.why_kept for each in done.values()):
        raise SystemExit(FOUND)


def _make(into: Path | None, as_json: bool) -> None:
    folder = into or Settings().key_folder
    made = make_key_files(folder)
    made += ["database-password"] if write_secret(folder / "database-password") else []
    if as_json:
        show_json({"folder": str(folder), "made": made})
    else:
        click.echo(f"made in {folder}: {', '.join(made) or 'nothing, all were there'}")


def _rotate(settings: Settings, service: ServiceName, drop: bool) -> Rotated:
    async def work() -> Rotated:
        return await (drop_old if drop else rotate)(settings, service)

    try:
        return run(work)
    except RotationBusyError as error:
        fail(str(error))
    except ValueError as error:
        fail(f"{service}: the ring of sealing keys cannot be read ({error})")
    except (SealingError, MemberKeyMissingError) as error:
        fail(f"{service}: {error}; the old keys stay. Is a key missing that a backup has?")
    except SQLAlchemyError as error:
        fail(f"{service}: the database does not do it ({type(error).__name__})")


def _tell(done: Mapping[ServiceName, Rotated], as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {name: each.told() for name, each in done.items()}
        show_json({"rotated": told})
        return
    for name, each in done.items():
        begun = " (begun by an earlier run)" if each.resumed else ""
        click.echo(f"{name}: newest key {each.kid}{begun}, {each.rewrapped} subject keys wrapped anew")
        if each.dropped:
            click.echo(f"  taken out: {', '.join(each.dropped)}")
        if each.kept:
            click.echo(f"  still there: {', '.join(each.kept)}{each.why_kept and ': ' + each.why_kept}")
