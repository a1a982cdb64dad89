"""The search of many prints: fresh ones compared, coded ones found by votes, and both with the same scores."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.biometrics.fingerprint import comparison
from services.biometrics.fingerprint.coded import CodedPrints
from services.biometrics.fingerprint.cylinders import Cylinders
from services.biometrics.fingerprint.descriptors import BITS, DIMENSION, Projection, learned, unit_bits
from services.biometrics.fingerprint.gallery import FingerGallery
from services.biometrics.fingerprint.learning import learn
from services.biometrics.fingerprint.minutiae import Minutiae
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.fingerprint.votes import Places, tally
from services.biometrics.fingerprint.warping import another_finger
from tests.biometrics.test_fingerprint import scattered, seeds, turned

FRESH = 15
PEOPLE = 100


def again(seed: int, angle: float = 0.2) -> FingerTemplate:
    """Another impression of a made-up finger: turned, moved a little, a fifth of its minutiae gone."""
    rng = np.random.default_rng(seed + 1_000_000)
    print_ = turned(scattered(seed), angle)
    kept = rng.random(len(print_)) > 0.2
    return FingerTemplate.of(
        Minutiae(
            x=(print_.x[kept] + rng.normal(0, 1.5, kept.sum())).astype(np.float32),
            y=(print_.y[kept] + rng.normal(0, 1.5, kept.sum())).astype(np.float32),
            direction=print_.direction[kept],
            quality=print_.quality[kept],
            kind=print_.kind[kept],
            width=400,
            height=400,
        )
    )


@pytest.fixture(scope="module")
def crowd() -> dict[str, bytes]:
    return {f"p{n:03}": FingerTemplate.of(scattered(n)).to_bytes() for n in range(PEOPLE)}


def opened(crowd: dict[str, bytes]) -> dict[str, FingerTemplate]:
    """Templates of one's own: a gallery packs those that it is given."""
    return {key: FingerTemplate.from_bytes(data) for key, data in crowd.items()}


def coded_gallery(prints: dict[str, FingerTemplate]) -> FingerGallery:
    gallery = FingerGallery(FRESH)
    gallery.add_all(prints.items())
    gallery.settle()
    return gallery


def test_a_packed_template_is_the_same_and_smaller(crowd):
    whole, packed = (FingerTemplate.from_bytes(crowd["p000"]) for _ in range(2))
    packed.pack()
    packed.pack()
    assert packed.octets < whole.octets
    assert packed.to_bytes() == whole.to_bytes() == crowd["p000"]
    assert packed.quality == whole.quality
    assert comparison.compare(packed.cylinders, whole.cylinders) == comparison.compare(whole.cylinders, whole.cylinders)


def test_both_ways_give_the_same_scores_and_the_mate_first(crowd):
    exact, coded = FingerGallery(), coded_gallery(opened(crowd))
    exact.add_all(opened(crowd).items())
    for seed in range(0, PEOPLE, 11):
        probe = again(seed)
        everybody = dict(exact.search(probe, len(crowd)))
        found = coded.search(probe, 5)
        assert found[0] == exact.search(probe, 1)[0]
        assert found[0][0] == f"p{seed:03}"
        assert {key: everybody[key] for key, _ in found} == dict(found)


def test_at_the_threshold_both_ways_answer_the_same(crowd):
    exact, coded = FingerGallery(), coded_gallery(opened(crowd))
    exact.add_all(opened(crowd).items())
    for seed in range(0, PEOPLE, 23):
        probe = again(seed, -0.4)
        above = [[hit for hit in each.search(probe, PEOPLE) if hit[1] >= 0.06] for each in (exact, coded)]
        assert above[0] == above[1] != []


def test_a_search_looks_only_at_few(crowd):
    """Among prints of 35 minutiae most have no two that vote together."""
    found = coded_gallery(opened(crowd)).search(again(7), len(crowd))
    assert len(found) < len(crowd) / 2


def test_coded_prints_are_held_packed(crowd):
    prints = opened(crowd)
    before = sum(each.octets for each in prints.values())
    gallery = coded_gallery(prints)
    assert sum(each.octets for each in prints.values()) < before / 2  # the very objects that were given
    assert 0 < gallery.octets < before


def test_prints_come_and_go_among_coded_ones(crowd):
    prints = opened(crowd)
    gallery = FingerGallery(FRESH)
    for key, template in prints.items():
        gallery.add(key, template)
    gallery.settle()
    assert len(gallery) == len(prints)
    for number in range(0, PEOPLE, 2):
        gallery.remove(f"p{number:03}")
    gallery.settle()
    assert len(gallery) == PEOPLE // 2
    for seed in range(20):
        keys = [key for key, _ in gallery.search(again(seed), 3)]
        assert (f"p{seed:03}" in keys) == (seed % 2 == 1)
    with pytest.raises(KeyError):
        gallery.remove("p000")
    gallery.add("p000", FingerTemplate.from_bytes(crowd["p000"]))
    assert gallery.search(again(0), 1)[0][0] == "p000"
    for key in ["p000", *(f"p{n:03}" for n in range(1, PEOPLE, 2))]:
        gallery.remove(key)
    gallery.settle()
    assert len(gallery) == 0
    assert gallery.search(again(1), 5) == []


