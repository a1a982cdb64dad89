"""Commands on the clients that the gateway knows, straight in its database: for whoever holds its credentials."""

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from services.cli.caps import cap
from services.cli.console import fail, json_option, show_json
from services.cli.registers import Registers, with_registers
from services.gateway.access.appointing import AppointmentRefusedError, check_client, public_half
from services.gateway.access.clients import Client, ClientUnknownError
from services.gateway.access.recording import Step, client_subject
from shared.contracts.caller import APPOINTED, Role
from shared.crypto.keyfiles import MEMBERS, new_signing_key, public_jwk

T = TypeVar("T")


class ClientKnownError(Exception):
    """A client of this name is registered already."""


@click.group(epilog="Example: lindung client list")
def client() -> None:
    """The systems and desks that may ask for access tokens, by their public keys."""


client.add_command(cap)


@client.command(
    epilog="Example: lindung client add desk-batam --role desk_officer --member IDN --organisation 'Desk Batam' "
    "--jwk desk-batam.jwk     Example: … --new-key desk-batam.pem"
)
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in APPOINTED]), required=True)
@click.option("--member", type=click.Choice(MEMBERS), required=True, help="Member state that it acts for.")
@click.option("--organisation", required=True, help="Whose it is, as the log of accesses will say.")
@click.option(
    "--jwk", type=click.File(encoding="utf-8"), help="Its public key (P-256, RSA) as a JSON Web Key; - reads it."
)
@click.option(
    "--new-key", type=click.Path(dir_okay=False, path_type=Path), help="Make its private key here, PEM, instead."
)
@click.option("--unbound", is_flag=True, help="It can neither send DPoP proofs nor come with a certificate.")
@click.option("--replace", is_flag=True, help="It is known already: put this in the place of what is known.")
@json_option
def add(
    name: str,
    role: str,
    member: str,
    organisation: str,
    jwk: TextIO | None,
    new_key: Path | None,
    unbound: bool,
    replace: bool,
    as_json: bool,
) -> None:
    """Register a client by its public key, or give it another key or role with --replace.

    Its tokens are good only with proof of a key or certificate of its own, unless --unbound: then they are anybody's
    who has one, for ten minutes.
    """
    try:
        check_client(name, organisation, Role(role))
    except AppointmentRefusedError as error:
        raise click.UsageError(str(error)) from error
    if (jwk is None) == (new_key is None):
        raise click.UsageError("give either --jwk or --new-key")

    async def register(registers: Registers, key: dict[str, Any]) -> None:
        if not replace and any(known.client.client_id == name for known in await registers.clients.all()):
            raise ClientKnownError(f"{name} is registered already; --replace puts this in its place")
        await registers.clients.register(Client(name, organisation, member, Role(role), key, bound=not unbound))
        await registers.record(Step.CLIENT_ADD, client_subject(name))

    if jwk is not None:
        key = _read_jwk(jwk.read(), name)
        _with_clients(lambda registers: register(registers, key))
    elif new_key is not None:
        with _made_key(new_key) as private:
            _with_clients(lambda registers: register(registers, public_jwk(private, name)))
    if as_json:
        show_json(
            {"client": name, "role": role, "member": member, "bound": not unbound}
            | {"key": str(new_key) if new_key else None}
        )
    else:
        click.echo(f"registered: {name}, {role} for {member}" + (f"; its private key: {new_key}" if new_key else ""))


@client.command(epilog="Example: lindung client cut desk-batam")
@click.argument("name")
@json_option
def cut(name: str, as_json: bool) -> None:
    """Cut a client off: from now on its tokens are refused. `client add --replace` lets it in again."""

    async def work(registers: Registers) -> None:
        await registers.clients.deactivate(name)
        await registers.record(Step.CLIENT_CUT, client_subject(name))

    _with_clients(work)
    if as_json:
        show_json({"client": name, "active": False})
    else:
        click.echo(f"cut off: {name}")


@client.command("list", epilog="Example: lindung client list --json")
@json_option
def show(as_json: bool) -> None:
    """Every client, with its role and whether it is active."""
    rows = [
        {
            "client": known.client.client_id,
            "organisation": known.client.organisation,
            "member": known.client.member,
            "role": known.client.role.value,
            "bound": known.client.bound,
            "active": known.active,
            "since": known.since.isoformat(),
        }
        for known in _with_clients(lambda registers: registers.clients.all())
    ]
    if as_json:
        show_json({"clients": rows})
        return
    for row in rows:
        state = "active " if row["active"] else "cut off"
        click.echo(f"{state}  {row['client']:<24} {row['role']:<18} {row['member']}  {row['organisation']}")


def _with_clients(work: Callable[[Registers], Awaitable[T]]) -> T:
    try:
        return with_registers(work)
    except ClientKnownError as error:
        fail(str(error))
    except ClientUnknownError:
        fail("there is no client of this name")


def _read_jwk(text: str, name: str) -> dict[str, Any]:
    try:
        return public_half(json.loads(text), name)
    except ValueError as error:
        raise click.BadParameter("not a JSON Web Key of P-256 or RSA", param_hint="--jwk") from error
    except AppointmentRefusedError as error:
        raise click.BadParameter(str(error), param_hint="--jwk") from error


@contextmanager
def _made_key(path: Path) -> Iterator[bytes]:
    """A new private key in a new file, readable by its owner only; the file goes when the work with it fails."""
    private = new_signing_key()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        fail(f"{path}: {error.strerror}")
    with os.fdopen(descriptor, "wb") as file:
        file.write(private)
    try:
        yield private
    except BaseException:
        path.unlink()
        raise
