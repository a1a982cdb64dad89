"""LEADER with its activations fused says what LEADER says."""

import numpy as np
import onnxruntime
import pytest

from services.biometrics.face.onnx_format import Node, OnnxFormatError, replace_nodes, write_model
from services.biometrics.fingerprint import leader
from services.biometrics.fingerprint.leader_graph import with_fused_gelu
from services.sandbox.fingers import grow_finger, impress


def test_the_fused_network_finds_the_same_minutiae() -> None:
    plain = onnxruntime.InferenceSession(leader.weights_path().read_bytes(), providers=["CPUExecutionProvider"])
    grey = np.ascontiguousarray(impress(grow_finger(1000), 0)[60:316, 20:276])
    (expected,) = plain.run(None, {"input": grey[None, :, :, None].astype(np.float32)})
    fused = with_fused_gelu(leader._simplified(leader.weights_path().read_bytes()))
    assert fused.count(b"FastGelu") == 27
    assert fused.count(b'"\x04Tanh') == 0
    session = onnxruntime.InferenceSession(fused, leader._options(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"input": grey[None, :, :, None].astype(np.float32)})
    assert np.abs(found[..., [0, 2, 3]] - expected[..., [0, 2, 3]]).max() < 5e-3
    chosen = [np.argwhere(each[0, :, :, 3] >= leader.MIN_QUALITY).tolist() for each in (found, expected)]
    assert chosen[0] == chosen[1]
    assert len(chosen[0]) > 20


def test_operations_are_replaced_and_what_nobody_reads_goes() -> None:
    nodes = [Node("Neg", ("input",), "one", {}), Node("Abs", ("one",), "two", {}), Node("Neg", ("two",), "output", {})]
    model = write_model(nodes, {}, ((2,), (2,)))
    changed = replace_nodes(model, lambda read: {len(read) - 1: Node("Abs", ("input",), "output", {})})
    assert (changed.count(b"Neg"), changed.count(b"Abs")) == (0, 1)
    session = onnxruntime.InferenceSession(changed, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"input": np.array([[-1.0, 2.0]], dtype=np.float32)})
    assert found.tolist() == [[1.0, 2.0]]
    with pytest.raises(OnnxFormatError):
        replace_nodes(b"\x01", lambda _: {})
