"""The face engine on the one public-domain portrait that a package ships, and the calibration's arithmetic."""

import importlib
import threading
import warnings

import numpy as np
import pytest
from PIL import Image, ImageFile

from services.biometrics.face import (
    DLIB_RESNET_V1,
    DlibFaceEngine,
    FaceEngineUnavailableError,
    FaceNotUsableError,
    FaceTrouble,
    cosine,
    finding,
    quality,
)

STRAIGHT = np.array([[120, 60], [105, 60], [60, 60], [75, 60], [90, 90]], dtype=np.float64)


@pytest.fixture(scope="module")
def engine():
    return DlibFaceEngine()


@pytest.fixture(scope="module")
def portrait():
    """uint8 (300, 300, 3): one face of about 90 pixels, from scikit-image's own wheel."""
    data = pytest.importorskip("skimage.data")
    return np.ascontiguousarray(data.astronaut()[:300, 60:360])


def scaled(rgb, factor):
    image = Image.fromarray(rgb)
    return np.array(image.resize((round(image.width * factor), round(image.height * factor))))


def trouble(engine, rgb):
    with pytest.raises(FaceNotUsableError) as caught:
        engine.sample(rgb)
    return caught.value.reason


def test_a_portrait_gives_a_unit_embedding_and_its_box(engine, portrait):
    sample = engine.sample(portrait)
    assert sample.embedding.shape == (engine.dimension,) == (128,)
    assert sample.embedding.dtype == np.float32
    assert np.linalg.norm(sample.embedding) == pytest.approx(1.0, abs=1e-6)
    top, right, bottom, left = sample.box
    assert top <= 125 <= bottom  # the nose, as seen
    assert left <= 163 <= right
    assert 60 < right - left < 130
    assert 0 <= sample.quality <= 100


def test_it_is_the_embedding_of_the_face_recognition_package(engine, portrait, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)  # put back: that package changes it on import
    sample = engine.sample(portrait)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its models warn about pkg_resources
        package = importlib.import_module("face_recognition.api")
    (theirs,) = package.face_encodings(portrait, model="small")
    assert cosine(sample.embedding, (theirs / np.linalg.norm(theirs)).astype(np.float32)) > 0.999


def test_the_same_face_brighter_smaller_and_turned_a_little_is_very_similar(engine, portrait):
    straight = engine.sample(portrait).embedding
    brighter = np.clip(portrait * 1.2, 0, 255).astype(np.uint8)
    tilted = np.array(Image.fromarray(portrait).rotate(8, Image.Resampling.BILINEAR))
    for other in (brighter, scaled(portrait, 0.8), tilted):
        assert DLIB_RESNET_V1.bans(cosine(straight, engine.sample(other).embedding)) >= 3


def test_a_face_on_its_side_is_not_found(engine, portrait):
    assert trouble(engine, np.ascontiguousarray(np.rot90(portrait))) is FaceTrouble.NO_FACE


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_image_has_no_face(engine, level):
    assert trouble(engine, np.full((200, 200, 3), level, np.uint8)) is FaceTrouble.NO_FACE


def test_two_faces_side_by_side(engine, portrait):
    assert trouble(engine, np.hstack([portrait, portrait[:, ::-1]])) is FaceTrouble.SEVERAL_FACES


def test_a_small_face_behind_a_large_one_is_a_bystander(engine, portrait, monkeypatch):
    monkeypatch.setattr(finding, "SEARCH_PX", 750)  # not so small that nobody sees it
    large = scaled(portrait, 2.5)
    both = large.copy()
    both[:300, :300] = portrait
    sample = engine.sample(both)
    assert len(engine._finder.rectangles(both)) == 2
    assert cosine(sample.embedding, engine.sample(large).embedding) > 0.99


def test_a_face_that_needs_magnifying_is_found_and_its_smallness_noted(engine, portrait):
    sample = engine.sample(scaled(portrait, 0.65))
    assert "interEyeDistance" in sample.notes
    assert sample.quality < engine.sample(portrait).quality


def test_a_face_too_small_to_compare(engine, portrait, monkeypatch):
    monkeypatch.setattr(finding, "MIN_INTER_EYE_PX", 30.0)
    assert trouble(engine, scaled(portrait, 0.65)) is FaceTrouble.FACE_TOO_SMALL


@pytest.mark.parametrize(
    "image", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3), np.float32)]
)
def test_other_arrays_are_a_mistake_of_the_caller(engine, image):
    with pytest.raises(ValueError, match="uint8"):
        engine.sample(image)


def test_threads_agree_with_one_thread(engine, portrait):
    images = [scaled(portrait, factor) for factor in (0.8, 0.9, 1.0, 1.1, 1.2)]
    alone = [engine.sample(image) for image in images]
    together = {}

    def run(turn):
        for i in range(len(images)):
            at = (i + turn) % len(images)
            together[turn, at] = engine.sample(images[at])

    threads = [threading.Thread(target=run, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(together) == 20
    for (_, at), sample in together.items():
        assert sample.box == alone[at].box
        np.testing.assert_array_equal(sample.embedding, alone[at].embedding)


def test_a_head_turned_aside_is_noted():
    turned = STRAIGHT + np.array([[0, 0]] * 4 + [[25, 0]])
    assert quality.head_pose_yaw(STRAIGHT) == 100
    assert quality.head_pose_yaw(turned) < quality.POOR_BELOW["headPoseYaw"]


def test_a_large_photo_is_searched_small_and_embedded_large(engine, portrait):
    sample, large = engine.sample(portrait), engine.sample(scaled(portrait, 5))
    np.testing.assert_allclose(np.array(large.box) / 5, sample.box, atol=10)
    assert cosine(sample.embedding, large.embedding) > 0.98


def test_loading_the_engine_leaves_pillow_strict(engine):
    assert engine.model_id == "dlib-resnet-v1"
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_missing_model_package_is_an_error_and_no_exit(monkeypatch):
    monkeypatch.setattr(finding, "find_spec", lambda _name: None)
    with pytest.raises(FaceEngineUnavailableError, match="face_recognition_models"):
        DlibFaceEngine()


def test_blur_lowers_sharpness_and_flatness_the_dynamic_range():
    noise = np.random.default_rng(0).integers(0, 256, (150, 150, 3), dtype=np.uint8)
    blurred = np.array(Image.fromarray(noise).resize((30, 30)).resize((150, 150), Image.Resampling.BICUBIC))
    flat = np.full((150, 150, 3), 90, np.uint8)
    sharp, soft, none = (quality.assess(chip, 90.0, STRAIGHT) for chip in (noise, blurred, flat))
    assert sharp["sharpness"] > soft["sharpness"] > none["sharpness"] == 0
    assert sharp["dynamicRange"] > soft["dynamicRange"] > none["dynamicRange"] == 0
    assert quality.poor(sharp) == ()
    assert set(quality.poor(none)) == {"sharpness", "dynamicRange"}


def test_the_calibration_is_this_engines():
    assert DLIB_RESNET_V1.model_id == DlibFaceEngine.model_id
