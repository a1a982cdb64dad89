"""What opens a case, who may sit on it, when it is decided, and what follows. Pure: words in, words out.

Two reviewers decide, each without knowing of the other. A finding holds when two distinct people came to it; where they
did not, one more is asked, until two agree.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from services.registry.adjudication.states import Step
from shared.contracts.adjudication import Finding, Ground, LinkRelation
from shared.contracts.problem import FieldProblem
from shared.contracts.registrations import RegistrationCandidate, Signal, SignalCode, Strength

SEATS: Final = 2
"""Reviewers who decide a case alike."""
CLAIM: Final = timedelta(minutes=30)
"""How long a case stays in one reviewer's hands without a decision."""
LONGEST_DEFERRAL: Final = timedelta(days=60)
"""How far off the day may be by which papers are asked for: a worker who waits is harmed by waiting."""


class DecisionRefusedError(Exception):
    """A decision that must not count: its ground, its finding or its other record.

    Args:
        text: why.
        field: which part of the request.
    """

    def __init__(self, text: str, field: str) -> None:
        super().__init__(text)
        self.errors = [FieldProblem(pointer=f"/body/{field}", detail=text)]


class SoleGroundError(DecisionRefusedError):
    """A decision whose only ground is an estimate of age from a face."""


# ---- what opens a case --------------------------------------------------------------------------------------------

CONTRADICTED: Final = "MODALITIES_CONTRADICT"
"""Opens a case as a signal does: a candidate's face says yes and the fingers no, or the reverse."""

_OPENS: Final = frozenset(
    {
        SignalCode.CHILD_POSSIBLE,
        SignalCode.SAME_PERSON_OTHER_IDENTITY,
        SignalCode.DOCUMENT_NUMBER_REUSED,
        SignalCode.PORTRAIT_MISMATCH,
    }
)
_ELSEWHERE: Final = frozenset({SignalCode.CANDIDATE_IN_OTHER_MEMBER, SignalCode.DOCUMENT_IN_OTHER_MEMBER})
"""About a record that another member holds: a case each, but the weak ones."""
_NEVER: Final = frozenset({SignalCode.BELOW_SECTOR_MINIMUM, SignalCode.AGE_UNDETERMINED, SignalCode.AGE_ESTIMATE_YOUNG})
"""The labour office's, and requests for papers: no case against a worker, however strong."""

_HARM: Final = {
    SignalCode.CHILD_POSSIBLE: 0,
    SignalCode.DOCUMENT_NUMBER_REUSED: 2,
    SignalCode.DOCUMENT_IN_OTHER_MEMBER: 2,
    SignalCode.PORTRAIT_MISMATCH: 2,
}
APPEAL_HARM: Final = 1
_OTHER_HARM: Final = 3


def opens(signal: Signal) -> bool:
    """Whether a signal opens a case: those that name another person or a child, and any other strong one."""
    if signal.code in _ELSEWHERE:
        return signal.strength is not Strength.WEAK
    return signal.code in _OPENS or (signal.strength is Strength.STRONG and signal.code not in _NEVER)


def grounds_to_open(signals: Iterable[Signal], candidates: Iterable[RegistrationCandidate]) -> frozenset[str]:
    """What there is to decide, each thing once: code, and the other record or claim that it is about.

    A case that was decided opens again only for a ground that it had not.
    """
    found = {f"{signal.code}:{about}" for signal in signals if opens(signal) for about in _about(signal)}
    contradicted = {f"{CONTRADICTED}:{each.registration}" for each in candidates if each.contradiction}
    return frozenset(found | contradicted)


def _about(signal: Signal) -> list[str]:
    if signal.code in _ELSEWHERE:
        found = signal.evidence.get("candidates", [])
        return sorted({str(each["member"]) for each in found if each["strength"] != Strength.WEAK})
    named = signal.evidence.get("claims" if signal.code is SignalCode.CHILD_POSSIBLE else "registrations", [])
    return [str(each) for each in named] or [""]


def codes_of(grounds: Iterable[str]) -> list[str]:
    """The codes of some grounds, each once."""
    return sorted({ground.partition(":")[0] for ground in grounds})


def others_of(grounds: Iterable[str]) -> list[str]:
    """The other records that some grounds are about; a child's claims of birth name none."""
    none = {SignalCode.CHILD_POSSIBLE, *_ELSEWHERE}
    parted = (ground.partition(":") for ground in grounds)
    return sorted({about for code, _, about in parted if code not in none and about.startswith("R")})


def members_of(grounds: Iterable[str]) -> list[str]:
    """Other member states that hold a record which some grounds are about."""
    parted = (ground.partition(":") for ground in grounds)
    return sorted({about for code, _, about in parted if code in _ELSEWHERE})


def harm_of(grounds: Iterable[str], *, appealed: bool) -> int:
    """Where in the queue: 0 first. A child, then a worker who appeals, then people whose papers others may use."""
    worst = min((_HARM.get(SignalCode(code), _OTHER_HARM) for code in _known(grounds)), default=_OTHER_HARM)
    return min(worst, APPEAL_HARM) if appealed else worst


def _known(grounds: Iterable[str]) -> list[str]:
    return [code for code in codes_of(grounds) if code in set(SignalCode)]


def is_childs(grounds: Iterable[str]) -> bool:
    """Whether a case is child protection's alone."""
    return SignalCode.CHILD_POSSIBLE.value in codes_of(grounds)


