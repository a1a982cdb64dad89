"""A season of registrations: every kind is planted, at its share, and what is sent is what the API takes."""

import json
from collections import Counter

import pytest

from services.sandbox.season import AGAIN, PLANTS, Kind, Season, make_season
from shared.contracts.registrations import RegistrationRequest
from shared.standards.mrz import parse_mrz


@pytest.fixture(scope="module")
def season() -> Season:
    return make_season(1000)


def test_every_kind_comes_at_its_share(season: Season) -> None:
    planted = Counter(arrival.kind for arrival in season.arrivals if arrival.kind)
    assert len(season.arrivals) == 1000
    extra = {Kind.CHILD: PLANTS[Kind.CHILD_AS_ADULT].per_mille}  # whose first visit is a child's
    assert planted == {kind: plant.per_mille + extra.get(kind, 0) for kind, plant in PLANTS.items()}
    assert (
        1
        <= min(plant.per_mille for plant in PLANTS.values())
        <= max(plant.per_mille for plant in PLANTS.values())
        <= 10
    )


def test_whoever_comes_again_came_before(season: Season) -> None:
    for number, arrival in enumerate(season.arrivals):
        assert arrival.number == number
        assert (arrival.of is not None) >= (arrival.kind in AGAIN)
        assert arrival.of is None or arrival.of < number


def test_all_of_it_is_what_the_door_takes(season: Season) -> None:
    for arrival in season.arrivals:
        request = RegistrationRequest.model_validate_json(json.dumps(arrival.request))
        assert request.document is not None
        assert request.document.mrz is not None
        wrong = [check for check in parse_mrz(request.document.mrz).checks if not check.ok]
        assert bool(wrong) == (arrival.kind is Kind.ZONE_ALTERED)


def test_the_same_seed_gives_the_same_people(season: Season) -> None:
    def said(one: Season) -> list[tuple[object, ...]]:
        return [(a.kind, a.of, a.request["name"], a.request["document"]["mrz"]) for a in one.arrivals]

    assert said(make_season(1000)) == said(season)
    assert said(make_season(1000, seed=2)) != said(season)
    with pytest.raises(ValueError, match="200"):
        make_season(100)
