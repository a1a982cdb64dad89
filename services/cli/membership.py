"""Commands for joining the federation, and for the regional secretariat that says who belongs to it."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from pydantic import ValidationError

from services.cli.console import FOUND, fail, json_option, run, show_json
from services.gateway.corrections.routes import open_corrections as open_corrections_of
from services.gateway.federation.directory import sign_document
from services.gateway.federation.room import KEY_ID, ROOT, SIGNING_KEY
from services.gateway.probes.seals import SEALING_KEY
from shared.contracts.caller import Purpose
from shared.contracts.corrections import OpenCorrections
from shared.contracts.membership import Directory, MemberEntry, PublicKey, Root, SealingKey, Signed
from shared.crypto.keyfiles import keep_file, make_key_files, new_signing_key, public_jwk, sealing_jwk
from shared.db.database import Database, now
from shared.settings import Settings

SHARED_PURPOSES: Final = (
    Purpose.LICENCE_CHECK, Purpose.EMPLOYER_SCREENING, Purpose.LABOUR_INSPECTION, Purpose.CRIMINAL_INVESTIGATION,
)  # fmt: skip
WORKER_PURPOSES: Final = (Purpose.WORKER_REGISTRATION, Purpose.ADJUDICATION)
"""For hit or no hit of workers: agreed on by name, never by default."""
PROTECTION_PURPOSES: Final = (Purpose.VICTIM_SUPPORT, Purpose.CHILD_PROTECTION, Purpose.CONSULAR_ASSISTANCE)
"""For referrals of persons between offices that protect them: likewise."""
_PURPOSES: Final = click.Choice((*SHARED_PURPOSES, *WORKER_PURPOSES, *PROTECTION_PURPOSES))
_AGREED: Final = "Default: all that concern employers and agencies."
Read = TypeVar("Read", Root, Signed, MemberEntry)
_folder = click.Path(file_okay=False, path_type=Path)
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(epilog="Example: lindung member init --name Malaysia --address https://lindung.example.my …")
def member() -> None:
    """This node as a member of the federation."""


@member.command(
    epilog="Example: lindung member init --name Malaysia --address https://lindung.example.my "
    "--agreement 'Regional agreement, annex 2' --contact 'duty@labour.example.my' > MYS.json"
)
@click.option("--name", required=True)
@click.option("--address", required=True, help="Of this node's gateway, without path, as others reach it.")
@click.option("--agreement", required=True, help="The agreement that membership rests on.")
@click.option("--contact", required=True)
@click.option("--asks", multiple=True, type=_PURPOSES, help=_AGREED)
@click.option("--answers", multiple=True, type=_PURPOSES, help=_AGREED)
def init(
    name: str, address: str, agreement: str, contact: str, asks: Sequence[Purpose], answers: Sequence[Purpose]
) -> None:
    """Make this node's federation keys, unless they are there, and print its entry for the secretariat."""
    settings = Settings()
    path, sealing = settings.key_folder / SIGNING_KEY, settings.key_folder / SEALING_KEY
    make_key_files(settings.key_folder)  # the log's key is the gateway's
    for each in (path, sealing):
        keep_file(each, new_signing_key)
    log_key = public_jwk((settings.key_folder / "gateway-signing.pem").read_bytes(), "gateway")
    try:
        entry = MemberEntry(
            member=settings.member,
            name=name,
            address=address,
            keys=[PublicKey.model_validate(public_jwk(path.read_bytes(), KEY_ID))],
            sealing_key=SealingKey.model_validate(sealing_jwk(sealing.read_bytes(), KEY_ID)),
            log_key=PublicKey.model_validate(log_key),
            asks=list(asks or SHARED_PURPOSES),
            answers=list(answers or SHARED_PURPOSES),
            agreement=agreement,
            contact=contact,
        )
    except ValidationError as error:
        fail("; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors()))
    click.echo(entry.model_dump_json(indent=1))


@member.command(epilog="Example: lindung member join federation-root.json")
@click.argument("root_file", type=_file)
@json_option
def join(root_file: Path, as_json: bool) -> None:
    """Trust the secretariat's root. Compare its keys with what the secretariat told you by another way first."""
    root = _read(root_file, Root)
    settings = Settings()
    settings.key_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = settings.key_folder / ROOT
    if target.exists() and _read(target, Root).version > root.version:
        fail("a newer root is trusted already")
    target.write_text(root.model_dump_json(indent=1), encoding="utf-8")
    told = {"root": root.version, "threshold": root.threshold, "keys": [key.kid for key in root.keys]}
    if as_json:
        show_json(told)
    else:
        click.echo("trusted: root {root}, {threshold} of {keys}; set LINDUNG_DIRECTORY and start again".format(**told))


@member.command(epilog="Example: lindung member corrections --json")
@json_option
def corrections(as_json: bool) -> None:
    """Corrections that nobody has acknowledged yet, straight from the database. Ends with 1 when one is overdue."""
    settings = Settings()

    async def work() -> OpenCorrections:
        database = Database(settings.database_url("gateway"))
        try:
            return await open_corrections_of(database)
        finally:
            await database.close()

    found = run(work)
    overdue = sum(each.overdue for each in found.results)
    if as_json:
        show_json({"overdue": overdue} | found.model_dump(mode="json"))
    else:
        for each in found.results:
            whom = f"{each.member} {each.office}".rstrip()
            late = "  OVERDUE" if each.overdue else ""
            click.echo(f"{each.created_at:%Y-%m-%d %H:%M}  {each.kind} {each.record} {each.change}  to {whom}{late}")
        click.echo(f"{len(found.results)} open, {overdue} overdue")
    if overdue:
        raise SystemExit(FOUND)


@click.group(epilog="Example: lindung secretariat publish --into public --key a.pem --key b.pem MYS.json IDN.json")
def secretariat() -> None:
    """The regional secretariat: the root of trust and the member directory."""


@secretariat.command(epilog="Example: lindung secretariat root --into public --key a.pem --key b.pem --threshold 2")
@click.option("--into", type=_folder, required=True, help="Folder that is published.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Private keys of the new root; made when missing. The file's name is the key's id.",
)
@click.option("--old-key", "old_keys", multiple=True, type=_file, help="Keys of the root before, when there is one.")
@click.option("--threshold", type=click.IntRange(1, 20), default=2, show_default=True)
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True)
@json_option
def root(into: Path, keys: Sequence[Path], old_keys: Sequence[Path], threshold: int, days: int, as_json: bool) -> None:
    """Make the next root: whose signatures count, and how many of them."""
    into.mkdir(parents=True, exist_ok=True)
    for key in keys:
        keep_file(key, new_signing_key)
    version = 1 + max((int(path.name.split(".")[1]) for path in into.glob("root.*.json")), default=0)
    try:
        made = Root(
            version=version, expires=now() + timedelta(days=days), threshold=threshold,
            keys=[PublicKey.model_validate(public_jwk(path.read_bytes(), path.stem)) for path in keys],
        )  # fmt: skip
    except ValidationError as error:
        fail("; ".join(each["msg"] for each in error.errors()))
    signed = sign_document(made, {path.stem: path.read_bytes() for path in (*keys, *old_keys)})
    (into / f"root.{version}.json").write_text(signed.model_dump_json(), encoding="utf-8")
    (into / ROOT).write_text(made.model_dump_json(indent=1), encoding="utf-8")
    told = {"version": version, "threshold": threshold, "keys": [path.stem for path in keys]}
    if as_json:
        show_json(told)
    else:
        click.echo("root {version}: {threshold} of {keys}".format(**told))


