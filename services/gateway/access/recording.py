"""What happens at the door itself, in the log of accesses: tokens, sign-ins, and changes of clients and people."""

from enum import StrEnum
from typing import Final

from services.gateway.audit.entries import Outcome
from services.gateway.audit.log import AuditLog
from shared.contracts.caller import Caller

KIND: Final = "access"


class Step(StrEnum):
    """What an entry of the kind `access` says."""

    TOKEN = "token"  # noqa: S105  a word of the log
    SIGN_IN = "sign_in"
    LOCK_OUT = "lock_out"
    SIGN_OUT = "sign_out"
    SWITCH_ROLE = "switch_role"
    ENROL = "enrol"
    USER_ADD = "user_add"
    USER_RESET = "user_reset"
    USER_CUT = "user_cut"
    USER_ROLES = "user_roles"
    CLIENT_ADD = "client_add"
    CLIENT_CUT = "client_cut"
    CLIENT_CAP = "client_cap"
    ASK = "ask"
    INTEREST = "interest"


async def record(log: AuditLog, caller: Caller, step: Step, subject: str, outcome: Outcome = Outcome.ADMITTED) -> None:
    """Append an entry about a user or a client; of the subject, only its digest is kept."""
    await log.append(caller, KIND, step.value, subject.encode(), outcome)


def user_subject(user_id: str) -> str:
    """The subject of entries about a person."""
    return f"/access/users/{user_id}"


def client_subject(client_id: str) -> str:
    """The subject of entries about a client."""
    return f"/access/clients/{client_id}"


def operator(member: str) -> Caller:
    """Whoever holds the database's credentials and the keys, at the command line."""
    return Caller(client_id="lindung", organisation="operator of this node", member=member)
