"""The fingerprint engine, on synthetic prints, on made-up minutiae and, where they are at hand, on FVC2002."""

import os
import threading
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.biometrics.fingerprint import comparison, leader
from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1
from services.biometrics.fingerprint.cylinders import DISC, MIN_CYLINDERS
from services.biometrics.fingerprint.engine import FingerEngine, LeaderMccEngine
from services.biometrics.fingerprint.gallery import SHORT_LIST, FingerGallery
from services.biometrics.fingerprint.minutiae import FingerNotUsableError, Minutiae
from services.biometrics.fingerprint.template import FingerTemplate, TemplateFormatError
from services.sandbox.fingers import grow_finger, impress

DATA = Path(os.environ.get("LINDUNG_DATA", Path(__file__).parents[3] / "shared" / "data"))
DB1 = DATA / "fingerprints" / "fvc2002" / "DB1_B"
seeds = st.integers(0, 2**32 - 1)


def scattered(seed: int, count: int = 35) -> Minutiae:
    """Minutiae at random places within a disc, as dense as on a finger."""
    rng = np.random.default_rng(seed)
    radius, bearing = 120 * np.sqrt(rng.random(count)), rng.uniform(0, 2 * np.pi, count)
    return Minutiae(
        x=(200 + radius * np.cos(bearing)).astype(np.float32),
        y=(200 + radius * np.sin(bearing)).astype(np.float32),
        direction=rng.uniform(0, 6.28, count).astype(np.float32),
        quality=rng.random(count).astype(np.float32),
        kind=rng.integers(0, 2, count).astype(np.uint8),
        width=400,
        height=400,
    )


def turned(minutiae: Minutiae, angle: float) -> Minutiae:
    """The same finger laid down turned counter-clockwise about (200, 200); y grows downwards."""
    x, y = minutiae.x - 200, minutiae.y - 200
    cos, sin = np.cos(angle), np.sin(angle)
    return Minutiae(
        x=(200 + cos * x + sin * y).astype(np.float32),
        y=(200 - sin * x + cos * y).astype(np.float32),
        direction=((minutiae.direction + angle) % (2 * np.pi)).astype(np.float32),
        quality=minutiae.quality,
        kind=minutiae.kind,
        width=400,
        height=400,
    )


def scattered_template(seed: int) -> FingerTemplate:
    return FingerTemplate.of(scattered(seed))


@pytest.fixture(scope="session")
def engine() -> LeaderMccEngine:
    return LeaderMccEngine()


@pytest.fixture(scope="session")
def prints(engine: LeaderMccEngine) -> dict[tuple[int, int], FingerTemplate]:
    """Two impressions of each of three synthetic fingers."""
    fingers = {seed: grow_finger(seed) for seed in (1, 2, 3)}
    return {
        (seed, impression): engine.extract(impress(finger, impression), 500)
        for seed, finger in fingers.items()
        for impression in (0, 1)
    }


def test_the_engine_keeps_the_contract(engine):
    kept: FingerEngine = engine
    assert kept.model_id


def test_mates_score_above_all_impostors(engine, prints):
    genuine = [engine.compare(prints[seed, 0], prints[seed, 1]) for seed in (1, 2, 3)]
    impostor = [engine.compare(prints[a], prints[b]) for a, b in combinations(prints, 2) if a[0] != b[0]]
    assert min(genuine) > 2 * max(impostor)
    assert min(map(LEADER_MCC16B_1.bans, genuine)) > 3
    assert max(map(LEADER_MCC16B_1.bans, impostor)) < 0


def test_an_extracted_template_is_whole(prints):
    for template in prints.values():
        found = template.minutiae
        assert len(found) >= 20
        assert (np.diff(found.quality) <= 0).all()
        assert ((found.direction >= 0) & (found.direction < 2 * np.pi)).all()
        assert 50 <= template.quality <= 100


def test_another_resolution_is_brought_to_500_dpi(engine):
    image = impress(grow_finger(1), 0)
    larger = np.asarray(Image.fromarray(image).resize((image.shape[1] * 2, image.shape[0] * 2)))
    a, b = engine.extract(image, 500), engine.extract(larger, 1000)
    assert (b.minutiae.width, b.minutiae.height) == (image.shape[1], image.shape[0])
    assert engine.compare(a, b) > 0.5


@pytest.mark.parametrize(
    ("image", "dpi", "reason"),
    [
        (np.full((300, 300), 255, np.uint8), 500, "NO_RIDGES"),
        (np.tile(np.linspace(0, 255, 300).astype(np.uint8), (300, 1)), 500, "NO_RIDGES"),
        (np.full((60, 300), 255, np.uint8), 500, "TOO_SMALL"),
        (np.full((150, 150), 255, np.uint8), 1000, "TOO_SMALL"),
        (np.full((300, 1500), 255, np.uint8), 500, "TOO_LARGE"),
        (np.full((300, 300), 255, np.uint8), 72, "BAD_RESOLUTION"),
    ],
)
def test_an_image_without_a_print_is_refused(engine, image, dpi, reason):
    with pytest.raises(FingerNotUsableError) as refused:
        engine.extract(image, dpi)
    assert refused.value.reason == reason


