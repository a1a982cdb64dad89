"""Synthetic fingerprints, judged by a matcher that we did not write (NBIS: mindtct and bozorth3)."""

import io
import itertools
from collections import Counter

import nbis
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from services.sandbox.fingers import Finger, Pattern, grow_finger, impress
from services.sandbox.fingers.orientation import Singularities, draw_pattern, orientation_field

MATCH = 40
"""bozorth3 score above which, by NIST's user guide, two prints are usually of the same finger."""


@pytest.fixture(scope="module")
def finger() -> Finger:
    return grow_finger(7)


def minutiae(image: NDArray[np.uint8]) -> nbis.Minutiae:
    settings = nbis.NbisExtractorSettings(
        min_quality=0.0, get_center=False, check_fingerprint=False, compute_nfiq2=False, ppi=500.0
    )
    png = io.BytesIO()
    Image.fromarray(image).save(png, "PNG")
    return nbis.new_nbis_extractor(settings).extract_minutiae(png.getvalue())


def test_master_follows_from_its_seed(finger: Finger) -> None:
    again = grow_finger(finger.seed)
    assert again == finger
    np.testing.assert_array_equal(again.ridges, finger.ridges)
    assert grow_finger(8) != finger
    assert not np.array_equal(grow_finger(8).ridges, finger.ridges)


def test_master_cannot_be_written(finger: Finger) -> None:
    with pytest.raises(ValueError, match="read-only"):
        finger.ridges[0, 0] = 0


def test_ridge_period_is_an_adults(finger: Finger) -> None:
    spectrum = np.abs(np.fft.fft2(finger.ridges)) ** 2
    radius = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, finger.ridges.shape), indexing="ij"))
    ridge_band = radius < 0.25  # leaves out the harmonics, which square up the profile
    mean_frequency = (spectrum * radius)[ridge_band].sum() / spectrum[ridge_band].sum()
    assert 8.0 < 1 / mean_frequency < 10.0


def test_impression_is_a_grey_image_with_dark_ridges(finger: Finger) -> None:
    image = impress(finger, 0)
    assert image.shape == (400, 300)
    assert image.dtype == np.uint8
    assert image[:20, :20].mean() > 200
    assert 70 < image[150:250, 100:200].mean() < 180
    assert np.percentile(image[150:250, 100:200], 5) < 70


def test_impression_follows_from_its_arguments(finger: Finger) -> None:
    image = impress(finger, 1, 0.5)
    np.testing.assert_array_equal(image, impress(finger, 1, 0.5))
    assert not np.array_equal(image, impress(finger, 2, 0.5))
    assert not np.array_equal(image, impress(finger, 1, 0.4))
    assert not np.array_equal(image, impress(grow_finger(8), 1, 0.5))


@pytest.mark.parametrize(("impression", "difficulty"), [(-1, 0.3), (0, -0.1), (0, 1.1), (0, float("nan"))])
def test_impossible_contacts_are_refused(finger: Finger, impression: int, difficulty: float) -> None:
    with pytest.raises(ValueError, match="difficulty"):
        impress(finger, impression, difficulty)


def test_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        grow_finger(-1)


def test_patterns_come_with_their_frequencies() -> None:
    drawn = Counter(draw_pattern(np.random.default_rng(seed)) for seed in range(2000))
    assert set(drawn) == set(Pattern)
    assert 0.60 < (drawn[Pattern.LEFT_LOOP] + drawn[Pattern.RIGHT_LOOP]) / 2000 < 0.71
    assert drawn[Pattern.ARCH] + drawn[Pattern.TENTED_ARCH] < 200


@pytest.mark.parametrize(("loops", "deltas", "turns"), [((12j,), (), 0.5), ((), (12j,), -0.5), ((), (), 0.0)])
def test_field_turns_round_singular_points(
    loops: tuple[complex, ...], deltas: tuple[complex, ...], turns: float
) -> None:
    theta = orientation_field(Singularities(loops, deltas), (480, 352), np.random.default_rng(0))
    angles = np.linspace(0, 2 * np.pi, 200)
    ring = theta[(240 - 12 - 9 * np.sin(angles)).astype(int), (176 + 9 * np.cos(angles)).astype(int)]
    steps = (np.diff(ring.astype(float)) + np.pi / 2) % np.pi - np.pi / 2
    assert steps.sum() / (2 * np.pi) == pytest.approx(turns, abs=0.03)


def test_matcher_tells_fingers_apart() -> None:
    fingers = {seed: grow_finger(seed) for seed in (1, 4, 10, 34)}  # a loop, a whorl, a double loop, an arch
    assert len({finger.pattern for finger in fingers.values()}) == 4
    prints = [(seed, minutiae(impress(f, contact))) for seed, f in fingers.items() for contact in range(2)]
    assert all(25 <= len(found.get()) <= 70 for _, found in prints)
    genuine: list[int] = []
    impostor: list[int] = []
    for (seed, one), (other, two) in itertools.combinations(prints, 2):
        (genuine if seed == other else impostor).append(one.compare(two))
    assert min(genuine) > max(MATCH, *impostor)


def test_difficulty_makes_matching_harder(finger: Finger) -> None:
    scores = [minutiae(impress(finger, 0, d)).compare(minutiae(impress(finger, 1, d))) for d in (0.0, 0.3, 1.0)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 2 * scores[2]
