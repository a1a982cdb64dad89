"""Who decides: humans with a role of their own. A system is never one of them."""

from dataclasses import dataclass
from typing import Final, Literal

from shared.contracts.caller import Caller, Purpose, Role

Audience = Literal["registration", "child_protection"]


class NotAReviewerError(Exception):
    """This caller is no human appointed to take this step."""


@dataclass(frozen=True)
class Reviewer:
    """Somebody who decides cases.

    Attributes:
        name: who they are; two of one name are one person.
        member: whose cases.
        audience: child protection sees children's cases only, everybody else all but these.
    """

    name: str
    member: str
    audience: Audience

    @property
    def protects_children(self) -> bool:
        """Whether they are of child protection."""
        return self.audience == "child_protection"


_APPOINTED: dict[tuple[Role | None, Purpose | None], Audience] = {
    (Role.ADJUDICATOR, Purpose.ADJUDICATION): "registration",
    (Role.CHILD_PROTECTION, Purpose.CHILD_PROTECTION): "child_protection",
}

_OVERSEERS: Final = ((Role.REGISTRAR, Purpose.REGISTER_MAINTENANCE), (Role.AUDITOR, Purpose.AUDIT))
"""They learn how many cases there are, and nothing of any."""


def reviewer(caller: Caller) -> Reviewer:
    """The reviewer that a caller is.

    Raises:
        NotAReviewerError: another role, or another purpose.
    """
    audience = _APPOINTED.get((caller.role, caller.purpose))
    if audience is None:
        raise NotAReviewerError("cases are for adjudicators, children's for child protection")
    return Reviewer(name_of(caller), caller.member, audience)


def counted_for(caller: Caller) -> Reviewer:
    """For whom the work is counted: a reviewer's own; for those who oversee it, adjudicators'. Children's stays theirs.

    Raises:
        NotAReviewerError: another role, or another purpose.
    """
    if (caller.role, caller.purpose) in _OVERSEERS:
        return Reviewer(name_of(caller), caller.member, "registration")
    return reviewer(caller)


def officer(caller: Caller) -> str:
    """Who stands at the desk for the worker.

    Raises:
        NotAReviewerError: no desk officer; a system cannot speak for a worker.
    """
    if caller.role is not Role.DESK_OFFICER or caller.purpose is not Purpose.WORKER_REGISTRATION:
        raise NotAReviewerError("a desk officer takes this step, at the worker's wish")
    return name_of(caller)


def name_of(caller: Caller) -> str:
    """What tells one person from another, as long as its column is."""
    return caller.person[:64]
