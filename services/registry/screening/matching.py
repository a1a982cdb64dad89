"""Weighing the evidence that a party is the one asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from services.registry.screening.names import Name, prepare, script_of
from services.registry.screening.scoring import MOST_ACROSS, NOTHING, NameComparison, compare_names
from shared.standards.dates import DateInterval, DateIntervalError, parse_partial_date

THRESHOLD = 0.7
"""Candidates below it are not shown. Measured on the public name-pair benchmark."""

SAME_NAME = 0.95  # alike enough to identify: a company with its country, a person with birth date and nationality
SHORTEST_IDENTIFIER = 5  # letters and digits; shorter ones are too often shared

_IDENTIFIERS = ("idNumber", "passportNumber", "registrationNumber")
_ORGANISATIONS = frozenset({"LegalEntity", "Company", "Organization", "PublicBody"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """What is known of a person or organisation, in FollowTheMoney's schemata and property names (hence mixed case).

    Attributes:
        schema: `Person`, `Company`, `Organization`, `PublicBody` or `LegalEntity` (either kind).
        name: every name and alias, in any script.
        birthDate: YYYY, YYYY-MM or YYYY-MM-DD.
        nationality, country: ISO 3166-1 codes, all in the same alphabet (alpha-2 or alpha-3).
        gender: `male`, `female`, `other`.
        ready: of some of the names, what `prepare` makes of them.
    """

    schema: str
    name: tuple[str, ...] = ()
    birthDate: tuple[str, ...] = ()  # noqa: N815
    nationality: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    gender: tuple[str, ...] = ()
    idNumber: tuple[str, ...] = ()  # noqa: N815
    passportNumber: tuple[str, ...] = ()  # noqa: N815
    registrationNumber: tuple[str, ...] = ()  # noqa: N815
    ready: Mapping[str, Name] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Party):
    """What is asked about; a party of which less may be known."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One piece of evidence.

    Attributes:
        field: the property it rests on.
        score: -1..1; above 0 speaks for the same party, below against.
        text: for the adjudicator; holds no value of any property.
    """

    field: str
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """How likely a party is the one asked about.

    Attributes:
        score: 0..1, comparable between candidates; not a probability.
        match: the evidence identifies the party. Still a candidate for a human to decide on.
        explanations: evidence for and against, names first.
    """

    score: float
    match: bool
    explanations: tuple[Explanation, ...]


def match(query: Query, candidate: Party) -> Match:
    """The evidence that a candidate is the party asked about, for and against.

    An equal identifier outranks the name. A name alone never identifies a person.
    """
    if not schemas_agree(query.schema, candidate.schema):
        against = Explanation("schema", -1.0, "a person is not an organisation")
        return Match(0.0, match=False, explanations=(against,))
    name = best_name(query, candidate)
    evidence = (*_identifiers(query, candidate), *_circumstances(query, candidate))
    score = _combine(name.score, evidence)
    identified = score >= THRESHOLD and _identifies(query, candidate, name.score, evidence)
    named = Explanation("name", name.score, name.reason)
    closing = () if identified else _possible(query, name.score, evidence)
    return Match(round(score, 4), identified, (named, *evidence, *closing))


def best_name(query: Party, candidate: Party) -> NameComparison:
    """The closest pair of names; those in one script first, since another is only read where it could be closer."""
    schema = candidate.schema if query.schema == "LegalEntity" else query.schema
    scripts = {script_of(name) for name in query.name}
    best: NameComparison | None = None
    for known in sorted(candidate.name, key=lambda name: script_of(name) not in scripts):
        if best is not None and best.score >= (1.0 if script_of(known) in scripts else MOST_ACROSS):
            break
        name = (candidate.ready or {}).get(known) or prepare(known, schema)
        for asked in query.name:
            found = compare_names(prepare(asked, schema), name, schema)
            best = found if best is None or found.score > best.score else best
    return best or NOTHING


def schemas_agree(one: str, other: str) -> bool:
    """Whether one party can be of both schemata, which are FollowTheMoney's."""
    return one == other or "LegalEntity" in (one, other) or {one, other} <= _ORGANISATIONS


def _combine(name: float, evidence: Iterable[Explanation]) -> float:
    """The name's score, moved towards 1 by evidence for and towards 0 by evidence against.

    An equal identifier keeps the party above the threshold whatever speaks against it: a borrowed or altered document
    looks just like that.
    """
    score, least = name, 0.0
    for item in evidence:
        if item.field in _IDENTIFIERS and item.score > 0:
            score, least = max(score, item.score), THRESHOLD
        elif item.score < 0:
            score *= 1 + item.score
        elif name >= 0.5:  # what many people share says nothing under a different name
            score += (1 - score) * item.score
    return max(score, least)