@secretariat.command(epilog="Example: lindung secretariat publish --into public --key a.pem --key b.pem MYS.json")
@click.option("--into", type=_folder, required=True, help="Folder that is published.")
@click.option("--key", "keys", multiple=True, required=True, type=_file, help="Private keys that the root names.")
@click.option("--cut-off", "cut_off", multiple=True, help="A member that neither asks nor is asked from now on.")
@click.option("--days", type=click.IntRange(1, 90), default=14, show_default=True, help="Until it must be renewed.")
@click.argument("entries", nargs=-1, type=_file)
@json_option
def publish(
    into: Path, keys: Sequence[Path], cut_off: Sequence[str], days: int, entries: Sequence[Path], as_json: bool
) -> None:
    """The next directory: the last one's members, with the ENTRIES given put in or replaced."""
    into.mkdir(parents=True, exist_ok=True)
    target = into / "directory.json"
    last = Directory.model_validate_json(_read(target, Signed).payload) if target.exists() else None
    members = {entry.member: entry for entry in (last.members if last else [])}
    members |= {entry.member: entry for entry in (_read(path, MemberEntry) for path in entries)}
    if unknown := set(cut_off) - members.keys():
        fail(f"not in the directory: {', '.join(sorted(unknown))}")
    listed = [entry.model_copy(update={"active": entry.active and code not in cut_off})
              for code, entry in sorted(members.items())]  # fmt: skip
    version = 1 + (last.version if last else 0)
    made = Directory(version=version, expires=now() + timedelta(days=days), members=listed)
    signed = sign_document(made, {path.stem: path.read_bytes() for path in keys})
    draft = target.with_suffix(".new")
    draft.write_text(signed.model_dump_json(), encoding="utf-8")
    draft.replace(target)
    told: dict[str, Any] = {"version": version, "members": {each.member: each.active for each in listed}}
    if as_json:
        show_json(told)
    else:
        click.echo(f"directory {version}: {json.dumps(told['members'])}")


def _read(path: Path, model: type[Read]) -> Read:
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fail(f"{path.name} is no {model.__name__.lower()}: {error.error_count()} fields cannot be read")
