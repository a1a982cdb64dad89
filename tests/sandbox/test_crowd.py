"""The invented crowd: the same for everybody, a smaller one the beginning of a larger, names as they are borne."""

from collections import Counter
from itertools import islice

from services.sandbox.region.crowd import PERSONS, draw_crowd
from shared.contracts.parties import PartyBody


def test_the_same_seed_draws_the_same_crowd_and_a_smaller_one_first() -> None:
    assert list(draw_crowd(50, 1)) == list(islice(draw_crowd(500, 1), 50))
    assert list(draw_crowd(50, 1)) != list(draw_crowd(50, 2))


def test_every_party_fits_the_register() -> None:
    for party in draw_crowd(300, 3):
        PartyBody.model_validate(
            {
                "schema": party.schema,
                "properties": {name: list(values) for name, values in party.properties.items()},
                "source": "crowd",
            }
        )


def test_names_are_borne_as_names_are_by_a_few_often_and_by_many_seldom() -> None:
    parties = list(draw_crowd(4_000, 4))
    words = Counter(word for party in parties for name in party.properties["name"] for word in name.split())
    assert words.most_common(1)[0][1] > 20 * len(parties) / len(words)
    assert abs(sum(party.schema == "Person" for party in parties) / len(parties) - PERSONS) < 0.05
