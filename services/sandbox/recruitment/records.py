"""What a year of recruitment consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.sandbox.recruitment.kinds import Near
from shared.contracts.cases import Offence
from shared.contracts.red_flags import FlagRule
from shared.contracts.registrations import RegistrationRequest


@dataclass(frozen=True)
class Visit:
    """A worker at a desk.

    Attributes:
        member: where the desk is.
        officer: who sits there.
    """

    member: str
    on: date
    officer: str
    request: RegistrationRequest


@dataclass(frozen=True)
class Conversation:
    """A worker's conversation with labour inspection.

    Attributes:
        papers_kept: whether they say that their papers are.
    """

    id: str
    party: str
    member: str
    on: date
    papers_kept: bool


@dataclass(frozen=True)
class Complaint:
    """A complaint, as the office has tied it to a party.

    Attributes:
        conversation: that followed.
    """

    party: str
    member: str
    on: date
    offences: tuple[Offence, ...]
    conversation: str | None = None


@dataclass(frozen=True)
class Year:
    """Everything, with the truth about it.

    Attributes:
        agencies, employers: ids of parties.
        planted: parties of whom it is so, by rule.
        near: parties of whom it only looks so, by kind.
    """

    last_day: date
    visits: tuple[Visit, ...]
    complaints: tuple[Complaint, ...]
    conversations: tuple[Conversation, ...]
    agencies: tuple[str, ...]
    employers: tuple[str, ...]
    planted: Mapping[FlagRule, frozenset[str]]
    near: Mapping[Near, frozenset[str]]
