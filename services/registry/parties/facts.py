"""What is known of each value of a party, and the plain properties that follow from it. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.registry.bitemporal import covers
from services.registry.parties.identifiers import validate
from services.registry.parties.scripts import script_of
from shared.contracts.facts import (
    IDENTIFIER_FACTS,
    PASSPORT_DIGEST,
    SCRIPTED_FACTS,
    BirthInterval,
    Fact,
    FactBody,
)
from shared.contracts.parties import COUNTRY_PROPERTIES, NATIONALITY_PROPERTIES, PROPERTIES, PartyBody

_MOST_YEARS: Final = 10
"""A birth interval over more years says too little to compare with."""


def effective_properties(body: PartyBody, on: date) -> dict[str, list[str]]:
    """FollowTheMoney's properties on a day: those told, and what facts and birth interval add.

    A name that is no longer borne stays findable as a previous name; a number that has run out stays findable too,
    since it still tells who somebody is. Other facts count while they are valid.
    """
    properties = {name: list(dict.fromkeys(values)) for name, values in body.properties.items()}
    for fact in body.facts:
        name = _property_on(body.schema_, fact, on)
        if name is not None and fact.value not in properties.get(name, ()):
            properties.setdefault(name, []).append(fact.value)
    if body.born is not None:
        known = properties.setdefault("birthDate", [])
        known += [value for value in birth_values(body.born) if value not in known]
        if not known:
            del properties["birthDate"]
    return properties


def _property_on(schema: str, fact: FactBody, on: date) -> str | None:
    """Under which property a fact counts on a day; None: under none."""
    if fact.property == PASSPORT_DIGEST or fact.property not in PROPERTIES[schema]:
        return None
    if covers(fact, on) or fact.property in IDENTIFIER_FACTS:
        return fact.property
    ended = fact.valid_to is not None and fact.valid_to < on
    return "previousName" if ended and fact.property in ("name", "alias") else None


def birth_values(born: BirthInterval) -> list[str]:
    """A birth interval as FollowTheMoney's partial dates, each of them possible.

    Returns:
        A day, a month, or the years; nothing when it is over more than ten years.
    """
    first, last = born.earliest, born.latest
    if first == last:
        return [first.isoformat()]
    if (first.year, first.month) == (last.year, last.month):
        return [f"{first:%Y-%m}" if first.year > 999 else f"{first.year:04}-{first.month:02}"]
    years = range(first.year, last.year + 1)
    return [f"{year:04}" for year in years] if len(years) <= _MOST_YEARS else []


def known_facts(body: PartyBody) -> list[Fact]:
    """Every value that was told, with what was told about it and what can be seen from it.

    A value without a fact of its own has the source, authority and document of the whole record.
    """
    told = {(fact.property, fact.value) for fact in body.facts}
    plain = [fact for fact in _plain_facts(body) if (fact.property, fact.value) not in told]
    return [_seen(body, fact) for fact in (*plain, *body.facts)]


def _plain_facts(body: PartyBody) -> Iterator[FactBody]:
    for name in sorted(body.properties):
        for value in dict.fromkeys(body.properties[name]):
            yield FactBody(
                property=name,
                value=value,
                authority=body.authority,
                document_digest=body.document_digest,
                valid_from=body.valid_from,
                valid_to=body.valid_to,
            )


def _seen(body: PartyBody, fact: FactBody) -> Fact:
    country = fact.country or _home(body)
    number = fact.property in IDENTIFIER_FACTS
    return Fact(
        **fact.model_dump(exclude={"source"}),
        source=fact.source or body.source,
        script=script_of(fact.value) if fact.property in SCRIPTED_FACTS else None,
        validation=validate(fact.property, country, fact.value) if number else None,
    )


def _home(body: PartyBody) -> str | None:
    """The one country that a party belongs to; None where it has none or several."""
    named = (*COUNTRY_PROPERTIES, *NATIONALITY_PROPERTIES)
    countries = {value.lower() for name in named for value in body.properties.get(name, ())}
    return countries.pop() if len(countries) == 1 else None
