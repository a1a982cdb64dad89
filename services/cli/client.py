"""Commands on the clients that the gateway knows, straight in its database: for whoever holds its credentials."""

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

import click
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from sqlalchemy.exc import SQLAlchemyError

from services.cli.console import fail, json_option, run, show_json
from services.gateway.access.clients import Client, Clients, ClientUnknownError
from shared.contracts.caller import Role
from shared.crypto.keyfiles import MEMBERS, new_signing_key, public_jwk
from shared.db.database import Database
from shared.settings import Settings

T = TypeVar("T")

_PUBLIC: Final = ("kty", "crv", "x", "y")


class ClientKnownError(Exception):
    """A client of this name is registered already."""


@click.group(epilog="Example: lindung client list")
def client() -> None:
    """The systems and desks that may ask for access tokens, by their public keys."""


@client.command(
    epilog="Example: lindung client add desk-batam --role desk_officer --member IDN --organisation 'Desk Batam' "
    "--jwk desk-batam.jwk     Example: … --new-key desk-batam.pem"
)
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--member", type=click.Choice(MEMBERS), required=True, help="Member state that it acts for.")
@click.option("--organisation", required=True, help="Whose it is, as the log of accesses will say.")
@click.option("--jwk", type=click.File(encoding="utf-8"), help="Its public key, ES256, as a JSON Web Key; - reads it.")
@click.option(
    "--new-key", type=click.Path(dir_okay=False, path_type=Path), help="Make its private key here, PEM, instead."
)
@click.option("--replace", is_flag=True, help="It is known already: put this in the place of what is known.")
@json_option
def add(
    name: str,
    role: str,
    member: str,
    organisation: str,
    jwk: TextIO | None,
    new_key: Path | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Register a client by its public key, or give it another key or role with --replace."""
    if not (name.isascii() and name.replace("-", "").replace(".", "").isalnum() and len(name) <= 64):
        raise click.BadParameter("letters, digits, hyphen and full stop, at most 64", param_hint="NAME")
    if (jwk is None) == (new_key is None):
        raise click.UsageError("give either --jwk or --new-key")
    if len(organisation) > 200:
        raise click.BadParameter("at most 200 characters", param_hint="--organisation")

    async def register(clients: Clients, key: dict[str, Any]) -> None:
        if not replace and any(known.client.client_id == name for known in await clients.all()):
            raise ClientKnownError(f"{name} is registered already; --replace puts this in its place")
        await clients.register(Client(name, organisation, member, Role(role), key))

    if jwk is not None:
        key = _read_jwk(jwk.read(), name)
        _with_clients(lambda clients: register(clients, key))
    elif new_key is not None:
        with _made_key(new_key) as private:
            _with_clients(lambda clients: register(clients, public_jwk(private, name)))
    if as_json:
        show_json({"client": name, "role": role, "member": member, "key": str(new_key) if new_key else None})
    else:
        click.echo(f"registered: {name}, {role} for {member}" + (f"; its private key: {new_key}" if new_key else ""))


@client.command(epilog="Example: lindung client cut desk-batam")
@click.argument("name")
@json_option
def cut(name: str, as_json: bool) -> None:
    """Cut a client off: from now on its tokens are refused. `client add --replace` lets it in again."""
    _with_clients(lambda clients: clients.deactivate(name))
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
            "active": known.active,
            "since": known.since.isoformat(),
        }
        for known in _with_clients(lambda clients: clients.all())
    ]
    if as_json:
        show_json({"clients": rows})
        return
    for row in rows:
        state = "active " if row["active"] else "cut off"
        click.echo(f"{state}  {row['client']:<24} {row['role']:<18} {row['member']}  {row['organisation']}")


def _with_clients(work: Callable[[Clients], Awaitable[T]]) -> T:
    async def opened() -> T:
        database = Database(Settings().database_url("gateway"))
        try:
            return await work(Clients(database))
        finally:
            await database.close()

    try:
        return run(opened)
    except ClientKnownError as error:
        fail(str(error))
    except ClientUnknownError:
        fail("there is no client of this name")
    except SQLAlchemyError as error:
        fail(f"the gateway's database cannot be used ({type(error).__name__}); was it migrated? (lindung migrate)")


def _read_jwk(text: str, name: str) -> dict[str, Any]:
    """The public half of a P-256 key, and nothing else that the file may hold."""
    try:
        document = json.loads(text)
        key = ECAlgorithm.from_jwk(document)
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise click.BadParameter("not a JSON Web Key of an elliptic curve", param_hint="--jwk") from error
    if isinstance(key, ec.EllipticCurvePrivateKey):
        raise click.BadParameter("this is a private key; it stays with the client", param_hint="--jwk")
    if not isinstance(key.curve, ec.SECP256R1):
        raise click.BadParameter("the curve must be P-256 (ES256)", param_hint="--jwk")
    return {part: document[part] for part in _PUBLIC} | {"kid": name, "alg": "ES256", "use": "sig"}


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
