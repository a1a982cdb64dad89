"""What ticked indicators amount to: a lead with its strength, never a finding. Pure; `unknown` is not `no`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from shared.standards.indicators.catalogue import Dimension, IndicatorSet, Weight, catalogue, implied_by


class Answer(StrEnum):
    """What is known about an indicator. An indicator that nobody asked for is UNKNOWN."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Strength(IntEnum):
    """How far a lead goes. Even STRONG is a reason to refer, not a finding about anybody."""

    NONE = 0
    WEAK = 1
    MEDIUM = 2
    STRONG = 3


class LeadKind(StrEnum):
    """What a lead points to."""

    ONE_INDICATOR = "one_indicator"
    SEVERAL_INDICATORS = "several_indicators"
    FORCED_LABOUR = "forced_labour"
    TRAFFICKING = "trafficking"
    CHILD_TRAFFICKING = "child_trafficking"


@dataclass(frozen=True, slots=True)
class Rule:
    """A published rule that may fire.

    Attributes:
        confirmed: its wording was read in the source, not told from memory.
    """

    code: str
    kind: LeadKind
    strength: Strength
    text: str
    source: str
    confirmed: bool


ONE: Final = Rule(
    "ILO11_ONE",
    LeadKind.ONE_INDICATOR,
    Strength.WEAK,
    "One indicator alone may imply forced labour.",
    "ILO Indicators of Forced Labour, 2012",
    True,
)
SEVERAL: Final = Rule(
    "ILO11_SEVERAL",
    LeadKind.SEVERAL_INDICATORS,
    Strength.MEDIUM,
    "Several indicators that, taken together, point to a case of forced labour.",
    "ILO Indicators of Forced Labour, 2012",
    True,
)
FORCED: Final = Rule(
    "DELPHI_FORCED_LABOUR",
    LeadKind.FORCED_LABOUR,
    Strength.STRONG,
    "Exploitation and coercion at destination are positive.",
    "ILO/EC Operational indicators, 2009",
    False,
)
TRAFFICKING: Final = Rule(
    "DELPHI_TRAFFICKING_ADULT",
    LeadKind.TRAFFICKING,
    Strength.STRONG,
    "Exploitation is positive, and one dimension of recruitment, and one of coercion or abuse at destination.",
    "ILO/EC Operational indicators, 2009",
    False,
)
CHILD: Final = Rule(
    "DELPHI_TRAFFICKING_CHILD",
    LeadKind.CHILD_TRAFFICKING,
    Strength.STRONG,
    "A child was recruited or moved, and exploitation is positive: the means do not matter.",
    "Palermo Protocol, Art. 3(c); ILO/EC Operational indicators, 2009",
    False,
)
RULES: Final = (ONE, SEVERAL, FORCED, TRAFFICKING, CHILD)

