"""What happens at the desks: for each kind, the registrations of the people in it, in their order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from services.sandbox.region.casting import DOMESTIC_SGP, DOMESTIC_SGP_MMR, PLANTATION_MYS
from services.sandbox.region.names import PersonName, draw_name
from services.sandbox.region.passports import alter_birth_year, write_passport
from services.sandbox.region.records import REFERENCE
from services.sandbox.season.casting import SeasonCasting
from services.sandbox.season.desk import altered, captures, chip_fields, picture, portrait_of, request_of
from services.sandbox.season.kinds import Kind
from services.sandbox.season.records import Body, Draft


@dataclass(frozen=True)
class Scene:
    """One registration of a story; `kind` None: nothing is planted in it."""

    draft: Draft
    request: Mapping[str, Any]
    kind: Kind | None = None


Story = tuple[Scene, ...]
Tale = Callable[[SeasonCasting], Story]


def clean(casting: SeasonCasting) -> Story:
    """Somebody about whom there is nothing to say; every fifth passport has a chip."""
    draft = casting.newcomer()
    if casting.rng.random() >= _WITH_CHIP:
        return (Scene(draft, request_of(draft)),)
    chip = casting.offices[draft.identity.nationality].chip(write_passport(draft.identity), portrait_of(draft))
    return (Scene(draft, request_of(draft, document=chip_fields(chip))),)


_WITH_CHIP: Final = 0.2


def _again(kind: Kind, change: Callable[[SeasonCasting, Draft], Draft], *, hands: bool = True) -> Tale:
    """One person who comes twice; what the change leaves is the same the second time."""

    def tale(casting: SeasonCasting) -> Story:
        body = casting.body()
        first = casting.newcomer(years_above=4, body=body if hands else Body(body.face, None))
        second = replace(change(casting, first), body=first.body, visit=1)
        return Scene(first, request_of(first)), Scene(second, request_of(second), kind)

    return tale


def _same(casting: SeasonCasting, draft: Draft) -> Draft:  # noqa: ARG001  one of several changes
    return draft


def _renewed(casting: SeasonCasting, draft: Draft) -> Draft:
    number = casting.number(draft.identity.nationality)
    return replace(draft, identity=replace(draft.identity, passport=number))


def _respelled(casting: SeasonCasting, draft: Draft) -> Draft:
    name = draft.identity.name
    twice = PersonName(name.native, _doubled(name.latin), _doubled(name.primary), name.secondary)
    renewed = _renewed(casting, draft)
    return replace(renewed, identity=replace(renewed.identity, name=twice))


def _doubled(latin: str) -> str:
    """The first vowel written twice, as one romanisation does and another does not."""
    at = next((place for place, letter in enumerate(latin) if letter.lower() in "aeiou"), 0)
    return latin[: at + 1] + latin[at].lower() + latin[at + 1 :]


def _renamed(casting: SeasonCasting, draft: Draft) -> Draft:
    renewed = _renewed(casting, draft)
    name = draw_name(draft.identity.nationality, draft.identity.sex, casting.rng)
    return replace(renewed, identity=replace(renewed.identity, name=name))


def _aged(casting: SeasonCasting, draft: Draft) -> Draft:
    renewed = _renewed(casting, draft)
    return replace(renewed, identity=altered(renewed.identity, casting.rng.randint(2, 6)))


def _naturalised(casting: SeasonCasting, draft: Draft) -> Draft:
    other = casting.newcomer(years_above=4, body=draft.body)
    while other.identity.nationality == draft.identity.nationality:
        other = casting.newcomer(years_above=4, body=draft.body)
    stated = replace(other.identity, name=draft.identity.name, birth=draft.identity.birth, sex=draft.identity.sex)
    return replace(other, identity=stated)


def _somebody_else(casting: SeasonCasting, draft: Draft) -> Draft:
    return casting.newcomer(years_above=4, body=draft.body)


def _number_taken(casting: SeasonCasting) -> Story:
    owner, other = casting.newcomer(), casting.newcomer()
    taken = replace(other.identity, nationality=owner.identity.nationality, passport=owner.identity.passport)
    other = replace(owner, body=other.body, identity=replace(taken, birth=owner.identity.birth))
    return Scene(owner, request_of(owner)), Scene(other, request_of(other), Kind.NUMBER_TAKEN)


def _passport_borrowed(casting: SeasonCasting) -> Story:
    draft, owner = casting.newcomer(), casting.body()
    shown = picture(owner.face, draft.identity.passport)
    return (Scene(draft, request_of(draft, portrait=shown), Kind.PASSPORT_BORROWED),)


def _portrait_swapped(casting: SeasonCasting) -> Story:
    draft, owner = casting.newcomer(), casting.body()
    chip = casting.offices[draft.identity.nationality].chip(
        write_passport(draft.identity), picture(owner.face, draft.identity.passport)
    )
    return (Scene(draft, request_of(draft, document=chip_fields(chip)), Kind.PORTRAIT_SWAPPED),)


def _picture_reused(casting: SeasonCasting) -> Story:
    owner, other = casting.newcomer(), casting.newcomer()
    shown = picture(owner.body.face, owner.identity.passport, 70)  # the same picture, compressed anew
    return Scene(owner, request_of(owner)), Scene(other, request_of(other, portrait=shown), Kind.PICTURE_REUSED)


def _zone_altered(casting: SeasonCasting) -> Story:
    draft = casting.newcomer(years_above=4)
    stated, zone = alter_birth_year(draft.identity)
    draft = replace(draft, identity=stated)
    return (Scene(draft, request_of(draft, zone=zone), Kind.ZONE_ALTERED),)


def _zone_altered_well(casting: SeasonCasting) -> Story:
    draft = casting.newcomer()
    draft = replace(draft, identity=altered(draft.identity, 3))
    return (Scene(draft, request_of(draft), Kind.ZONE_ALTERED_WELL),)


def _typed_otherwise(casting: SeasonCasting) -> Story:
    draft = casting.newcomer()
    born = altered(draft.identity, 1).birth.isoformat()
    return (Scene(draft, request_of(draft, born=born), Kind.TYPED_OTHERWISE),)


def _chip(kind: Kind, signer: str | None = None, *, off_file: bool = False) -> Tale:
    def tale(casting: SeasonCasting) -> Story:
        draft = casting.newcomer()
        office = casting.off_file if off_file else casting.offices[draft.identity.nationality]
        by = getattr(office, signer) if signer else None
        chip = office.chip(write_passport(draft.identity), portrait_of(draft), by)
        return (Scene(draft, request_of(draft, document=chip_fields(chip)), kind),)

    return tale


def _chip_against(kind: Kind, *, rewritten: bool) -> Tale:
    """The page says another birth date than the state signed; on the chip it is rewritten too, or not."""

    def tale(casting: SeasonCasting) -> Story:
        genuine = casting.newcomer()
        office, stated = casting.offices[genuine.identity.nationality], altered(genuine.identity, 3)
        draft = replace(genuine, identity=stated)
        one, two, sod = office.chip(write_passport(genuine.identity), portrait_of(genuine))
        if rewritten:
            one, _, _ = office.chip(write_passport(stated), portrait_of(genuine))
        return (Scene(draft, request_of(draft, document=chip_fields((one, two, sod))), kind),)

    return tale


def _reported_lost(casting: SeasonCasting) -> Story:
    draft = casting.newcomer()
    casting.lost.append((draft.identity.nationality, draft.identity.passport))
    return (Scene(draft, request_of(draft), Kind.REPORTED_LOST),)


def _expired(casting: SeasonCasting) -> Story:
    draft = casting.newcomer()
    past = REFERENCE - timedelta(days=casting.rng.randint(1, 900))
    draft = replace(draft, identity=replace(draft.identity, expiry=past))
    return (Scene(draft, request_of(draft), Kind.EXPIRED),)


def _impossible_dates(casting: SeasonCasting) -> Story:
    draft = casting.newcomer()
    issued = altered(draft.identity, 1).birth.isoformat()
    return (Scene(draft, request_of(draft, document={"issued": issued}), Kind.IMPOSSIBLE_DATES),)


def _strange_number(casting: SeasonCasting) -> Story:
    draft = casting.newcomer()
    draft = replace(draft, identity=replace(draft.identity, passport=f"9Q{casting.rng.randrange(10**5):05}ZZ"))
    return (Scene(draft, request_of(draft), Kind.STRANGE_NUMBER),)


def _birth_record_differs(casting: SeasonCasting) -> Story:
    draft = casting.newcomer()
    born = altered(draft.identity, casting.rng.randint(1, 3)).birth.isoformat()
    record = {"name": draft.identity.name.latin, "born": born}
    return (Scene(draft, request_of(draft, birth_record=record), Kind.BIRTH_RECORD_DIFFERS),)


def _child(casting: SeasonCasting) -> Story:
    draft = casting.of_age(PLANTATION_MYS, casting.rng.choice((15, 16, 17)))
    return (Scene(draft, request_of(draft), Kind.CHILD),)


def _child_as_adult(casting: SeasonCasting) -> Story:
    first = casting.of_age(PLANTATION_MYS, 16)
    stated = altered(_renewed(casting, first).identity, casting.rng.randint(4, 7))
    second = replace(first, identity=stated, visit=1)
    return Scene(first, request_of(first), Kind.CHILD), Scene(second, request_of(second), Kind.CHILD_AS_ADULT)


def _below_minimum(casting: SeasonCasting) -> Story:
    draft = casting.of_age(casting.rng.choice((DOMESTIC_SGP, DOMESTIC_SGP_MMR)), casting.rng.choice((20, 21, 22)))
    return (Scene(draft, request_of(draft), Kind.BELOW_MINIMUM),)


def _age_open(casting: SeasonCasting) -> Story:
    draft = casting.of_age(DOMESTIC_SGP, 22)
    year = draft.start.year - 23
    zone = write_passport(draft.identity, birth=f"{year % 100:02}<<<<")
    return (Scene(draft, request_of(draft, zone=zone, born=f"{year}"), Kind.AGE_OPEN),)


def _lookalike(casting: SeasonCasting) -> Story:
    """Twins: one face, two pairs of hands, one birth date."""
    first = casting.newcomer()
    twin = casting.body()
    other = replace(first, body=Body(first.body.face, twin.hands), identity=_renamed(casting, first).identity)
    return Scene(first, request_of(first)), Scene(other, request_of(other), Kind.LOOKALIKE)


def _refused(casting: SeasonCasting) -> Story:
    draft = casting.newcomer()
    notice = {"version": "1", "language": "en", "biometrics_agreed": False}
    return (Scene(draft, request_of(draft, photo=None, fingers=[], notice=notice), Kind.REFUSED),)


def _no_fingers(casting: SeasonCasting) -> Story:
    draft = casting.newcomer(body=Body(casting.body().face, None))
    return (Scene(draft, request_of(draft, **captures(draft.body, 0)), Kind.NO_FINGERS),)


TALES: Final[Mapping[Kind, Tale]] = {
    Kind.SAME_AGAIN: _again(Kind.SAME_AGAIN, _same),
    Kind.RENEWED: _again(Kind.RENEWED, _renewed),
    Kind.OTHER_SPELLING: _again(Kind.OTHER_SPELLING, _respelled),
    Kind.OTHER_NAME: _again(Kind.OTHER_NAME, _renamed),
    Kind.OTHER_BIRTH: _again(Kind.OTHER_BIRTH, _aged),
    Kind.OTHER_NATIONALITY: _again(Kind.OTHER_NATIONALITY, _naturalised),
    Kind.OTHER_IDENTITY: _again(Kind.OTHER_IDENTITY, _somebody_else),
    Kind.OTHER_IDENTITY_FACE_ONLY: _again(Kind.OTHER_IDENTITY_FACE_ONLY, _somebody_else, hands=False),
    Kind.NUMBER_TAKEN: _number_taken,
    Kind.PASSPORT_BORROWED: _passport_borrowed,
    Kind.PORTRAIT_SWAPPED: _portrait_swapped,
    Kind.PICTURE_REUSED: _picture_reused,
    Kind.ZONE_ALTERED: _zone_altered,
    Kind.ZONE_ALTERED_WELL: _zone_altered_well,
    Kind.TYPED_OTHERWISE: _typed_otherwise,
    Kind.CHIP_ALTERED: _chip_against(Kind.CHIP_ALTERED, rewritten=True),
    Kind.CHIP_FORGED: _chip(Kind.CHIP_FORGED, "forged_signer"),
    Kind.CHIP_REVOKED: _chip(Kind.CHIP_REVOKED, "revoked_signer"),
    Kind.CHIP_UNKNOWN: _chip(Kind.CHIP_UNKNOWN, off_file=True),
    Kind.PAGE_AGAINST_CHIP: _chip_against(Kind.PAGE_AGAINST_CHIP, rewritten=False),
    Kind.REPORTED_LOST: _reported_lost,
    Kind.EXPIRED: _expired,
    Kind.IMPOSSIBLE_DATES: _impossible_dates,
    Kind.STRANGE_NUMBER: _strange_number,
    Kind.BIRTH_RECORD_DIFFERS: _birth_record_differs,
    Kind.CHILD: _child,
    Kind.CHILD_AS_ADULT: _child_as_adult,
    Kind.BELOW_MINIMUM: _below_minimum,
    Kind.AGE_OPEN: _age_open,
    Kind.LOOKALIKE: _lookalike,
    Kind.REFUSED: _refused,
    Kind.NO_FINGERS: _no_fingers,
}
"""How each kind is planted."""
