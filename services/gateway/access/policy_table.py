"""The policy as a table for people, made from what Cedar decides, and put into the document about it.

Run: `python -m services.gateway.access.policy_table docs/policy.md`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from services.gateway.access.policy import Grant, Kind, load_policy
from shared.contracts.caller import Purpose, Role
from shared.contracts.disclosure import FieldClass

START: Final = "<!-- the policy begins -->\n"
END: Final = "<!-- the policy ends -->\n"


def policy_table() -> str:
    """Every role, purpose and kind of record for which something is allowed. No row: nothing."""
    head = "\n| role | purpose | kind of record | may | sees |\n|---|---|---|---|---|\n"
    return head + "".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    policy = load_policy()
    for role in Role:
        for kind in Kind:
            alike: dict[Grant, list[Purpose]] = {}
            for purpose in Purpose:
                alike.setdefault(policy.grant(role, purpose, kind), []).append(purpose)
            for grant, purposes in alike.items():
                if grant.actions:
                    seen = _words(grant.classes - {FieldClass.PROBLEM})
                    yield f"| {role} | {', '.join(purposes)} | {kind} | {_words(grant.actions)} | {seen} |\n"


def _words(words: frozenset[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"


def write_table(path: Path) -> None:
    """Put the table between its marks."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(START)
    _, after = rest.split(END)
    path.write_text(before + START + policy_table() + END + after, encoding="utf-8")


if __name__ == "__main__":
    write_table(Path(sys.argv[1]))