def _identifies(query: Party, candidate: Party, name: float, evidence: tuple[Explanation, ...]) -> bool:
    agree = {item.field for item in evidence if item.score > 0}
    against = {item.field for item in evidence if item.score < 0}
    if agree & set(_IDENTIFIERS):
        # Another name and another birth date on the same number: a borrowed document, for a human to look at.
        return not against & {"nationality", "country"} and (name >= 0.5 or "birthDate" not in against)
    if against:
        return False
    if query.schema == "Person" or candidate.schema == "Person":
        return name >= SAME_NAME and _same_birthday(query, candidate) and "nationality" in agree
    return name >= SAME_NAME and "country" in agree


def _possible(query: Party, name: float, evidence: tuple[Explanation, ...]) -> tuple[Explanation, ...]:
    if name < THRESHOLD or any(item.score > 0 for item in evidence):
        return ()
    noun = "person" if query.schema == "Person" else "party"
    return (Explanation("name", 0.0, f"possible: a name alone does not identify a {noun}"),)


def _identifiers(query: Party, candidate: Party) -> Iterator[Explanation]:
    for field in _IDENTIFIERS:
        given, known = getattr(query, field), getattr(candidate, field)
        if not given or not known:
            continue
        one, other = _codes(given), _codes(known)
        if one & other:
            yield Explanation(field, 0.95, "the same number")
        elif one and other:
            # Passports are renewed, identity and registration numbers hardly ever.
            yield Explanation(field, -0.05 if field == "passportNumber" else -0.2, "different numbers")


def _codes(values: Iterable[str]) -> set[str]:
    compact = ("".join(c for c in value.upper() if c.isalnum()) for value in values)
    return {code for code in compact if len(code) >= SHORTEST_IDENTIFIER}


def _circumstances(query: Party, candidate: Party) -> Iterator[Explanation]:
    yield from _birth_dates(query, candidate)
    yield from _shared(query, candidate, "nationality", 0.1, -0.2)
    yield from _shared(query, candidate, "country", 0.1, -0.15)
    yield from _shared(query, candidate, "gender", 0.0, -0.2, ignore=frozenset({"other"}))


def _shared(
    query: Party,
    candidate: Party,
    field: str,
    agree: float,
    differ: float,
    *,
    ignore: frozenset[str] = frozenset(),
) -> Iterator[Explanation]:
    given, known = getattr(query, field), getattr(candidate, field)
    if not given or not known:
        return
    one, other = ({value.strip().casefold() for value in side} - ignore for side in (given, known))
    if one & other and agree:
        yield Explanation(field, agree, f"{field} agrees")
    elif one and other and not one & other:
        yield Explanation(field, differ, f"{field} differs")


def _birth_dates(query: Party, candidate: Party) -> Iterator[Explanation]:
    if not query.birthDate or not candidate.birthDate:
        return
    pairs = [(a, b) for a in _intervals(query.birthDate) for b in _intervals(candidate.birthDate)]
    if not pairs:
        return
    if any(a == b and a.is_exact for a, b in pairs):
        yield Explanation("birthDate", 0.4, "the same birth date")
    elif any(a.overlaps(b) for a, b in pairs):
        yield Explanation("birthDate", 0.15, "birth dates that may be the same")
    elif any(_misread(a, b) for a, b in pairs):
        yield Explanation("birthDate", -0.1, "birth dates that differ as by a slip: day and month, or one year")
    else:
        yield Explanation("birthDate", -0.4, "different birth dates")


def _intervals(values: Iterable[str]) -> Iterator[DateInterval]:
    for value in values:
        try:
            yield parse_partial_date(value)
        except DateIntervalError:
            continue  # registers hold free text here; what is no date is no evidence


def _same_birthday(query: Party, candidate: Party) -> bool:
    one, other = set(_intervals(query.birthDate)), set(_intervals(candidate.birthDate))
    return any(birth.is_exact for birth in one & other)


def _misread(one: DateInterval, other: DateInterval) -> bool:
    a, b = one.earliest, other.earliest
    if not (one.is_exact and other.is_exact):
        return abs(a.year - b.year) <= 1
    swapped = a.year == b.year and (a.month, a.day) == (b.day, b.month)
    return swapped or ((a.month, a.day) == (b.month, b.day) and abs(a.year - b.year) == 1)
