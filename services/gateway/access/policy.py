"""One policy, in one place: policy.cedar says who may do what, and which classes of fields they see. Default deny.

Cedar decides; what it decided for a role, purpose, kind and whether a case is named is remembered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import compress, product
from typing import Any, Final

import cedarpy

from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.disclosure import FieldClass


class Kind(StrEnum):
    """Kinds of record that a request can be about."""

    REGISTRATION = "registration"
    BIOMETRIC = "biometric"
    PROBE = "probe"
    """Somebody looked for in other member states: hit or no hit."""
    PARTY = "party"
    AUDIT = "audit"
    ALERT = "alert"
    """What rules over the log ask a human to look at."""
    ADJUDICATION = "adjudication"
    VICTIM = "victim"
    PUBLIC = "public"
    """What everybody may know, and workers' own complaints."""
    COMPLAINT = "complaint"
    ASSESSMENT = "assessment"
    """What workers told, as answers to published indicators."""
    REFERRAL = "referral"
    """A person or an employer handed on from one office to another."""
    RED_FLAG = "red_flag"
    """A reason to look at an agency or an employer."""
    VISIT = "visit"
    """A visit of a workplace by labour inspection."""
    SUPPORT = "support"
    """Who is presumed a victim, and what is done for them."""
    CLAIM = "claim"
    """What a worker is owed, and what was paid on it."""
    FUND = "fund"
    """The aid fund's money. Names no claimant."""
    CORRECTION = "correction"
    """What was told of a party and is so no longer."""
    CONTENT = "content"
    """What is behind a hit of another member, asked for in a numbered case."""
    REGION = "region"
    """How the federation is: its members, their logs, alerts."""
    OPERATION = "operation"
    """How the service does: error rates, sizes, times, work that waits."""
    APPOINTMENT = "appointment"
    """Who may come in: people, client systems, their caps, and keys."""
    CALIBRATION = "calibration"
    """What scores are worth, proposed, signed by two officers, in force."""


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


class PolicyInvalidError(Exception):
    """The text is no policy: it cannot be read, or names a role, purpose, kind or class that does not exist."""


@dataclass(frozen=True)
class Row:
    """One question to the policy."""

    role: Role
    purpose: Purpose
    kind: Kind
    action: Action


@dataclass(frozen=True)
class Grant:
    """What a role may do to a kind of record for a purpose, and which classes of its fields it sees."""

    actions: frozenset[Action] = frozenset()
    classes: frozenset[FieldClass] = frozenset()


class Policy:
    """The policy.

    Args:
        text: in Cedar.

    Raises:
        PolicyInvalidError: it does not hold.
    """

    def __init__(self, text: str) -> None:
        try:
            self._policies = cedarpy.PolicySet.from_str(text)
            found = cedarpy.validate_policies(text, _schema())
        except ValueError as error:
            raise PolicyInvalidError(str(error)) from error
        if not found.validation_passed:
            raise PolicyInvalidError("; ".join(str(each) for each in found.errors))
        self._grants: dict[tuple[Role, Purpose, Kind, bool], Grant] = {}

    def admit(self, row: Row, case_reference: str | None) -> None:
        """Let the request pass or refuse it.

        Raises:
            NotAllowedError: no row allows it.
            CaseReferenceMissingError: the purpose needs a case reference.
        """
        if row.action in self.grant(row.role, row.purpose, row.kind, case_named=bool(case_reference)).actions:
            return
        if row.action in self.grant(row.role, row.purpose, row.kind, case_named=True).actions:
            raise CaseReferenceMissingError(
                f"purpose {row.purpose} needs the header Lindung-Case with a case reference"
            )
        raise NotAllowedError(f"{row.role} may not {row.action} {row.kind} for {row.purpose}")

    def seen(self, caller: Caller, kind: Kind) -> frozenset[FieldClass]:
        """The classes of fields of a kind of record that a caller sees."""
        if caller.role is None or caller.purpose is None:
            return frozenset()
        return self.grant(caller.role, caller.purpose, kind, case_named=bool(caller.case_reference)).classes

    def grant(self, role: Role, purpose: Purpose, kind: Kind, *, case_named: bool = True) -> Grant:
        """All that is allowed to a role for a purpose."""
        key = (role, purpose, kind, case_named)
        if key not in self._grants:
            self._grants[key] = self._decide(*key)
        return self._grants[key]

    @property
    def rows(self) -> frozenset[Row]:
        """Every question that is answered with yes, where a case is named."""
        return frozenset(
            Row(role, purpose, kind, action)
            for role, purpose, kind in product(Role, Purpose, Kind)
            for action in self.grant(role, purpose, kind).actions
        )

    def _decide(self, role: Role, purpose: Purpose, kind: Kind, case_named: bool) -> Grant:
        """Where nothing may be done there is nothing to be seen either."""

        def allowed(words: Sequence[Action] | Sequence[FieldClass]) -> list[bool]:
            asked = [_question(role, purpose, kind, word, case_named=case_named) for word in words]
            return [each.allowed for each in cedarpy.is_authorized_batch(asked, self._policies, _NO_ENTITIES)]

        actions = frozenset(compress(Action, allowed(list(Action))))
        classes = frozenset(compress(FieldClass, allowed(list(FieldClass)))) if actions else frozenset()
        return Grant(actions, classes)


_NO_ENTITIES: Final[list[dict[str, Any]]] = []


def _question(
    role: Role, purpose: Purpose, kind: Kind, word: Action | FieldClass, *, case_named: bool
) -> dict[str, Any]:
    return {
        "principal": {"type": "Role", "id": role.value},
        "action": {"type": "Action", "id": _word(word)},
        "resource": {"type": "Kind", "id": kind.value},
        "context": {"purpose": {"__entity": {"type": "Purpose", "id": purpose.value}}, "case_named": case_named},
    }


def _word(word: Action | FieldClass) -> str:
    """An action as the policy writes it; classes of fields are seen."""
    return word.value if isinstance(word, Action) else f"see {word.value}"


def _schema() -> str:
    """Cedar's schema: the closed lists of this code, so that a policy cannot name what does not exist."""
    actions = ", ".join(f'"{_word(word)}"' for word in (*Action, *FieldClass))
    return f"""
entity Role enum [{_listed(Role)}];
entity Purpose enum [{_listed(Purpose)}];
entity Kind enum [{_listed(Kind)}];
action {actions} appliesTo {{
  principal: [Role], resource: [Kind], context: {{ purpose: Purpose, case_named: Bool }}
}};
"""


def _listed(words: Iterable[StrEnum]) -> str:
    return ", ".join(f'"{word.value}"' for word in words)


def policy_text() -> str:
    """The policy that ships with the gateway, in Cedar."""
    return files("services.gateway.access").joinpath("policy.cedar").read_text(encoding="utf-8")


@cache
def load_policy() -> Policy:
    """The policy that ships with the gateway.

    Raises:
        PolicyInvalidError: it does not hold.
    """
    return Policy(policy_text())
