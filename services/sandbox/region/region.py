"""The whole region from one seed, and what must be found in it."""

import random
from collections.abc import Iterable
from dataclasses import replace

from services.sandbox.faces import CAST
from services.sandbox.region.casting import Casting
from services.sandbox.region.docket import Docket, load_docket
from services.sandbox.region.records import Enrolment, Plant, Region, Shot
from services.sandbox.region.register import draw_businesses
from services.sandbox.region.stories import Story, clean, told

PLANTED_PEOPLE = 25
"""People whom the stories need; all further workers are clean."""

STRANGERS = 2
"""Faces on borrowed passports; their owners never come to a desk."""

MOST_PEOPLE = 40
"""Synthetic people in a region, strangers included: the faces must stay far from one another."""


def make_region(seed: int = 1, workers: int = 32) -> Region:
    """A synthetic region of eleven states; the same arguments always give the same region.

    Args:
        seed: of all chance; the proceedings and the questions about them do not depend on it.
        workers: how many different people come to the desks, 25 to 38. Some come twice.

    Raises:
        ValueError: workers is out of range.
    """
    if not PLANTED_PEOPLE <= workers <= MOST_PEOPLE - STRANGERS:
        raise ValueError(f"workers must be {PLANTED_PEOPLE} to {MOST_PEOPLE - STRANGERS}")
    docket = load_docket()
    businesses = list(draw_businesses(random.Random(f"register {seed}"), _known_names(docket)))
    return Region(
        seed=seed,
        parties=(*docket.parties, *(party for b in businesses for party in (b.company, b.director))),
        links=(*docket.links, *(b.link for b in businesses)),
        cases=docket.cases,
        licences=(*docket.licences, *(b.licence for b in businesses if b.licence)),
        enrolments=_enrolments(random.Random(f"desks {seed}"), workers),
        screenings=docket.screenings,
    )


def expected(region: Region) -> dict[str, set[str]]:
    """What must be raised, by kind: references of enrolments, labels of screenings. Anything else is false.

    SCREENING_LOOKALIKE is empty: whatever a look-alike question brings up as proven is false.
    """
    raised: dict[str, set[str]] = {kind.value: set() for kind in Plant}
    for enrolment in region.enrolments:
        for plant in enrolment.plants:
            raised[plant.value].add(enrolment.reference)
    for screening in region.screenings:
        if screening.expect_kind is not Plant.SCREENING_LOOKALIKE:
            raised[screening.expect_kind.value].add(screening.label)
    return raised


def _known_names(docket: Docket) -> set[str]:
    return {name for party in docket.parties for name in party.properties["name"]}


def _enrolments(rng: random.Random, workers: int) -> tuple[Enrolment, ...]:
    faces = rng.sample(CAST, workers + STRANGERS)
    casting = Casting(rng, faces)
    stories = list(told(casting, [Shot(face, 0) for face in faces[workers:]]))
    stories += [clean(casting) for _ in range(workers - PLANTED_PEOPLE)]
    return tuple(_numbered(_interleaved(stories, rng)))


def _interleaved(stories: list[Story], rng: random.Random) -> list[Enrolment]:
    """All enrolments in one order that keeps the order within each story."""
    timed = []
    for story in stories:
        moments = sorted(rng.random() for _ in story)
        timed += list(zip(moments, story, strict=True))
    return [enrolment for _, enrolment in sorted(timed, key=lambda pair: pair[0])]


def _numbered(enrolments: Iterable[Enrolment]) -> Iterable[Enrolment]:
    """References in order, and for whoever comes again that of the first time."""
    first: dict[int, str] = {}
    for number, enrolment in enumerate(enrolments, start=1):
        reference = f"{enrolment.member}-2026-{number:04}"
        yield replace(enrolment, reference=reference, earlier=first.get(enrolment.person))
        first.setdefault(enrolment.person, reference)