def test_a_print_with_few_minutiae_is_refused():
    for count in range(MIN_CYLINDERS):
        with pytest.raises(FingerNotUsableError, match="TOO_FEW_MINUTIAE"):
            FingerTemplate.of(scattered(0, count))


def test_minutiae_on_one_line_are_refused():
    spread = scattered(0)
    line = Minutiae(spread.x, np.full_like(spread.y, 7), spread.direction, spread.quality, spread.kind, 400, 400)
    with pytest.raises(FingerNotUsableError, match="TOO_FEW_MINUTIAE"):
        FingerTemplate.of(line)


def test_weights_that_differ_are_refused(tmp_path, monkeypatch):
    other = tmp_path / "other.onnx"
    other.write_bytes(b"not the model")
    monkeypatch.setattr(leader, "weights_path", lambda: other)
    with pytest.raises(leader.ModelFileError):
        leader.LeaderNetwork()


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(-1.3, 1.3))
def test_turning_the_finger_changes_nothing(seed, angle):
    a, b = scattered_template(seed), FingerTemplate.of(turned(scattered(seed), angle))
    itself = comparison.compare(a.cylinders, a.cylinders)
    assert comparison.compare(a.cylinders, b.cylinders) == pytest.approx(itself, abs=0.02)


@settings(max_examples=20, deadline=None)
@given(seeds, seeds)
def test_local_similarity_is_the_papers(one, other):
    """Packed words against the formula written out cell by cell."""
    a, b = scattered_template(one).cylinders, scattered_template(other).cylinders
    fast = comparison.similarities(a, b)
    bits_a, bits_b = unpacked(a.bits), unpacked(b.bits)
    valid_a, valid_b = unpacked(a.valid), unpacked(b.valid)
    for i, j in ((0, 0), (3, 5), (len(a) - 1, len(b) - 1)):
        common = valid_a[i] & valid_b[j]
        turn = abs(float(a.direction[i]) - float(b.direction[j]))
        in_common = np.tile(common, 5)
        left, right = bits_a[i] & in_common, bits_b[j] & in_common
        size = np.sqrt(left.sum()) + np.sqrt(right.sum())
        matchable = common.sum() >= 0.6 * DISC.sum() and min(turn, 2 * np.pi - turn) <= np.pi / 2 and size > 0
        expected = 1 - np.sqrt((left ^ right).sum()) / size if matchable else 0
        assert fast[i, j] == pytest.approx(expected, abs=1e-6)


def unpacked(words):
    octets = np.ascontiguousarray(words.astype("<u8")).view(np.uint8)
    return np.unpackbits(octets, axis=1, bitorder="little").astype(bool)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(4, 60), st.floats(0, 1), seeds)
def test_local_score_is_the_mean_of_the_best(sizes, probe, ceiling, seed):
    """Many templates at once against each by itself; with a low ceiling few pairs are likely ones."""
    offsets = np.cumsum([0, *sizes])
    similarity = (np.random.default_rng(seed).random((offsets[-1], probe)) * ceiling).astype(np.float32)
    together = comparison.local_scores(similarity, offsets)
    for place, size in enumerate(sizes):
        own = np.sort(similarity[offsets[place] : offsets[place + 1]], axis=None)
        count = comparison.pairs_counted(probe, size)
        assert together[place] == pytest.approx(own[-count:].mean(), abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(seeds, seeds)
def test_the_order_of_the_two_prints_does_not_matter(one, other):
    a, b = scattered_template(one).cylinders, scattered_template(other).cylinders
    np.testing.assert_array_equal(comparison.similarities(a, b), comparison.similarities(b, a).T)


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(MIN_CYLINDERS + 4, 120))
def test_bytes_give_the_same_template_back(seed, count):
    template = FingerTemplate.of(scattered(seed, count))
    data = template.to_bytes()
    again = FingerTemplate.from_bytes(data)
    assert again.to_bytes() == data
    assert again.quality == template.quality
    for name in ("bits", "valid", "x", "y", "direction"):
        np.testing.assert_array_equal(getattr(again.cylinders, name), getattr(template.cylinders, name))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_bytes_are_refused_or_mean_what_they_say(data):
    whole = bytearray(scattered_template(5).to_bytes())
    place, value = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 255))
    whole[place] = value
    try:
        template = FingerTemplate.from_bytes(bytes(whole))
    except TemplateFormatError:
        return
    assert template.to_bytes() == bytes(whole)