# ---- who sits -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seat:
    """A reviewer on a case: who looks at it, or what they found."""

    round: int
    reviewer: str
    expires_at: datetime
    finding: Finding | None = None
    other: str | None = None

    @property
    def vote(self) -> "Vote | None":
        """What was found; None: not decided."""
        return None if self.finding is None else Vote(self.finding, self.other)


class Vote(NamedTuple):
    """What counts as the same finding."""

    finding: Finding
    other: str | None


def wanted_seats(votes: Sequence[Vote]) -> int:
    """How many reviewers a round needs: two, and one more for as long as no two agree."""
    return max(SEATS, len(votes) + (1 if len(votes) >= SEATS and agreed(votes) is None else 0))


def agreed(votes: Iterable[Vote]) -> Vote | None:
    """The finding that two reviewers came to; None: not yet."""
    return next((vote for vote, count in Counter(votes).items() if count >= SEATS), None)


def may_sit(reviewer: str, seats: Sequence[Seat], current: int, appealed_from: int, at: datetime) -> bool:
    """Whether a reviewer may take the case now.

    Args:
        reviewer: who asks.
        seats: of every round.
        current: the round.
        appealed_from: the first round of the appeal; 0: none. Who decided before it is out for good.
        at: now.
    """
    earlier = {seat.reviewer for seat in seats if seat.round < appealed_from and seat.finding is not None}
    own = [seat for seat in seats if seat.round == current and seat.reviewer == reviewer and seat.finding is not None]
    now_sitting = [seat for seat in seats if seat.round == current and seat.reviewer != reviewer]
    votes = [seat.vote for seat in now_sitting if seat.vote is not None]
    taken = len(votes) + sum(seat.finding is None and seat.expires_at > at for seat in now_sitting)
    return reviewer not in earlier and not own and taken < wanted_seats(votes)


# ---- what a decision may say --------------------------------------------------------------------------------------

_CHILD_FINDINGS: Final = frozenset({Finding.CHILD, Finding.ADULT, Finding.COME_OF_AGE})
_ABOUT_ANOTHER: Final = frozenset(
    {
        Finding.SAME_IDENTITY,
        Finding.SAME_PERSON_TRUE_HERE,
        Finding.SAME_PERSON_TRUE_ELSEWHERE,
        Finding.DIFFERENT_PERSONS,
    }
)
_AGE_PAPERS: Final = frozenset(
    {Ground.BIRTH_RECORD, Ground.DOCUMENT_EXAMINED, Ground.CHIP_AUTHENTICATED, Ground.ISSUER_CONFIRMED}
)


def check_decision(
    finding: Finding, other: str | None, grounds: AbstractSet[Ground], *, child: bool, others: Collection[str]
) -> None:
    """Refuse a decision that must not count.

    Args:
        finding, other, grounds: of the decision.
        child: whether the case is child protection's.
        others: records that the case is about besides its own.

    Raises:
        SoleGroundError: its only ground is a face-age estimate.
        DecisionRefusedError: the finding does not belong to the case, or names no record or one of another case.
    """
    if not grounds - {Ground.FACE_AGE_ESTIMATE}:
        raise SoleGroundError("an age estimated from a face is never the only ground of a decision", "grounds")
    if child is not (finding in _CHILD_FINDINGS):
        raise DecisionRefusedError("the finding does not answer what this case asks", "finding")
    if finding is Finding.COME_OF_AGE and not grounds & _AGE_PAPERS:
        raise DecisionRefusedError("that 18 was reached rests on a document", "grounds")
    if finding in _ABOUT_ANOTHER and other is None:
        raise DecisionRefusedError("say which other record the finding is about", "other")
    if other is not None and other not in others:
        raise DecisionRefusedError("the case is not about that record", "other")


_STEPS: Final = {
    Finding.NO_CONTRADICTION: Step.VERIFY,
    Finding.DIFFERENT_PERSONS: Step.VERIFY,
    Finding.SAME_IDENTITY: Step.MERGE,
    Finding.SAME_PERSON_TRUE_HERE: Step.VERIFY,
    Finding.SAME_PERSON_TRUE_ELSEWHERE: Step.REJECT,
    Finding.RIGHTFUL_HOLDER: Step.VERIFY,
    Finding.DOCUMENT_OF_ANOTHER: Step.REJECT,
    Finding.CHILD: Step.PROTECT,
    Finding.ADULT: Step.UNSEAL,
    Finding.COME_OF_AGE: Step.UNSEAL,
}
_LINKS: Final = {
    Finding.SAME_IDENTITY: LinkRelation.MERGED,
    Finding.SAME_PERSON_TRUE_HERE: LinkRelation.SAME_PERSON,
    Finding.SAME_PERSON_TRUE_ELSEWHERE: LinkRelation.SAME_PERSON,
    Finding.DIFFERENT_PERSONS: LinkRelation.DIFFERENT_PERSONS,
    Finding.DOCUMENT_OF_ANOTHER: LinkRelation.DOCUMENT_OF,
}


def step_of(finding: Finding) -> Step:
    """What a finding does to the registration that the case is about."""
    return _STEPS[finding]


def link_of(finding: Finding) -> LinkRelation | None:
    """How a finding ties the registration to the other one; None: not at all."""
    return _LINKS.get(finding)
