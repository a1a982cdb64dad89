"""dlib's face recognition network, computed by ONNX Runtime: the same numbers to 1e-5, in a fifteenth of the time.

Source: the layers as published with dlib (examples/dnn_face_recognition_ex.cpp: ResNet with 29 convolutions after
K. He and others, Deep Residual Learning, 2016); its weights are in the public domain.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.face.dlib_weights import LayerTensor, read_tensors
from services.biometrics.face.engine import FaceEngineUnavailableError
from services.biometrics.face.onnx_format import Node, write_model
from services.biometrics.face.runtime import Network

CHIP_PX: Final = 150
DIMENSION: Final = 128
_RGB_MEAN: Final = np.array([122.782, 117.001, 104.298], dtype=np.float32)
_SCALE: Final = np.float32(1 / 256)
_FIRST: Final = (32, 7)
_LEVELS: Final = (
    *[(32, False)] * 3,
    *[(64, True), *[(64, False)] * 3],
    *[(128, True), *[(128, False)] * 2],
    *[(256, True), *[(256, False)] * 2],
    (256, True),
)
"""Residual blocks from the image inwards: filters, and whether the block halves the picture."""


class ResNet:
    """Embeds aligned chips. Safe to share between threads."""

    def __init__(self, weights: Path) -> None:
        """Rebuild the network from dlib's file.

        Raises:
            FaceEngineUnavailableError: the file is absent or not the expected one.
        """
        self._network = Network(_Graph(read_tensors(weights)).model())

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embeddings as dlib gives them, of a norm near 1.

        Args:
            chips: uint8 RGB (n, 150, 150, 3), as `dlib.get_face_chip(size=150, padding=0.25)` cuts them.

        Returns:
            float32 (n, 128).
        """
        planes = (chips.astype(np.float32) - _RGB_MEAN) * _SCALE
        return self._network.run(planes.transpose(0, 3, 1, 2))


class _Graph:
    """Writes the network down, layer by layer, as the tensors come."""

    def __init__(self, tensors: Sequence[LayerTensor]) -> None:
        self._tensors: Iterator[LayerTensor] = iter(tensors)
        self._nodes: list[Node] = []
        self._constants: dict[str, NDArray[np.generic]] = {}
        self._channels, self._side = 3, CHIP_PX

    def model(self) -> bytes:
        """The whole network as an ONNX file."""
        filters, size = _FIRST
        top = self._convolution("input", filters, size, stride=2)
        top = self._add("Relu", top)
        top = self._add("MaxPool", top, kernel_shape=[3, 3], strides=[2, 2])
        self._side = (self._side - 3) // 2 + 1
        for filters, halves in _LEVELS:
            top = self._residual(top, filters, halves=halves)
        top = self._add("GlobalAveragePool", top)
        top = self._add("Flatten", top)
        last = self._numbers("fc_2", self._channels * DIMENSION)
        weights = self._keep("W", last.reshape(self._channels, DIMENSION))
        self._nodes.append(Node("MatMul", (top, weights), "output", {}))
        if next(self._tensors, None) is not None:
            raise FaceEngineUnavailableError("dlib's model has more layers than are known")
        return write_model(self._nodes, self._constants, ((3, CHIP_PX, CHIP_PX), (DIMENSION,)))

    def _residual(self, source: str, filters: int, *, halves: bool) -> str:
        channels, side = self._channels, self._side
        top = self._convolution(source, filters, 3, stride=2 if halves else 1)
        top = self._convolution(self._add("Relu", top), filters, 3, stride=1)
        if halves:  # the short cut is averaged down, then both are filled up with zeros to the larger of the two
            source = self._add("AveragePool", source, kernel_shape=[2, 2], strides=[2, 2])
            pooled, made = side // 2, self._side
            self._side = max(pooled, made)
            source = self._pad(source, self._channels - channels, self._side - pooled)
            top = self._pad(top, 0, self._side - made)
        return self._add("Relu", self._add("Add", top, source))

    def _convolution(self, source: str, filters: int, size: int, *, stride: int) -> str:
        """A convolution with the affine layer after it folded in."""
        shape = (filters, self._channels, size, size)
        learned = self._numbers("con_4", int(np.prod(shape)) + filters)
        gamma, beta = self._numbers("affine_", 2 * filters).reshape(2, filters)
        weights, bias = learned[:-filters].reshape(shape), learned[-filters:]
        names = (
            self._keep("W", weights * gamma[:, None, None, None]),
            self._keep("B", bias * gamma + beta),
        )
        pad = size // 2 if stride == 1 else 0
        self._channels = filters
        self._side = (self._side + 2 * pad - size) // stride + 1
        return self._add("Conv", source, *names, strides=[stride] * 2, pads=[pad] * 4)

    def _pad(self, source: str, channels: int, side: int) -> str:
        if channels == side == 0:
            return source
        after = np.array([0, 0, 0, 0, 0, channels, side, side], dtype=np.int64)
        return self._add("Pad", source, self._keep("P", after))

    def _add(self, operator: str, *inputs: str, **attributes: int | Sequence[int]) -> str:
        output = f"t{len(self._nodes)}"
        kept: Mapping[str, int | Sequence[int]] = attributes
        self._nodes.append(Node(operator, inputs, output, kept))
        return output

    def _keep(self, letter: str, value: NDArray[np.generic]) -> str:
        name = f"{letter}{len(self._constants)}"
        self._constants[name] = np.ascontiguousarray(value)
        return name

    def _numbers(self, kind: str, count: int) -> NDArray[np.float32]:
        tensor = next(self._tensors, None)
        if tensor is None or tensor.kind != kind or tensor.numbers.size != count:
            raise FaceEngineUnavailableError("dlib's model does not hold the layers that are known")
        return tensor.numbers