def test_a_coded_print_is_replaced_under_its_key(crowd):
    gallery = coded_gallery(opened(crowd))
    gallery.add("p001", FingerTemplate.of(scattered(5000)))
    assert len(gallery) == len(crowd)
    assert gallery.search(again(5000), 1)[0][0] == "p001"
    assert all(score < 0.03 for _, score in gallery.search(again(1), 5))  # who was there before is not found any more


def test_nobody_is_missed_while_prints_are_coded_and_struck(crowd):
    """Searches during coding, merging and striking find whoever is there all the time."""
    prints = opened(crowd)
    steady = {key: prints[key] for key in list(prints)[:30]}
    gallery = FingerGallery(FRESH)
    gallery.add_all(steady.items())
    probes = {key: again(int(key[1:])) for key in list(steady)[::6]}
    done, missed = threading.Event(), []

    def search() -> None:
        while not done.is_set():
            missed.extend(key for key, probe in probes.items() if gallery.search(probe, 1)[0][0] != key)

    searchers = [threading.Thread(target=search) for _ in range(2)]
    for each in searchers:
        each.start()
    moving = list(prints)[30:]
    for key in moving:
        gallery.add(key, prints[key])
    for key in moving[::2]:
        gallery.remove(key)
    gallery.settle()
    done.set()
    for each in searchers:
        each.join()
    assert missed == []
    assert len(gallery) == 30 + len(moving[1::2])


def test_merged_pieces_find_as_one(crowd):
    prints = opened(crowd)
    keys = list(prints)
    parts = [CodedPrints.of(some, [prints[key] for key in some]) for some in (keys[:40], keys[40:])]
    parts[0].strike(3)
    merged = CodedPrints.merged(parts)
    assert (len(merged), merged.struck) == (PEOPLE, 1)
    assert "p003" not in merged.living()
    probe = again(70).cylinders
    votes, key, _ = max(merged.best(probe, learned().describe(probe), 5), key=lambda each: each[0])
    assert key == "p070"
    assert votes > 0.5
    assert len(parts[0].best(probe, learned().describe(probe), 1000)) > 0  # still whole for who searches it


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(-1.4, 1.4), st.integers(-100, 100), st.integers(-100, 100))
def test_minutiae_that_move_together_vote_together(seed, angle, right, up):
    """Every true pair lands in one bin, however the finger was turned and shifted."""
    own = FingerTemplate.of(scattered(seed)).cylinders
    other = FingerTemplate.of(turned(scattered(seed), angle)).cylinders
    moved = Cylinders(other.bits, other.valid, other.x + right, other.y - up, other.direction)
    count = min(len(own), len(moved))
    each = np.arange(count)
    probe, prints = (Places.of(some, np.array([len(some)], dtype=np.int32)) for some in (own, moved))
    named, strength = tally(probe, prints, each, each)
    assert named.tolist() == [0]
    if len(own) == len(moved):
        assert strength[0] >= 0.95 * count / np.sqrt(count)


def test_a_single_vote_names_nobody():
    places = Places.of(FingerTemplate.of(scattered(1)).cylinders, np.array([35], dtype=np.int32))
    one = np.array([0])
    assert tally(places, places, one, one)[0].tolist() == []
    assert tally(places, places, one[:0], one[:0])[0].tolist() == []


def test_descriptors_are_of_unit_length_and_survive_json():
    cylinders = FingerTemplate.of(scattered(1)).cylinders
    described = learned().describe(cylinders)
    assert described.shape == (len(cylinders), DIMENSION)
    assert described.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(described, axis=1), 1, atol=1e-5)
    again_read = Projection.from_json(learned().to_json())
    np.testing.assert_allclose(again_read.describe(cylinders), described, atol=1e-5)
    assert unit_bits(cylinders).shape == (len(cylinders), BITS)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_another_finger_is_a_print_and_not_the_same(seed):
    rng = np.random.default_rng(seed)
    print_ = FingerTemplate.of(another_finger(scattered(seed, 60), rng))
    assert FingerTemplate.from_bytes(print_.to_bytes()).to_bytes() == print_.to_bytes()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_learning_from_few_fingers_gives_a_projection():
    fingers = [[FingerTemplate.of(scattered(seed)), again(seed), again(seed, -0.3)] for seed in range(6)]
    projection = learn(fingers, made=2)
    assert projection.describe(fingers[0][0].cylinders).shape[1] == DIMENSION
    codes = projection.encode(fingers[0][0].cylinders)
    assert projection.inverted(codes).ntotal == len(fingers[0][0].cylinders)
