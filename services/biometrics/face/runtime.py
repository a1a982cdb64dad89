"""Runs a network of one input and one output by ONNX Runtime, on one core a call."""

from typing import cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray


class Network:
    """A network that is loaded. Safe to share between threads: a session may run concurrently."""

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # one face, one core: throughput comes from many faces
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """The network's output.

        Args:
            batch: float32 (n, channels, height, width).

        Returns:
            float32 (n, d).
        """
        output = self._session.run(None, {"input": np.ascontiguousarray(batch, dtype=np.float32)})[0]
        return cast("NDArray[np.float32]", output)
