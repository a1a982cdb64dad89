"""Hits and dossiers put into the words of the wire."""

from collections.abc import Iterable
from typing import Any, Final

from services.registry.cases.rules import gravity, is_proven, label
from services.registry.parties.links import LinkEnd
from services.registry.parties.tables import PartyRow
from services.registry.screening.comparison import Bar, Hit
from services.registry.screening.dossiers import Dossiers
from shared.contracts.parties import NAME_PROPERTIES, CaseRecord, LicenceOnDay
from shared.contracts.screening import (
    Explanation,
    MatcherField,
    ScreenedCase,
    ScreenedLicence,
    ScreenedLink,
    ScreeningResult,
)

MATCHER: Final = {
    "name": MatcherField(description="the closest pair of names, in any script; alone it identifies nobody"),
    "idNumber": MatcherField(description="an equal number outranks the name"),
    "passportNumber": MatcherField(description="an equal number outranks the name; passports are renewed"),
    "registrationNumber": MatcherField(description="an equal number outranks the name"),
    "birthDate": MatcherField(description="equal, possibly equal, a slip apart, or different"),
    "nationality": MatcherField(description="shared or different; little weight"),
    "country": MatcherField(description="shared or different; little weight"),
    "gender": MatcherField(description="speaks against when different, never for"),
    "schema": MatcherField(description="a person is not an organisation"),
}
"""The fields that results are explained by."""

_MAX_LINKS: Final = 50


def screening_result(hit: Hit, dossiers: Dossiers, bar: Bar) -> ScreeningResult:
    """One result: who it may be, why, and what stands against them today."""
    party, status = dossiers.parties[hit.seq], dossiers.status(hit.seq)
    explanations = [Explanation(field=e.field, score=e.score, text=e.text) for e in hit.match.explanations]
    return ScreeningResult(
        id=party.id,
        caption=party.caption,
        schema_=party.schema,
        properties=_shown_properties(party, hit),
        datasets=[party.member],
        referents=[],
        target=is_proven(status),
        first_seen=party.first_seen,
        last_seen=party.last_change,
        last_change=party.last_change,
        score=hit.match.score,
        match=hit.match.match and hit.match.score >= bar.threshold,
        features=_features(explanations),
        **_standing(hit.seq, dossiers),
        cases=[_case(case) for case in _gravest_first(dossiers.cases.get(hit.seq, ()))],
        licences=[_licence(licence, dossiers) for licence in dossiers.licences.get(hit.seq, ())],
        links=_links(hit.seq, dossiers),
        explanations=explanations,
        member=party.member,
    )


def _shown_properties(party: PartyRow, hit: Hit) -> dict[str, list[str]]:
    """All of them where the party is identified; of a person who is only possible, nothing but the names.

    Many people bear one name: whoever asks by name alone is not told birth dates, numbers and addresses of namesakes.
    """
    if hit.match.match or party.schema != "Person":
        return party.properties
    return {name: party.properties[name] for name in NAME_PROPERTIES if name in party.properties}


def _features(explanations: Iterable[Explanation]) -> dict[str, float]:
    """The evidence by field; what only comments on a field's evidence scores 0 and is left out."""
    return {item.field: item.score for item in explanations if item.score}


def _standing(seq: int, dossiers: Dossiers) -> dict[str, Any]:
    status = dossiers.status(seq)
    return {"status": status, "status_label": label(status), "proven": is_proven(status)}


def _gravest_first(cases: Iterable[CaseRecord]) -> list[CaseRecord]:
    return sorted(cases, key=lambda case: (gravity(case.status), case.id))


def _case(case: CaseRecord) -> ScreenedCase:
    return ScreenedCase.model_validate(case.model_dump(include=set(ScreenedCase.model_fields)))


def _licence(licence: LicenceOnDay, dossiers: Dossiers) -> ScreenedLicence:
    return ScreenedLicence(number=licence.number, authority=licence.authority, status=licence.status, on=dossiers.on)


def _links(seq: int, dossiers: Dossiers) -> list[ScreenedLink]:
    """The gravest first, so that what matters is among those shown."""

    def order(end: LinkEnd) -> tuple[int, str, str]:
        return (gravity(dossiers.status(end.other)), dossiers.parties[end.other].id, end.kind)

    return [_link(end, dossiers) for end in sorted(dossiers.links.get(seq, ()), key=order)[:_MAX_LINKS]]


def _link(end: LinkEnd, dossiers: Dossiers) -> ScreenedLink:
    other = dossiers.parties[end.other]
    return ScreenedLink.model_validate(
        {
            "kind": end.kind,
            "direction": "out" if end.outgoing else "in",
            "party": {"id": other.id, "caption": other.caption, "schema": other.schema},
            **_standing(end.other, dossiers),
        }
    )
