"""A whole season of registrations from one seed."""

import random
from collections.abc import Iterator

from services.sandbox.season.casting import SeasonCasting
from services.sandbox.season.kinds import AGAIN, PLANTS, Kind
from services.sandbox.season.records import Arrival, Season
from services.sandbox.season.stories import TALES, Scene, Story, clean

_TIED = AGAIN | {Kind.NUMBER_TAKEN, Kind.PICTURE_REUSED, Kind.LOOKALIKE}


def make_season(registrations: int, seed: int = 1) -> Season:
    """Registrations with every kind planted among them; the same arguments give the same people.

    Keys of the passport offices are random each time: no signature is the same twice.

    Args:
        registrations: from 200, so that every kind comes at least once.
        seed: of all else.

    Raises:
        ValueError: too few.
    """
    if registrations < 200:
        raise ValueError("every kind of case needs some registrations: 200 at least")
    rng = random.Random(f"season {seed}")
    casting = SeasonCasting(rng)
    stories = [
        TALES[kind](casting) for kind, plant in PLANTS.items() for _ in range(_count(plant.per_mille, registrations))
    ]
    planted = sum(map(len, stories))
    stories += [clean(casting) for _ in range(registrations - planted)]
    lost = "\n".join(
        ("issuer,number,type,status,reported_on", *(f"{a},{b},P,STOLEN,2026-03-01" for a, b in casting.lost))
    )
    return Season(
        arrivals=tuple(_arrivals(stories, rng)),
        authorities=tuple(office.certificate for office in casting.offices.values()),
        revocations=tuple(office.revocations() for office in casting.offices.values()),
        lost=f"{lost}\n",
        heaping=casting.heaping,
    )


def _count(per_mille: float, registrations: int) -> int:
    return max(1, round(per_mille * registrations / 1000))


def _arrivals(stories: list[Story], rng: random.Random) -> Iterator[Arrival]:
    """All scenes in one order that keeps the order within each story."""
    timed: list[tuple[float, int, Scene]] = []
    for at, story in enumerate(stories):
        moments = sorted(rng.random() for _ in story)
        timed += [(moment, at, scene) for moment, scene in zip(moments, story, strict=True)]
    first: dict[int, int] = {}
    for number, (_, story_at, scene) in enumerate(sorted(timed, key=lambda each: each[:2])):
        of = first.get(story_at) if scene.kind in _TIED else None
        first.setdefault(story_at, number)
        yield Arrival(number, scene.kind, of, _member(scene), scene.request)


def _member(scene: Scene) -> str:
    """A desk of the origin the first time, of the destination the second."""
    origin, destination, _ = scene.draft.corridor
    return destination if scene.draft.visit else origin
