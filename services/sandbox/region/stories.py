"""What happens at the desks: each story is the enrolments of the people in it, in their order.

Only the last enrolment of a story about one person or one number contradicts anything: when the first came, nothing
was known yet.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from services.sandbox.region.casting import (
    DOMESTIC_BRN,
    DOMESTIC_SGP,
    DOMESTIC_SGP_MMR,
    FACTORY_MYS,
    FACTORY_THA,
    PLANTATION_MYS,
    SERVICES_THA,
    Casting,
    Corridor,
    Person,
    Placement,
)
from services.sandbox.region.passports import Identity, alter_birth_year, alter_number, write_passport
from services.sandbox.region.records import Enrolment, Impression, Plant, Shot

Story = tuple[Enrolment, ...]


def enrol(
    person: Person,
    identity: Identity,
    placement: Placement,
    *plants: Plant,
    situation: str,
    visit: int = 1,
    mrz: str | None = None,
    portrait: Shot | None = None,
) -> Enrolment:
    """One person at a desk of the state whose passport they hold, or, on later visits, of the destination.

    Args:
        visit: 1 for the first time; every visit has its own photo and prints.
        mrz: where the zone is not what the identity would have.
        portrait: where the passport shows somebody else.
    """
    positions = zip(("right-index", "left-index"), person.fingers, strict=True)
    return Enrolment(
        reference="",
        member=placement.corridor.origin if visit == 1 else placement.corridor.destination,
        name=identity.name.latin,
        native_name=identity.name.native,
        birth=identity.birth,
        sex=identity.sex,
        nationality=identity.nationality,
        passport=identity.passport,
        mrz=mrz or write_passport(identity),
        portrait=portrait or Shot(person.face, 0),
        live=Shot(person.face, visit),
        fingers={position: Impression(seed, visit - 1) for position, seed in positions},
        destination=placement.corridor.destination,
        sector=placement.corridor.sector,
        start=placement.start,
        plants=plants,
        situation=situation,
        person=person.number,
    )


def clean(casting: Casting) -> Story:
    """Somebody about whom there is nothing to say."""
    placement = casting.placement()
    return (enrol(casting.person(), casting.identity(placement), placement, situation="clean"),)


def same_person(casting: Casting, first: Corridor, second: Corridor) -> Story:
    """One person, two identities: another name, birth date and passport."""
    person, before, after = casting.person(), casting.placement(first), casting.placement(second)
    sex = casting.sex(before)
    known = casting.identity(before, sex=sex)
    other = casting.identity(after, sex=sex)
    while abs(other.birth.year - known.birth.year) < 2:
        other = replace(other, birth=casting.adult_birth(after.start))
    situation = "other_identity"
    return (
        enrol(person, known, before, situation=situation),
        enrol(person, other, after, Plant.SAME_PERSON_OTHER_IDENTITY, situation=situation, visit=2),
    )


def number_reused(casting: Casting, corridor: Corridor) -> Story:
    """Two people, one passport number."""
    before, after = casting.placement(corridor), casting.placement(corridor)
    owner, forged = casting.identity(before), casting.identity(after)
    forged = replace(forged, passport=owner.passport)
    situation = "number_reused"
    return (
        enrol(casting.person(), owner, before, situation=situation),
        enrol(casting.person(), forged, after, Plant.DOCUMENT_NUMBER_REUSED, situation=situation),
    )


def borrowed_passport(casting: Casting, stranger: Shot) -> Story:
    """The passport shows somebody else, whom no desk has seen."""
    placement = casting.placement()
    identity = casting.identity(placement)
    plant = Plant.PORTRAIT_MISMATCH
    return (enrol(casting.person(), identity, placement, plant, situation="borrowed_passport", portrait=stranger),)


def altered_zone(casting: Casting, alter: Callable[[Identity], tuple[Identity, str]]) -> Story:
    """A passport changed by hand, its check digits forgotten."""
    placement = casting.placement()
    stated, mrz = alter(casting.identity(placement))
    return (enrol(casting.person(), stated, placement, Plant.MRZ_CHECK_DIGIT, situation="altered_zone", mrz=mrz),)


def child_made_adult(casting: Casting) -> Story:
    """A child turned away at 16 comes back in the same name with another birth date and passport."""
    person, before, after = casting.person(), casting.placement(PLANTATION_MYS), casting.placement(PLANTATION_MYS)
    known = casting.identity(before, birth=casting.birth(min(before.start, after.start), 16))
    other = casting.identity(after, birth=casting.birth(after.start, 22), sex=known.sex, name=known.name)
    return _found_out(person, (known, before), (other, after))


def child_renamed(casting: Casting) -> Story:
    """A child turned away at 16 comes back as somebody else, with another name too."""
    person, before, after = casting.person(), casting.placement(PLANTATION_MYS), casting.placement(PLANTATION_MYS)
    known = casting.identity(before, birth=casting.birth(min(before.start, after.start), 16))
    other = casting.identity(after, birth=casting.birth(after.start, 23), sex=known.sex)
    return _found_out(person, (known, before), (other, after))


def _found_out(person: Person, first: tuple[Identity, Placement], second: tuple[Identity, Placement]) -> Story:
    plants = (Plant.SAME_PERSON_OTHER_IDENTITY, Plant.CHILD_POSSIBLE)
    situation = "child_as_adult"
    return (
        enrol(person, *first, Plant.CHILD_POSSIBLE, situation=situation),
        enrol(person, *second, *plants, situation=situation, visit=2),
    )


def of_age(casting: Casting, corridor: Corridor, age: int, *plants: Plant) -> Story:
    """Somebody whose age is the point."""
    placement = casting.placement(corridor)
    identity = casting.identity(placement, birth=casting.birth(placement.start, age))
    return (enrol(casting.person(), identity, placement, *plants, situation="young"),)


def of_age_that_day(casting: Casting, corridor: Corridor, age: int) -> Story:
    """Somebody who reaches the minimum age on the very first day of work: old enough."""
    placement = casting.placement(corridor)
    birth = placement.start.replace(year=placement.start.year - age)
    identity = casting.identity(placement, birth=birth)
    return (enrol(casting.person(), identity, placement, situation="of_age_that_day"),)


def back_again(casting: Casting, corridor: Corridor, *, renewed: bool) -> Story:
    """The same person under the same identity once more, maybe with a renewed passport: no contradiction."""
    person, before, after = casting.person(), casting.placement(corridor), casting.placement(corridor)
    identity = casting.identity(before)
    again = identity
    if renewed:
        again = replace(identity, passport=casting.number(corridor.origin), expiry=date(2035, 3, 31))
    return (
        enrol(person, identity, before, situation="back_again"),
        enrol(person, again, after, situation="back_again", visit=2),
    )


def namesakes(casting: Casting, corridor: Corridor) -> Story:
    """Two people who happen to share name and birth date."""
    before, after = casting.placement(corridor), casting.placement(corridor)
    one = casting.identity(before)
    other = casting.identity(after, birth=one.birth, sex=one.sex, name=one.name)
    return (
        enrol(casting.person(), one, before, situation="namesakes"),
        enrol(casting.person(), other, after, situation="namesakes"),
    )


def siblings(casting: Casting, corridor: Corridor) -> Story:
    """Two of one family who go together."""
    placement = casting.placement(corridor)
    one = casting.identity(placement)
    birth = one.birth.replace(year=one.birth.year + 2, day=min(one.birth.day, 28))
    other = casting.identity(placement, birth=birth, sex=one.sex, name=casting.sibling(one))
    return (
        enrol(casting.person(), one, placement, situation="siblings"),
        enrol(casting.person(), other, placement, situation="siblings"),
    )


def told(casting: Casting, strangers: list[Shot]) -> Iterator[Story]:
    """Every story that is not clean."""
    yield same_person(casting, PLANTATION_MYS, PLANTATION_MYS)
    yield same_person(casting, FACTORY_THA, SERVICES_THA)
    yield child_made_adult(casting)
    yield child_renamed(casting)
    yield of_age(casting, FACTORY_MYS, 17, Plant.CHILD_POSSIBLE)
    yield number_reused(casting, FACTORY_THA)
    yield number_reused(casting, FACTORY_MYS)
    yield from (borrowed_passport(casting, stranger) for stranger in strangers)
    yield altered_zone(casting, alter_birth_year)
    yield altered_zone(casting, alter_number)
    yield of_age(casting, DOMESTIC_SGP, 20, Plant.BELOW_SECTOR_MINIMUM)
    yield of_age(casting, DOMESTIC_SGP_MMR, 20, Plant.BELOW_SECTOR_MINIMUM)
    yield of_age(casting, DOMESTIC_BRN, 22, Plant.BELOW_SECTOR_MINIMUM)
    yield back_again(casting, FACTORY_MYS, renewed=False)
    yield back_again(casting, DOMESTIC_SGP, renewed=False)
    yield back_again(casting, SERVICES_THA, renewed=True)
    yield namesakes(casting, FACTORY_THA)
    yield siblings(casting, FACTORY_MYS)
    yield of_age_that_day(casting, PLANTATION_MYS, 18)
    yield of_age_that_day(casting, DOMESTIC_SGP_MMR, 23)
