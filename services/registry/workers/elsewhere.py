"""What other members answered about a registration: what it points at, and when a silent one is asked again. Pure.

A worker who went abroad is rightly registered in two states. What tells that nothing contradicts is the document: where
the person who is found there showed the same number, both registrations are of one bearer of one document.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from shared.contracts.region import Asked, MemberHits, Outcome, RegionHit, RegionState, ScoreBand
from shared.contracts.registrations import AskedMember, Signal, SignalCode, Strength

FIRST: Final = timedelta(minutes=1)
"""After which a silent member is asked again; doubled from try to try."""
LONGEST: Final = timedelta(hours=6)
ASKED_FOR: Final = timedelta(days=3)
"""How long a member that does not answer is asked."""
CODES: Final = frozenset({SignalCode.CANDIDATE_IN_OTHER_MEMBER, SignalCode.DOCUMENT_IN_OTHER_MEMBER})

_BY_BAND: Final = {
    ScoreBand.POSSIBLE: Strength.MEDIUM,
    ScoreBand.STRONG: Strength.STRONG,
    ScoreBand.VERY_STRONG: Strength.STRONG,
}
_ORDER: Final = (Strength.WEAK, Strength.MEDIUM, Strength.STRONG)
_STATES: Final = (RegionState.SILENT, RegionState.CUT_OFF, RegionState.NOT_ASKED, RegionState.ANSWERED)


def is_silent(asked: Asked) -> bool:
    """Whether a member owes an answer that it may still give."""
    return _worst(asked).state is RegionState.SILENT


def merged(before: Sequence[Asked], now: Sequence[Asked]) -> list[Asked]:
    """The last that each member said; its silence takes no answer away."""
    known = {each.member: each for each in before}
    for each in now:
        if each.member not in known or is_silent(known[each.member]) or not is_silent(each):
            known[each.member] = each
    return sorted(known.values(), key=lambda each: each.member)


def next_try(asked: Sequence[Asked], tries: int, at: datetime, until: datetime) -> datetime | None:
    """When silent members are asked again; None: there are none, or their time is over.

    Args:
        asked: every member.
        tries: how often, at least once.
        at, until: now, and the last time.
    """
    if at >= until or not any(is_silent(each) for each in asked):
        return None
    wait: timedelta = min(LONGEST, FIRST * 2.0 ** min(tries - 1, 20))
    return min(until, at + wait)


def told(asked: Sequence[Asked], until: datetime | None) -> list[AskedMember]:
    """Whether each member's people are in the checks; of what it found nothing: that is a signal.

    Args:
        asked: every member.
        until: when the last try is; None: it is over.
    """
    known = sorted(asked, key=lambda each: (_STATES.index(_worst(each).state), each.member))
    return [_told(each, until) for each in known]


def elsewhere_signals(asked: Sequence[Asked]) -> list[Signal]:
    """What the answers point at."""
    people = [found for each in asked for found in _people(each)]
    numbers = [found for each in asked for found in _numbers(each)]
    return [
        *([_signal(SignalCode.CANDIDATE_IN_OTHER_MEMBER, people, _PERSON)] if people else []),
        *([_signal(SignalCode.DOCUMENT_IN_OTHER_MEMBER, numbers, _NUMBER)] if numbers else []),
    ]


def _parts(asked: Asked) -> list[MemberHits]:
    return [part for part in (asked.biometrics, asked.document) if part is not None]


def _worst(asked: Asked) -> MemberHits:
    nothing = MemberHits(member=asked.member, state=RegionState.NOT_ASKED, reason="nothing to ask with")
    return min(_parts(asked), key=lambda part: _STATES.index(part.state), default=nothing)


def _told(asked: Asked, until: datetime | None) -> AskedMember:
    worst, compared = _worst(asked), asked.biometrics
    answered = compared is not None and compared.state is RegionState.ANSWERED
    return AskedMember(
        member=asked.member,
        state=worst.state,
        reason=worst.reason,
        as_of=worst.as_of,
        compared=compared.outcome is not Outcome.NOT_COMPARABLE if compared is not None and answered else None,
        again_until=until if is_silent(asked) else None,
    )


def _people(asked: Asked) -> list[dict[str, Any]]:
    hits = asked.biometrics.hits if asked.biometrics else []
    numbers = asked.document.hits if asked.document else []
    same = {reference for each in numbers for reference in each.same_as}
    found = []
    for hit in hits:
        agrees = hit.reference in same
        strength = Strength.WEAK if agrees else _BY_BAND[hit.band or ScoreBand.POSSIBLE]
        document = "shown by the same person" if agrees else _shown(asked.document)
        found.append(_evidence(asked.biometrics, hit, strength) | {"document": document})
    return found


def _numbers(asked: Asked) -> list[dict[str, Any]]:
    """The document's number at somebody who is not this person, by biometrics; weak where these could not compare."""
    if asked.document is None:
        return []
    people = {hit.reference for hit in asked.biometrics.hits} if asked.biometrics else set()
    outcome = asked.biometrics.outcome if asked.biometrics else None
    strength = Strength.STRONG if outcome in {Outcome.HIT, Outcome.NO_HIT} else Strength.WEAK
    others = [hit for hit in asked.document.hits if not people & set(hit.same_as)]
    return [_evidence(asked.document, hit, strength) for hit in others]


def _shown(document: MemberHits | None) -> str:
    if document is None or document.outcome is None:
        return "not asked"
    return "shown by somebody else" if document.outcome is Outcome.HIT else "not shown"


def _evidence(part: MemberHits | None, hit: RegionHit, strength: Strength) -> dict[str, Any]:
    known = hit.model_dump(mode="json", include={"reference", "band", "compared", "quality", "expires"})
    as_of = part.as_of.isoformat() if part and part.as_of else None
    return {"member": part.member if part else None, "strength": strength.value, "as_of": as_of, **known}


_PERSON: Final = (
    "ISO/IEC 19795-1: a candidate of an identification search, at another member; hit or no hit only",
    "Biometrics say that this person may be registered at another member.",
    "That it is the same person, or that anything is wrong: who works abroad is rightly registered in two states.",
)
_NUMBER: Final = (
    "ICAO Doc 9303-3: a document number is unique within its issuer and type",
    "The document's number stands at another member on a registration that biometrics do not hold for this person's.",
    "Whose document it is, or that either knew; where biometrics could not compare, not even that they are two people.",
)


def _signal(code: SignalCode, found: list[dict[str, Any]], words: tuple[str, str, str]) -> Signal:
    strongest = max((Strength(each["strength"]) for each in found), key=_ORDER.index)
    rule, says, does_not_prove = words
    return Signal(
        code=code, strength=strongest, evidence={"candidates": found}, rule=rule, says=says,
        does_not_prove=does_not_prove,
    )  # fmt: skip
