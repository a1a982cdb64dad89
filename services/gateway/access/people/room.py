"""What signing in needs, opened once for the application."""

import hmac
from dataclasses import dataclass
from typing import cast

from fastapi import Request

from services.gateway.access.people.passwords import Passwords
from services.gateway.access.people.session_store import Sessions
from services.gateway.access.people.slowing import Slowing
from services.gateway.access.people.users import Users
from shared.crypto.sealing import SubjectKey
from shared.db.database import Database


@dataclass(frozen=True)
class People:
    """Users and their sessions; `seal` is for secrets that must be read again (TOTP keys)."""

    users: Users
    sessions: Sessions
    slowing: Slowing
    passwords: Passwords
    seal: SubjectKey


def open_people(database: Database, secret: bytes) -> People:
    """The room over a database.

    Args:
        database: the gateway's.
        secret: 32 octets of the gateway; keys for each use are derived from it.
    """
    return People(
        Users(database),
        Sessions(database),
        Slowing(database, hmac.digest(secret, b"sign-in failures", "sha256")),
        Passwords(),
        SubjectKey(hmac.digest(secret, b"authenticator apps", "sha256")),
    )


def people_of(request: Request) -> People:
    """The application's."""
    return cast("People", request.app.state.people)
