"""One policy, in one place: (role, purpose, kind of record, action) passes only where a row of policy.toml says so."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

from shared.contracts.caller import NEEDS_CASE, Purpose, Role


class Kind(StrEnum):
    """Kinds of record that a request can be about."""

    REGISTRATION = "registration"
    BIOMETRIC = "biometric"
    PARTY = "party"
    AUDIT = "audit"
    ADJUDICATION = "adjudication"
    VICTIM = "victim"


class Action(StrEnum):
    """What a request does to a record."""

    CREATE = "create"
    READ = "read"
    LIST = "list"
    WRITE = "write"
    SCREEN = "screen"
    VERIFY = "verify"
    IDENTIFY = "identify"
    QUALITY = "quality"


class NotAllowedError(Exception):
    """The policy has no row for this request."""


class CaseReferenceMissingError(Exception):
    """The purpose is only lawful for a numbered case, and none was named."""


@dataclass(frozen=True)
class Row:
    """One sentence of the policy."""

    role: Role
    purpose: Purpose
    kind: Kind
    action: Action


@dataclass(frozen=True)
class Policy:
    """The rows that allow; what no row allows is denied."""

    rows: frozenset[Row]

    def admit(self, row: Row, case_reference: str | None) -> None:
        """Let the request pass or refuse it.

        Raises:
            NotAllowedError: no row allows it.
            CaseReferenceMissingError: the purpose needs a case reference.
        """
        if row not in self.rows:
            raise NotAllowedError(f"{row.role} may not {row.action} {row.kind} for {row.purpose}")
        if row.purpose in NEEDS_CASE and not case_reference:
            raise CaseReferenceMissingError(
                f"purpose {row.purpose} needs the header Lindung-Case with a case reference"
            )


def load_policy() -> Policy:
    """The policy that ships with the gateway.

    Raises:
        ValueError: a row names a role, purpose, kind or action that does not exist.
    """
    document = tomllib.loads(files("services.gateway.access").joinpath("policy.toml").read_text())
    return Policy(frozenset(_rows(document["allow"])))


def _rows(entries: Iterable[dict[str, Any]]) -> Iterable[Row]:
    for entry in entries:
        for action in entry["actions"]:
            yield Row(Role(entry["role"]), Purpose(entry["purpose"]), Kind(entry["kind"]), Action(action))
