"""What every face engine promises, checked on each that is installed; and the network of dlib against dlib itself."""

import hashlib
import os
from pathlib import Path

import dlib
import numpy as np
import pytest
from PIL import Image

from services.biometrics.face import (
    CALIBRATIONS,
    DlibFaceEngine,
    FaceEngineUnavailableError,
    FaceNotUsableError,
    FacepluginFaceEngine,
    FaceTrouble,
    calibration_of,
    cosine,
    is_installed,
    load_face_engine,
    load_model,
)
from services.biometrics.face.dlib_weights import read_tensors
from services.biometrics.face.faceplugin_engine import FILE_NAME
from services.biometrics.face.finding import FaceFinder, model_file
from services.biometrics.face.onnx_format import Node, OnnxFormatError, constant_tensors, write_model
from services.biometrics.face.resnet import ResNet
from services.biometrics.face.runtime import Network
from tests.conftest import ROOT

MODELS = Path(os.environ.get("LINDUNG_MODELS") or ROOT / "var" / "models")
WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"


@pytest.fixture(scope="module")
def portrait():
    """uint8 (300, 300, 3): one face of about 90 pixels, from scikit-image's own wheel."""
    data = pytest.importorskip("skimage.data")
    return np.ascontiguousarray(data.astronaut()[:300, 60:360])


@pytest.fixture(scope="module")
def chips(portrait):
    """uint8 (12, 150, 150, 3): the portrait's face, turned, darkened and coarsened."""
    image = Image.fromarray(portrait)
    finder, found = FaceFinder(), []
    for turn in (-12, -4, 4, 12):
        for factor in (0.7, 1.0, 1.6):
            side = round(300 * factor)
            shot = np.array(image.rotate(turn, Image.Resampling.BILINEAR).resize((side, side)))
            darker = np.ascontiguousarray((shot * (0.6 + factor / 4)).clip(0, 255).astype(np.uint8))
            found.append(finder.find(darker).chip(darker, 150))
    return np.array(found)


@pytest.fixture(scope="module", params=[DlibFaceEngine.model_id, FacepluginFaceEngine.model_id])
def engine(request):
    if request.param == FacepluginFaceEngine.model_id and not is_installed(MODELS):
        pytest.skip(f"{FILE_NAME} is not installed (lindung models install)")
    return load_model(request.param, MODELS)


def test_the_network_agrees_with_dlib_itself(chips):
    native = dlib.face_recognition_model_v1(str(model_file(WEIGHTS)))
    theirs = np.array([native.compute_face_descriptor(chip) for chip in chips])
    ours = ResNet(model_file(WEIGHTS)).embed(chips)
    assert ours.shape == (12, 128)
    assert np.abs(ours - theirs).max() < 1e-5


def test_a_batch_gives_what_each_chip_gives(chips):
    network = ResNet(model_file(WEIGHTS))
    alone = np.concatenate([network.embed(chip[None]) for chip in chips[:3]])
    np.testing.assert_allclose(network.embed(chips[:3]), alone, atol=1e-6)


def test_an_engine_gives_a_unit_embedding_of_its_dimension(engine, portrait):
    sample = engine.sample(portrait)
    assert sample.embedding.shape == (engine.dimension,)
    assert sample.embedding.dtype == np.float32
    assert np.linalg.norm(sample.embedding) == pytest.approx(1, abs=1e-6)
    assert 0 <= sample.quality <= 100
    np.testing.assert_array_equal(engine.sample(portrait).embedding, sample.embedding)


def test_an_engine_knows_a_face_again(engine, portrait):
    first = engine.sample(portrait).embedding
    tilted = np.array(Image.fromarray(portrait).rotate(8, Image.Resampling.BILINEAR))
    for again in (np.clip(portrait * 1.2, 0, 255).astype(np.uint8), tilted):
        assert calibration_of(engine).bans(cosine(first, engine.sample(again).embedding)) >= 3


def test_an_engine_refuses_what_holds_no_face(engine):
    with pytest.raises(FaceNotUsableError) as caught:
        engine.sample(np.zeros((200, 200, 3), np.uint8))
    assert caught.value.reason is FaceTrouble.NO_FACE


def test_an_engine_has_a_calibration_of_its_own_model(engine):
    assert CALIBRATIONS[engine.model_id].model_id == engine.model_id


def test_blur_costs_quality(engine, portrait):
    small = Image.fromarray(portrait).resize((100, 100))
    blurred = np.array(small.resize((300, 300), Image.Resampling.BICUBIC))
    assert engine.sample(blurred).quality < engine.sample(portrait).quality


def test_auto_falls_back_where_nothing_is_installed(tmp_path):
    assert load_face_engine("auto", tmp_path).model_id == DlibFaceEngine.model_id
    with pytest.raises(FaceEngineUnavailableError, match="not installed"):
        load_face_engine("faceplugin", tmp_path)


def test_another_file_of_that_name_is_not_loaded(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"something else")
    assert not is_installed(tmp_path)
    assert load_face_engine("auto", tmp_path).model_id == DlibFaceEngine.model_id
    with pytest.raises(FaceEngineUnavailableError, match="not the expected file"):
        load_face_engine("faceplugin", tmp_path)


def test_a_model_that_nobody_knows():
    with pytest.raises(FaceEngineUnavailableError, match="no face engine"):
        load_model("another-1", MODELS)


def test_altered_weights_are_not_read(tmp_path):
    path = tmp_path / WEIGHTS
    data = bytearray(model_file(WEIGHTS).read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(FaceEngineUnavailableError, match="expected"):
        read_tensors(path)
    with pytest.raises(FaceEngineUnavailableError, match="cannot be read"):
        read_tensors(tmp_path / "absent.dat")


def test_a_graph_that_is_written_runs():
    weights = np.arange(6, dtype=np.float32).reshape(3, 2)
    model = write_model(
        [Node("Flatten", ("input",), "f", {}), Node("MatMul", ("f", "w"), "output", {})],
        {"w": weights},
        ((3, 1, 1), (2,)),
    )
    batch = np.random.default_rng(1).normal(size=(5, 3, 1, 1)).astype(np.float32)
    np.testing.assert_allclose(Network(model).run(batch), batch.reshape(5, 3) @ weights, atol=1e-6)
    (place,) = constant_tensors(model)
    assert model[place.raw.start : place.raw.end] == weights.tobytes()


@pytest.mark.parametrize("cut", [0, 1, 7, 40, 90])
def test_a_model_cut_short_is_refused(cut):
    whole = write_model([], {"w": np.ones(20, np.float32)}, ((1,), (1,)))
    with pytest.raises(OnnxFormatError):
        constant_tensors(whole[:cut])


def test_the_weights_are_those_that_the_card_names():
    card = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    digest = hashlib.sha256(model_file(WEIGHTS).read_bytes()).hexdigest()
    assert f"{digest[:8]}…{digest[-5:]}" in card
