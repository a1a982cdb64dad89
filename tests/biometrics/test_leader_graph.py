"""LEADER written down anew says what LEADER says."""

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from services.biometrics.face.onnx_format import Node, OnnxFormatError, float_tensors, operations, write_model
from services.biometrics.fingerprint import leader
from services.biometrics.fingerprint.leader_graph import leader_network
from services.sandbox.fingers import grow_finger, impress


@pytest.fixture(scope="module")
def published() -> bytes:
    return leader.weights_path().read_bytes()


@pytest.fixture(scope="module")
def grey() -> NDArray[np.uint8]:
    return impress(grow_finger(1000), 0)


@pytest.mark.parametrize("size", [(128, 160), (256, 224)])
def test_the_network_written_anew_gives_the_same_maps(
    published: bytes, grey: NDArray[np.uint8], size: tuple[int, int]
) -> None:
    tile = np.ascontiguousarray(grey[60 : 60 + size[0], 20 : 20 + size[1]])[None, :, :, None].astype(np.float32)
    expected = _run(published, tile)[0]
    quality, ending, cosine, sine = _run(leader_network(published), tile)[0]
    assert np.abs(quality - expected[:, :, 3]).max() < 1e-4
    assert np.abs(1 / (1 + np.exp(-ending)) - expected[:, :, 2]).max() < 1e-4
    chosen = quality >= leader.MIN_QUALITY
    assert np.array_equal(chosen, expected[:, :, 3] >= leader.MIN_QUALITY)
    assert chosen.sum() > 4
    apart = np.abs(np.arctan2(sine, cosine) - expected[:, :, 1])[chosen]
    assert np.minimum(apart, 2 * np.pi - apart).max() < 1e-4


def test_several_results_and_fractions_are_written_and_read_back() -> None:
    nodes = [
        Node("LayerNormalization", ("input", "scale"), "normal", {"axis": -1, "epsilon": 0.5}),
        Node("Split", ("normal",), "one", {"axis": 1}, others=("two",)),
        Node("FastGelu", ("two",), "output", {}, "com.microsoft"),
    ]
    scale = np.ones(4, np.float32)
    model = write_model(nodes, {"scale": scale}, ((4, "long"), (4, "long")))
    assert [(each.operator, each.inputs, each.output, each.others) for each in operations(model)] == [
        ("LayerNormalization", ("input", "scale"), "normal", ()),
        ("Split", ("normal",), "one", ("two",)),
        ("FastGelu", ("two",), "output", ()),
    ]
    assert float_tensors(model)["scale"].tolist() == scale.tolist()
    found = _run(model, np.array([[[-2, -2, 2, 2]] * 4], np.float32))
    expected = 2 / np.sqrt(4.5)
    gelu = expected / 2 * (1 + np.tanh(0.7978846 * (expected + 0.044715 * expected**3)))
    assert found == pytest.approx(np.full((1, 2, 4), [-expected + gelu] * 2 + [gelu] * 2), abs=1e-4)
    with pytest.raises(OnnxFormatError):
        operations(b"\x01")


def _run(model: bytes, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
    options = leader._options()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"input": tensor})[0])