_RECRUITMENT: Final = (
    Dimension.DECEPTIVE_RECRUITMENT,
    Dimension.COERCIVE_RECRUITMENT,
    Dimension.RECRUITMENT_BY_ABUSE,
)
_AT_DESTINATION: Final = (Dimension.COERCION_AT_DESTINATION, Dimension.ABUSE_AT_DESTINATION)


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules ask about the person. In doubt about age, YES: a child is protected first.

    Attributes:
        child: under 18.
        recruited_or_moved: recruited, transported, transferred, harboured or received by somebody.
    """

    child: Answer = Answer.UNKNOWN
    recruited_or_moved: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Lead:
    """What the answers point to.

    Attributes:
        strength: of the strongest rule that fired.
        fired: rules that fired, strongest first.
        positive: dimensions that are positive.
        because: indicators ticked YES that the rules counted, with those of other sets that they imply.
        open: dimensions that are not positive and would be, were all that is unknown true.
        ask_next: unknown Delphi and ILO indicators, those first that could make the lead stronger soonest.
    """

    strength: Strength
    fired: tuple[Rule, ...]
    positive: frozenset[Dimension]
    because: frozenset[str]
    open: frozenset[Dimension]
    ask_next: tuple[str, ...]


def is_positive(strong: int, medium: int, weak: int) -> bool:
    """Whether a dimension is positive with so many indicators ticked.

    Source: ILO/EC Operational indicators of trafficking in human beings, 2009 (unconfirmed).
    """
    return strong >= 2 or (strong == 1 and medium + weak >= 1) or medium >= 3 or (medium == 2 and weak >= 1)


def weigh(answers: Mapping[str, Answer], person: Person = Person()) -> Lead:
    """The lead that answers amount to.

    More evidence never lowers it: only YES counts, and UNKNOWN is what is left to ask.

    Args:
        answers: by code; a code that is missing is UNKNOWN.

    Raises:
        KeyError: a code that is not in the catalogue.
    """
    known = catalogue()
    if foreign := answers.keys() - known.keys():
        raise KeyError(f"no such indicators: {', '.join(sorted(foreign))}")
    because = implied_by(code for code, answer in answers.items() if answer is Answer.YES)
    may_be = implied_by(code for code in known if answers.get(code) is not Answer.NO) | because
    positive, possible = _positive(because), _positive(may_be)
    fired = tuple(sorted(_fired(because, positive, person), key=lambda rule: -rule.strength))
    return Lead(
        strength=max((rule.strength for rule in fired), default=Strength.NONE),
        fired=fired,
        positive=positive,
        because=because,
        open=possible - positive,
        ask_next=_ask_next(answers, because, positive, possible - positive),
    )


def _positive(codes: frozenset[str]) -> frozenset[Dimension]:
    return frozenset(dimension for dimension in Dimension if is_positive(*_counts(codes, dimension)))


def _counts(codes: frozenset[str], dimension: Dimension) -> tuple[int, int, int]:
    weights = [row.weight for row in catalogue().values() if row.dimension is dimension and row.code in codes]
    return weights.count(Weight.STRONG), weights.count(Weight.MEDIUM), weights.count(Weight.WEAK)


def _fired(because: frozenset[str], positive: frozenset[Dimension], person: Person) -> list[Rule]:
    fired = []
    eleven = [code for code in because if catalogue()[code].of is IndicatorSet.ILO_ELEVEN]
    if because:
        fired.append(ONE)
    if len(eleven) >= 2 or positive:
        fired.append(SEVERAL)
    if Dimension.EXPLOITATION not in positive:
        return fired
    if Dimension.COERCION_AT_DESTINATION in positive:
        fired.append(FORCED)
    if positive.intersection(_RECRUITMENT) and positive.intersection(_AT_DESTINATION):
        fired.append(TRAFFICKING)
    moved = person.recruited_or_moved is Answer.YES or positive.intersection(_RECRUITMENT)
    if person.child is Answer.YES and moved:
        fired.append(CHILD)
    return fired


def _ask_next(
    answers: Mapping[str, Answer], because: frozenset[str], positive: frozenset[Dimension], open_: frozenset[Dimension]
) -> tuple[str, ...]:
    """Unknown indicators: exploitation and what a rule still lacks first, strong before weak, the rest after."""
    order = {Weight.STRONG: 0, Weight.MEDIUM: 1, Weight.WEAK: 2, None: 3}

    def rank(code: str) -> tuple[int, int, str]:
        row = catalogue()[code]
        return _distance(row.dimension, positive, open_), order[row.weight], code

    unknown = [
        code
        for code, row in catalogue().items()
        if answers.get(code, Answer.UNKNOWN) is Answer.UNKNOWN
        and code not in because
        and row.of is not IndicatorSet.SAP_FL
        and row.dimension not in positive
    ]
    return tuple(sorted(unknown, key=rank))


def _distance(dimension: Dimension | None, positive: frozenset[Dimension], open_: frozenset[Dimension]) -> int:
    if dimension is None:
        return 2
    if dimension not in open_:
        return 4
    if dimension is Dimension.EXPLOITATION:
        return 0
    others = _RECRUITMENT if dimension in _RECRUITMENT else _AT_DESTINATION
    return 3 if positive.intersection(others) else 1
