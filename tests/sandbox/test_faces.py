"""Synthetic portraits, judged by a face recogniser that we did not write (dlib's detector and 128-D ResNet)."""

import itertools
import sys
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ImageFile

from services.sandbox.faces import CAST, portray
from services.sandbox.faces.traits import draw

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its models package imports pkg_resources; a raised warning makes it quit
    import face_recognition
ImageFile.LOAD_TRUNCATED_IMAGES = False  # which it switched on for the whole process

FAR_APART = CAST[:6]
PERSONS = FAR_APART + CAST[-6:]
SHOTS = 3


def _locate(image: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    boxes: list[tuple[int, int, int, int]] = face_recognition.face_locations(
        image, number_of_times_to_upsample=1, model="hog"
    )
    return boxes


@pytest.fixture(scope="module")
def photos() -> list[list[NDArray[np.uint8]]]:
    return [[portray(person, shot) for shot in range(SHOTS)] for person in PERSONS]


@pytest.fixture(scope="module")
def embeddings(photos: list[list[NDArray[np.uint8]]]) -> NDArray[np.float64]:
    """(persons, shots, 128), in dlib's own scale (not normalised)."""
    return np.array(
        [
            [face_recognition.face_encodings(photo, _locate(photo), model="small")[0] for photo in shots]
            for shots in photos
        ]
    )


def _genuine(embeddings: NDArray[np.float64]) -> Iterator[float]:
    for shots in embeddings:
        for one, other in itertools.combinations(shots, 2):
            yield float(np.linalg.norm(one - other))


def _impostor(embeddings: NDArray[np.float64]) -> Iterator[float]:
    for one, other in itertools.combinations(embeddings, 2):
        yield from np.linalg.norm(one[:, None] - other[None], axis=-1).ravel().tolist()


def test_the_cast_is_large_and_has_no_double() -> None:
    assert len(CAST) >= 48
    assert len(set(CAST)) == len(CAST)


def test_a_photo_is_an_upright_rgb_picture(photos: list[list[NDArray[np.uint8]]]) -> None:
    for photo in itertools.chain.from_iterable(photos):
        assert photo.shape == (480, 400, 3)
        assert photo.dtype == np.uint8


def test_the_same_person_and_shot_give_the_same_photo(photos: list[list[NDArray[np.uint8]]]) -> None:
    assert np.array_equal(portray(PERSONS[0], 1), photos[0][1])


def test_shots_of_one_person_are_different_pictures(photos: list[list[NDArray[np.uint8]]]) -> None:
    for shots in photos:
        for one, other in itertools.combinations(shots, 2):
            assert np.abs(one.astype(int) - other.astype(int)).mean() > 5


def test_every_photo_shows_exactly_one_face(photos: list[list[NDArray[np.uint8]]]) -> None:
    assert [[len(_locate(photo)) for photo in shots] for shots in photos] == [[1] * SHOTS] * len(PERSONS)


def test_shots_of_one_person_match(embeddings: NDArray[np.float64]) -> None:
    assert max(_genuine(embeddings)) < 0.45


def test_different_persons_are_further_apart_than_shots_of_one(embeddings: NDArray[np.float64]) -> None:
    assert min(_impostor(embeddings)) > 0.5


def test_the_front_of_the_cast_keeps_the_customary_distance(embeddings: NDArray[np.float64]) -> None:
    assert min(_impostor(embeddings[: len(FAR_APART)])) > 0.6


@given(founder=st.integers(1, 4095), generation=st.integers(0, 4095))
@settings(max_examples=50, deadline=None)
def test_a_descendant_keeps_most_of_its_founders_traits(founder: int, generation: int) -> None:
    parent, child = vars(draw(founder)), vars(draw(founder << 12 | generation))
    kept = sum(parent[name] == child[name] for name in parent)
    assert len(parent) * 0.5 < kept


def test_the_package_needs_no_face_recogniser() -> None:
    package = [m for name, m in sys.modules.items() if name.startswith("services.sandbox.faces")]
    assert package
    assert not any({"face_recognition", "dlib"} & vars(module).keys() for module in package)
