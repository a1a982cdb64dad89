"""Hits and dossiers put into the words of the wire."""

from collections.abc import Iterable
from typing import Any, Final

from services.registry.cases.rules import gravity, is_proven, label
from services.registry.imported import EntryRow
from services.registry.parties.links import LinkEnd
from services.registry.parties.store import party_record
from services.registry.parties.tables import PartyRow
from services.registry.screening.comparison import Bar, Hit
from services.registry.screening.dossiers import Dossiers
from services.registry.screening.standing import material, topics_of
from shared.contracts.cases import CaseRecord
from shared.contracts.licences import LicenceOnDay
from shared.contracts.listings import ListingRecord
from shared.contracts.parties import NAME_PROPERTIES
from shared.contracts.screening import (
    Explanation,
    Feature,
    MatcherField,
    ScreenedCase,
    ScreenedEntry,
    ScreenedLicence,
    ScreenedLink,
    ScreenedListing,
    ScreeningResult,
    SourcedFact,
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
    reasons = [Explanation(field=e.field, score=e.score, text=e.text) for e in hit.match.explanations]
    properties = _shown_properties(party, hit)
    return ScreeningResult(
        id=party.id,
        caption=party.caption,
        schema_=party.schema,
        properties=properties,
        datasets=[party.member],
        referents=[],
        target=is_proven(status),
        first_seen=party.first_seen,
        last_seen=party.last_change,
        last_change=party.last_change,
        score=hit.match.score,
        match=hit.match.match and hit.match.score >= bar.threshold,
        features=_features(reasons),
        **standing(hit.seq, dossiers),
        **matters(hit.seq, dossiers),
        links=_links(hit.seq, dossiers),
        explanations=_explained(reasons),
        reasons=reasons,
        facts=facts_of(party, properties),
        member=party.member,
        material=material(hit.seq, dossiers),
    )


def matters(seq: int, dossiers: Dossiers) -> dict[str, Any]:
    """What stands for or against a party: cases, licences, listings, lists of others, and the topics that follow."""
    return {
        "cases": [_case(case) for case in _gravest_first(dossiers.cases.get(seq, ()))],
        "licences": [_licence(licence, dossiers) for licence in dossiers.licences.get(seq, ())],
        "listings": [_listing(listing) for listing in dossiers.listings.get(seq, ())],
        "entries": [_entry(entry) for entry in dossiers.entries.get(seq, ())],
        "topics": topics_of(seq, dossiers),
    }


def facts_of(party: PartyRow, properties: Iterable[str]) -> list[SourcedFact]:
    """What is known of each value of some properties; nothing where the row was damaged."""
    shown = set(properties)
    try:
        known = [fact for fact in party_record(party).facts if fact.property in shown]
        return [SourcedFact(**vars(fact), as_of=party.last_change) for fact in known]
    except ValueError:
        return []


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


def _explained(reasons: Iterable[Explanation]) -> dict[str, Feature]:
    """The reasons by field: what only comments on a field's evidence is told with it."""
    told: dict[str, Feature] = {}
    for reason in reasons:
        before = told.get(reason.field)
        if before is None:
            told[reason.field] = Feature(score=reason.score, detail=reason.text)
        else:
            told[reason.field] = Feature(score=before.score + reason.score, detail=f"{before.detail}; {reason.text}")
    return told


def standing(seq: int, dossiers: Dossiers) -> dict[str, Any]:
    """What may be said of a party because of its cases."""
    status = dossiers.status(seq)
    return {"status": status, "status_label": label(status), "proven": is_proven(status)}


def _gravest_first(cases: Iterable[CaseRecord]) -> list[CaseRecord]:
    return sorted(cases, key=lambda case: (gravity(case.status), case.id))


def _case(case: CaseRecord) -> ScreenedCase:
    return ScreenedCase.model_validate(case.model_dump(include=set(ScreenedCase.model_fields)))


def _licence(licence: LicenceOnDay, dossiers: Dossiers) -> ScreenedLicence:
    known = licence.model_dump(include=set(ScreenedLicence.model_fields))
    return ScreenedLicence.model_validate(known | {"on": dossiers.on})


def _listing(listing: ListingRecord) -> ScreenedListing:
    return ScreenedListing.model_validate(listing.model_dump(include=set(ScreenedListing.model_fields)))


def _entry(entry: EntryRow) -> ScreenedEntry:
    return ScreenedEntry.model_validate({name: getattr(entry, name) for name in ScreenedEntry.model_fields})


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
            **standing(end.other, dossiers),
        }
    )
