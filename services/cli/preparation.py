"""Makes an embedded deployment usable: keys, schema, and a local client for each role."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from services.gateway.access.clients import Client, Clients
from shared.contracts.caller import Role
from shared.crypto.keyfiles import make_key_files, public_jwk, write_client_key
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.settings import SERVICES, Settings

LOCAL_CLIENTS: Final = {
    "desk": Role.DESK_OFFICER,
    "licensing": Role.LICENSING_OFFICER,
    "labour": Role.LABOUR_INSPECTOR,
    "child-protection": Role.CHILD_PROTECTION,
    "child-protection-2": Role.CHILD_PROTECTION,
    "victim-support": Role.VICTIM_SUPPORT,
    "victim-support-2": Role.VICTIM_SUPPORT,
    "adjudicator": Role.ADJUDICATOR,
    "adjudicator-2": Role.ADJUDICATOR,
    "registrar": Role.REGISTRAR,
    "investigator": Role.INVESTIGATOR,
    "prosecutor": Role.PROSECUTOR,
    "consular": Role.CONSULAR_OFFICER,
    "auditor": Role.AUDITOR,
    "member-system": Role.MEMBER_SYSTEM,
}
"""Clients of the embedded deployment: name, role. Their keys are random, made on this machine, and stay on it.

Two adjudicators, two of child protection and two of victim support, for one person decides no case and ends no
presumption.
"""


class DeploymentBusyError(Exception):
    """Another process serves this deployment's folder."""


def settings_in(folder: Path, **more: Any) -> Settings:
    """A deployment to be thrown away: embedded databases and new keys in this folder, whatever the environment names.

    Args:
        folder: an empty one.
        more: other settings.
    """
    return Settings(
        var=folder,
        models=Settings().model_folder,
        keys=None,
        registry_database_url=None,
        biometrics_database_url=None,
        gateway_database_url=None,
        database_password_file=None,
        registry_url=None,
        biometrics_url=None,
        **more,
    )


async def prepare(settings: Settings) -> None:
    """Keys, schema, local clients; safe to repeat. Synchronous migrations run first."""
    make_key_files(settings.key_folder)
    for service in SERVICES:
        upgrade(service, settings.database_url(service))
    await register_clients(settings, ((name, role, settings.member) for name, role in LOCAL_CLIENTS.items()))


async def register_clients(settings: Settings, clients: Iterable[tuple[str, Role, str]]) -> None:
    """Make each client's key where it has none, and register its public half; one that was cut off stays so.

    Args:
        settings: the deployment.
        clients: name, role, member state.
    """
    database = Database(settings.database_url("gateway"))
    try:
        register = Clients(database)
        known = {each.client.client_id: each.client for each in await register.all()}
        for name, role, member in clients:
            private = write_client_key(settings.key_folder, name).read_bytes()
            client = Client(name, f"local {role}", member, role, public_jwk(private, name))
            if known.get(name) != client:
                await register.register(client)
    finally:
        await database.close()


@contextmanager
def hold(var: Path) -> Iterator[None]:
    """Be the only process that serves this folder: two would each search only their own memory.

    Raises:
        DeploymentBusyError: another process does.
    """
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(var / "lindung.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise DeploymentBusyError(f"another process serves {var}") from error
    try:
        yield
    finally:
        os.close(descriptor)


def serving_address(var: Path) -> str | None:
    """Where the process that serves this folder listens; None when there is none."""
    try:
        with hold(var):
            return None
    except DeploymentBusyError:
        return _read_address(var)


def write_address(var: Path, address: str) -> None:
    """Say where this process listens."""
    draft = var / "address.json.new"
    draft.write_text(json.dumps({"address": address}))
    draft.replace(var / "address.json")


def _read_address(var: Path) -> str | None:
    try:
        return str(json.loads((var / "address.json").read_text())["address"])
    except (OSError, ValueError, KeyError):
        return None
