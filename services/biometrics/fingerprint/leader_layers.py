"""The layers that LEADER is made of, as operations that ONNX Runtime computes quickly.

A map is kept pixel by pixel (batch, height, width, channels): normalisation, activation and products then go through
memory in order. Convolutions with an extent see it plane by plane; ONNX Runtime does the turning while it packs.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.face.onnx_format import CONTRIBUTED, Node, Sides, write_model

EPSILON: Final = 1e-3
"""Added to a variance, as the network was trained."""
_ALIGNED: Final = 4
"""Channels in such multiples are packed for vector instructions (ONNX Runtime's blocked layout)."""


class Layers:
    """Writes operations down, one after the other; each method gives the name of its result."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._constants: dict[str, NDArray[np.generic]] = {}

    def model(self, output: str, shapes: tuple[Sides, Sides]) -> bytes:
        """All that was written, as an ONNX file whose output is this result."""
        named = [*self._nodes, Node("Identity", (output,), "output", {})]
        return write_model(named, self._constants, shapes)

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: float | Sequence[int]) -> str:
        """An operation of one result."""
        return self._add(operator, inputs, 1, domain, attributes)[0]

    def split(self, source: str, parts: int, axis: int, sizes: Sequence[int] = ()) -> tuple[str, ...]:
        """Parts of equal size, or of the given sizes."""
        lengths = (self.whole(*sizes),) if sizes else ()
        return self._add("Split", (source, *lengths), parts, "", {"axis": axis})

    def numbers(self, values: NDArray[np.floating]) -> str:
        """A constant."""
        return self._keep(values.astype(np.float32))

    def whole(self, *values: int) -> str:
        """A constant list of whole numbers."""
        return self._keep(np.array(values, dtype=np.int64))

    def planes(self, source: str) -> str:
        """From pixels to planes."""
        return self.add("Transpose", source, perm=[0, 3, 1, 2])

    def pixels(self, source: str) -> str:
        """From planes to pixels."""
        return self.add("Transpose", source, perm=[0, 2, 3, 1])

    def joined(self, *sources: str, axis: int = 3) -> str:
        """One after the other; by channel unless told otherwise."""
        return self.add("Concat", *sources, axis=axis)

    def convolution(
        self, planes: str, weights: NDArray[np.floating], bias: NDArray[np.floating] | None = None, *, dilation: int = 1
    ) -> str:
        """Of planes, to planes of the same size; zeros around."""
        pad = dilation * (weights.shape[2] // 2)
        learned = [self.numbers(each) for each in (weights, bias) if each is not None]
        return self.add("Conv", planes, *learned, pads=[pad] * 4, dilations=[dilation] * 2)

    def depthwise(self, source: str, weights: NDArray[np.float32]) -> str:
        """Each channel by its own kernel."""
        channels = len(weights)
        more = -channels % _ALIGNED
        if more:
            source = self.add("Pad", source, self.whole(0, 0, 0, 0, 0, 0, 0, more))
            weights = np.pad(weights, ((0, more), (0, 0), (0, 0), (0, 0)))
        pads, group = [weights.shape[2] // 2] * 4, channels + more
        found = self.pixels(self.add("Conv", self.planes(source), self.numbers(weights), pads=pads, group=group))
        return self.add("Slice", found, self.whole(0), self.whole(channels), self.whole(3)) if more else found

    def product(self, source: str, matrix: NDArray[np.floating]) -> str:
        """Each pixel's channels by a matrix (out, in)."""
        return self.add("MatMul", source, self.numbers(matrix.T))

    def shifted(self, source: str, bias: NDArray[np.floating]) -> str:
        """With a number added to each channel."""
        return self.add("Add", source, self.numbers(bias))

    def normalised(self, source: str, scale: NDArray[np.float32], shift: NDArray[np.float32]) -> str:
        """Over each pixel's channels."""
        learned = self.numbers(scale), self.numbers(shift)
        return self.add("LayerNormalization", source, *learned, axis=-1, epsilon=EPSILON)

    def activated(self, source: str, bias: NDArray[np.floating] | None = None) -> str:
        """GELU by a hyperbolic tangent, after a bias."""
        learned = () if bias is None else (self.numbers(bias),)
        return self.add("FastGelu", source, *learned, domain=CONTRIBUTED)

    def pooled(self, source: str, operator: str) -> str:
        """Half the size."""
        return self.pixels(self._halved(operator, self.planes(source)))

    def halved(self, source: str) -> str:
        """Half the size: the first half of the channels by its maxima, the other by its means."""
        most, mean = self.split(self.planes(source), 2, axis=1)
        return self.pixels(self.joined(self._halved("MaxPool", most), self._halved("AveragePool", mean), axis=1))

    def doubled(self, source: str, channels: int) -> str:
        """Twice the size: each pixel becomes four."""
        size = self.add("Mul", self.add("Shape", source), self.whole(1, 2, 2, 1))
        wide = self.add("Reshape", self.joined(source, source), self.whole(0, 0, -1, channels))
        return self.add("Reshape", self.joined(wide, wide, axis=2), size)

    def _halved(self, operator: str, planes: str) -> str:
        return self.add(operator, planes, kernel_shape=[2, 2], strides=[2, 2])

    def _add(
        self,
        operator: str,
        inputs: tuple[str, ...],
        results: int,
        domain: str,
        attributes: dict[str, float | Sequence[int]],
    ) -> tuple[str, ...]:
        names = tuple(f"t{len(self._nodes)}.{number}" for number in range(results))
        self._nodes.append(Node(operator, inputs, names[0], attributes, domain, names[1:]))
        return names

    def _keep(self, value: NDArray[np.generic]) -> str:
        name = f"c{len(self._constants)}"
        self._constants[name] = np.ascontiguousarray(value)
        return name
