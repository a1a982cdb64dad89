"""What an entry of the log says, and the octets that its leaf is the hash of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from services.gateway.tables import AuditRow
from shared.contracts.caller import Caller
from shared.standards.merkle import leaf_hash


class Outcome(StrEnum):
    """What became of a request."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    SHOWN = "shown"
    """The record stood in the answer to a list, a search or a screening."""


@dataclass(frozen=True)
class Access:
    """One caller's request for one subject, before it has a number.

    Attributes:
        kind: of record (policy.Kind), or `access` for tokens and clients.
        subject: what it was about, in the clear; only its digest is kept.
    """

    caller: Caller
    kind: str
    action: str
    outcome: Outcome
    subject: bytes


class _Written(Protocol):
    number: int
    at: datetime
    client_id: str
    user_id: str | None
    organisation: str
    member: str
    role: str
    purpose: str
    case_reference: str | None
    kind: str
    action: str
    outcome: str
    subject_digest: str


FIELDS: Final = (
    "number", "at", "client_id", "user_id", "organisation", "member", "role", "purpose", "case_reference", "kind",
    "action", "outcome", "subject_digest",
)  # fmt: skip


def as_document(row: _Written) -> dict[str, Any]:
    """An entry as JSON shows it; `at` in UTC with microseconds."""
    values = {name: getattr(row, name) for name in FIELDS}
    return values | {"at": row.at.isoformat(timespec="microseconds")}


def leaf_of(row: _Written) -> bytes:
    """The leaf hash of an entry."""
    return leaf_of_document(as_document(row))


def leaf_of_document(document: Mapping[str, Any]) -> bytes:
    """The leaf hash of an entry: over its JSON, keys in order, no spaces, ASCII; `user_id` only where one signed in."""
    hashed = dict(document)
    if hashed["user_id"] is None:  # as entries were before people signed in
        del hashed["user_id"]
    return leaf_hash(json.dumps(hashed, sort_keys=True, separators=(",", ":")).encode())


def write_row(number: int, at: datetime, access: Access, subject_digest: str) -> AuditRow:
    """The row of an entry, its leaf made."""
    caller = access.caller
    row = AuditRow(
        number=number,
        at=at,
        client_id=caller.client_id,
        user_id=caller.user,
        organisation=caller.organisation,
        member=caller.member,
        role=caller.role.value if caller.role else "",
        purpose=caller.purpose.value if caller.purpose else "",
        case_reference=caller.case_reference,
        kind=access.kind,
        action=access.action,
        outcome=access.outcome.value,
        subject_digest=subject_digest,
    )
    row.leaf = leaf_of(row)
    return row
