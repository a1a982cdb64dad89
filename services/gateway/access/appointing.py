"""Who can be let in, as what: rules on ids, roles and keys. Pure; the command line and the doors hold to them alike."""

import re
from collections.abc import Mapping
from typing import Any, Final

import jwt

from services.gateway.access.binding import strong_enough
from services.gateway.access.people.users import EXTERNAL_PREFIX, User
from services.gateway.access.signing_in import USER_ID
from services.gateway.access.tokens import CONSOLE
from shared.contracts.caller import APPOINTED, Role

RESERVED: Final = frozenset({CONSOLE, "lindung", "gateway", "registry"})
"""Names under which the gateway itself appears in the log."""
MOST_LETTERS: Final = 200
"""Of a name or an organisation."""
_CLIENT_ID: Final = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9.-]{1,64}")
_PUBLIC: Final = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}
_SIGNS: Final = {"EC": "ES256", "RSA": "PS256"}


class AppointmentRefusedError(Exception):
    """Nobody is let in like this: an id, a role or a key that is not taken."""


def check_person(user: User) -> None:
    """Whether somebody can be registered here.

    Raises:
        AppointmentRefusedError: the id is none, or an external provider's; a name is too long.
    """
    if not USER_ID.fullmatch(user.id) or user.id.startswith(EXTERNAL_PREFIX):
        raise AppointmentRefusedError("an id has small letters, digits, hyphen and full stop, at most 64")
    if len(user.name) > MOST_LETTERS or len(user.organisation) > MOST_LETTERS:
        raise AppointmentRefusedError(f"a name or organisation has at most {MOST_LETTERS} characters")


def check_client(name: str, organisation: str, role: Role) -> None:
    """Whether a system can be registered here.

    Raises:
        AppointmentRefusedError: the name is none, or the gateway's own; the role is a person's or nobody's.
    """
    if name in RESERVED or not _CLIENT_ID.fullmatch(name):
        raise AppointmentRefusedError("a client's name has letters, digits, hyphen and full stop, at most 64")
    if len(organisation) > MOST_LETTERS:
        raise AppointmentRefusedError(f"an organisation has at most {MOST_LETTERS} characters")
    if role not in APPOINTED or role is Role.ADMINISTRATOR:
        raise AppointmentRefusedError("no system has this role")


def public_half(document: Any, name: str) -> dict[str, Any]:
    """The public half of a P-256 or RSA key, and nothing else that the document may hold.

    Args:
        document: a JSON Web Key (RFC 7517), from outside.
        name: of the client.

    Raises:
        AppointmentRefusedError: it is none, a private one, or too weak.
    """
    if not isinstance(document, Mapping) or document.get("kty") not in _PUBLIC:
        raise AppointmentRefusedError("not a JSON Web Key of P-256 or RSA")
    if "d" in document:
        raise AppointmentRefusedError("this is a private key; it stays with the client")
    parts, signs = _PUBLIC[document["kty"]], _SIGNS[document["kty"]]
    try:
        key = jwt.PyJWK(dict(document), algorithm=signs).key
    except (ValueError, TypeError, KeyError, jwt.PyJWTError) as error:
        raise AppointmentRefusedError("not a JSON Web Key of P-256 or RSA") from error
    if not strong_enough(key):
        raise AppointmentRefusedError("the curve must be P-256 (ES256); RSA has 2048 bits or more")
    return {part: document[part] for part in parts} | {"kid": name, "alg": signs, "use": "sig"}