@settings(deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"LFT1" + tail))
def test_arbitrary_bytes_are_refused(data):
    with pytest.raises(TemplateFormatError):
        FingerTemplate.from_bytes(data)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2000), st.booleans())
def test_a_wrong_length_is_refused(cut, longer):
    whole = scattered_template(5).to_bytes()
    with pytest.raises(TemplateFormatError):
        FingerTemplate.from_bytes(whole + b"\0" * (cut + 1) if longer else whole[: -cut - 1])


@pytest.fixture(scope="module")
def crowd() -> dict[str, FingerTemplate]:
    """More prints than are compared together, and than one short list holds."""
    return {f"p{n:03}": scattered_template(n) for n in range(138)}


def gallery_of(prints: dict[str, FingerTemplate]) -> FingerGallery:
    gallery = FingerGallery()
    gallery.add_all(prints.items())
    return gallery


def test_search_and_compare_say_the_same(engine, crowd, prints):
    real = {f"real{seed}-{impression}": template for (seed, impression), template in prints.items()}
    everyone = crowd | real
    gallery = gallery_of(everyone)
    for probe in (*real.values(), crowd["p003"]):
        found = gallery.search(probe, len(everyone))
        assert found == sorted(found, key=lambda each: (-each[1], each[0]))
        assert {key: engine.compare(probe, everyone[key]) for key in everyone} == dict(found)


def test_search_puts_the_mate_first(prints, crowd):
    gallery = gallery_of(crowd | {f"finger{seed}": prints[seed, 0] for seed in (1, 2, 3)})
    for seed in (1, 2, 3):
        found = gallery.search(prints[seed, 1], 5)
        assert len(found) == 5
        assert found[0][0] == f"finger{seed}"


def test_the_short_list_bounds_what_is_answered(crowd):
    found = gallery_of(crowd).search(crowd["p000"], 3)
    assert len(found) == 3 < SHORT_LIST
    assert found[0][0] == "p000"


def test_an_empty_gallery_finds_nobody(crowd):
    assert FingerGallery().search(crowd["p000"], 5) == []


def test_prints_come_and_go(crowd):
    one_by_one = FingerGallery()
    for key, template in crowd.items():
        one_by_one.add(key, template)
    assert len(one_by_one) == len(crowd)
    for key in list(crowd)[::2]:
        one_by_one.remove(key)
    left = dict(list(crowd.items())[1::2])
    assert len(one_by_one) == len(left)
    assert one_by_one.search(crowd["p004"], 200) == gallery_of(left).search(crowd["p004"], 200)
    with pytest.raises(KeyError):
        one_by_one.remove("p000")
    for key in left:
        one_by_one.remove(key)
    assert len(one_by_one) == 0
    assert one_by_one.search(crowd["p004"], 1) == []
    one_by_one.add("p004", crowd["p004"])
    assert [key for key, _ in one_by_one.search(crowd["p004"], 1)] == ["p004"]


def test_adding_under_a_known_key_replaces(crowd):
    gallery = gallery_of(crowd)
    gallery.add("p000", crowd["p001"])
    assert len(gallery) == len(crowd)
    assert "p000" in {key for key, _ in gallery.search(crowd["p001"], 2)}


def test_searches_go_on_while_prints_come_and_go(crowd):
    steady, moving = dict(list(crowd.items())[:70]), dict(list(crowd.items())[70:90])
    gallery = gallery_of(steady)
    probe = crowd["p010"]
    expected = dict(gallery.search(probe, len(steady)))
    done = threading.Event()
    seen: list[dict[str, float]] = []

    def search() -> None:
        while not done.is_set():
            seen.append(dict(gallery.search(probe, len(crowd))))

    searcher = threading.Thread(target=search)
    searcher.start()
    for key, template in moving.items():
        gallery.add(key, template)
    for key in moving:
        gallery.remove(key)
    done.set()
    searcher.join()
    assert seen
    for found in seen:
        assert {key: found[key] for key in steady} == expected


def test_the_calibration_is_this_engines(engine):
    assert engine.model_id == LEADER_MCC16B_1.model_id


@pytest.mark.skipif(not DB1.is_dir(), reason="FVC2002 DB1_B is not at LINDUNG_DATA or ../shared/data")
def test_real_prints_are_told_apart(engine):
    def read(name: str) -> FingerTemplate:
        return engine.extract(np.asarray(Image.open(DB1 / f"{name}.png").convert("L")), 500)

    prints = {(finger, n): read(f"{finger}_{n}") for finger in (102, 103, 104) for n in (1, 2)}
    for a, b in combinations(prints, 2):
        evidence = LEADER_MCC16B_1.bans(engine.compare(prints[a], prints[b]))
        assert evidence > 3 if a[0] == b[0] else evidence < 3
